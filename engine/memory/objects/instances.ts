import { Handle } from '../../../proto/codec/handle.js';
import { decodePayload, encodeNaming } from '../../../proto/codec/payload.js';
import type { Reference } from '../../../proto/codec/reference.js';
import { InvalidArgumentError, PayloadTooLargeError, RemoteError, UnimplementedError } from '../../../proto/errors.js';
import type { Payload } from '../../../proto/wire/values.js';
import type { Member, TypeDescription, TypeRegistry } from '../../types.js';
import { SharedObject, type Keyspace } from '../lifetime/keyspace.js';
import { remoteError } from './thrown.js';
import { SerialQueue } from '../collections/serial-queue.js';
import type { Clock } from '../../core/clock.js';
import type { CodeOutcome, UserCode } from '../../core/system.js';

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
    readonly instance: object,
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
    const { [Symbol.asyncDispose]: later, [Symbol.dispose]: now } = this.instance as Partial<AsyncDisposable & Disposable>;
    const end = later ?? now;
    if (end) this.userCode.runDetached(() => Reflect.apply(end, this.instance, []));
  }
}

/** Counts the functions of users that are not over. */
class CountedUserCode implements UserCode {
  running = 0;

  constructor(private readonly userCode: UserCode) {}

  run(code: () => unknown, completed: (outcome: CodeOutcome) => void): CodeOutcome | undefined {
    const outcome = this.userCode.run(code, (later) => {
      this.running--;
      completed(later);
    });
    if (outcome === undefined) this.running++;
    return outcome;
  }

  runDetached(code: () => unknown): void {
    this.userCode.runDetached(code);
  }
}

/** Maps instances of registered types to their shared objects. */
export class Instances {
  readonly userCode: CountedUserCode;
  readonly #objects = new WeakMap<object, RegisteredObject>();

  constructor(
    readonly keyspace: Keyspace,
    readonly types: TypeRegistry,
    userCode: UserCode,
    readonly maxMessageBytes: number,
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
    // Within an object, since an instance may have a `then`.
    const outcome = this.userCode.run(() => ({ instance: type.make(given) }), unexpected)!;
    if ('error' in outcome) throw remoteError(outcome.error, name);
    const { instance } = outcome.value as { instance: object };
    const known = this.#objectOf(instance);
    if (known)
      throw new InvalidArgumentError(`the constructor of "${type.name}" returned an instance that is the object "${known.name}" already`);
    const object = new RegisteredObject(this.keyspace.clock, this.userCode, name, type, instance);
    this.#objects.set(instance, object);
    return object;
  }

  /** Makes the shared object of an instance that was there when the state was written. */
  restored(name: string, typeName: string, instance: object | undefined): RegisteredObject {
    const type = this.types.get(typeName);
    if (type === undefined || instance === undefined) {
      throw new UnimplementedError(`"${name}" is of the registered type "${typeName}", whose instance is not there`, { object: name });
    }
    const object = new RegisteredObject(this.keyspace.clock, this.userCode, name, type, instance);
    this.#objects.set(instance, object);
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
    return object instanceof RegisteredObject && reference.kind === object.kind ? object.instance : new Handle(reference);
  }

  /** Returns the shared object of an instance while that object exists. */
  #objectOf(instance: object): RegisteredObject | undefined {
    const object = this.#objects.get(instance);
    return object && this.keyspace.objects.get(object.name) === object ? object : undefined;
  }

  /**
   * Encodes a result of users' code. Instances of registered types in it become anonymous shared objects. Makes none of them if the result
   * cannot be sent.
   */
  encode(value: unknown, { type, name }: RegisteredObject, member: string): Payload | undefined {
    if (value === undefined) return undefined;
    const joining = new Map<object, RegisteredObject>();
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
    if (payload.length + BESIDE_RESULT > this.maxMessageBytes) {
      const message = `the result of "${member}" has ${payload.length} bytes, and messages at most ${this.maxMessageBytes} (--max-payload)`;
      throw new PayloadTooLargeError(message, { object: name, mayHaveExecuted: true });
    }
    for (const [instance, object] of joining) {
      this.keyspace.obtain({ kind: object.kind, make: () => object }, object.name);
      this.#objects.set(instance, object);
    }
    return payload;
  }

  #reference(candidate: object, joining: Map<object, RegisteredObject>): Reference | undefined {
    let object = this.#objectOf(candidate) ?? joining.get(candidate);
    if (object === undefined) {
      const type = this.types.typeOf(candidate);
      if (type === undefined) return undefined;
      object = new RegisteredObject(this.keyspace.clock, this.userCode, this.keyspace.anonymous.newName(), type, candidate);
      joining.set(candidate, object);
    }
    return { kind: object.kind, name: object.name, address: '' };
  }
}

/** A constructor is over at once. */
function unexpected(): never {
  throw new Error('a defect: a constructor was waited for');
}
