import { inspect } from 'node:util';
import { decodePayload, encodePayload } from '../../proto/codec/payload.js';
import { PathService } from '../../proto/gen/commonhold/v1/path_wire.js';
import type { Method } from '../../proto/wire/codec.js';
import type { Key, Payload } from '../../proto/wire/values.js';
import { quoted } from '../../proto/given.js';
import type { Frozen } from './frozen.js';
import { validKey, whole } from './arguments.js';
import { pairsOf, type DictEntries } from './dict-options.js';
import type { Addend, Assignable, ItemOf, KeyOf, MemberOf, Storable, Where } from './path-types.js';
import { shown } from '../shown.js';
import { attempt, nothing, type ProxyContext } from './object-proxy.js';
import { found, updatePlace } from './update.js';

const { methods } = PathService;

/** Makes a call for a dict. */
export type DictCall = <I, O, R>(method: Method<I, O>, request: I, read: (response: O) => R) => Promise<R>;

/** Address of a place, as fields of a request. */
interface PathAddress {
  name: string;
  key: Key;
  path: Key[];
}

/**
 * Operations on one place inside a value of a dict, each atomic on the manager: unlike changes to a copy, they lose no concurrent change.
 * Created by {@link SharedDict.path}, without a round trip.
 *
 * A string names a property of a plain object or a key of a Map; a number is an index of an array or typed array, counted from the end if
 * negative, or a key of a Map; bigints, booleans and bytes are keys of Maps. `__proto__` and `constructor` are data. Without a path, the
 * place is the value under the key itself. An object that occurs twice in a value is one object, reachable by either path. The key keeps
 * its time to live, and watches of the dict see a change of the key.
 *
 * Reads and removals find nothing if a step on the way is absent or null, as with `?.`. Writes need all but the last step to exist. A call
 * that fails changes nothing.
 *
 * The manager decodes the whole value under the key for each call, and encodes it again for a change: the larger the value, the longer
 * every call takes. Large data that changes often is better stored under a key of its own, or in a shared list or dict of its own.
 *
 * A schema of the dict does not check parts: it checks the whole value when that is read.
 *
 * Every method may throw InvalidArgumentError for a step or value that cannot be sent, for more than 100 steps, and for a step into a value
 * without such places (a scalar, a Set, a Date, an instance of a registered class, a proxy), and KindMismatchError if the name belongs to
 * another kind. Changing methods may also throw PayloadTooLargeError if the whole value would exceed the largest message, and writing
 * methods NotFoundError if a step on the way is absent, and OutOfRangeError for an index that an array does not have, or a number that a
 * typed array cannot hold.
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

  /** Returns the state in one line, as `console.log` shows it. */
  toString(): string {
    return this[inspect.custom]();
  }

  /** @internal */
  [inspect.custom](): string {
    return shown(this, `${quoted(this.#name)} ${quoted([this.#key, ...this.#path])} at ${this.#context.transport.address}`);
  }

  /** Returns the value at the place, or undefined. One round trip. */
  get(): Promise<Frozen<T> | undefined> {
    return attempt(() => this.#call(methods.get, this.#named(), this.#value));
  }

  /** Returns true if the place exists, also if it holds a property that is undefined. One round trip. */
  has(): Promise<boolean> {
    return attempt(() => this.#call(methods.has, this.#named(), ({ found }) => found));
  }

  /**
   * Stores a value at the place. A new property goes to the end. One round trip.
   * @throws OutOfRangeError for an index that an array does not have: {@link push} and {@link insert} add elements
   */
  set(value: Storable<T> | Frozen<Storable<T>>): Promise<void> {
    return attempt(() => this.#call(methods.set, { ...this.#named(), value: encodePayload(value) }, nothing));
  }

  /**
   * Removes the place: a property, an entry, an element (later ones move up), or, without a path, the key of the dict. Returns true if it
   * existed. One round trip.
   */
  delete(): Promise<boolean> {
    return attempt(() => this.#call(methods.delete, this.#named(), ({ deleted }) => deleted));
  }

  /** Returns the value at the place, after storing `value` if the place was absent. One round trip. */
  getOrInsert(value: Storable<T> | Frozen<Storable<T>>): Promise<Frozen<Storable<T>>> {
    return attempt(() => {
      const request = { ...this.#named(), value: encodePayload(value) };
      return this.#call(methods.getOrInsert, request, (response) => this.#decode(response.value) as Frozen<Storable<T>>);
    });
  }

  /**
   * Stores `next` if the place holds `expected`, compared by deep equality; returns true if it did. `undefined` stands for an absent place,
   * for both arguments. One round trip.
   */
  compareAndSet(expected: T | Frozen<T> | undefined, next: T | Frozen<T> | undefined): Promise<boolean> {
    return attempt(() => this.#swap(expected === undefined ? undefined : encodePayload(expected), next));
  }

  /**
   * Changes the value at the place with a function; `undefined` stands for an absent place, as argument and result. If the place was
   * changed meanwhile, the function runs again on the newer value, so it must have no side effects. Changes elsewhere in the value do not
   * cause that. Returns the stored value. Two round trips, and two more for each repetition.
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
   * Adds to the number at the place; an absent place counts as 0. Returns the new number. One round trip.
   * @param delta a number, or a bigint if the place holds one; default 1
   * @throws InvalidArgumentError if the place holds no number, or one of the other type
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
   * Returns the number of elements of an array or typed array, members of a Set, entries of a Map, properties of an object, or UTF-16 code
   * units of a string; undefined if the place is absent. One round trip.
   * @throws InvalidArgumentError if the value there has no size
   */
  size(): Promise<number | undefined> {
    return attempt(() => this.#call(methods.size, this.#named(), ({ size }) => size));
  }

  /**
   * Returns the names of the properties of an object, or the keys of a Map, in their order; undefined if the place is absent. One round
   * trip.
   * @throws InvalidArgumentError if the place holds another type
   */
  keys(): Promise<Frozen<KeyOf<T>>[] | undefined> {
    return attempt(() =>
      this.#call(methods.keys, this.#named(), ({ found, keys }) =>
        found ? keys.map((key) => this.#decode(key) as Frozen<KeyOf<T>>) : undefined,
      ),
    );
  }

  /**
   * Sets several properties of an object, from an object, or entries of a Map, from a Map or pairs, atomically. Creates an object if the
   * place is absent. One round trip.
   * @throws InvalidArgumentError if the place holds another type
   */
  assign(values: Assignable<T>): Promise<void> {
    return attempt(() => {
      const entries = Array.from(pairsOf(values as DictEntries<Key, unknown>), ([key, value]) => ({
        key: validKey(key),
        value: encodePayload(value),
      }));
      return this.#call(methods.assign, { ...this.#named(), entries }, nothing);
    });
  }

  /**
   * Appends to an array, atomically; returns its new length. Creates an array if the place is absent. One round trip.
   * @throws InvalidArgumentError if the place holds another type
   */
  push(...values: (ItemOf<T> | Frozen<ItemOf<T>>)[]): Promise<number> {
    return attempt(() => this.#call(methods.push, { ...this.#named(), values: encoded(values) }, length));
  }

  /**
   * Inserts values, in their order, before an index of an array, or at an end if the index is beyond it; returns its new length. Creates an
   * array if the place is absent. One round trip.
   * @throws InvalidArgumentError if the place holds another type
   */
  insert(index: number, ...values: (ItemOf<T> | Frozen<ItemOf<T>>)[]): Promise<number> {
    return attempt(() => this.#call(methods.insert, { ...this.#named(), index: whole(index), values: encoded(values) }, length));
  }

  /**
   * Removes and returns the last element of an array, or the element at `index`; undefined if there is none. One round trip.
   * @throws InvalidArgumentError if the place holds another type
   */
  pop(...[index]: Where<ItemOf<T>, [index?: number]>): Promise<Frozen<ItemOf<T>> | undefined> {
    return attempt(() => {
      const request = { ...this.#named(), index: index === undefined ? undefined : whole(index) };
      return this.#call(methods.pop, request, this.#value) as Promise<Frozen<ItemOf<T>> | undefined>;
    });
  }

  /**
   * Returns true if an array has an equal element, or a Set an equal member. One round trip.
   * @throws InvalidArgumentError if the place holds another type
   */
  includes(value: ItemOf<T> | MemberOf<T> | Frozen<ItemOf<T> | MemberOf<T>>): Promise<boolean> {
    return attempt(() => this.#call(methods.includes, { ...this.#named(), value: encodePayload(value) }, ({ found }) => found));
  }

  /**
   * Removes the first equal element of an array, or the equal member of a Set; returns true if there was one. One round trip.
   * @throws InvalidArgumentError if the place holds another type
   */
  remove(value: ItemOf<T> | MemberOf<T> | Frozen<ItemOf<T> | MemberOf<T>>): Promise<boolean> {
    return attempt(() => this.#call(methods.remove, { ...this.#named(), value: encodePayload(value) }, ({ removed }) => removed));
  }

  /**
   * Adds members to a Set, atomically; returns the number of new ones. Creates a Set if the place is absent. One round trip.
   * @throws InvalidArgumentError if the place holds another type
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
