import { assertKey } from '../../proto/codec/key.js';
import { InvalidArgumentError } from '../../proto/errors.js';
import {
  NamespaceService,
  type NamespaceProperty,
  type NamespaceServiceOpenRequest,
} from '../../proto/gen/commonhold/v1/namespace_wire.js';
import type { Payload } from '../../proto/wire/values.js';
import type { Frozen } from './frozen.js';
import { attempt, nothing, ObjectProxy, type ProxyContext } from './object-proxy.js';
import { found, updatePlace } from './update.js';

const { methods } = NamespaceService;

/** Names of the properties of a namespace. */
type Name<T> = keyof T & string;

/**
 * A few named properties that many processes share, each with its type: Python's Namespace. Names are
 * strings, and every string is data: `__proto__` and `constructor` are names like any other. Reads
 * give copies, readonly ones ({@link Frozen}): to change a stored value, set it again, or use {@link update},
 * which is atomic.
 *
 * Where Python has attributes (`namespace.x = 1`), here are methods, since a round trip is a promise;
 * a missing property is undefined and no error, and no name is hidden.
 *
 * Every method may throw KindMismatchError where the name belongs to another kind, and
 * InvalidArgumentError for a property name or a value that cannot travel.
 */
export class Namespace<T extends object = Record<string, unknown>> extends ObjectProxy<NamespaceServiceOpenRequest> {
  /** @internal */
  constructor(context: ProxyContext, name: string, initial: Partial<T> = {}) {
    const request: NamespaceServiceOpenRequest = { name, exclusive: false, initial: [] };
    super(context, 'namespace', name, { method: methods.open, request }, Object.keys(initial).length > 0);
    request.initial = this.#properties(initial);
  }

  /** A property, or undefined where there is none. One round trip. */
  get<P extends Name<T>>(name: P): Promise<Frozen<T[P]> | undefined> {
    return attempt(() =>
      this.call(methods.get, { name: this.name, property: valid(name) }, ({ value }) =>
        value === undefined ? undefined : (this.decode(value) as Frozen<T[P]>),
      ),
    );
  }

  /** Sets a property. A new one goes to the end, a known one keeps its place. One round trip. */
  set<P extends Name<T>>(name: P, value: T[P] | Frozen<T[P]>): Promise<void> {
    return attempt(() => this.call(methods.set, { name: this.name, property: valid(name), value: this.encode(value) }, nothing));
  }

  /** Whether there is a property of that name. One round trip. */
  has(name: Name<T>): Promise<boolean> {
    return attempt(() => this.call(methods.has, { name: this.name, property: valid(name) }, ({ found }) => found));
  }

  /** Removes a property; answers whether there was one. One round trip. */
  delete(name: Name<T>): Promise<boolean> {
    return attempt(() => this.call(methods.delete, { name: this.name, property: valid(name) }, ({ deleted }) => deleted));
  }

  /**
   * Sets many properties at once, the own enumerable ones of an object: no one sees a part of them, and
   * where one cannot travel, none is set. One round trip.
   */
  assign(values: Partial<T> | Partial<Frozen<T>>): Promise<void> {
    return attempt(() => this.call(methods.assign, { name: this.name, properties: this.#properties(values) }, nothing));
  }

  /**
   * Changes a property by a function of the present value; `undefined` stands for none, on either side.
   * When someone came between, the function runs again on the newer value: it must have no side
   * effects. Answers what was stored. Two round trips, and two more for each time someone came between.
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
   * All properties as a plain object, in the order in which they came, as they were at one moment. It is
   * a copy, frozen unless NODE_ENV is `production`. One round trip.
   */
  toObject(): Promise<Frozen<T>> {
    return this.call(methods.snapshot, { name: this.name }, ({ properties }) => {
      const object = {};
      for (const { property, value } of properties) {
        // Defining keeps `__proto__` a name like any other.
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
    return Object.entries(values).map(([name, value]) => ({ property: valid(name), value: this.encode(value) }));
  }
}

function valid(name: string): string {
  if (typeof name !== 'string') throw new InvalidArgumentError('the name of a property must be a text');
  assertKey(name);
  return name;
}
