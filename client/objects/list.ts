import { ListService, type ListServiceWatchResponse } from '../../proto/gen/commonhold/v1/list_wire.js';
import type { Payload } from '../../proto/wire/values.js';
import type { Held } from '../locking/held.js';
import { listChange, type ListChange } from './changes.js';
import { attempt, nothing, ObjectProxy, type ProxyContext } from './object-proxy.js';
import { watchChanges, type AskChanges, type WatchOptions } from './watch.js';
import { noItem, SyncList } from '../shared/sync/list.js';
import { found, updatePlace } from './update.js';
import { checkOptions } from '../../proto/known-options.js';
import { SORT_OPTIONS, type SortOptions } from './sort-options.js';
import { elementIndex, listOf, whole } from './arguments.js';
import type { Frozen } from './frozen.js';

const { methods } = ListService;

/**
 * A list shared between processes: an Array whose methods return promises, plus Python's list methods. Negative indexes count from the end.
 * Reads return readonly copies ({@link Frozen}). Values are compared by deep equality.
 *
 * Every method may throw KindMismatchError if the name belongs to another kind, and InvalidArgumentError for a value that cannot be sent or
 * an index that is not a whole number; with a schema, SchemaError for a refused value, on writes and on reads. A removed item is then the
 * error's `value`.
 */
export class SharedList<V = unknown> extends ObjectProxy implements AsyncIterable<Frozen<V>> {
  /** @internal */
  constructor(context: ProxyContext, name: string) {
    super(context, 'list', name, { method: methods.open, request: { name, exclusive: false } }, false);
  }

  /** Synchronous API, for a list in shared memory. @throws InvalidArgumentError if it is not in shared memory */
  get sync(): SyncList<V> {
    return (this.#sync ??= new SyncList<V>(this));
  }
  #sync: SyncList<V> | undefined;

  /**
   * Returns this list for writes under a fence: each goes through only while the hold is held, and otherwise rejects with StaleFenceError, so that a
   * holder that has lost its lock without knowing it changes nothing. A write that waits is checked again when it takes effect. No round trip.
   * @throws InvalidArgumentError if `held` is no hold, or one of another manager; UnimplementedError for an object in shared memory
   */
  fencedBy(held: Held): SharedList<V> {
    return this.fenced(held, new SharedList<V>(this.context, this.name));
  }

  /** Returns the item at an index, or undefined. One round trip. */
  at(index: number): Promise<Frozen<V> | undefined> {
    return attempt(() => this.call(methods.at, { name: this.name, index: whole(index) }, this.#item));
  }

  /**
   * Replaces the item at an index. One round trip.
   * @throws OutOfRangeError if there is no such item: {@link push} and {@link insert} add items
   */
  set(index: number, value: V | Frozen<V>): Promise<void> {
    return attempt(() =>
      this.call(methods.set, { name: this.name, index: elementIndex(this.name, index), value: this.encode(value) }, nothing),
    );
  }

  /**
   * Replaces the item at an index if it equals `expected`; returns true if it did. One round trip.
   * @throws InvalidArgumentError for `undefined`, which cannot be an item
   */
  compareAndSet(index: number, expected: V | Frozen<V>, next: V | Frozen<V>): Promise<boolean> {
    return attempt(() => this.#swap(whole(index), this.encode(expected), next));
  }

  /**
   * Changes the item at an index with a function of the current item. If the item was changed meanwhile, the function runs again on the
   * newer item, so it must have no side effects. Returns the stored item. Two round trips, and two more for each repetition.
   * @throws OutOfRangeError if there is no such item
   */
  async update(index: number, change: (value: Frozen<V>) => V | Frozen<V>): Promise<Frozen<V>> {
    const place = elementIndex(this.name, index);
    const decode = (payload: Payload): Frozen<V> => this.decode(payload) as Frozen<V>;
    const stored = await updatePlace<V>(
      {
        read: () => this.call(methods.at, { name: this.name, index: place }, ({ value }) => found(value, decode)),
        swap: (expected, next) => this.#swap(place, expected!, next),
      },
      (value) => {
        if (value === undefined) throw noItem(this.name, place);
        return change(value);
      },
    );
    return this.normal<V>(stored!);
  }

  #swap(index: number, expected: Payload, next: unknown): Promise<boolean> {
    return this.call(methods.compareAndSet, { name: this.name, index, expected, next: this.encode(next) }, ({ swapped }) => swapped);
  }

  /** Returns the number of items. One round trip. */
  length(): Promise<number> {
    return this.call(methods.length, { name: this.name }, length);
  }

  /** Appends items atomically; returns the new length. One round trip. */
  push(...values: (V | Frozen<V>)[]): Promise<number> {
    return this.extend(values);
  }

  /** Appends the items of an iterable atomically; returns the new length. One round trip. */
  extend(values: Iterable<V | Frozen<V>>): Promise<number> {
    return attempt(() => this.call(methods.push, { name: this.name, values: this.#encodeAll(values) }, length));
  }

  /** Removes and returns the last item, or the item at `index` (Python's `pop(i)`); undefined if there is none. One round trip. */
  pop(index?: number): Promise<Frozen<V> | undefined> {
    return attempt(() => this.call(methods.pop, { name: this.name, index: index === undefined ? undefined : whole(index) }, this.#item));
  }

  /** Inserts items, in their order, before the first; returns the new length. One round trip. */
  unshift(...values: (V | Frozen<V>)[]): Promise<number> {
    return attempt(() => this.call(methods.unshift, { name: this.name, values: this.#encodeAll(values) }, length));
  }

  /** Removes and returns the first item, or undefined. One round trip. */
  shift(): Promise<Frozen<V> | undefined> {
    return this.call(methods.shift, { name: this.name }, this.#item);
  }

  /** Inserts an item before an index; beyond either end, at that end. One round trip. */
  insert(index: number, value: V | Frozen<V>): Promise<void> {
    return attempt(() => this.call(methods.insert, { name: this.name, index: whole(index), value: this.encode(value) }, nothing));
  }

  /**
   * Removes `deleteCount` items from `start` on, by default all of them, and inserts `values` in their place; returns the removed items.
   * One round trip.
   */
  splice(start: number, deleteCount?: number, ...values: (V | Frozen<V>)[]): Promise<Frozen<V>[]> {
    return attempt(() => {
      const count = deleteCount === undefined ? undefined : Math.max(0, whole(deleteCount));
      const request = { name: this.name, start: whole(start), deleteCount: count, values: this.#encodeAll(values) };
      return this.call(methods.splice, request, ({ removed }) => this.#items(removed));
    });
  }

  /** Returns the items from `start` to before `end`, as one atomic read. One round trip. */
  slice(start?: number, end?: number): Promise<Frozen<V>[]> {
    return attempt(() => {
      const request = {
        name: this.name,
        start: start === undefined ? undefined : whole(start),
        end: end === undefined ? undefined : whole(end),
      };
      return this.call(methods.slice, request, ({ values }) => this.#items(values));
    });
  }

  /** Returns the index of the first equal item, or -1. One round trip; the manager compares item by item. */
  indexOf(value: V | Frozen<V>): Promise<number> {
    return attempt(() => this.call(methods.indexOf, { name: this.name, value: this.encode(value) }, ({ index }) => index));
  }

  /** Returns true if an equal item exists. One round trip. */
  includes(value: V | Frozen<V>): Promise<boolean> {
    return attempt(() => this.call(methods.indexOf, { name: this.name, value: this.encode(value) }, ({ index }) => index >= 0));
  }

  /** Returns the number of equal items. One round trip. */
  count(value: V | Frozen<V>): Promise<number> {
    return attempt(() => this.call(methods.count, { name: this.name, value: this.encode(value) }, ({ count }) => count));
  }

  /** Removes the first equal item; returns true if there was one. One round trip. */
  remove(value: V | Frozen<V>): Promise<boolean> {
    return attempt(() => this.call(methods.remove, { name: this.name, value: this.encode(value) }, ({ removed }) => removed));
  }

  /** Reverses the list in place. One round trip. */
  reverse(): Promise<void> {
    return this.call(methods.reverse, { name: this.name }, nothing);
  }

  /**
   * Sorts in place, stably: null, booleans, numbers, strings by code unit, bytes, then other values by their encoded bytes. One round trip. Takes
   * up to 0.2 s for each MiB of the list, for which other calls on it wait.
   * @throws LimitExceededError for a list of more than 16 MiB: sort it in the program
   */
  sort(options: SortOptions = {}): Promise<void> {
    return attempt(() => {
      checkOptions(options, SORT_OPTIONS);
      return this.call(methods.sort, { name: this.name, descending: options.descending ?? false, by: options.by ?? '' }, nothing);
    });
  }

  /** Removes all items. One round trip. */
  clear(): Promise<void> {
    return this.call(methods.clear, { name: this.name }, nothing);
  }

  /**
   * Returns all items, as one atomic read. One round trip.
   * @throws PayloadTooLargeError if they exceed the largest message: iterate instead
   */
  toArray(): Promise<Frozen<V>[]> {
    return this.slice();
  }

  /**
   * Iterates over a snapshot of the items. Each page of 1,000 is read on demand, in one round trip. The manager keeps the snapshot until
   * the loop ends or is left, or the session ends; with a thousand idle loops, or a few over millions of items, the loop that has been idle
   * for longest fails.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<Frozen<V>, void, undefined> {
    let pageToken = '';
    try {
      do {
        const request = { name: this.name, pageToken, pageSize: 0, leave: false };
        const page = await this.call(methods.scan, request, ({ values, nextPageToken }) => ({ items: this.#items(values), nextPageToken }));
        pageToken = page.nextPageToken;
        yield* page.items;
      } while (pageToken !== '');
    } finally {
      if (pageToken !== '') this.call(methods.scan, { name: this.name, pageToken, pageSize: 0, leave: true }, nothing).catch(nothing);
    }
  }

  /**
   * Watches the list from this call on: iterates over every change, by any client, in order, until the list is destroyed, which is the last
   * change. An operation on many items is one change, but a `splice` that removes and inserts is two. Otherwise as {@link
   * SharedDict.watch}, with the same options except `key`, and the same errors.
   */
  watch(options: WatchOptions = {}): AsyncIterableIterator<ListChange<V>, undefined> {
    const read = ({ changes, revision }: ListServiceWatchResponse): { changes: ListChange<V>[]; revision: number } => ({
      changes: changes.map((change) => listChange<V>(change, (payload) => this.decode(payload))),
      revision,
    });
    const ask: AskChanges<ListChange<V>> = (asked, call) => this.watching(methods.watch, { name: this.name, ...asked }, read, call);
    return watchChanges(this.name, this.context, ask, options);
  }

  #encodeAll(values: Iterable<V | Frozen<V>>): Payload[] {
    return listOf('values', values).map((value) => this.encode(value));
  }

  #items(payloads: readonly Payload[]): Frozen<V>[] {
    return this.decodeAll<Frozen<V>>(payloads);
  }

  readonly #item = ({ value }: { value?: Payload | undefined }): Frozen<V> | undefined =>
    value === undefined ? undefined : (this.decode(value) as Frozen<V>);
}

const length = (response: { length: number }): number => response.length;
