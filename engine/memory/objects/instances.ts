import { Handle } from '../../../proto/codec/handle.js';
import { decodePayload, encodeNaming } from '../../../proto/codec/payload.js';
import type { Reference } from '../../../proto/codec/reference.js';
import { InvalidArgumentError, PayloadTooLargeError, RemoteError, UnimplementedError, type ManagerError } from '../../../proto/errors.js';
import type { State, Stateful, StateOf } from '../../../proto/state.js';
import type { Payload } from '../../../proto/wire/values.js';
import type { TypeDescription, Types } from '../../types.js';
import type { Keyspace } from '../lifetime/keyspace.js';
import { CountedUserCode } from './counted-code.js';
import { RegisteredObject } from './registered-object.js';
import { remoteError } from './thrown.js';
import type { CodeOutcome, UserCode, WrittenOutcome } from '../../core/system.js';
import { errorOf, errorState } from '../../core/state.js';

/** Bytes of a response reserved for everything beside the result. */
const BESIDE_RESULT = 64;

/** The written outcome of a constructor. */
interface Made extends WrittenOutcome {
  /** The error that it threw. */
  readonly error: State;
  /** The object that has the returned instance already. */
  readonly known: string | undefined;
  readonly saved: Payload | undefined;
}

/** The written outcome of a method. */
interface Called extends WrittenOutcome {
  /** The error of the call. */
  readonly error: State;
  /** Undefined for `undefined`. */
  readonly result: Payload | undefined;
  /** The instances in the result that are no shared objects yet, by the names that the result has for them, and their types. */
  readonly joining: readonly (readonly [name: string, type: string, saved: Payload | undefined])[];
  /** The value that the instance saved afterwards. */
  readonly saved: Payload | undefined;
  /** The last number given as a name. */
  readonly lastName: number;
}

/** The written outcome of `save()` of an instance, for a dump. */
interface SavedNow extends WrittenOutcome {
  /** The error that it threw. */
  readonly error: State;
  readonly saved: Payload | undefined;
}

/** Maps instances of registered types to their shared objects. */
export class Instances implements Stateful {
  readonly userCode: CountedUserCode;
  readonly #objects = new WeakMap<object, RegisteredObject>();
  /** Types of the objects that could not be restored when the manager started last, by name. */
  readonly #lost = new Map<string, string>();
  /** Instances that an outcome was written for, until their objects are made; by name. */
  readonly #joining = new Map<string, object>();

  constructor(
    readonly keyspace: Keyspace,
    readonly types: Types,
    userCode: UserCode,
    /** True if instances are saved. */
    readonly durable = false,
  ) {
    this.userCode = new CountedUserCode(userCode);
  }

  /** True while a function of a user is not over. */
  get running(): boolean {
    return this.userCode.running > 0;
  }

  /** Makes an instance and its shared object. Throws RemoteError if the constructor throws. */
  make(name: string, type: TypeDescription, args: readonly Payload[]): RegisteredObject {
    const given = this.decode(args);
    return this.#made(name, type, () => type.make(given));
  }

  /**
   * Makes an instance of the value that another one saved, and its shared object. Throws InvalidArgumentError if the type does not save its
   * instances, and RemoteError if its `restore` throws.
   */
  makeSaved(name: string, type: TypeDescription, saved: Payload): RegisteredObject {
    const { saving } = type;
    if (saving === undefined)
      throw new InvalidArgumentError(`the class "${type.name}" has no save() and static restore(): give it both`, { object: name });
    const [given] = this.decode([saved]);
    return this.#made(name, type, () => {
      const instance = saving.restore(given);
      if (this.types.typeOf(instance) !== type) throw new Error(`restore() of the class "${type.name}" returned no instance of it`);
      return instance;
    });
  }

  #made(name: string, type: TypeDescription, code: () => object): RegisteredObject {
    let instance: object | undefined;
    const write = (outcome: CodeOutcome): Made => {
      try {
        if ('error' in outcome) throw remoteError(outcome.error, name);
        ({ instance } = outcome.value as { instance: object });
        return { error: undefined, known: this.#objectOf(instance)?.name, saved: this.#save(name, type, instance) };
      } catch (error) {
        return { error: errorState(error as ManagerError), known: undefined, saved: undefined };
      }
    };
    // Within an object, since an instance may have a `then`.
    const { error, known, saved } = this.userCode.run(() => ({ instance: code() }), write, unexpected)!;
    if (error !== undefined) throw errorOf(error);
    if (known !== undefined)
      throw new InvalidArgumentError(`the constructor of "${type.name}" returned an instance that is the object "${known}" already`);
    return this.#objectWith(name, type, instance, saved);
  }

  /** Makes the shared object of an instance that was there when the state was written. */
  restored(name: string, { type, saved }: StateOf<RegisteredObject>, instance: object | undefined): RegisteredObject {
    return this.#objectWith(name, this.#type(type, name), instance, saved);
  }

  /** Returns the type of an object that another engine made. */
  #type(type: string, object: string): TypeDescription {
    const known = this.types.get(type);
    if (known !== undefined) return known;
    throw new UnimplementedError(notRegistered(object, type), { object });
  }

  #objectWith(name: string, type: TypeDescription, instance: object | undefined, saved: Payload | undefined): RegisteredObject {
    const object = new RegisteredObject(this.keyspace.clock, this.userCode, name, type, instance, saved);
    this.#lost.delete(name);
    if (instance !== undefined) this.#objects.set(instance, object);
    return object;
  }

  /** Returns the instance that a shared object has. */
  of(name: string): object | undefined {
    const object = this.keyspace.objects.get(name);
    return object instanceof RegisteredObject ? object.instance : undefined;
  }

  /** Decodes arguments for users' code: shared objects of registered types become their instances, others become {@link Handle}s. */
  decode(args: readonly Payload[]): unknown[] {
    return args.map((arg) => (arg.length === 0 ? undefined : decodePayload(arg, { open: (reference) => this.#open(reference) })));
  }

  #open(reference: Reference): object {
    const object = this.keyspace.objects.get(reference.name);
    if (!(object instanceof RegisteredObject) || reference.kind !== object.kind) return new Handle(reference);
    return object.instance ?? NO_INSTANCE;
  }

  /** Returns the shared object of an instance while that object exists. */
  #objectOf(instance: object): RegisteredObject | undefined {
    const object = this.#objects.get(instance);
    return object && this.keyspace.objects.get(object.name) === object ? object : undefined;
  }

  /**
   * Writes the outcome of a member. Instances of registered types in its result are given names, under which {@link answer} makes shared objects
   * of them. There are none if the result cannot be sent, or is not wanted.
   */
  write(outcome: CodeOutcome, object: RegisteredObject, member: string, wanted: boolean): Called {
    const joining = new Map<object, RegisteredObject>();
    const { anonymous } = this.keyspace;
    try {
      const saved = object.instance === undefined ? object.saved : this.#save(object.name, object.type, object.instance);
      if ('error' in outcome) return failed(remoteError(outcome.error, object.name), saved);
      try {
        const result = wanted ? this.#encode(outcome.value, object, member, joining) : undefined;
        const joined = Array.from(joining, ([instance, { name, type }]) => [name, type.name, this.#save(name, type, instance)] as const);
        for (const [instance, { name }] of joining) this.#joining.set(name, instance);
        return { error: undefined, result, joining: joined, saved, lastName: anonymous.lastName };
      } catch (error) {
        return failed(error as ManagerError, saved);
      }
    } catch (error) {
      return failed(error as ManagerError, object.saved);
    }

    function failed(error: ManagerError, saved: Payload | undefined): Called {
      return { error: errorState(error), result: undefined, joining: [], saved, lastName: anonymous.lastName };
    }
  }

  #encode(value: unknown, { type, name }: RegisteredObject, member: string, joining: Map<object, RegisteredObject>): Payload | undefined {
    if (value === undefined) return undefined;
    let payload: Payload;
    try {
      payload = encodeNaming(value, (candidate) => this.#reference(candidate, joining));
    } catch (error) {
      const { message } = remoteError(error, name);
      throw new RemoteError(`the result of "${member}" of the type "${type.name}" cannot be sent: ${message}`, {
        object: name,
        mayHaveExecuted: true,
      });
    }
    const { maxMessageBytes } = this.keyspace.limits;
    if (payload.length + BESIDE_RESULT > maxMessageBytes) {
      const message = `the result of "${member}" has ${payload.length} bytes, and messages at most ${maxMessageBytes} (--max-payload)`;
      throw new PayloadTooLargeError(message, { object: name, mayHaveExecuted: true });
    }
    return payload;
  }

  #reference(candidate: object, joining: Map<object, RegisteredObject>): Reference | undefined {
    let object = this.#objectOf(candidate) ?? joining.get(candidate);
    if (object === undefined) {
      const type = this.types.typeOf(candidate);
      if (type === undefined) return undefined;
      object = new RegisteredObject(this.keyspace.clock, this.userCode, this.keyspace.anonymous.newName(), type, candidate, undefined);
      joining.set(candidate, object);
    }
    return { kind: object.kind, name: object.name, address: '' };
  }

  /** Returns the result of a member. Makes shared objects of the instances in it. @throws the error of the call */
  answer({ error, result, joining, saved, lastName }: Called, object: RegisteredObject): Payload | undefined {
    this.keyspace.anonymous.lastName = lastName;
    object.saved = saved;
    for (const [name, type, saved] of joining) {
      const object = this.#objectWith(name, this.#type(type, name), this.#joining.get(name), saved);
      this.#joining.delete(name);
      this.keyspace.obtain({ kind: object.kind, make: () => object }, name);
    }
    if (error !== undefined) throw errorOf(error);
    return result;
  }

  /** Returns what an instance saves, if that is of use. @throws RemoteError if it cannot be saved */
  #save(name: string, type: TypeDescription, instance: object): Payload | undefined {
    if (!this.durable || type.saving === undefined) return undefined;
    try {
      return this.#encodeSaved(type.saving.save(instance));
    } catch (error) {
      const { message } = remoteError(error, name);
      throw new RemoteError(`the call was executed, but the instance of "${type.name}" cannot be saved: ${message}`, {
        object: name,
        mayHaveExecuted: true,
      });
    }
  }

  #encodeSaved(saved: unknown): Payload {
    return encodeNaming(saved, (candidate) => this.#known(candidate));
  }

  /** Returns the value that the instance of an object saves for a dump. @throws UnimplementedError if its type saves none, RemoteError if it fails */
  savedOf({ name, type, instance, saved }: RegisteredObject): Payload {
    const { saving } = type;
    if (saving === undefined) throw new UnimplementedError(`the class "${type.name}" has no save() and static restore()`, { object: name });
    // It was saved after the last use.
    if (this.durable && saved !== undefined) return saved;
    const write = (outcome: CodeOutcome): SavedNow => {
      try {
        if ('error' in outcome) throw outcome.error;
        return { error: undefined, saved: this.#encodeSaved((outcome.value as { saved: unknown }).saved) };
      } catch (error) {
        return { error: errorState(remoteError(error, name)), saved: undefined };
      }
    };
    // Within an object, since a value may have a `then`.
    const written = this.userCode.run(() => ({ saved: saving.save(instance!) }), write, unexpected)!;
    if (written.saved === undefined) throw errorOf(written.error);
    return written.saved;
  }

  #known(candidate: object): Reference | undefined {
    const object = this.#objectOf(candidate);
    return object && { kind: object.kind, name: object.name, address: '' };
  }

  *#registered(): Generator<RegisteredObject> {
    for (const object of this.keyspace.objects.values()) if (object instanceof RegisteredObject) yield object;
  }

  /** The types are others. An object of a type that is not among them keeps the one that it has. */
  retyped(): void {
    for (const object of this.#registered()) object.type = this.types.get(object.type.name) ?? object.type;
  }

  /**
   * Makes the instances of all objects from what they saved. Returns the names of the objects that cannot be restored.
   * @throws InvalidArgumentError if a type that saved one is not there or has no `restore`, or if that throws, or returns no instance of it
   */
  revive(): string[] {
    return Array.from(this.#registered())
      .filter((object) => this.#revive(object) === undefined)
      .map(({ name }) => name);
  }

  /** Returns the instance of an object. Another object to which its saved value refers is revived first. */
  #revive(object: RegisteredObject): object | undefined {
    const { name, type, saved } = object;
    if (object.instance !== undefined || saved === undefined) return object.instance;
    if (this.types.get(type.name) === undefined) throw new InvalidArgumentError(notRegistered(name, type.name), { object: name });
    // An object that refers to itself gets a handle of itself.
    object.saved = undefined;
    try {
      const open = (reference: Reference): object => {
        const other = this.keyspace.objects.get(reference.name);
        const instance = other instanceof RegisteredObject ? this.#revive(other) : undefined;
        return instance ?? new Handle(reference);
      };
      if (type.saving === undefined) throw new Error('the class has no static restore() any more');
      object.instance = type.saving.restore(decodePayload(saved, { open }));
      if (this.types.typeOf(object.instance) !== type) throw new Error(`restore() returned no instance of it`);
    } catch (cause) {
      throw new InvalidArgumentError(`"${name}" of the type "${type.name}" cannot be restored: ${(cause as Error).message}`, {
        object: name,
        cause,
      });
    } finally {
      object.saved = saved;
    }
    object.revived = true;
    this.#objects.set(object.instance, object);
    return object.instance;
  }

  /** Ends objects that could not be restored. */
  lose(names: readonly string[]): void {
    for (const name of names) {
      const object = this.keyspace.objects.get(name);
      if (!(object instanceof RegisteredObject)) continue;
      this.keyspace.destroy(name, object.kind);
      this.#lost.set(name, object.type.name);
    }
  }

  /** Returns the type of an object that could not be restored. */
  lostType(name: string): string | undefined {
    return this.#lost.get(name);
  }

  /** The objects that could not be restored when the manager started last, and their types. */
  state() {
    return Array.from(this.#lost);
  }

  restore(lost: StateOf<Instances>): void {
    for (const [name, type] of lost) this.#lost.set(name, type);
  }
}

function notRegistered(object: string, type: string): string {
  return `"${object}" is of the type "${type}", which is not registered: give its module with --register`;
}

/** In the place of an instance that is not there, in arguments that no code gets. */
const NO_INSTANCE = Object.freeze({});

/** A constructor is over at once. */
function unexpected(): never {
  throw new Error('a defect: a constructor was waited for');
}
