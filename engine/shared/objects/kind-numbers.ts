/** The kinds of objects in shared memory, with the numbers that stand for them there. */
export const KIND_NUMBERS = {
  dict: 1,
  list: 2,
  queue: 3,
  value: 4,
  array: 5,
  lock: 6,
  rlock: 7,
  semaphore: 8,
  condition: 9,
  event: 10,
  barrier: 11,
} as const;

export type SharedKind = keyof typeof KIND_NUMBERS;

const NAMES = new Map<number, SharedKind>(Object.entries(KIND_NUMBERS).map(([name, number]) => [number, name as SharedKind]));

export function kindOf(number: number): SharedKind {
  return NAMES.get(number)!;
}
