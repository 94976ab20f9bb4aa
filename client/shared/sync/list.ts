import { PAYLOADS } from '../../../engine/shared/memory/cells.js';
import type { SharedMemoryList } from '../../../engine/shared/objects/list.js';
import { OutOfRangeError } from '../../../proto/errors.js';
import type { Payload } from '../../../proto/wire/values.js';
import { checkOptions } from '../../../proto/known-options.js';
import { SORT_OPTIONS, type SortOptions } from '../../objects/sort-options.js';
import { elementIndex, listOf, whole } from '../../objects/arguments.js';
import { SyncProxy } from './sync-proxy.js';
import type { Frozen } from '../../objects/frozen.js';

/** The synchronous API of a list. No operation waits. */
export class SyncList<V> extends SyncProxy<SharedMemoryList> implements Iterable<Frozen<V>> {
  /** Returns the item at an index, or undefined. */
  at(index: number): Frozen<V> | undefined {
    return this.object.at(whole(index), this.codec) as Frozen<V> | undefined;
  }

  /** Replaces the item at an index. @throws OutOfRangeError if there is none */
  set(index: number, value: V | Frozen<V>): void {
    this.object.set(elementIndex(this.object.name, index), value, this.codec);
  }

  /** Replaces the item at an index if it equals `expected`; returns true if it did. */
  compareAndSet(index: number, expected: V | Frozen<V>, next: V | Frozen<V>): boolean {
    const { codec } = this;
    return this.object.swap(whole(index), codec.encode(expected), codec.encode(next));
  }

  /**
   * Changes the item at an index with a function of the current item, which runs again if another thread changed the item meanwhile;
   * returns the stored item.
   * @throws OutOfRangeError if there is no such item
   */
  update(index: number, change: (value: Frozen<V>) => V | Frozen<V>): Frozen<V> {
    const { codec } = this;
    const place = elementIndex(this.object.name, index);
    for (;;) {
      // Compares with the stored payload, not with the decoded value, which may encode differently.
      const expected = this.object.at(place, PAYLOADS) as Payload | undefined;
      if (expected === undefined) throw noItem(this.object.name, place);
      const next = codec.encode(change(codec.decode(expected) as Frozen<V>));
      // Before the change, because it may fail.
      const result = codec.decode(next) as Frozen<V>;
      if (this.object.swap(place, expected, next)) return result;
    }
  }

  /** Returns the number of items. */
  length(): number {
    return this.object.size;
  }

  /** Appends items atomically; returns the new length. */
  push(...values: (V | Frozen<V>)[]): number {
    return this.object.push(values, this.codec);
  }

  /** Appends the items of an iterable atomically; returns the new length. */
  extend(values: Iterable<V | Frozen<V>>): number {
    return this.object.push(listOf('values', values), this.codec);
  }

  /** Removes and returns the last item, or the item at `index`; undefined if there is none. */
  pop(index?: number): Frozen<V> | undefined {
    return this.object.pop(index === undefined ? undefined : whole(index), this.codec) as Frozen<V> | undefined;
  }

  /** Inserts items, in their order, before the first; returns the new length. */
  unshift(...values: (V | Frozen<V>)[]): number {
    return this.object.unshift(values, this.codec);
  }

  /** Removes and returns the first item, or undefined. */
  shift(): Frozen<V> | undefined {
    return this.object.shift(this.codec) as Frozen<V> | undefined;
  }

  /** Inserts an item before an index; beyond either end, at that end. */
  insert(index: number, value: V | Frozen<V>): void {
    this.object.insert(whole(index), value, this.codec);
  }

  /**
   * Removes `deleteCount` items from `start` on, by default all of them, and inserts `values` in their place; returns the removed items.
   */
  splice(start: number, deleteCount?: number, ...values: (V | Frozen<V>)[]): Frozen<V>[] {
    const count = deleteCount === undefined ? undefined : Math.max(0, whole(deleteCount));
    return this.object.splice(whole(start), count, values, this.codec) as Frozen<V>[];
  }

  /** Returns the items from `start` to before `end`, as one atomic read. */
  slice(start?: number, end?: number): Frozen<V>[] {
    return this.object.slice(
      start === undefined ? undefined : whole(start),
      end === undefined ? undefined : whole(end),
      this.codec,
    ) as Frozen<V>[];
  }

  /** Returns the index of the first equal item, or -1. */
  indexOf(value: V | Frozen<V>): number {
    return this.object.indexOf(this.codec.encode(value));
  }

  /** Returns true if an equal item exists. */
  includes(value: V | Frozen<V>): boolean {
    return this.object.indexOf(this.codec.encode(value)) >= 0;
  }

  /** Returns the number of equal items. */
  count(value: V | Frozen<V>): number {
    return this.object.count(this.codec.encode(value));
  }

  /** Removes the first equal item; returns true if there was one. */
  remove(value: V | Frozen<V>): boolean {
    return this.object.remove(this.codec.encode(value));
  }

  /** Reverses the list in place. */
  reverse(): void {
    this.object.reverse();
  }

  /** Sorts in place, as {@link SharedList.sort}. */
  sort(options: SortOptions = {}): void {
    checkOptions(options, SORT_OPTIONS);
    this.object.sort(options.descending ?? false, options.by ?? '');
  }

  /** Removes all items. */
  clear(): void {
    this.object.clear();
  }

  /** Returns all items, as one atomic read. */
  toArray(): Frozen<V>[] {
    return this.slice();
  }

  /** Iterates over a snapshot of the elements, in order. */
  [Symbol.iterator](): IterableIterator<Frozen<V>> {
    return this.toArray()[Symbol.iterator]();
  }
}

/** Returns the error of an update of a missing item. */
export function noItem(name: string, index: number): OutOfRangeError {
  return new OutOfRangeError(`the list has no item ${index} to update: push() and insert() add items`, { object: name });
}
