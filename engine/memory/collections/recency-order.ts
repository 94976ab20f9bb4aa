import type { State } from '../../../proto/state.js';
import { OVERHEAD, type Use } from '../../core/use.js';

/** Items in the order of their last use. All operations take constant time on average. */
export class RecencyOrder<T> {
  /** The least recently used first. */
  readonly #items = new Set<T>();
  /**
   * Stands before the oldest item: each one that it has passed was taken, or was used since, and so is at the end. A new iterator would step
   * over all places of items that were deleted before.
   */
  readonly #oldest = this.#items.values();

  constructor(private readonly counts: Use) {}

  /** The items, the least recently used first. */
  state<S extends State>(describe: (item: T) => S): S[] {
    return Array.from(this.#items, describe);
  }

  /** Makes an item the most recently used. Adds it if it is not there. */
  use(item: T): void {
    if (!this.#items.delete(item)) this.#count(1);
    this.#items.add(item);
  }

  /** Removes and returns the item that was not used for longest. There has to be one. */
  takeOldest(): T {
    const oldest = this.#oldest.next().value as T;
    this.delete(oldest);
    return oldest;
  }

  delete(item: T): void {
    if (this.#items.delete(item)) this.#count(-1);
  }

  clear(): void {
    this.#count(-this.#items.size);
    this.#items.clear();
  }

  #count(items: number): void {
    this.counts.memory += items * OVERHEAD.recency;
  }
}
