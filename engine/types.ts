import { inspect } from 'node:util';
import { AlreadyExistsError, InvalidArgumentError } from '../proto/errors.js';

/** A class, whatever it is made with. */
export type Constructor = new (...args: never[]) => object;

/** How a class is registered. */
export interface RegisterOptions {
  /** What can be called, in place of what the class says: see {@link Registry.register}. */
  exposed?: readonly string[] | undefined;
}

/** Where classes are registered, so that clients can make objects of them. */
export interface Registry {
  /**
   * Registers a class under a name.
   *
   * Exposed are its methods and getters and those it inherits, but for names that begin with `_`.
   * A static `exposed` of the class, or the option, says it in full instead: names of methods, getters
   * and fields, `_` or not. The constructor, private members, and what every object inherits from
   * `Object` are never exposed.
   * @throws InvalidArgumentError for what is no class, or cannot be exposed; AlreadyExistsError where the
   * name is another class's
   */
  register(name: string, type: Constructor, options?: RegisterOptions): void;
}

/** Something that can be called on the instances of a registered type. */
export interface Member {
  readonly kind: 'method' | 'getter' | 'field';
  /** How many parameters it declares; 0 of what is no method. */
  readonly parameters: number;
  /** Runs the code of the user. */
  use(instance: object, args: unknown[]): unknown;
}

/** A registered type: how an instance is made, and what can be called on it. */
export interface TypeDescription {
  readonly name: string;
  readonly members: ReadonlyMap<string, Member>;
  make(args: unknown[]): object;
}

/** The registered types of a manager. */
export class TypeRegistry implements Registry {
  readonly #types = new Map<string, TypeDescription & { readonly prototype: object }>();
  readonly #byPrototype = new Map<object, TypeDescription>();

  register(name: string, type: Constructor, options: RegisterOptions = {}): void {
    if (typeof name !== 'string' || name === '') throw new InvalidArgumentError('a type is registered under a text that is not empty');
    const prototype: unknown = typeof type === 'function' ? type.prototype : undefined;
    if (typeof prototype !== 'object' || prototype === null || prototype === Object.prototype) {
      throw new InvalidArgumentError(`"${name}" cannot be registered: give a class`);
    }
    const known = this.#types.get(name);
    if (known?.prototype === prototype && options.exposed === undefined) return;
    if (known) throw new AlreadyExistsError(`two classes are to be registered as "${name}": give them two names`);
    const exposed = options.exposed ?? (type as { exposed?: unknown }).exposed;
    const members = exposed === undefined ? publicMembers(prototype) : namedMembers(name, prototype, exposed);
    const make = (args: unknown[]): object => Reflect.construct(type, args) as object;
    const registered = { name, prototype, members, make };
    this.#types.set(name, registered);
    if (!this.#byPrototype.has(prototype)) this.#byPrototype.set(prototype, registered);
  }

  get(name: string): TypeDescription | undefined {
    return this.#types.get(name);
  }

  /**
   * The type of an instance. One of a subclass that is not registered itself has none: what it overrides
   * would not be what is exposed.
   */
  typeOf(instance: object): TypeDescription | undefined {
    return this.#byPrototype.get(Object.getPrototypeOf(instance) as object);
  }

  /** All types, in the order of their names. */
  list(): TypeDescription[] {
    return [...this.#types.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}

/** The prototypes of a class and of those it extends, but for what all objects have. */
function* prototypes(prototype: object): Generator<object> {
  for (let at: object | null = prototype; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at) as object | null) yield at;
}

/** All methods and getters, but for those whose names say that they are the class's own business. */
function publicMembers(prototype: object): Map<string, Member> {
  const members = new Map<string, Member>();
  const seen = new Set<string>();
  for (const at of prototypes(prototype)) {
    for (const name of Object.getOwnPropertyNames(at)) {
      if (seen.has(name) || NEVER.has(name) || /^[_#]/.test(name)) continue;
      seen.add(name);
      const member = memberOf(Object.getOwnPropertyDescriptor(at, name)!);
      if (member) members.set(name, member);
    }
  }
  return members;
}

/** The members that a class, or whoever registers it, names. */
function namedMembers(type: string, prototype: object, exposed: unknown): Map<string, Member> {
  if (!Array.isArray(exposed) || !exposed.every((name) => typeof name === 'string')) {
    throw new InvalidArgumentError(`what "${type}" exposes must be a list of names, not ${inspect(exposed, { depth: 0 })}`);
  }
  return new Map(exposed.map((name) => [name, namedMember(type, prototype, name)]));
}

function namedMember(type: string, prototype: object, name: string): Member {
  if (NEVER.has(name)) throw new InvalidArgumentError(`"${type}" cannot expose "${name}": it is not for calling`);
  for (const at of prototypes(prototype)) {
    const descriptor = Object.getOwnPropertyDescriptor(at, name);
    if (descriptor) return memberOf(descriptor) ?? field(name);
  }
  return field(name);
}

const NEVER: ReadonlySet<string> = new Set(['constructor', 'prototype', '__proto__']);

/**
 * A method or getter as the class has it now: what an instance holds under that name, perhaps out of
 * a client's data, does not take its place.
 */
function memberOf(descriptor: PropertyDescriptor): Member | undefined {
  if (typeof descriptor.value === 'function') {
    const method = descriptor.value as Code;
    return { kind: 'method', parameters: method.length, use: (instance, args) => Reflect.apply(method, instance, args) };
  }
  const read = Reflect.get(descriptor, 'get') as Code | undefined;
  return read && { kind: 'getter', parameters: 0, use: (instance) => Reflect.apply(read, instance, []) };
}

/** What each instance holds by itself under a name; a function is called. */
function field(name: string): Member {
  const use = (instance: object, args: unknown[]): unknown => {
    const value = Object.hasOwn(instance, name) ? (instance as Record<string, unknown>)[name] : undefined;
    return typeof value === 'function' ? Reflect.apply(value as Code, instance, args) : value;
  };
  return { kind: 'field', parameters: 0, use };
}

/** A function of the user's. */
type Code = (...args: unknown[]) => unknown;
