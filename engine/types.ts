import { inspect } from 'node:util';
import { AlreadyExistsError, InvalidArgumentError } from '../proto/errors.js';

/** A class with any constructor. */
export type Constructor = new (...args: never[]) => object;

/** Options of {@link Registry.register}. */
export interface RegisterOptions {
  /** Names of the members that clients may use; overrides the static `exposed` of the class. */
  exposed?: readonly string[] | undefined;
}

/** Registers classes, so that clients can make instances of them. */
export interface Registry {
  /**
   * Registers a class under a name. Does nothing if that class is registered under the name already, unless the option
   * lists other members than it exposes.
   *
   * By default its methods and getters are exposed, inherited ones too, except names that begin with `_`. A static `exposed` of the class,
   * or the option, replaces that choice with a list of names: methods, getters and fields, with `_` or without. The constructor, private
   * members, and members inherited from `Object` are never exposed.
   *
   * A class with a static `restore(saved)` outlives a manager with a data directory: after each use of an instance, the manager keeps the value
   * that its method `save()` returns, and makes an instance of it by `restore` when it starts again. `save` must not be asynchronous, and is
   * exposed only where it is named. Instances of other classes end with the manager.
   * @throws InvalidArgumentError if `type` is not a class or a member cannot be exposed; AlreadyExistsError if the name is taken
   */
  register(name: string, type: Constructor, options?: RegisterOptions): void;
}

/** A member that clients may use on instances of a registered type. */
export interface Member {
  readonly kind: 'method' | 'getter' | 'field';
  /** Number of declared parameters; 0 for getters and fields. */
  readonly parameters: number;
  /** Calls the method, or reads the getter or field. */
  use(instance: object, args: unknown[]): unknown;
}

/** A registered type: makes its instances, and lists the members that clients may use. */
export interface TypeDescription {
  readonly name: string;
  readonly members: ReadonlyMap<string, Member>;
  /** Undefined if its instances end with the manager. */
  readonly saving: Saving | undefined;
  make(args: unknown[]): object;
}

/** Saves the instances of a registered type, and makes them again in the next manager. */
export interface Saving {
  /** Returns a value from which an equal instance can be made. */
  save(instance: object): unknown;
  /** Returns the instance that a value was saved from. */
  restore(saved: unknown): object;
}

/** The types that an engine knows. */
export interface Types {
  get(name: string): TypeDescription | undefined;
  /** Returns the type of an instance. */
  typeOf(instance: object): TypeDescription | undefined;
  /** Returns all types, sorted by name. */
  list(): TypeDescription[];
}

/** The registered types of a manager. */
export class TypeRegistry implements Registry, Types {
  readonly #types = new Map<string, TypeDescription & { readonly prototype: object }>();
  readonly #byPrototype = new Map<object, TypeDescription>();

  register(name: string, type: Constructor, options: RegisterOptions = {}): void {
    if (typeof name !== 'string' || name === '') throw new InvalidArgumentError('the name of a type must be a non-empty string');
    const prototype: unknown = typeof type === 'function' ? type.prototype : undefined;
    if (typeof prototype !== 'object' || prototype === null || prototype === Object.prototype) {
      throw new InvalidArgumentError(`"${name}" cannot be registered: give a class`);
    }
    const known = this.#types.get(name);
    if (known?.prototype === prototype && exposesThose(known, options.exposed)) return;
    if (known) throw new AlreadyExistsError(`a type "${name}" is registered already: use another name`);
    const exposed = options.exposed ?? (type as { exposed?: unknown }).exposed;
    const saving = savingOf(name, type);
    const members = exposed === undefined ? publicMembers(prototype) : namedMembers(name, prototype, exposed);
    if (exposed === undefined && saving !== undefined) members.delete('save');
    const make = (args: unknown[]): object => Reflect.construct(type, args) as object;
    const registered = { name, prototype, members, saving, make };
    this.#types.set(name, registered);
    if (!this.#byPrototype.has(prototype)) this.#byPrototype.set(prototype, registered);
  }

  get(name: string): TypeDescription | undefined {
    return this.#types.get(name);
  }

  /**
   * Returns the type of an instance. An instance of an unregistered subclass has none, because the subclass may override what its base
   * class exposes.
   */
  typeOf(instance: object): TypeDescription | undefined {
    return this.#byPrototype.get(Object.getPrototypeOf(instance) as object);
  }

  /** Returns all types, sorted by name. */
  list(): TypeDescription[] {
    return [...this.#types.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}

/** @throws InvalidArgumentError if a class has `restore` and no `save` */
function savingOf(name: string, type: Constructor & { restore?: unknown }): Saving | undefined {
  const { restore } = type;
  if (typeof restore !== 'function') return undefined;
  const { save } = type.prototype as { save?: unknown };
  if (typeof save !== 'function')
    throw new InvalidArgumentError(`"${name}" has a static restore() and no save(): give it both, or neither`);
  return {
    save: (instance) => Reflect.apply(save as Code, instance, []),
    restore: (saved) => Reflect.apply(restore as Code, type, [saved]) as object,
  };
}

/** Returns true if a type exposes exactly the listed members, or nothing is listed. */
function exposesThose({ members }: TypeDescription, exposed: readonly string[] | undefined): boolean {
  if (exposed === undefined) return true;
  return Array.isArray(exposed) && new Set(exposed).size === members.size && exposed.every((name) => members.has(name as string));
}

/** Yields the prototypes of a class and its ancestors, without `Object.prototype`. */
function* prototypes(prototype: object): Generator<object> {
  for (let at: object | null = prototype; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at) as object | null) yield at;
}

/** Returns all methods and getters, except private ones by name and {@link NEVER}. */
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

/** Returns the members that an `exposed` list names. @throws InvalidArgumentError */
function namedMembers(type: string, prototype: object, exposed: unknown): Map<string, Member> {
  if (!Array.isArray(exposed) || !exposed.every((name) => typeof name === 'string')) {
    throw new InvalidArgumentError(`the members that "${type}" exposes must be a list of names, not ${inspect(exposed, { depth: 0 })}`);
  }
  return new Map(exposed.map((name) => [name, namedMember(type, prototype, name)]));
}

function namedMember(type: string, prototype: object, name: string): Member {
  if (NEVER.has(name)) throw new InvalidArgumentError(`"${type}" cannot expose "${name}": clients may never use it`);
  for (const at of prototypes(prototype)) {
    const descriptor = Object.getOwnPropertyDescriptor(at, name);
    if (descriptor) return memberOf(descriptor) ?? field(name);
  }
  return field(name);
}

const NEVER: ReadonlySet<string> = new Set(['constructor', 'prototype', '__proto__']);

/**
 * Returns a method or getter of the prototype. It is taken now, so that an own property of an instance, which may be a client's data,
 * cannot replace it.
 */
function memberOf(descriptor: PropertyDescriptor): Member | undefined {
  if (typeof descriptor.value === 'function') {
    const method = descriptor.value as Code;
    return { kind: 'method', parameters: method.length, use: (instance, args) => Reflect.apply(method, instance, args) };
  }
  const read = Reflect.get(descriptor, 'get') as Code | undefined;
  return read && { kind: 'getter', parameters: 0, use: (instance) => Reflect.apply(read, instance, []) };
}

/** Reads an own property of the instance; if it is a function, calls it. */
function field(name: string): Member {
  const use = (instance: object, args: unknown[]): unknown => {
    const value = Object.hasOwn(instance, name) ? (instance as Record<string, unknown>)[name] : undefined;
    return typeof value === 'function' ? Reflect.apply(value as Code, instance, args) : value;
  };
  return { kind: 'field', parameters: 0, use };
}

/** A user's function. */
type Code = (...args: unknown[]) => unknown;
