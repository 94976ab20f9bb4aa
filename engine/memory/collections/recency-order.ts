import type { State } from '../../../proto/state.js';
import { OVERHEAD, type Use } from '../../core/use.js';

interface RecencyNode<T> {
  readonly item: T;
  older: RecencyNode<T> | undefined;
  newer: RecencyNode<T> | undefined;
}

/**
 * Items in the order of their last use. All operations take constant time. A linked list, because finding the first entry of a JavaScript Map
 * takes a time that grows with the number of entries which were deleted before it.
 */
export class RecencyOrder<T> {
  readonly #nodes = new Map<T, RecencyNode<T>>();
  #oldest: RecencyNode<T> | undefined;
  #newest: RecencyNode<T> | undefined;

  constructor(private readonly counts: Use) {}

  /** The item that was not used for longest. */
  get oldest(): T | undefined {
    return this.#oldest?.item;
  }

  /** The items, the least recently used first. */
  state<S extends State>(describe: (item: T) => S): S[] {
    const items: S[] = [];
    for (let node = this.#oldest; node !== undefined; node = node.newer) items.push(describe(node.item));
    return items;
  }

  /** Makes an item the most recently used. Adds it if it is not there. */
  use(item: T): void {
    let node = this.#nodes.get(item);
    if (node === undefined) {
      node = { item, older: undefined, newer: undefined };
      this.#nodes.set(item, node);
      this.#count(1);
    } else {
      if (node === this.#newest) return;
      this.#unlink(node);
    }
    this.#append(node);
  }

  delete(item: T): void {
    const node = this.#nodes.get(item);
    if (node === undefined) return;
    this.#unlink(node);
    this.#nodes.delete(item);
    this.#count(-1);
  }

  clear(): void {
    this.#count(-this.#nodes.size);
    this.#nodes.clear();
    this.#oldest = this.#newest = undefined;
  }

  #append(node: RecencyNode<T>): void {
    node.older = this.#newest;
    node.newer = undefined;
    if (this.#newest === undefined) this.#oldest = node;
    else this.#newest.newer = node;
    this.#newest = node;
  }

  #unlink(node: RecencyNode<T>): void {
    if (node.older === undefined) this.#oldest = node.newer;
    else node.older.newer = node.newer;
    if (node.newer === undefined) this.#newest = node.older;
    else node.newer.older = node.older;
  }

  #count(items: number): void {
    this.counts.memory += items * OVERHEAD.recency;
  }
}
