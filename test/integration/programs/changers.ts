import type { Event, SharedDict, SharedList, SharedValue } from 'commonhold';

/** Objects that the processes that change a large container share with the one that iterates over it. */
export interface Work {
  /** Set to end the processes. */
  readonly over: Event;
  /** Number of changes that each of them made, by its name. */
  readonly changes: SharedDict<string, number>;
  /** Number of new things added so far; their numbers follow the initial ones. */
  readonly added: SharedValue<number>;
}

/** Number of entries that change at a time. */
export const AT_ONCE = 50;

/** True if the process removes and adds the entry. */
export function comesAndGoes(key: number): boolean {
  return key % 10 === 3;
}

/** True if the process gives the entry another value. */
export function isRewritten(key: number): boolean {
  return key % 10 === 5;
}

const changers = {
  /** Removes entries, and adds them again. */
  async remove(dict: SharedDict<number, number>, size: number) {
    const keys = someKeys(size, 3);
    await dict.deleteMany(keys);
    await dict.setMany(keys.map((key) => [key, key]));
  },
  /** Gives entries other values, and adds new ones. */
  async write(dict: SharedDict<number, number>, size: number, added: SharedValue<number>) {
    const known = await added.get();
    await dict.setMany([
      ...someKeys(size, 5).map((key) => [key, -key] as const),
      ...Array.from({ length: AT_ONCE }, (_, index) => [size + known + index, 0] as const),
    ]);
    await added.add(AT_ONCE);
  },
  /** Takes items from the front of a list while it has more than half of its initial size. */
  async shift(list: SharedList<number>, size: number) {
    if ((await list.length()) > size / 2 + AT_ONCE) await Promise.all(Array.from({ length: AT_ONCE }, () => list.shift()));
  },
  /** Appends new items to a list and removes them; inserts one new item in its middle. */
  async insert(list: SharedList<number>, size: number, added: SharedValue<number>) {
    const known = await added.get();
    await Promise.all([list.push(size + known), list.pop(), list.insert(size / 2, size + known + 1)]);
    await added.add(2);
  },
} as const;

/** Changes a container of this size at least once, until the work is over. */
export default async function (
  how: keyof typeof changers,
  container: SharedDict<number, number> | SharedList<number>,
  size: number,
  { over, changes, added }: Work,
): Promise<void> {
  do {
    await changers[how](container as never, size, added);
    await changes.add(how);
  } while (!(await over.isSet()));
}

/** Different keys with the same last digit. */
function someKeys(size: number, digit: number): number[] {
  const tens = size / 10;
  const first = Math.floor(Math.random() * tens);
  // Far from each other, all over the dict.
  const step = Math.floor(tens / AT_ONCE);
  return Array.from({ length: AT_ONCE }, (_, index) => ((first + index * step) % tens) * 10 + digit);
}
