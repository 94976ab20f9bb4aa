import type { ElementsOf } from '../../proto/codec/elements.js';
import type { Reference } from '../../proto/codec/reference.js';
import type { Typecode } from '../../proto/codec/typecode.js';
import { ManagerService } from '../../proto/gen/commonhold/v1/manager_wire.js';
import type { Kind } from '../../proto/gen/commonhold/v1/services_wire.js';
import { generatedName, isAnonymous } from '../../proto/name.js';
import type { Key } from '../../proto/wire/values.js';
import { SharedArray } from './array.js';
import { AtomicBatch } from './atomic.js';
import { Barrier, BARRIER_OPTIONS, type BarrierOptions } from '../locking/barrier.js';
import { Condition } from '../locking/condition.js';
import { SharedDict } from './dict.js';
import type { DictOptions } from './dict-options.js';
import { Event } from './event.js';
import { SharedList } from './list.js';
import { Lock } from '../locking/lock.js';
import { Namespace } from './namespace.js';
import { remoteObject } from './object.js';
import { checkOptions, type OptionNames } from '../known-options.js';
import { OBJECT_OPTIONS, VALUES_OPTIONS, type ObjectOptions, type ValuesOptions } from './object-options.js';
import { OwnerToken } from '../locking/owner.js';
import { PipeEnd, PIPE_OPTIONS, type PipeOptions, type PipeReceiver, type PipeSender } from './pipe.js';
import { SharedQueue } from './queue/queue.js';
import { QUEUE_OPTIONS, type QueueOptions } from './queue/queue-options.js';
import { proxyOf } from './registry.js';
import type { RemoteObject } from './remote.js';
import { RLock } from '../locking/rlock.js';
import type { Schema } from './schema.js';
import { BoundedSemaphore, Semaphore } from '../locking/semaphore.js';
import { SharedSet } from './set.js';
import { nothing, type ProxyContext } from './object-proxy.js';
import { SharedValue, VALUE_OPTIONS, type ValueOptions } from './value.js';

/** A method for each kind. A kind of the contract that has none here does not compile. */
type FactoryMethods = Readonly<Record<Kind, (...options: never[]) => object>>;

/** Makes proxies of shared objects of every kind, wherever their home is. Making one is no round trip. */
export abstract class Factories implements FactoryMethods {
  /** A getter, so that nothing of it shows where the whole is logged. */
  protected abstract get context(): ProxyContext;

  /** The home of an object with these options. Throws InvalidArgumentError where there is no such. */
  protected abstract homeOf(options: ObjectOptions): ProxyContext;

  /** As {@link homeOf}, of options that the kind knows. */
  #homeOf(options: ObjectOptions, known: OptionNames<ObjectOptions>): ProxyContext {
    checkOptions(options, known);
    return this.homeOf(options);
  }

  /** A shared dict; without a name, a new one. No round trip. */
  dict<K extends Key = Key, V = unknown>(name?: string, options: DictOptions<V> = {}): SharedDict<K, V> {
    return new SharedDict<K, V>(this.#homeOf(options, VALUES_OPTIONS), name ?? generatedName()).configure(options);
  }

  /** A shared list; without a name, a new one. No round trip. */
  list<V = unknown>(name?: string, options: ValuesOptions<V> = {}): SharedList<V> {
    return new SharedList<V>(this.#homeOf(options, VALUES_OPTIONS), name ?? generatedName()).configure(options);
  }

  /** A shared set; without a name, a new one. No round trip. */
  set<V = unknown>(name?: string, options: ValuesOptions<V> = {}): SharedSet<V> {
    return new SharedSet<V>(this.#homeOf(options, VALUES_OPTIONS), name ?? generatedName()).configure(options);
  }

  /**
   * A shared array of numbers; without a name, a new one. No round trip.
   * @param type of all its elements; a number that it does not have is an error, never a wrap
   * @param init what it holds if it does not exist yet: how many zeros, or which elements. It has that length for good
   * @throws OutOfRangeError, InvalidArgumentError where an element is none of its type, or the length is none
   */
  array<T extends Typecode>(name: string | undefined, type: T, init: number | ElementsOf<T>, options: ObjectOptions = {}): SharedArray<T> {
    return new SharedArray<T>(this.#homeOf(options, OBJECT_OPTIONS), name ?? generatedName(), { type, init }).configure(options);
  }

  /** A shared queue; without a name, a new one. No round trip. */
  queue<V = unknown>(name?: string, options: QueueOptions<V> = {}): SharedQueue<V> {
    return new SharedQueue<V>(this.#homeOf(options, QUEUE_OPTIONS), name ?? generatedName(), options).configure(options);
  }

  /**
   * A shared value; without a name, a new one. No round trip.
   * @param initial what it holds if it does not exist yet
   * @throws OutOfRangeError, InvalidArgumentError where the initial value is none of its type; SchemaError
   * where a schema refuses it
   */
  value<T>(name: string | undefined, initial: NoInfer<T>, options: ValueOptions<T> & { schema: Schema<T> }): SharedValue<T>;
  value<T>(name: string | undefined, initial: T, options?: ValueOptions<T>): SharedValue<T>;
  value<T>(name: string | undefined, initial: T, options: ValueOptions<T> = {}): SharedValue<T> {
    return new SharedValue<T>(this.#homeOf(options, VALUE_OPTIONS), name ?? generatedName(), { value: initial }, options).configure(
      options,
    );
  }

  /**
   * A shared namespace; without a name, a new one. No round trip.
   * @param initial what it holds if it does not exist yet
   * @throws InvalidArgumentError where an initial value cannot travel
   */
  namespace<T extends object = Record<string, unknown>>(name?: string, initial?: Partial<T>, options: ObjectOptions = {}): Namespace<T> {
    return new Namespace<T>(this.#homeOf(options, OBJECT_OPTIONS), name ?? generatedName(), initial).configure(options);
  }

  /**
   * The two ends of a pipe; without a name, of a new one. No round trip. With `duplex: false` the first
   * only receives and the second only sends, as in Python. Each end belongs to the first session that
   * uses it: see {@link PipeEnd}.
   * @typeParam A what the first end sends
   * @typeParam B what the second end sends; the same, if left out. A one-way pipe has one type for its messages
   * @throws InvalidArgumentError for a capacity that is no whole number
   */
  pipe<M = unknown>(name: string | undefined, options: PipeOptions<M> & { duplex: false }): [PipeReceiver<M>, PipeSender<M>];
  pipe<A = unknown, B = A>(name?: string, options?: PipeOptions<A | B> & { duplex?: true | undefined }): [PipeEnd<A, B>, PipeEnd<B, A>];
  pipe<A, B>(name = generatedName(), options: PipeOptions<A | B> = {}): [PipeEnd<A, B>, PipeEnd<B, A>] {
    return [
      new PipeEnd<A, B>(this.#homeOf(options, PIPE_OPTIONS), name, 0, options).configure(options),
      new PipeEnd<B, A>(this.#homeOf(options, PIPE_OPTIONS), name, 1, options).configure(options),
    ];
  }

  /** A shared lock; without a name, a new one. No round trip. */
  lock(name?: string, options: ObjectOptions = {}): Lock {
    return new Lock(this.#homeOf(options, OBJECT_OPTIONS), name ?? generatedName()).configure(options);
  }

  /** A shared lock that its owner may take again; without a name, a new one. No round trip. */
  rlock(name?: string, options: ObjectOptions = {}): RLock {
    return new RLock(this.#homeOf(options, OBJECT_OPTIONS), name ?? generatedName()).configure(options);
  }

  /**
   * A shared condition; without a name, a new one. No round trip.
   * @param lock what its waiters give up and take back. Default: a re-entrant lock of its own, as in
   * Python, or the one it has if it exists
   * @throws InvalidArgumentError where that is no lock
   */
  condition(name?: string, lock?: Lock | RLock, options: ObjectOptions = {}): Condition {
    return new Condition(this.#homeOf(options, OBJECT_OPTIONS), name ?? generatedName(), lock).configure(options);
  }

  /**
   * A new owner for acquisitions of this client, given as `{ owner }` in their options: what it holds
   * it can re-enter, and what it holds it does not wait for. No round trip.
   * @param label for people: shown wherever holders are
   */
  owner(label?: string): OwnerToken {
    return new OwnerToken(this.context.transport, label);
  }

  /** A batch of operations on several objects, all or nothing. No round trip before its `commit`. */
  atomic(): AtomicBatch {
    return new AtomicBatch(this.context);
  }

  /**
   * A shared semaphore; without a name, a new one. No round trip.
   * @param permits how many it begins with, 0 or more
   * @throws InvalidArgumentError where that is no whole number
   */
  semaphore(name: string | undefined, permits: number, options: ObjectOptions = {}): Semaphore {
    return new Semaphore(this.#homeOf(options, OBJECT_OPTIONS), name ?? generatedName(), { permits, bounded: false }).configure(options);
  }

  /**
   * A shared semaphore that never has more permits than it begins with; otherwise as
   * {@link semaphore}.
   */
  boundedSemaphore(name: string | undefined, permits: number, options: ObjectOptions = {}): BoundedSemaphore {
    return new BoundedSemaphore(this.#homeOf(options, OBJECT_OPTIONS), name ?? generatedName(), permits).configure(options);
  }

  /** A shared event; without a name, a new one. No round trip. */
  event(name?: string, options: ObjectOptions = {}): Event {
    return new Event(this.#homeOf(options, OBJECT_OPTIONS), name ?? generatedName()).configure(options);
  }

  /**
   * A shared barrier; without a name, a new one. No round trip.
   * @param parties how many wait for each other, 1 or more
   * @throws InvalidArgumentError where that is no whole number, or the timeout is negative or NaN
   */
  barrier(name: string | undefined, parties: number, options: BarrierOptions = {}): Barrier {
    return new Barrier(this.#homeOf(options, BARRIER_OPTIONS), name ?? generatedName(), parties, options).configure(options);
  }

  /**
   * An object of a registered type; without a name, a new one. No round trip.
   * @typeParam T the class, as of `import type { Account } from '../account.js'`
   * @param type name under which the class is registered with the manager
   * @param constructorArguments of its constructor, which runs if the object does not exist yet
   * @throws InvalidArgumentError for arguments that cannot travel
   */
  object<T = unknown>(type: string, name?: string, ...constructorArguments: unknown[]): RemoteObject<T> {
    return remoteObject<T>(this.context, name ?? generatedName(), { type, args: constructorArguments });
  }

  /**
   * The proxy that a reference stands for. No round trip to wait for; an object without a name is claimed
   * for this client, and stays while it does.
   * @throws InvalidArgumentError for a kind this version does not know
   */
  open(reference: Reference): ReturnType<typeof proxyOf> {
    const proxy = proxyOf(this.context, reference);
    if (isAnonymous(reference.name)) {
      this.context.preparing(this.context.transport.call(ManagerService.methods.claim, { name: reference.name }, nothing));
    }
    return proxy;
  }
}
