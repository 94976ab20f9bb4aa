import type { RoundAnswer } from '../rounds.js';

/** Type of the items in the queues of threads. */
export type ItemType = 'bytes' | 'text';
export type Item = Uint8Array | string;

/** Number of different items, by which lost, duplicated, reordered or damaged items are detected. */
const DIFFERENT = 16;
const LETTERS = 'a'.charCodeAt(0);

/** Items of a type and a length, made before the measurement. Item `n` is item `n % DIFFERENT`. */
export class Items {
  readonly #items: readonly Item[];

  constructor(
    type: ItemType,
    private readonly length: number,
  ) {
    this.#items = Array.from({ length: DIFFERENT }, (_, n) =>
      type === 'bytes' ? new Uint8Array(length).fill(n) : String.fromCharCode(n + LETTERS).repeat(length),
    );
  }

  /** Returns the n-th item to put. */
  at(n: number): Item {
    return this.#items[n % DIFFERENT]!;
  }

  /** Throws unless this is the n-th item, judging by its length and its ends. */
  check(item: Item, n: number): void {
    const last = this.length - 1;
    const from = markOf(item, 0);
    const to = markOf(item, last);
    if (item.length !== this.length || from !== n % DIFFERENT || to !== from) {
      throw new Error(`item ${n} came with length ${item.length}, from ${from} to ${to}`);
    }
  }
}

/** Returns the number of an item, from one of its characters or bytes. */
function markOf(item: Item, index: number): number | undefined {
  return typeof item === 'string' ? item.charCodeAt(index) - LETTERS : item[index];
}

/** Puts `times` items by calls without promises. */
export function putTimes(times: number, items: Items, put: (item: Item) => void): RoundAnswer {
  const started = performance.now();
  for (let n = 0; n < times; n++) put(items.at(n));
  return { operations: times, seconds: (performance.now() - started) / 1000 };
}

/** Takes `times` items by calls without promises, and checks each. */
export function getTimes(times: number, items: Items, get: () => Item): RoundAnswer {
  const started = performance.now();
  for (let n = 0; n < times; n++) items.check(get(), n);
  return { operations: times, seconds: (performance.now() - started) / 1000 };
}
