import { PAYLOADS } from '../../../engine/shared/memory/cells.js';
import type { SharedMemoryList } from '../../../engine/shared/objects/list.js';
import { OutOfRangeError } from '../../../proto/errors.js';
import type { Payload } from '../../../proto/wire/values.js';
import { checkOptions } from '../../known-options.js';
import { SORT_OPTIONS, type SortOptions } from '../../objects/sort-options.js';
import { whole } from '../../objects/arguments.js';
import { SyncProxy } from './sync-proxy.js';
import type { Frozen } from '../../objects/frozen.js';

/** A list without promises. Nothing of it waits. */
export class SyncList<V> extends SyncProxy<SharedMemoryList> implements Iterable<Frozen<V>> {
  /** The item at an index, or undefined. */
  at(index: number): Frozen<V> | undefined {
    return this.object.at(whole(index), this.codec) as Frozen<V> | undefined;
  }

  /** Replaces the item at an index. @throws OutOfRangeError where there is none */
  set(index: number, value: V | Frozen<V>): void {
    this.object.set(whole(index), value, this.codec);
  }

  /** Replaces the item at an index if it is equal to what is expected; answers whether it was. */
  compareAndSet(index: number, expected: V | Frozen<V>, next: V | Frozen<V>): boolean {
    const { codec } = this;
    return this.object.swap(whole(index), codec.encode(expected), codec.encode(next));
  }

  /**
   * Changes the item at an index by a function of the present one, which runs again when another thread came between;
   * answers what was stored.
   * @throws OutOfRangeError where there is no item
   */
  update(index: number, change: (value: Frozen<V>) => V | Frozen<V>): Frozen<V> {
    const { codec } = this;
    const place = whole(index);
    for (;;) {
      // As it was stored: it is what must still be there.
      const expected = this.object.at(place, PAYLOADS) as Payload | undefined;
      if (expected === undefined) throw noItem(this.object.name, place);
      const next = codec.encode(change(codec.decode(expected) as Frozen<V>));
      if (this.object.swap(place, expected, next)) return codec.decode(next) as Frozen<V>;
    }
  }

  /** Number of items. */
  length(): number {
    return this.object.size;
  }

  /** Appends items, together; answers the new length. */
  push(...values: (V | Frozen<V>)[]): number {
    return this.object.push(values, this.codec);
  }

  /** Appends the items of an iterable, together; answers the new length. */
  extend(values: Iterable<V | Frozen<V>>): number {
    return this.object.push([...values], this.codec);
  }

  /** Removes and answers the last item, or the one at `index`; undefined where there is none. */
  pop(index?: number): Frozen<V> | undefined {
    return this.object.pop(index === undefined ? undefined : whole(index), this.codec) as Frozen<V> | undefined;
  }

  /** Puts items, in their order, before the first; answers the new length. */
  unshift(...values: (V | Frozen<V>)[]): number {
    return this.object.unshift(values, this.codec);
  }

  /** Removes and answers the first item, or undefined. */
  shift(): Frozen<V> | undefined {
    return this.object.shift(this.codec) as Frozen<V> | undefined;
  }

  /** Puts an item before an index; beyond either end it goes to that end. */
  insert(index: number, value: V | Frozen<V>): void {
    this.object.insert(whole(index), value, this.codec);
  }

  /** Removes `deleteCount` items from `start` on, or all behind it, and puts `values` in their place; answers the removed ones. */
  splice(start: number, deleteCount?: number, ...values: (V | Frozen<V>)[]): Frozen<V>[] {
    const count = deleteCount === undefined ? undefined : Math.max(0, whole(deleteCount));
    return this.object.splice(whole(start), count, values, this.codec) as Frozen<V>[];
  }

  /** The items from `start` to before `end`, as they are at one moment. */
  slice(start?: number, end?: number): Frozen<V>[] {
    return this.object.slice(
      start === undefined ? undefined : whole(start),
      end === undefined ? undefined : whole(end),
      this.codec,
    ) as Frozen<V>[];
  }

  /** Index of the first equal item, or -1. */
  indexOf(value: V | Frozen<V>): number {
    return this.object.indexOf(this.codec.encode(value));
  }

  /** Whether an equal item is there. */
  includes(value: V | Frozen<V>): boolean {
    return this.object.indexOf(this.codec.encode(value)) >= 0;
  }

  /** How many items are equal. */
  count(value: V | Frozen<V>): number {
    return this.object.count(this.codec.encode(value));
  }

  /** Removes the first equal item; answers whether there was one. */
  remove(value: V | Frozen<V>): boolean {
    return this.object.remove(this.codec.encode(value));
  }

  /** Turns the order round, in place. */
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

  /** All items, as they are at one moment. */
  toArray(): Frozen<V>[] {
    return this.slice();
  }

  [Symbol.iterator](): IterableIterator<Frozen<V>> {
    return this.toArray()[Symbol.iterator]();
  }
}

/** The error of a change of an item that is not there. */
export function noItem(name: string, index: number): OutOfRangeError {
  return new OutOfRangeError(`the list has no item ${index} to update: push() and insert() add`, { object: name });
}
