import { InvalidArgumentError } from '../../proto/errors.js';
import { REFERENCE } from '../../proto/codec/reference.js';
import { SetService } from '../../proto/gen/commonhold/v1/set_wire.js';
import type { Payload } from '../../proto/wire/values.js';
import { attempt, nothing, ObjectProxy, type ProxyContext } from './object-proxy.js';
import type { Frozen } from './frozen.js';

const { methods } = SetService;

/** What a set is combined or compared with: values, of which equal ones count once, or another shared set. */
export type OtherSet<V = unknown> = Iterable<V> | SharedSet<V>;

/** A request with another side, as it travels. */
interface SetRequest {
  name: string;
  values: Payload[];
  otherName?: string;
}

/**
 * A set that many processes share: a Set whose methods are promises, with Python's set methods
 * beside. Members are equal when they are deeply equal, so that objects can be members; of equal
 * values the one added first stays. Members keep the order in which they were added. Reads give
 * copies, readonly ones ({@link Frozen}).
 *
 * What combines or compares two sets is one step: no one comes between. Where both are shared sets of
 * one manager it does the work itself, in one round trip, and of the other set nothing travels; a
 * shared set of another manager is read first, in one more.
 *
 * Every method may throw KindMismatchError where the name belongs to another kind, and
 * InvalidArgumentError for a value that cannot travel; what answers a whole set PayloadTooLargeError
 * where that exceeds the largest message. With a schema, a value that it refuses is a SchemaError: also one
 * that is only looked for, and one that another set brings into what is answered.
 */
export class SharedSet<V = unknown> extends ObjectProxy implements AsyncIterable<Frozen<V>> {
  /** @internal */
  constructor(context: ProxyContext, name: string) {
    super(context, 'set', name, { method: methods.open, request: { name, exclusive: false } }, false);
  }

  /** Adds values, together, to the end; answers how many were not there yet. One round trip. */
  add(...values: (V | Frozen<V>)[]): Promise<number> {
    return this.addAll(values);
  }

  /** Adds all that another set or an iterable has, together; answers how many were not there yet (Python's `update`, `|=`). */
  addAll(other: Iterable<V | Frozen<V>> | SharedSet<V>): Promise<number> {
    return this.#with(other, (request) => this.call(methods.add, request, ({ added }) => added));
  }

  /** Whether a value is a member. One round trip. */
  has(value: V | Frozen<V>): Promise<boolean> {
    return attempt(() => this.call(methods.has, { name: this.name, value: this.encode(value) }, ({ found }) => found));
  }

  /** Removes values, together; answers how many were there (Python's `discard`). One round trip. */
  delete(...values: (V | Frozen<V>)[]): Promise<number> {
    return this.deleteAll(values);
  }

  /** Removes all that another set or an iterable has; answers how many were there (Python's `difference_update`, `-=`). */
  deleteAll(other: OtherSet): Promise<number> {
    return this.#with(other, (request) => this.call(methods.delete, request, deleted));
  }

  /** Removes all but what another set or an iterable has; answers how many it removed (Python's `intersection_update`, `&=`). */
  retainAll(other: OtherSet): Promise<number> {
    return this.#with(other, (request) => this.call(methods.retain, request, deleted));
  }

  /** Number of members. One round trip. */
  size(): Promise<number> {
    return this.call(methods.size, { name: this.name }, ({ size }) => size);
  }

  /** Removes the oldest member and answers it, or undefined (Python's `pop` removes any). One round trip. */
  pop(): Promise<Frozen<V> | undefined> {
    return this.call(methods.pop, { name: this.name }, ({ value }) =>
      value === undefined ? undefined : (this.decode(value) as Frozen<V>),
    );
  }

  /** Removes all members. One round trip. */
  clear(): Promise<void> {
    return this.call(methods.clear, { name: this.name }, nothing);
  }

  /** All members, as they were at one moment. One round trip. For large sets, iterate instead. */
  toSet(): Promise<Set<Frozen<V>>> {
    return this.call(methods.snapshot, { name: this.name }, this.#set);
  }

  /** The members, and behind them what the other has beside. The shared sets stay as they are. */
  union<W = V>(other: OtherSet<W>): Promise<Set<Frozen<V> | Frozen<W>>> {
    return this.#with(other, (request): Promise<Set<Frozen<V> | Frozen<W>>> => this.call(methods.union, request, this.#set));
  }

  /** The members that the other has too. The shared sets stay as they are. */
  intersection(other: OtherSet): Promise<Set<Frozen<V>>> {
    return this.#with(other, (request) => this.call(methods.intersection, request, this.#set));
  }

  /** The members that the other has not. The shared sets stay as they are. */
  difference(other: OtherSet): Promise<Set<Frozen<V>>> {
    return this.#with(other, (request) => this.call(methods.difference, request, this.#set));
  }

  /** The members that the other has not, and behind them what it has and this has not. The shared sets stay as they are. */
  symmetricDifference<W = V>(other: OtherSet<W>): Promise<Set<Frozen<V> | Frozen<W>>> {
    return this.#with(other, (request): Promise<Set<Frozen<V> | Frozen<W>>> => this.call(methods.symmetricDifference, request, this.#set));
  }

  /** Whether the other has every member (Python's `issubset`, `<=`). */
  isSubsetOf(other: OtherSet): Promise<boolean> {
    return this.#with(other, (request) => this.call(methods.isSubsetOf, request, holds));
  }

  /** Whether every member of the other is one of this (Python's `issuperset`, `>=`). */
  isSupersetOf(other: OtherSet): Promise<boolean> {
    return this.#with(other, (request) => this.call(methods.isSupersetOf, request, holds));
  }

  /** Whether the other has none of the members (Python's `isdisjoint`). */
  isDisjointFrom(other: OtherSet): Promise<boolean> {
    return this.#with(other, (request) => this.call(methods.isDisjointFrom, request, holds));
  }

  /**
   * The members in order, page by page while they are asked for; a round trip for each 1,000. What is
   * there throughout comes exactly once, also while others add and delete, and nothing comes twice that
   * is not added again; what is added after the beginning does not come.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<Frozen<V>, void, undefined> {
    let pageToken = '';
    do {
      const request = { name: this.name, pageToken, pageSize: 0 };
      const page = await this.call(methods.scan, request, ({ values, nextPageToken }) => ({ items: this.#items(values), nextPageToken }));
      yield* page.items;
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
  }

  /** Makes a call that has another side. */
  #with<R>(other: OtherSet, make: (request: SetRequest) => Promise<R>): Promise<R> {
    return attempt(() => {
      if (!(other instanceof SharedSet)) return make({ name: this.name, values: this.#encodeAll(other) });
      if (other.context.transport.isAt(this.context.transport.address)) {
        return make({ name: this.name, values: [], otherName: other[REFERENCE]().name });
      }
      return other.toSet().then((values) => make({ name: this.name, values: this.#encodeAll(values) }));
    });
  }

  #encodeAll(values: Iterable<unknown>): Payload[] {
    if (typeof (values as Partial<Iterable<unknown>> | null | undefined)?.[Symbol.iterator] === 'function') {
      return Array.from(values, (value) => this.encode(value));
    }
    throw new InvalidArgumentError('the other is neither a shared set nor anything to iterate over');
  }

  #items(payloads: readonly Payload[]): Frozen<V>[] {
    return this.decodeAll<Frozen<V>>(payloads);
  }

  readonly #set = ({ values }: { values: Payload[] }): Set<Frozen<V>> => new Set(this.#items(values));
}

const deleted = (response: { deleted: number }): number => response.deleted;

const holds = (response: { holds: boolean }): boolean => response.holds;
