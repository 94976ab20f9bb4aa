import type { State } from '../../../proto/state.js';

/** A double-ended queue: a ring buffer in an array whose length is a power of two. Adds and removes at both ends in constant time. */
export class Deque<T> {
  #ring: (T | undefined)[];
  #head = 0;
  #length = 0;

  constructor(items: readonly T[] = []) {
    this.#ring = new Array<T | undefined>(16);
    this.pushAll(items);
  }

  get length(): number {
    return this.#length;
  }

  /** Returns the item at an index from 0 to `length - 1`. */
  at(index: number): T {
    return this.#ring[(this.#head + index) & (this.#ring.length - 1)] as T;
  }

  set(index: number, item: T): void {
    this.#put(index, item);
  }

  push(item: T): void {
    if (this.#length === this.#ring.length) this.#grow(this.#length + 1);
    this.set(this.#length++, item);
  }

  pushAll(items: readonly T[]): void {
    this.#grow(this.#length + items.length);
    for (const item of items) this.set(this.#length++, item);
  }

  pop(): T | undefined {
    if (this.#length === 0) return undefined;
    const index = (this.#head + --this.#length) & (this.#ring.length - 1);
    return this.#takeOut(index);
  }

  /** Inserts items before the first one, in their order. */
  unshiftAll(items: readonly T[]): void {
    this.#grow(this.#length + items.length);
    for (let i = items.length - 1; i >= 0; i--) {
      this.#head = (this.#head - 1) & (this.#ring.length - 1);
      this.#ring[this.#head] = items[i];
      this.#length++;
    }
  }

  shift(): T | undefined {
    if (this.#length === 0) return undefined;
    const index = this.#head;
    this.#head = (index + 1) & (this.#ring.length - 1);
    this.#length--;
    return this.#takeOut(index);
  }

  /** Removes up to `count` items from the front, and returns them. */
  shiftMany(count: number): T[] {
    const items = new Array<T>(Math.min(count, this.#length));
    for (let i = 0; i < items.length; i++) items[i] = this.shift() as T;
    return items;
  }

  /**
   * Works as Array's splice, with `start` from 0 to `length`. Moves the items before `start` or those after the deleted ones, whichever are
   * fewer.
   */
  splice(start: number, deleteCount: number, items: readonly T[]): T[] {
    const end = Math.min(start + deleteCount, this.#length);
    const removed = this.slice(start, end);
    const more = items.length - removed.length;
    this.#grow(this.#length + more);
    if (start < this.#length - end) this.#moveFront(start, more);
    else this.#moveBack(end, more);
    for (let i = 0; i < items.length; i++) this.set(start + i, items[i]!);
    this.#shrink();
    return removed;
  }

  /** Adds `more` free places before an index (removes them, if negative) by moving the items before it. */
  #moveFront(index: number, more: number): void {
    if (more > 0) for (let i = 0; i < index; i++) this.#put(i - more, this.at(i));
    else for (let i = index - 1; i >= 0; i--) this.#put(i - more, this.at(i));
    for (let i = 0; i < -more; i++) this.#put(i, undefined);
    this.#head = (this.#head - more) & (this.#ring.length - 1);
    this.#length += more;
  }

  /** Does the same by moving the items from the index on. */
  #moveBack(index: number, more: number): void {
    if (more > 0) for (let i = this.#length - 1; i >= index; i--) this.#put(i + more, this.at(i));
    else for (let i = index; i < this.#length; i++) this.#put(i + more, this.at(i));
    for (let i = this.#length + more; i < this.#length; i++) this.#put(i, undefined);
    this.#length += more;
  }

  #put(index: number, item: T | undefined): void {
    this.#ring[(this.#head + index) & (this.#ring.length - 1)] = item;
  }

  /** Removes the first occurrence of an item, in time that grows with its index. Returns false if it is not there. */
  remove(item: T): boolean {
    for (let index = 0; index < this.#length; index++) {
      if (this.at(index) !== item) continue;
      this.splice(index, 1, []);
      return true;
    }
    return false;
  }

  /** Removes items, in time that grows with the index of the last one. */
  removeAll(items: ReadonlySet<T>): void {
    const kept: T[] = [];
    let index = 0;
    for (let left = items.size; left > 0 && index < this.#length; index++) {
      const item = this.at(index);
      if (items.has(item)) left--;
      else kept.push(item);
    }
    this.splice(0, index, kept);
  }

  slice(start: number, end: number): T[] {
    const items = new Array<T>(Math.max(0, end - start));
    for (let i = 0; i < items.length; i++) items[i] = this.at(start + i);
    return items;
  }

  state<S extends State>(describe: (item: T) => S): S[] {
    return this.slice(0, this.#length).map(describe);
  }

  /** Replaces all items. */
  replace(items: readonly T[]): void {
    this.#ring = new Array<T | undefined>(16);
    this.#head = this.#length = 0;
    this.pushAll(items);
  }

  #takeOut(index: number): T {
    const item = this.#ring[index] as T;
    this.#ring[index] = undefined;
    this.#shrink();
    return item;
  }

  /** Returns memory to the heap once the array is large and mostly empty. */
  #shrink(): void {
    let capacity = this.#ring.length;
    while (capacity > 1024 && this.#length < capacity >> 3) capacity >>= 2;
    if (capacity < this.#ring.length) this.#resize(capacity);
  }

  #grow(length: number): void {
    let capacity = this.#ring.length;
    if (length <= capacity) return;
    while (capacity < length) capacity *= 2;
    this.#resize(capacity);
  }

  #resize(capacity: number): void {
    const items = this.slice(0, this.#length) as (T | undefined)[];
    items.length = capacity;
    this.#ring = items;
    this.#head = 0;
  }
}
