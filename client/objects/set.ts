import { InvalidArgumentError } from '../../proto/errors.js';
import { REFERENCE } from '../../proto/codec/reference.js';
import { SetService } from '../../proto/gen/commonhold/v1/set_wire.js';
import type { Payload } from '../../proto/wire/values.js';
import type { Held } from '../locking/held.js';
import { attempt, nothing, ObjectProxy, type ProxyContext } from './object-proxy.js';
import type { Frozen } from './frozen.js';

const { methods } = SetService;

/** The other operand of a set operation: values, in which duplicates count once, or another shared set. */
export type OtherSet<V = unknown> = Iterable<V> | SharedSet<V>;

/** A request with another operand. */
interface SetRequest {
  name: string;
  values: Payload[];
  otherName?: string;
}

/**
 * A set shared between processes: a Set whose methods return promises, plus Python's set methods. Members are compared by deep equality, so
 * that objects can be members; of equal values the first one added is kept. Members keep their order of insertion. Reads return readonly
 * copies ({@link Frozen}).
 *
 * Operations on two sets are atomic. If both are shared sets of one manager, the manager does all the work in one round trip, without
 * sending the other set; a shared set of another manager is read first, in one more round trip.
 *
 * Every method may throw KindMismatchError if the name belongs to another kind, and InvalidArgumentError for a value that cannot be sent;
 * methods that return a whole set throw PayloadTooLargeError if it exceeds the largest message. With a schema, a refused value is a
 * SchemaError, also if it is only looked up, or comes from another set into a result.
 */
export class SharedSet<V = unknown> extends ObjectProxy implements AsyncIterable<Frozen<V>> {
  /** @internal */
  constructor(context: ProxyContext, name: string) {
    super(context, 'set', name, { method: methods.open, request: { name, exclusive: false } }, false);
  }

  /**
   * Returns this set for writes under a fence: each goes through only while the hold is held, and otherwise rejects with StaleFenceError, so that a
   * holder that has lost its lock without knowing it changes nothing. A write that waits is checked again when it takes effect. No round trip.
   * @throws InvalidArgumentError if `held` is no hold, or one of another manager; UnimplementedError for an object in shared memory
   */
  fencedBy(held: Held): SharedSet<V> {
    return this.fenced(held, new SharedSet<V>(this.context, this.name));
  }

  /** Appends values atomically; returns the number of new ones. One round trip. */
  add(...values: (V | Frozen<V>)[]): Promise<number> {
    return this.addAll(values);
  }

  /** Adds all members of another set or an iterable atomically; returns the number of new ones (Python's `update`, `|=`). */
  addAll(other: Iterable<V | Frozen<V>> | SharedSet<V>): Promise<number> {
    return this.#with(other, (request) => this.call(methods.add, request, ({ added }) => added));
  }

  /** Returns true if a value is a member. One round trip. */
  has(value: V | Frozen<V>): Promise<boolean> {
    return attempt(() => this.call(methods.has, { name: this.name, value: this.encode(value) }, ({ found }) => found));
  }

  /** Removes values atomically; returns the number that existed (Python's `discard`). One round trip. */
  delete(...values: (V | Frozen<V>)[]): Promise<number> {
    return this.deleteAll(values);
  }

  /** Removes all members of another set or an iterable; returns the number that existed (Python's `difference_update`, `-=`). */
  deleteAll(other: OtherSet): Promise<number> {
    return this.#with(other, (request) => this.call(methods.delete, request, deleted));
  }

  /** Removes all members that are not in another set or an iterable; returns the number removed (Python's `intersection_update`, `&=`). */
  retainAll(other: OtherSet): Promise<number> {
    return this.#with(other, (request) => this.call(methods.retain, request, deleted));
  }

  /** Returns the number of members. One round trip. */
  size(): Promise<number> {
    return this.call(methods.size, { name: this.name }, ({ size }) => size);
  }

  /** Removes and returns the oldest member, or undefined (Python's `pop` removes any). One round trip. */
  pop(): Promise<Frozen<V> | undefined> {
    return this.call(methods.pop, { name: this.name }, ({ value }) =>
      value === undefined ? undefined : (this.decode(value) as Frozen<V>),
    );
  }

  /** Removes all members. One round trip. */
  clear(): Promise<void> {
    return this.call(methods.clear, { name: this.name }, nothing);
  }

  /** Returns all members, as one atomic read. One round trip. Iterate over large sets instead. */
  toSet(): Promise<Set<Frozen<V>>> {
    return this.call(methods.snapshot, { name: this.name }, this.#set);
  }

  /** Returns the members, followed by the other's additional members. The shared sets are not changed. */
  union<W = V>(other: OtherSet<W>): Promise<Set<Frozen<V> | Frozen<W>>> {
    return this.#with(other, (request): Promise<Set<Frozen<V> | Frozen<W>>> => this.call(methods.union, request, this.#set));
  }

  /** Returns the members that the other has too. The shared sets are not changed. */
  intersection(other: OtherSet): Promise<Set<Frozen<V>>> {
    return this.#with(other, (request) => this.call(methods.intersection, request, this.#set));
  }

  /** Returns the members that the other does not have. The shared sets are not changed. */
  difference(other: OtherSet): Promise<Set<Frozen<V>>> {
    return this.#with(other, (request) => this.call(methods.difference, request, this.#set));
  }

  /**
   * Returns the members that the other does not have, followed by the other's members that this set does not have. The shared sets are not
   * changed.
   */
  symmetricDifference<W = V>(other: OtherSet<W>): Promise<Set<Frozen<V> | Frozen<W>>> {
    return this.#with(other, (request): Promise<Set<Frozen<V> | Frozen<W>>> => this.call(methods.symmetricDifference, request, this.#set));
  }

  /** Returns true if the other has every member (Python's `issubset`, `<=`). */
  isSubsetOf(other: OtherSet): Promise<boolean> {
    return this.#with(other, (request) => this.call(methods.isSubsetOf, request, holds));
  }

  /** Returns true if this set has every member of the other (Python's `issuperset`, `>=`). */
  isSupersetOf(other: OtherSet): Promise<boolean> {
    return this.#with(other, (request) => this.call(methods.isSupersetOf, request, holds));
  }

  /** Returns true if the sets have no common member (Python's `isdisjoint`). */
  isDisjointFrom(other: OtherSet): Promise<boolean> {
    return this.#with(other, (request) => this.call(methods.isDisjointFrom, request, holds));
  }

  /**
   * Iterates over the members in order. Each page of 1,000 is read on demand, in one round trip. A member that exists throughout is
   * returned exactly once, also during concurrent additions and removals; no member is returned twice unless it is added again; members
   * added after the beginning are not returned.
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

  /** Makes a call with another operand. */
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
    throw new InvalidArgumentError('the other operand is neither a shared set nor an iterable');
  }

  #items(payloads: readonly Payload[]): Frozen<V>[] {
    return this.decodeAll<Frozen<V>>(payloads);
  }

  readonly #set = ({ values }: { values: Payload[] }): Set<Frozen<V>> => new Set(this.#items(values));
}

const deleted = (response: { deleted: number }): number => response.deleted;

const holds = (response: { holds: boolean }): boolean => response.holds;
