import type { Event, SharedDict, SharedList, SharedValue } from 'commonhold';

/** What those who change a large container share with who goes over it. */
export interface Work {
  /** They end when it is set. */
  readonly over: Event;
  /** How many changes each of them made, by its name. */
  readonly changes: SharedDict<string, number>;
  /** How many new things were added, one after the other: their numbers follow those that were there at first. */
  readonly added: SharedValue<number>;
}

/** Entries that change at a time. */
export const AT_ONCE = 50;

/** Whether an entry of the dict comes and goes. */
export function comesAndGoes(key: number): boolean {
  return key % 10 === 3;
}

/** Whether an entry of the dict gets another value. */
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
  /** Takes items from the front of a list, as long as it has more than half of those it had. */
  async shift(list: SharedList<number>, size: number) {
    if ((await list.length()) > size / 2 + AT_ONCE) await Promise.all(Array.from({ length: AT_ONCE }, () => list.shift()));
  },
  /** Adds new items at the end of a list, and removes the same; and one new item in its middle. */
  async insert(list: SharedList<number>, size: number, added: SharedValue<number>) {
    const known = await added.get();
    await Promise.all([list.push(size + known), list.pop(), list.insert(size / 2, size + known + 1)]);
    await added.add(2);
  },
} as const;

/** Changes a container of so many things, again and again and at least once, until the work is over. */
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

/** Different keys of one last digit. */
function someKeys(size: number, digit: number): number[] {
  const tens = size / 10;
  const first = Math.floor(Math.random() * tens);
  // Far from each other, all over the dict.
  const step = Math.floor(tens / AT_ONCE);
  return Array.from({ length: AT_ONCE }, (_, index) => ((first + index * step) % tens) * 10 + digit);
}
