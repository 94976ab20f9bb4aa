import { AlreadyExistsError, InvalidArgumentError } from '../errors.js';
import { isWellFormed } from '../text.js';

/** How instances of a class travel. */
export interface TypeCodec<T> {
  /** Says an instance as data: anything that can be stored, other registered types included. */
  encode(instance: T): unknown;
  /** Makes an instance of that data. Inside a cycle, objects around the instance may not be complete yet. */
  decode(data: unknown): T;
}

/** A class as the registry knows it. */
export interface RegisteredType extends TypeCodec<unknown> {
  readonly name: string;
}

const byName = new Map<string, RegisteredType>();
const byPrototype = new Map<object, RegisteredType>();

/**
 * Lets instances of a class be stored in shared objects and come back as instances. Every program
 * that reads them registers the class under the same name.
 */
export function registerType<T extends object>(name: string, type: abstract new (...args: never[]) => T, codec: TypeCodec<T>): void {
  if (typeof name !== 'string' || name === '' || !isWellFormed(name)) {
    throw new InvalidArgumentError('registerType: the name must be a text that is not empty');
  }
  const prototype: unknown = typeof type === 'function' ? type.prototype : undefined;
  if (typeof prototype !== 'object' || prototype === null) throw new InvalidArgumentError(`registerType("${name}"): give a class`);
  if (prototype === Object.prototype || prototype === Array.prototype) {
    throw new InvalidArgumentError(`registerType("${name}"): plain objects and arrays travel as they are; give a class of your own`);
  }
  if (typeof codec?.encode !== 'function' || typeof codec.decode !== 'function') {
    throw new InvalidArgumentError(`registerType("${name}"): give { encode(instance), decode(data) }`);
  }
  if (byName.has(name)) throw new AlreadyExistsError(`registerType: another class is registered as "${name}"`);
  const known = byPrototype.get(prototype);
  if (known !== undefined) throw new AlreadyExistsError(`registerType("${name}"): this class is registered already, as "${known.name}"`);
  const registered: RegisteredType = {
    name,
    encode: (instance) => codec.encode(instance as T),
    decode: (data) => codec.decode(data),
  };
  byName.set(name, registered);
  byPrototype.set(prototype, registered);
}

/** The registered type whose instances have this very prototype. */
export function typeOfPrototype(prototype: object): RegisteredType | undefined {
  return byPrototype.size === 0 ? undefined : byPrototype.get(prototype);
}

/** The type registered under a name. */
export function typeNamed(name: string): RegisteredType | undefined {
  return byName.get(name);
}
