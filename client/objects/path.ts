import { inspect } from 'node:util';
import { decodePayload, encodePayload } from '../../proto/codec/payload.js';
import { PathService } from '../../proto/gen/commonhold/v1/path_wire.js';
import type { Method } from '../../proto/wire/codec.js';
import type { Key, Payload } from '../../proto/wire/values.js';
import type { Frozen } from './frozen.js';
import { validKey, whole } from './arguments.js';
import type { Addend, Assignable, ItemOf, KeyOf, MemberOf, Storable, Where } from './path-types.js';
import { quoted, shown } from '../shown.js';
import { attempt, nothing, type ProxyContext } from './object-proxy.js';
import { found, updatePlace } from './update.js';

const { methods } = PathService;

/** How a dict makes its calls. */
export type DictCall = <I, O, R>(method: Method<I, O>, request: I, read: (response: O) => R) => Promise<R>;

/** A place by name, as requests carry it. */
interface PathAddress {
  name: string;
  key: Key;
  path: Key[];
}

/**
 * Operations on one place inside of a value of a dict, each of them atomic on the manager: where
 * changing a copy would lose the change, or that of another, these do not. Made by
 * {@link SharedDict.path}; making one is no round trip.
 *
 * A text names a property of a plain object or a key of a Map; a number an index of an array or typed
 * array, negative ones from the end, or a key of a Map; bigints, booleans and bytes are keys of Maps.
 * `__proto__` and `constructor` are data. Without a path it is the value under the key itself. An
 * object that occurs twice in a value is one, whichever path leads to it. The key keeps its time to
 * live, and who watches the dict sees a change of the key.
 *
 * What reads or removes finds nothing where something on the way is absent or null, as `?.` does. What
 * writes needs all but the last step to be there. Where a call fails, nothing is changed.
 *
 * The manager decodes the whole value under the key for each call, and encodes it again for a change:
 * the larger the value, the longer all wait. What is large and often changed is better off with a key,
 * or as a shared list or dict, of its own.
 *
 * A schema, where the dict has one, is not asked for parts: it checks the whole value when that is read.
 *
 * Every method may throw InvalidArgumentError for a step or value that cannot travel, for more than
 * 100 steps, and for a step into what has no such place (a scalar, a Set, a Date, an instance of a
 * registered class, a proxy), KindMismatchError where the name belongs to another kind; those that
 * change something also PayloadTooLargeError where the whole value would exceed the largest message, and
 * those that write NotFoundError where something on the way is absent, and OutOfRangeError for an index
 * that an array does not have, or a number that a typed array cannot hold.
 */
export class PathOperations<T = unknown> {
  readonly #context: ProxyContext;
  readonly #call: DictCall;
  readonly #name: string;
  readonly #key: Key;
  readonly #path: readonly Key[];

  /** @internal */
  constructor(context: ProxyContext, call: DictCall, name: string, key: Key, path: readonly Key[]) {
    this.#context = context;
    this.#call = call;
    this.#name = name;
    this.#key = key;
    this.#path = path;
  }

  /** @internal */
  [inspect.custom](): string {
    return shown(this, `${quoted(this.#name)} ${quoted([this.#key, ...this.#path])} at ${this.#context.transport.address}`);
  }

  /** What is there, or undefined. One round trip. */
  get(): Promise<Frozen<T> | undefined> {
    return attempt(() => this.#call(methods.get, this.#named(), this.#value));
  }

  /** Whether there is such a place: a property that is undefined is there. One round trip. */
  has(): Promise<boolean> {
    return attempt(() => this.#call(methods.has, this.#named(), ({ found }) => found));
  }

  /**
   * Puts a value there. A new property goes to the end. One round trip.
   * @throws OutOfRangeError for an index that an array does not have: {@link push} and {@link insert} add
   */
  set(value: Storable<T> | Frozen<Storable<T>>): Promise<void> {
    return attempt(() => this.#call(methods.set, { ...this.#named(), value: encodePayload(value) }, nothing));
  }

  /**
   * Removes the place: a property, an entry, an element (later ones move up), or the key of the dict
   * where there is no path. Answers whether it was there. One round trip.
   */
  delete(): Promise<boolean> {
    return attempt(() => this.#call(methods.delete, this.#named(), ({ deleted }) => deleted));
  }

  /** What is there, after putting `value` there where there was nothing. One round trip. */
  getOrInsert(value: Storable<T> | Frozen<Storable<T>>): Promise<Frozen<Storable<T>>> {
    return attempt(() => {
      const request = { ...this.#named(), value: encodePayload(value) };
      return this.#call(methods.getOrInsert, request, (response) => this.#decode(response.value) as Frozen<Storable<T>>);
    });
  }

  /**
   * Puts `next` there if what is there is what is expected, compared by deep equality; answers whether
   * it did. `undefined` stands for nothing, on either side. One round trip.
   */
  compareAndSet(expected: T | Frozen<T> | undefined, next: T | Frozen<T> | undefined): Promise<boolean> {
    return attempt(() => this.#swap(expected === undefined ? undefined : encodePayload(expected), next));
  }

  /**
   * Changes what is there by a function; `undefined` stands for nothing, on either side. When someone
   * came between, the function runs again on what is there then: it must have no side effects. Changes
   * elsewhere in the value do not disturb it. Answers what was stored. Two round trips, and two more for
   * each time someone came between.
   */
  async update(change: (value: Frozen<T> | undefined) => T | Frozen<T> | undefined): Promise<Frozen<T> | undefined> {
    const named = this.#named();
    return updatePlace<T>(
      {
        read: () => this.#call(methods.get, named, ({ value }) => found(value, (payload) => this.#decode(payload) as Frozen<T>)),
        swap: (expected, next) => this.#swap(expected, next),
      },
      change,
    );
  }

  /**
   * Adds to the number there; nothing counts as 0. Answers the new number. One round trip.
   * @param delta a number, or a bigint where there is one; default 1
   * @throws InvalidArgumentError where there is no number, or one of the other type
   */
  add<D extends Addend<T> = Extract<Addend<T>, number>>(
    ...[delta]: Where<Addend<T>, number extends Addend<T> ? [delta?: D] : [delta: D]>
  ): Promise<D extends bigint ? bigint : number> {
    return attempt(() => {
      const request = { ...this.#named(), delta: encodePayload(delta ?? 1) };
      return this.#call(methods.add, request, ({ value }) => this.#decode(value) as D extends bigint ? bigint : number);
    });
  }

  /**
   * Elements of an array or typed array, members of a Set, entries of a Map, properties of an object, UTF-16
   * code units of a text; undefined where there is nothing. One round trip.
   * @throws InvalidArgumentError where there is something that has no size
   */
  size(): Promise<number | undefined> {
    return attempt(() => this.#call(methods.size, this.#named(), ({ size }) => size));
  }

  /**
   * Names of the properties of an object, or keys of a Map, in their order; undefined where there is
   * nothing. One round trip.
   * @throws InvalidArgumentError where there is something else
   */
  keys(): Promise<Frozen<KeyOf<T>>[] | undefined> {
    return attempt(() =>
      this.#call(methods.keys, this.#named(), ({ found, keys }) =>
        found ? keys.map((key) => this.#decode(key) as Frozen<KeyOf<T>>) : undefined,
      ),
    );
  }

  /**
   * Sets several properties of an object, those of `values`, or entries of a Map, of a Map or pairs: no one
   * sees a part of them. Nothing becomes an object. One round trip.
   * @throws InvalidArgumentError where there is something else
   */
  assign(values: Assignable<T>): Promise<void> {
    return attempt(() => {
      const given = values as Readonly<Record<string, unknown>> | Iterable<readonly [Key, unknown]>;
      const pairs: Iterable<readonly [Key, unknown]> = Symbol.iterator in given ? given : Object.entries(given);
      const entries = Array.from(pairs, ([key, value]) => ({ key: validKey(key), value: encodePayload(value) }));
      return this.#call(methods.assign, { ...this.#named(), entries }, nothing);
    });
  }

  /**
   * Appends to an array, together; answers its new length. Nothing becomes an array. One round trip.
   * @throws InvalidArgumentError where there is something else
   */
  push(...values: (ItemOf<T> | Frozen<ItemOf<T>>)[]): Promise<number> {
    return attempt(() => this.#call(methods.push, { ...this.#named(), values: encoded(values) }, length));
  }

  /**
   * Puts values, in their order, before an index of an array, beyond either end at that end; answers its
   * new length. Nothing becomes an array. One round trip.
   * @throws InvalidArgumentError where there is something else
   */
  insert(index: number, ...values: (ItemOf<T> | Frozen<ItemOf<T>>)[]): Promise<number> {
    return attempt(() => this.#call(methods.insert, { ...this.#named(), index: whole(index), values: encoded(values) }, length));
  }

  /**
   * Removes and answers the last element of an array, or the one at `index`; undefined where there is
   * none. One round trip.
   * @throws InvalidArgumentError where there is something else
   */
  pop(...[index]: Where<ItemOf<T>, [index?: number]>): Promise<Frozen<ItemOf<T>> | undefined> {
    return attempt(() => {
      const request = { ...this.#named(), index: index === undefined ? undefined : whole(index) };
      return this.#call(methods.pop, request, this.#value) as Promise<Frozen<ItemOf<T>> | undefined>;
    });
  }

  /**
   * Whether an array has an equal element, or a Set an equal member. One round trip.
   * @throws InvalidArgumentError where there is something else
   */
  includes(value: ItemOf<T> | MemberOf<T> | Frozen<ItemOf<T> | MemberOf<T>>): Promise<boolean> {
    return attempt(() => this.#call(methods.includes, { ...this.#named(), value: encodePayload(value) }, ({ found }) => found));
  }

  /**
   * Removes the first equal element of an array, or the equal member of a Set; answers whether there was
   * one. One round trip.
   * @throws InvalidArgumentError where there is something else
   */
  remove(value: ItemOf<T> | MemberOf<T> | Frozen<ItemOf<T> | MemberOf<T>>): Promise<boolean> {
    return attempt(() => this.#call(methods.remove, { ...this.#named(), value: encodePayload(value) }, ({ removed }) => removed));
  }

  /**
   * Adds to a Set what it does not have, together; answers how many that were. Nothing becomes a Set. One
   * round trip.
   * @throws InvalidArgumentError where there is something else
   */
  addMembers(...members: (MemberOf<T> | Frozen<MemberOf<T>>)[]): Promise<number> {
    return attempt(() => this.#call(methods.addMembers, { ...this.#named(), values: encoded(members) }, ({ added }) => added));
  }

  #swap(expected: Payload | undefined, next: unknown): Promise<boolean> {
    const request = { ...this.#named(), expected, next: next === undefined ? undefined : encodePayload(next) };
    return this.#call(methods.compareAndSet, request, ({ swapped }) => swapped);
  }

  #named(): PathAddress {
    return { name: this.#name, key: validKey(this.#key), path: this.#path.map(validKey) };
  }

  #decode(payload: Payload): unknown {
    return decodePayload(payload, this.#context);
  }

  readonly #value = ({ value }: { value?: Payload | undefined }): Frozen<T> | undefined =>
    value === undefined ? undefined : (this.#decode(value) as Frozen<T>);
}

const length = (response: { length: number }): number => response.length;

function encoded(values: readonly unknown[]): Payload[] {
  return values.map((value) => encodePayload(value));
}
