import { InvalidArgumentError } from '../proto/errors.js';
import { ListService } from '../proto/gen/commonhold/v1/list_wire.js';
import type { Payload } from '../proto/wire/codec.js';
import { Structure, type Home } from './structure.js';

const { methods } = ListService;

/**
 * A list that many processes share: an Array whose methods are promises, with Python's list methods
 * beside. Negative indexes count from the end. Reads give copies. Values are equal when they are
 * deeply equal.
 *
 * Every method may throw KindMismatchError where the name belongs to another kind, and
 * InvalidArgumentError for a value that cannot travel or an index that is no whole number.
 */
export class SharedList<V = unknown> extends Structure implements AsyncIterable<V> {
  /** @internal */
  constructor(home: Home, name: string) {
    super(home, 'list', name, { method: methods.open, request: { name, exclusive: false } }, false);
  }

  /** The item at an index, or undefined. One round trip. */
  async at(index: number): Promise<V | undefined> {
    return this.#item((await this.call(methods.at, { name: this.name, index: whole(index) })).value);
  }

  /**
   * Replaces the item at an index. One round trip.
   * @throws OutOfRangeError where there is none: {@link push} and {@link insert} add
   */
  async set(index: number, value: V): Promise<void> {
    await this.call(methods.set, { name: this.name, index: whole(index), value: this.encode(value) });
  }

  /** Number of items. One round trip. */
  async length(): Promise<number> {
    return (await this.call(methods.length, { name: this.name })).length;
  }

  /** Appends items, together; answers the new length. One round trip. */
  push(...values: V[]): Promise<number> {
    return this.extend(values);
  }

  /** Appends the items of an iterable, together; answers the new length. One round trip. */
  async extend(values: Iterable<V>): Promise<number> {
    return (await this.call(methods.push, { name: this.name, values: this.#encodeAll(values) })).length;
  }

  /** Removes and answers the last item, or the one at `index` (Python's `pop(i)`); undefined where there is none. One round trip. */
  async pop(index?: number): Promise<V | undefined> {
    const at = index === undefined ? undefined : whole(index);
    return this.#item((await this.call(methods.pop, { name: this.name, index: at })).value);
  }

  /** Puts items, in their order, before the first; answers the new length. One round trip. */
  async unshift(...values: V[]): Promise<number> {
    return (await this.call(methods.unshift, { name: this.name, values: this.#encodeAll(values) })).length;
  }

  /** Removes and answers the first item, or undefined. One round trip. */
  async shift(): Promise<V | undefined> {
    return this.#item((await this.call(methods.shift, { name: this.name })).value);
  }

  /** Puts an item before an index; beyond either end it goes to that end. One round trip. */
  async insert(index: number, value: V): Promise<void> {
    await this.call(methods.insert, { name: this.name, index: whole(index), value: this.encode(value) });
  }

  /**
   * Removes `deleteCount` items from `start` on, or all behind it, and puts `values` in their place;
   * answers the removed ones. One round trip.
   */
  async splice(start: number, deleteCount?: number, ...values: V[]): Promise<V[]> {
    const count = deleteCount === undefined ? undefined : Math.max(0, whole(deleteCount));
    const request = { name: this.name, start: whole(start), deleteCount: count, values: this.#encodeAll(values) };
    return this.#items((await this.call(methods.splice, request)).removed);
  }

  /** The items from `start` to before `end`, as they are at one moment. One round trip. */
  async slice(start?: number, end?: number): Promise<V[]> {
    const request = { name: this.name, start: start === undefined ? undefined : whole(start), end: end === undefined ? undefined : whole(end) };
    return this.#items((await this.call(methods.slice, request)).values);
  }

  /** Index of the first equal item, or -1. One round trip; the manager compares item by item. */
  async indexOf(value: V): Promise<number> {
    return (await this.call(methods.indexOf, { name: this.name, value: this.encode(value) })).index;
  }

  /** Whether an equal item is there. One round trip. */
  async includes(value: V): Promise<boolean> {
    return (await this.indexOf(value)) >= 0;
  }

  /** How many items are equal. One round trip. */
  async count(value: V): Promise<number> {
    return (await this.call(methods.count, { name: this.name, value: this.encode(value) })).count;
  }

  /** Removes the first equal item; answers whether there was one. One round trip. */
  async remove(value: V): Promise<boolean> {
    return (await this.call(methods.remove, { name: this.name, value: this.encode(value) })).removed;
  }

  /** Turns the order round, in place. One round trip. */
  async reverse(): Promise<void> {
    await this.call(methods.reverse, { name: this.name });
  }

  /**
   * Sorts in place, stably: null, booleans, numbers, text by code unit, bytes, then the rest by their
   * bytes. One round trip.
   * @param options.descending the other way round; default false
   * @param options.by dotted path of the field to sort by, as `user.age`; items without it come last
   */
  async sort(options: { descending?: boolean; by?: string } = {}): Promise<void> {
    await this.call(methods.sort, { name: this.name, descending: options.descending ?? false, by: options.by ?? '' });
  }

  /** Removes all items. One round trip. */
  async clear(): Promise<void> {
    await this.call(methods.clear, { name: this.name });
  }

  /**
   * All items, as they are at one moment. One round trip.
   * @throws PayloadTooLargeError where they exceed the largest message: iterate instead
   */
  toArray(): Promise<V[]> {
    return this.slice();
  }

  /**
   * The items in order, as they are at the beginning, page by page while they are asked for; a round
   * trip for each 1,000 items. The manager keeps what is still to come until the end, the session's
   * end, or the beginning of the thousandth iteration after this one.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<V, void, undefined> {
    let pageToken = '';
    do {
      const page = await this.call(methods.scan, { name: this.name, pageToken, pageSize: 0 });
      for (const value of page.values) yield this.decode(value) as V;
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
  }

  #encodeAll(values: Iterable<V>): Payload[] {
    return Array.from(values, (value) => this.encode(value));
  }

  #items(payloads: readonly Payload[]): V[] {
    return payloads.map((payload) => this.decode(payload) as V);
  }

  #item(payload: Payload | undefined): V | undefined {
    return payload === undefined ? undefined : (this.decode(payload) as V);
  }
}

/** An index as it travels; what is beyond 32 bits is beyond every list. */
function whole(index: number): number {
  if (Number.isInteger(index)) return Math.min(Math.max(index, -(2 ** 31)), 2 ** 31 - 1);
  if (index === Infinity) return 2 ** 31 - 1;
  if (index === -Infinity) return -(2 ** 31);
  throw new InvalidArgumentError(`the index is ${String(index)}: give a whole number`);
}
