import { randomUUID } from 'node:crypto';
import type { ElementsOf } from '../../proto/codec/elements.js';
import type { Reference } from '../../proto/codec/reference.js';
import type { Typecode } from '../../proto/codec/typecode.js';
import { InvalidArgumentError } from '../../proto/errors.js';
import { ManagerService } from '../../proto/gen/commonhold/v1/manager_wire.js';
import type { Kind } from '../../proto/gen/commonhold/v1/services_wire.js';
import { quoted } from '../../proto/given.js';
import { anonymousName, isAnonymous } from '../../proto/name.js';
import type { Key } from '../../proto/wire/values.js';
import { SharedArray } from './array.js';
import { AtomicBatch } from './atomic.js';
import { Barrier, BARRIER_OPTIONS, type BarrierOptions } from '../locking/barrier.js';
import { Condition } from '../locking/condition.js';
import { SharedDict } from './dict.js';
import { DICT_OPTIONS, type DictOptions } from './dict-options.js';
import { Event } from './event.js';
import { SharedList } from './list.js';
import { Lock } from '../locking/lock.js';
import { Namespace } from './namespace.js';
import { remoteObject } from './object.js';
import { checkOptions, type OptionNames } from '../../proto/known-options.js';
import { OBJECT_OPTIONS, VALUES_OPTIONS, type ObjectOptions, type ValuesOptions } from './object-options.js';
import { OwnerToken } from '../locking/owner.js';
import { PipeEnd, PIPE_OPTIONS, type PipeOptions, type PipeReceiver, type PipeSender } from './pipe.js';
import { SharedQueue } from './queue/queue.js';
import { QUEUE_OPTIONS, type QueueOptions } from './queue/queue-options.js';
import { proxyOf } from './registry.js';
import type { RemoteObject } from './remote.js';
import { RLock } from '../locking/rlock.js';
import { RWLock } from '../locking/rwlock.js';
import type { Schema } from './schema.js';
import { BoundedSemaphore, Semaphore } from '../locking/semaphore.js';
import { SharedSet } from './set.js';
import { nothing, type ProxyContext } from './object-proxy.js';
import { SharedValue, VALUE_OPTIONS, type ValueOptions } from './value.js';

/** One method per kind. A kind of the contract without one does not compile. */
type FactoryMethods = Readonly<Record<Kind, (...options: never[]) => object>>;

/** Creates proxies of shared objects of every kind, for any home. Creating a proxy needs no round trip. */
export abstract class Factories implements FactoryMethods {
  /** A getter, so that logging a manager does not show it. */
  protected abstract get context(): ProxyContext;

  /** Returns the context of the home that the options select. @throws InvalidArgumentError for invalid options */
  protected abstract homeOf(options: ObjectOptions): ProxyContext;

  /** As {@link homeOf}, after checking the names of the options. */
  #homeOf(options: ObjectOptions, known: OptionNames<ObjectOptions>): ProxyContext {
    checkOptions(options, known);
    return this.homeOf(options);
  }

  /**
   * Returns a shared dict; without a name, a new one. No round trip.
   * @throws InvalidArgumentError if `maxEntries` is not a whole number above 0
   */
  dict<K extends Key = Key, V = unknown>(name?: string, options: DictOptions<V> = {}): SharedDict<K, V> {
    return new SharedDict<K, V>(this.#homeOf(options, DICT_OPTIONS), name ?? generatedName(), options).configure(options);
  }

  /** Returns a shared list; without a name, a new one. No round trip. */
  list<V = unknown>(name?: string, options: ValuesOptions<V> = {}): SharedList<V> {
    return new SharedList<V>(this.#homeOf(options, VALUES_OPTIONS), name ?? generatedName()).configure(options);
  }

  /** Returns a shared set; without a name, a new one. No round trip. */
  set<V = unknown>(name?: string, options: ValuesOptions<V> = {}): SharedSet<V> {
    return new SharedSet<V>(this.#homeOf(options, VALUES_OPTIONS), name ?? generatedName()).configure(options);
  }

  /**
   * Returns a shared array of numbers; without a name, a new one. No round trip.
   * @param type type of all elements; a number outside of its range is an error and never wraps
   * @param init content if the array does not exist yet: the number of zeros, or the elements. Its length is fixed
   * @throws OutOfRangeError, InvalidArgumentError if an element is not of the type, or the length is invalid
   */
  array<T extends Typecode>(name: string | undefined, type: T, init: number | ElementsOf<T>, options: ObjectOptions = {}): SharedArray<T> {
    return new SharedArray<T>(this.#homeOf(options, OBJECT_OPTIONS), name ?? generatedName(), { type, init }).configure(options);
  }

  /** Returns a shared queue; without a name, a new one. No round trip. */
  queue<V = unknown>(name?: string, options: QueueOptions<V> = {}): SharedQueue<V> {
    return new SharedQueue<V>(this.#homeOf(options, QUEUE_OPTIONS), name ?? generatedName(), options).configure(options);
  }

  /**
   * Returns a shared value; without a name, a new one. No round trip.
   * @param initial value if it does not exist yet
   * @throws OutOfRangeError, InvalidArgumentError if the initial value is not of its type; SchemaError if the schema refuses it
   */
  value<T>(name: string | undefined, initial: NoInfer<T>, options: ValueOptions<T> & { schema: Schema<T> }): SharedValue<T>;
  value<T>(name: string | undefined, initial: T, options?: ValueOptions<T>): SharedValue<T>;
  value<T>(name: string | undefined, initial: T, options: ValueOptions<T> = {}): SharedValue<T> {
    return new SharedValue<T>(this.#homeOf(options, VALUE_OPTIONS), name ?? generatedName(), { value: initial }, options).configure(
      options,
    );
  }

  /**
   * Returns a shared namespace; without a name, a new one. No round trip.
   * @param initial properties if it does not exist yet
   * @throws InvalidArgumentError if an initial value cannot be sent
   */
  namespace<T extends object = Record<string, unknown>>(name?: string, initial?: Partial<T>, options: ObjectOptions = {}): Namespace<T> {
    return new Namespace<T>(this.#homeOf(options, OBJECT_OPTIONS), name ?? generatedName(), initial).configure(options);
  }

  /**
   * Returns the two ends of a pipe; without a name, of a new one. No round trip. With `duplex: false` the first only receives and the
   * second only sends, as in Python. Each end belongs to the first session that uses it: see {@link PipeEnd}.
   * @typeParam A messages that the first end sends
   * @typeParam B messages that the second end sends; by default the same. A one-way pipe has one type of messages
   * @throws InvalidArgumentError if the capacity is not a whole number
   */
  pipe<M = unknown>(name: string | undefined, options: PipeOptions<M> & { duplex: false }): [PipeReceiver<M>, PipeSender<M>];
  pipe<A = unknown, B = A>(name?: string, options?: PipeOptions<A | B> & { duplex?: true | undefined }): [PipeEnd<A, B>, PipeEnd<B, A>];
  pipe<A, B>(name = generatedName(), options: PipeOptions<A | B> = {}): [PipeEnd<A, B>, PipeEnd<B, A>] {
    return [
      new PipeEnd<A, B>(this.#homeOf(options, PIPE_OPTIONS), name, 0, options).configure(options),
      new PipeEnd<B, A>(this.#homeOf(options, PIPE_OPTIONS), name, 1, options).configure(options),
    ];
  }

  /** Returns a shared lock; without a name, a new one. No round trip. */
  lock(name?: string, options: ObjectOptions = {}): Lock {
    return new Lock(this.#homeOf(options, OBJECT_OPTIONS), name ?? generatedName()).configure(options);
  }

  /** Returns a shared lock that its owner may acquire again; without a name, a new one. No round trip. */
  rlock(name?: string, options: ObjectOptions = {}): RLock {
    return new RLock(this.#homeOf(options, OBJECT_OPTIONS), name ?? generatedName()).configure(options);
  }

  /** Returns a shared lock for many readers or one writer; without a name, a new one. No round trip. */
  rwlock(name?: string, options: ObjectOptions = {}): RWLock {
    return new RWLock(this.#homeOf(options, OBJECT_OPTIONS), name ?? generatedName()).configure(options);
  }

  /**
   * Returns a shared condition; without a name, a new one. No round trip.
   * @param lock the lock that waits release and take back. Default: the lock of the existing condition, or a re-entrant lock of its own, as
   * in Python
   * @throws InvalidArgumentError if `lock` is not a lock
   */
  condition(name?: string, lock?: Lock | RLock, options: ObjectOptions = {}): Condition {
    return new Condition(this.#homeOf(options, OBJECT_OPTIONS), name ?? generatedName(), lock).configure(options);
  }

  /**
   * Returns a new owner for acquisitions of this client, to be given as their option `owner`: it re-enters locks that it holds, and does
   * not wait for itself. No round trip.
   * @param label label for diagnostics, shown with its holds
   */
  owner(label?: string): OwnerToken {
    if (label !== undefined && typeof label !== 'string') throw new InvalidArgumentError(`label is ${quoted(label)}: give a text`);
    return new OwnerToken(this.context.transport, label);
  }

  /** Returns a batch of operations on several objects, which is applied all or none. No round trip before its `commit`. */
  atomic(): AtomicBatch {
    return new AtomicBatch(this.context);
  }

  /**
   * Returns a shared semaphore; without a name, a new one. No round trip.
   * @param permits initial number of permits, 0 or more
   * @throws InvalidArgumentError if `permits` is not a whole number
   */
  semaphore(name: string | undefined, permits: number, options: ObjectOptions = {}): Semaphore {
    return new Semaphore(this.#homeOf(options, OBJECT_OPTIONS), name ?? generatedName(), { permits, bounded: false }).configure(options);
  }

  /** Returns a shared semaphore that never has more than its initial number of permits; otherwise as {@link semaphore}. */
  boundedSemaphore(name: string | undefined, permits: number, options: ObjectOptions = {}): BoundedSemaphore {
    return new BoundedSemaphore(this.#homeOf(options, OBJECT_OPTIONS), name ?? generatedName(), permits).configure(options);
  }

  /** Returns a shared event; without a name, a new one. No round trip. */
  event(name?: string, options: ObjectOptions = {}): Event {
    return new Event(this.#homeOf(options, OBJECT_OPTIONS), name ?? generatedName()).configure(options);
  }

  /**
   * Returns a shared barrier; without a name, a new one. No round trip.
   * @param parties number of parties that wait for each other, 1 or more
   * @throws InvalidArgumentError if `parties` is not a whole number, or the timeout is negative or NaN
   */
  barrier(name: string | undefined, parties: number, options: BarrierOptions = {}): Barrier {
    return new Barrier(this.#homeOf(options, BARRIER_OPTIONS), name ?? generatedName(), parties, options).configure(options);
  }

  /**
   * Returns an object of a registered type; without a name, a new one. No round trip.
   * @typeParam T the class, imported as a type: `import type { Account } from '../account.js'`
   * @param type name under which the class is registered with the manager
   * @param constructorArguments arguments of its constructor, which runs if the object does not exist yet
   * @throws InvalidArgumentError for arguments that cannot be sent
   */
  object<T = unknown>(type: string, name?: string, ...constructorArguments: unknown[]): RemoteObject<T> {
    return remoteObject<T>(this.context, name ?? generatedName(), { type, args: constructorArguments });
  }

  /**
   * Returns the proxy that a reference stands for. Does not wait for a round trip; an anonymous object is claimed for this client in the
   * background, which keeps it alive.
   * @throws InvalidArgumentError for a kind that this version does not know
   */
  open(reference: Reference): ReturnType<typeof proxyOf> {
    const proxy = proxyOf(this.context, reference);
    if (isAnonymous(reference.name)) {
      this.context.preparing(this.context.transport.call(ManagerService.methods.claim, { name: reference.name }, nothing));
    }
    return proxy;
  }
}

/** Returns a unique name for an anonymous object. */
function generatedName(): string {
  return anonymousName(randomUUID());
}
