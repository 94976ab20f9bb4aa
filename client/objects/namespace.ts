import { assertKey } from '../../proto/codec/key.js';
import { InvalidArgumentError } from '../../proto/errors.js';
import {
  NamespaceService,
  type NamespaceProperty,
  type NamespaceServiceOpenRequest,
} from '../../proto/gen/commonhold/v1/namespace_wire.js';
import type { Payload } from '../../proto/wire/values.js';
import type { Held } from '../locking/held.js';
import type { Frozen } from './frozen.js';
import { attempt, nothing, ObjectProxy, type ProxyContext } from './object-proxy.js';
import { found, updatePlace } from './update.js';
import { quoted } from '../../proto/given.js';

const { methods } = NamespaceService;

/** Names of the properties of a namespace. */
type Name<T> = keyof T & string;

/**
 * A few named, typed properties shared between processes: Python's Namespace. Names are strings, and every string is data, also `__proto__`
 * and `constructor`. Reads return readonly copies ({@link Frozen}): to change a stored value, set it again, or use {@link update}, which is
 * atomic.
 *
 * Python's attributes (`namespace.x = 1`) are methods here, since each access is a round trip and returns a promise; a missing property is
 * undefined instead of an error, and no name is hidden.
 *
 * Every method may throw KindMismatchError if the name belongs to another kind, and InvalidArgumentError for a property name or a value
 * that cannot be sent.
 */
export class Namespace<T extends object = Record<string, unknown>> extends ObjectProxy<NamespaceServiceOpenRequest> {
  /** @internal */
  constructor(context: ProxyContext, name: string, initial: Partial<T> = {}) {
    const request: NamespaceServiceOpenRequest = { name, exclusive: false, initial: [] };
    super(context, 'namespace', name, { method: methods.open, request }, Object.keys(initial ?? {}).length > 0);
    request.initial = this.#properties(initial);
  }

  /**
   * Returns this namespace for writes under a fence: each goes through only while the hold is held, and otherwise rejects with StaleFenceError, so that a
   * holder that has lost its lock without knowing it changes nothing. A write that waits is checked again when it takes effect. No round trip.
   * @throws InvalidArgumentError if `held` is no hold, or one of another manager; UnimplementedError for an object in shared memory
   */
  fencedBy(held: Held): Namespace<T> {
    return this.fenced(held, new Namespace<T>(this.context, this.name));
  }

  /** Returns a property, or undefined. One round trip. */
  get<P extends Name<T>>(name: P): Promise<Frozen<T[P]> | undefined> {
    return attempt(() =>
      this.call(methods.get, { name: this.name, property: valid(name) }, ({ value }) =>
        value === undefined ? undefined : (this.decode(value) as Frozen<T[P]>),
      ),
    );
  }

  /** Sets a property. A new property goes to the end, an existing one keeps its place. One round trip. */
  set<P extends Name<T>>(name: P, value: T[P] | Frozen<T[P]>): Promise<void> {
    return attempt(() => this.call(methods.set, { name: this.name, property: valid(name), value: this.encode(value) }, nothing));
  }

  /** Returns true if a property exists. One round trip. */
  has(name: Name<T>): Promise<boolean> {
    return attempt(() => this.call(methods.has, { name: this.name, property: valid(name) }, ({ found }) => found));
  }

  /** Removes a property; returns true if it existed. One round trip. */
  delete(name: Name<T>): Promise<boolean> {
    return attempt(() => this.call(methods.delete, { name: this.name, property: valid(name) }, ({ deleted }) => deleted));
  }

  /** Sets the own enumerable properties of an object atomically; if one of them cannot be sent, none is set. One round trip. */
  assign(values: Partial<T> | Partial<Frozen<T>>): Promise<void> {
    return attempt(() => this.call(methods.assign, { name: this.name, properties: this.#properties(values) }, nothing));
  }

  /**
   * Changes a property with a function of the current value; `undefined` stands for a missing property, as argument and result. If the
   * property was changed meanwhile, the function runs again on the newer value, so it must have no side effects. Returns the stored value.
   * Two round trips, and two more for each repetition.
   */
  async update<P extends Name<T>>(
    name: P,
    change: (value: Frozen<T[P]> | undefined) => T[P] | Frozen<T[P]> | undefined,
  ): Promise<Frozen<T[P]> | undefined> {
    const property = valid(name);
    const decode = (payload: Payload): Frozen<T[P]> => this.decode(payload) as Frozen<T[P]>;
    return updatePlace<T[P]>(
      {
        read: () => this.call(methods.get, { name: this.name, property }, ({ value }) => found(value, decode)),
        swap: (expected, next) => this.#swap(property, expected, next),
      },
      change,
    );
  }

  /**
   * Returns all properties as a plain object, in their order of insertion, as one atomic read. It is a copy, frozen unless NODE_ENV is
   * `production`. One round trip.
   */
  toObject(): Promise<Frozen<T>> {
    return this.call(methods.snapshot, { name: this.name }, ({ properties }) => {
      const object = {};
      for (const { property, value } of properties) {
        // Defined rather than assigned, so that `__proto__` is a name like any other.
        Object.defineProperty(object, property, { value: this.decode(value), enumerable: true, configurable: true, writable: true });
      }
      return (this.context.freeze ? Object.freeze(object) : object) as Frozen<T>;
    });
  }

  #swap(property: string, expected: Payload | undefined, next: unknown): Promise<boolean> {
    const request = { name: this.name, property, expected, next: next === undefined ? undefined : this.encode(next) };
    return this.call(methods.compareAndSet, request, ({ swapped }) => swapped);
  }

  #properties(values: object): NamespaceProperty[] {
    if (typeof values !== 'object' || values === null)
      throw new InvalidArgumentError(`the properties are ${quoted(values)}: give an object`);
    return Object.entries(values).map(([name, value]) => ({ property: valid(name), value: this.encode(value) }));
  }
}

function valid(name: string): string {
  if (typeof name !== 'string') throw new InvalidArgumentError('the name of a property must be a string');
  assertKey(name);
  return name;
}
