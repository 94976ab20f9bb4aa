import { AlreadyExistsError, InvalidArgumentError } from '../errors.js';
import { isWellFormed } from '../text.js';

/** Encodes and decodes the instances of a class. */
export interface TypeCodec<T> {
  /** Returns the data of an instance: any value that can be stored, other registered types included. */
  encode(instance: T): unknown;
  /** Makes an instance from that data. Inside a cycle, objects around the instance may not be complete yet. */
  decode(data: unknown): T;
}

/** An entry of the registry of classes. */
export interface RegisteredType extends TypeCodec<unknown> {
  readonly name: string;
}

const byName = new Map<string, RegisteredType>();
const byPrototype = new Map<object, RegisteredType>();

/**
 * Lets instances of a class be stored in shared objects and be read as instances. Every program that reads them must register the class
 * under the same name.
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

/** Returns the registered type of instances with exactly this prototype. */
export function typeOfPrototype(prototype: object): RegisteredType | undefined {
  return byPrototype.size === 0 ? undefined : byPrototype.get(prototype);
}

/** Returns the type registered under a name. */
export function typeNamed(name: string): RegisteredType | undefined {
  return byName.get(name);
}
