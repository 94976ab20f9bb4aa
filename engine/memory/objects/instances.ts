import { Handle } from '../../../proto/codec/handle.js';
import { decodePayload, encodeNaming } from '../../../proto/codec/payload.js';
import type { Reference } from '../../../proto/codec/reference.js';
import {
  fromWire,
  InvalidArgumentError,
  PayloadTooLargeError,
  RemoteError,
  toWire,
  UnimplementedError,
  type ManagerError,
} from '../../../proto/errors.js';
import type { Error as WireError } from '../../../proto/gen/commonhold/v1/errors_wire.js';
import type { State } from '../../../proto/state.js';
import type { Payload } from '../../../proto/wire/values.js';
import type { Member, TypeDescription, TypeRegistry } from '../../types.js';
import { SharedObject, type Keyspace } from '../lifetime/keyspace.js';
import { remoteError } from './thrown.js';
import { SerialQueue } from '../collections/serial-queue.js';
import type { Clock } from '../../core/clock.js';
import type { CodeOutcome, UserCode, WrittenOutcome } from '../../core/system.js';
import { messageState } from '../../core/state.js';

/** Bytes of a response reserved for everything beside the result. */
const BESIDE_RESULT = 64;

/** An instance of a registered type. */
export class RegisteredObject extends SharedObject {
  readonly kind = 'object';
  readonly size = 1;
  readonly serialQueue: SerialQueue;

  constructor(
    clock: Clock,
    private readonly userCode: UserCode,
    name: string,
    readonly type: TypeDescription,
    /** Undefined in an engine that is given the turns of another one, in which no users' code runs. */
    readonly instance: object | undefined,
  ) {
    super(name);
    this.serialQueue = new SerialQueue(clock, userCode, name);
  }

  override get waiters(): number {
    return this.serialQueue.waiting;
  }

  override options(): Record<string, string> {
    return { type: this.type.name };
  }

  /** The instance is in the users' code. */
  override state() {
    return { type: this.type.name, serialQueue: this.serialQueue.state() };
  }

  /** Only while no code of it runs. */
  override restore(): void {}

  member(name: string): Member {
    const member = this.type.members.get(name);
    if (member) return member;
    const exposed = [...this.type.members.keys()].join(', ') || 'nothing';
    throw new InvalidArgumentError(
      `the type "${this.type.name}" exposes no "${name.slice(0, 100)}", but ${exposed}; fields only where its static \`exposed\` names them`,
      { object: this.name },
    );
  }

  override destroyed(): void {
    this.serialQueue.end(() => this.#dispose());
  }

  /** Disposes of the instance as `using` would. */
  #dispose(): void {
    if (this.instance === undefined) return;
    const { [Symbol.asyncDispose]: later, [Symbol.dispose]: now } = this.instance as Partial<AsyncDisposable & Disposable>;
    const end = later ?? now;
    if (end) this.userCode.runDetached(() => Reflect.apply(end, this.instance, []));
  }
}

/** Counts the functions of users that are not over. */
class CountedUserCode implements UserCode {
  running = 0;

  constructor(private readonly userCode: UserCode) {}

  run<W extends WrittenOutcome>(
    code: () => unknown,
    write: (outcome: CodeOutcome) => W,
    completed: (written: () => W) => void,
  ): W | undefined {
    const written = this.userCode.run(code, write, (later) => {
      this.running--;
      completed(later);
    });
    if (written === undefined) this.running++;
    return written;
  }

  runDetached(code: () => unknown): void {
    this.userCode.runDetached(code);
  }
}

/** The written outcome of a constructor. */
interface Made extends WrittenOutcome {
  /** The error that it threw. */
  readonly error: State;
  /** The object that has the returned instance already. */
  readonly known: string | undefined;
}

/** The written outcome of a method. */
interface Called extends WrittenOutcome {
  /** The error of the call. */
  readonly error: State;
  /** Undefined for `undefined`. */
  readonly result: Payload | undefined;
  /** The instances in the result that are no shared objects yet, by the names that the result has for them, and their types. */
  readonly joining: readonly (readonly [name: string, type: string])[];
  /** The last number given as a name. */
  readonly lastName: number;
}

/** Maps instances of registered types to their shared objects. */
export class Instances {
  readonly userCode: CountedUserCode;
  readonly #objects = new WeakMap<object, RegisteredObject>();
  /** Instances that an outcome was written for, until their objects are made; by name. */
  readonly #joining = new Map<string, object>();

  constructor(
    readonly keyspace: Keyspace,
    readonly types: TypeRegistry,
    userCode: UserCode,
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
    let instance: object | undefined;
    const write = (outcome: CodeOutcome): Made => {
      if ('error' in outcome) return { error: written(remoteError(outcome.error, name)), known: undefined };
      ({ instance } = outcome.value as { instance: object });
      return { error: undefined, known: this.#objectOf(instance)?.name };
    };
    // Within an object, since an instance may have a `then`.
    const { error, known } = this.userCode.run(() => ({ instance: type.make(given) }), write, unexpected)!;
    if (error !== undefined) throw errorOf(error);
    if (known !== undefined)
      throw new InvalidArgumentError(`the constructor of "${type.name}" returned an instance that is the object "${known}" already`);
    return this.#objectWith(name, type, instance);
  }

  /** Makes the shared object of an instance that was there when the state was written. */
  restored(name: string, typeName: string, instance: object | undefined): RegisteredObject {
    return this.#objectWith(name, this.#type(typeName, name), instance);
  }

  /** Returns the type of an object that another engine made. */
  #type(type: string, object: string): TypeDescription {
    const known = this.types.get(type);
    if (known !== undefined) return known;
    throw new UnimplementedError(`"${object}" is of the type "${type}", which is not registered: give its module with --register`, {
      object,
    });
  }

  #objectWith(name: string, type: TypeDescription, instance: object | undefined): RegisteredObject {
    const object = new RegisteredObject(this.keyspace.clock, this.userCode, name, type, instance);
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
    const joining = new Map<string, RegisteredObject>();
    const { anonymous } = this.keyspace;
    try {
      if ('error' in outcome) throw remoteError(outcome.error, object.name);
      const result = wanted ? this.#encode(outcome.value, object, member, joining) : undefined;
      for (const [name, { instance }] of joining) this.#joining.set(name, instance!);
      const joined = Array.from(joining, ([name, { type }]) => [name, type.name] as const);
      return { error: undefined, result, joining: joined, lastName: anonymous.lastName };
    } catch (error) {
      return { error: written(error as ManagerError), result: undefined, joining: [], lastName: anonymous.lastName };
    }
  }

  #encode(value: unknown, { type, name }: RegisteredObject, member: string, joining: Map<string, RegisteredObject>): Payload | undefined {
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

  #reference(candidate: object, joining: Map<string, RegisteredObject>): Reference | undefined {
    let object = this.#objectOf(candidate) ?? [...joining.values()].find(({ instance }) => instance === candidate);
    if (object === undefined) {
      const type = this.types.typeOf(candidate);
      if (type === undefined) return undefined;
      object = new RegisteredObject(this.keyspace.clock, this.userCode, this.keyspace.anonymous.newName(), type, candidate);
      joining.set(object.name, object);
    }
    return { kind: object.kind, name: object.name, address: '' };
  }

  /** Returns the result of a member. Makes shared objects of the instances in it. @throws the error of the call */
  answer({ error, result, joining, lastName }: Called): Payload | undefined {
    this.keyspace.anonymous.lastName = lastName;
    for (const [name, type] of joining) {
      const object = this.#objectWith(name, this.#type(type, name), this.#joining.get(name));
      this.#joining.delete(name);
      this.keyspace.obtain({ kind: object.kind, make: () => object }, name);
    }
    if (error !== undefined) throw errorOf(error);
    return result;
  }
}

/** In the place of an instance that is not there, in arguments that no code gets. */
const NO_INSTANCE = Object.freeze({});

function written(error: ManagerError): State {
  return messageState(toWire(error));
}

function errorOf(state: State): ManagerError {
  return fromWire(state as unknown as WireError);
}

/** A constructor is over at once. */
function unexpected(): never {
  throw new Error('a defect: a constructor was waited for');
}
