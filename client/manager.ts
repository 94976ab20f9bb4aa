import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { setEnvironmentData } from 'node:worker_threads';
import type { ElementsOf } from '../proto/codec/elements.js';
import type { Reference } from '../proto/codec/reference.js';
import type { Typecode } from '../proto/codec/typecode.js';
import { ClosedError, SessionExpiredError, type ManagerError } from '../proto/errors.js';
import { ManagerService } from '../proto/gen/commonhold/v1/manager_wire.js';
import type { Key } from '../proto/wire/values.js';
import { SharedArray } from './array.js';
import { AtomicBatch } from './atomic.js';
import { Barrier, type BarrierOptions } from './barrier.js';
import { SharedDict } from './dict.js';
import type { DictOptions } from './dict-options.js';
import { embedDaemon, type EmbedOptions } from './embed.js';
import { Event } from './event.js';
import { lockInfo, type LockInfo, type WaitForGraph } from './graph.js';
import { infoOf, type ManagerStats, type ObjectInfo } from './info.js';
import { SharedList } from './list.js';
import { Lock } from './lock.js';
import { RLock } from './rlock.js';
import { Condition } from './condition.js';
import type { ObjectOptions, ValuesOptions } from './object-options.js';
import { Owners, OwnerToken } from './owner.js';
import { resolveConnect, tokenKey, type ConnectOptions } from './options.js';
import { Namespace } from './namespace.js';
import { PipeEnd, type PipeOptions, type PipeReceiver, type PipeSender } from './pipe.js';
import { remoteObject } from './object.js';
import { SharedQueue } from './queue.js';
import type { QueueOptions } from './queue-options.js';
import { proxyOf } from './registry.js';
import type { RemoteObject } from './remote.js';
import { BoundedSemaphore, Semaphore } from './semaphore.js';
import { SharedSet } from './set.js';
import { startDaemon, type Daemon, type StartOptions } from './start.js';
import { asItIs, nothing, type Home, type Kind } from './structure.js';
import type { Schema } from './schema.js';
import { SessionTransport } from './transport/session.js';
import type { Transport } from './transport/transport.js';
import { isUnnamed, Stakes } from './unnamed.js';
import { SharedValue, type ValueOptions } from './value.js';
import { warningOf, type ManagerWarning } from './warning.js';
import { WorkerFactory } from './workers/factory.js';
import type { ArgumentsOf, ResultOf, WorkerHandle, WorkerModule } from './workers/handle.js';
import type { WorkerOptions } from './workers/options.js';
import { Pool } from './workers/pool.js';
import type { PoolParameters } from './workers/pool-options.js';

/** What a manager's connection tells. */
export interface ManagerEvents {
  /** The session was lost, and with it all it held. The next call opens a new one. */
  expired: [reason: ManagerError];
  /** A new session is open after one was lost. */
  resumed: [];
  /** No call failed, but something is not as it should be. */
  warning: [warning: ManagerWarning];
}

/**
 * A handle on a manager, which holds shared objects for many processes. `await using` closes it.
 * An idle handle does not keep the program alive; an unanswered call does.
 */
export class Manager implements AsyncDisposable {
  readonly #transport: Transport;
  readonly #daemon: Daemon | undefined;
  readonly #home: Home;
  readonly #emitter = new EventEmitter();
  readonly #preparing = new Set<Promise<unknown>>();
  readonly #workers = new Set<WorkerHandle<unknown>>();
  #closed = false;
  /** Secret of the manager; not enumerable, so that logging a manager does not show it. */
  declare readonly token: string | undefined;

  /** @internal */
  constructor(transport: Transport, token?: string, daemon?: Daemon, owner: 'acquisition' | 'session' = 'acquisition') {
    this.#transport = transport;
    this.#daemon = daemon;
    Object.defineProperty(this, 'token', { value: token, enumerable: false });
    transport.onWarning((received) => {
      const warning = warningOf(received);
      if (warning) this.#emitter.emit('warning', warning);
    });
    this.#home = {
      transport,
      freeze: process.env['NODE_ENV'] !== 'production',
      owners: new Owners(transport, owner === 'session'),
      stakes: new Stakes((name) => this.#dismiss(name)),
      open: (reference) => proxyOf(this.#home, reference),
      preparing: (call) => this.#prepare(call),
    };
  }

  /**
   * Starts a manager process of our own and connects to it. It ends with this program, however that ends.
   * @throws ManagerUnavailableError when it does not start; InvalidArgumentError for a wrong option, or a
   * module that cannot be registered
   */
  static async start(options: StartOptions = {}): Promise<Manager> {
    return Manager.#own(await startDaemon(options), options);
  }

  /**
   * Starts a manager on a thread of this program and connects to it; otherwise as {@link start}. Other
   * programs can connect to it too, and this program keeping its own thread busy holds none of them up.
   * It starts sooner than a process. A program that is killed leaves the directory of its socket behind.
   * @throws as {@link start}
   */
  static async embed(options: EmbedOptions = {}): Promise<Manager> {
    return Manager.#own(await embedDaemon(options), options);
  }

  static async #own(daemon: Daemon, options: StartOptions): Promise<Manager> {
    try {
      return await Manager.#open(daemon.addresses, { ...options, reconnect: false }, daemon);
    } catch (error) {
      await daemon.stop();
      throw error;
    }
  }

  /**
   * Connects to a running manager.
   * @param address `HOST:PORT` or `unix:PATH`, or several to try in order. Default: COMMONHOLD_ADDRESS,
   * then the socket on which this user's manager listens.
   * @throws ManagerUnavailableError when nobody answers there; UnauthenticatedError for a wrong token
   */
  static connect(address?: string | readonly string[], options: ConnectOptions = {}): Promise<Manager> {
    return Manager.#open(address, options);
  }

  static async #open(address: string | readonly string[] | undefined, options: ConnectOptions, daemon?: Daemon): Promise<Manager> {
    const manager = Manager.lazy(address, options, daemon);
    await (manager.#transport as SessionTransport).connect();
    return manager;
  }

  /** @internal A manager that connects with its first call. */
  static lazy(address: string | readonly string[] | undefined, options: ConnectOptions = {}, daemon?: Daemon): Manager {
    const resolved = resolveConnect(address, options);
    const transport: SessionTransport = new SessionTransport(resolved.addresses, resolved.options, {
      connected: (first) => {
        if (!first) manager.#emitter.emit('resumed');
      },
      expired: (reason) => manager.#emitter.emit('expired', reason),
    });
    const manager: Manager = new Manager(transport, resolved.options.token, daemon, resolved.owner);
    // Threads of this program find the token by the address that references carry.
    if (manager.token !== undefined) setEnvironmentData(tokenKey(transport.address), manager.token);
    return manager;
  }

  /** Address of the manager, to hand to other programs. */
  get address(): string {
    return this.#transport.address;
  }

  /** Process id of the manager that {@link start} made; undefined of one on a thread of this program. */
  get daemonPid(): number | undefined {
    return this.#daemon?.pid;
  }

  /** Identity of this client with the manager. */
  get sessionId(): string {
    return this.#transport.sessionId;
  }

  get state(): 'connected' | 'reconnecting' | 'expired' | 'closed' {
    if (this.#closed) return 'closed';
    if (!(this.#transport instanceof SessionTransport) || this.#transport.connected) return 'connected';
    return this.#transport.reconnecting ? 'reconnecting' : 'expired';
  }

  /** A shared dict; without a name, a new one. No round trip. */
  dict<K extends Key = Key, V = unknown>(name?: string, options: DictOptions<V> = {}): SharedDict<K, V> {
    return new SharedDict<K, V>(this.#home, name ?? unnamed()).configure(options);
  }

  /** A shared list; without a name, a new one. No round trip. */
  list<V = unknown>(name?: string, options: ValuesOptions<V> = {}): SharedList<V> {
    return new SharedList<V>(this.#home, name ?? unnamed()).configure(options);
  }

  /** A shared set; without a name, a new one. No round trip. */
  set<V = unknown>(name?: string, options: ValuesOptions<V> = {}): SharedSet<V> {
    return new SharedSet<V>(this.#home, name ?? unnamed()).configure(options);
  }

  /**
   * A shared array of numbers; without a name, a new one. No round trip.
   * @param type of all its elements; a number that it does not have is an error, never a wrap
   * @param init what it holds if it does not exist yet: how many zeros, or which elements. It has that length for good
   * @throws OutOfRangeError, InvalidArgumentError where an element is none of its type, or the length is none
   */
  array<T extends Typecode>(name: string | undefined, type: T, init: number | ElementsOf<T>, options: ObjectOptions = {}): SharedArray<T> {
    return new SharedArray<T>(this.#home, name ?? unnamed(), { type, init }).configure(options);
  }

  /** A shared queue; without a name, a new one. No round trip. */
  queue<V = unknown>(name?: string, options: QueueOptions<V> = {}): SharedQueue<V> {
    return new SharedQueue<V>(this.#home, name ?? unnamed(), options).configure(options);
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
    return new SharedValue<T>(this.#home, name ?? unnamed(), { value: initial }, options).configure(options);
  }

  /**
   * A shared namespace; without a name, a new one. No round trip.
   * @param initial what it holds if it does not exist yet
   * @throws InvalidArgumentError where an initial value cannot travel
   */
  namespace<T extends object = Record<string, unknown>>(name?: string, initial?: Partial<T>, options: ObjectOptions = {}): Namespace<T> {
    return new Namespace<T>(this.#home, name ?? unnamed(), initial).configure(options);
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
  pipe<A, B>(name = unnamed(), options: PipeOptions<A | B> = {}): [PipeEnd<A, B>, PipeEnd<B, A>] {
    return [
      new PipeEnd<A, B>(this.#home, name, 0, options).configure(options),
      new PipeEnd<B, A>(this.#home, name, 1, options).configure(options),
    ];
  }

  /** A shared lock; without a name, a new one. No round trip. */
  lock(name?: string, options: ObjectOptions = {}): Lock {
    return new Lock(this.#home, name ?? unnamed()).configure(options);
  }

  /** A shared lock that its owner may take again; without a name, a new one. No round trip. */
  rlock(name?: string, options: ObjectOptions = {}): RLock {
    return new RLock(this.#home, name ?? unnamed()).configure(options);
  }

  /**
   * A shared condition; without a name, a new one. No round trip.
   * @param lock what its waiters give up and take back. Default: a re-entrant lock of its own, as in
   * Python, or the one it has if it exists
   * @throws InvalidArgumentError where that is no lock
   */
  condition(name?: string, lock?: Lock | RLock, options: ObjectOptions = {}): Condition {
    return new Condition(this.#home, name ?? unnamed(), lock).configure(options);
  }

  /**
   * A new owner for acquisitions of this client, given as `{ owner }` in their options: what it holds
   * it can re-enter, and what it holds it does not wait for. No round trip.
   * @param label for people: shown wherever holders are
   */
  owner(label?: string): OwnerToken {
    return new OwnerToken(this.#transport, label);
  }

  /** A batch of operations on several objects, all or nothing. No round trip before its `commit`. */
  atomic(): AtomicBatch {
    return new AtomicBatch(this.#home);
  }

  /**
   * A shared semaphore; without a name, a new one. No round trip.
   * @param permits how many it begins with, 0 or more
   * @throws InvalidArgumentError where that is no whole number
   */
  semaphore(name: string | undefined, permits: number, options: ObjectOptions = {}): Semaphore {
    return new Semaphore(this.#home, name ?? unnamed(), { permits, bounded: false }).configure(options);
  }

  /**
   * A shared semaphore that never has more permits than it begins with; otherwise as
   * {@link semaphore}.
   */
  boundedSemaphore(name: string | undefined, permits: number, options: ObjectOptions = {}): BoundedSemaphore {
    return new BoundedSemaphore(this.#home, name ?? unnamed(), permits).configure(options);
  }

  /** A shared event; without a name, a new one. No round trip. */
  event(name?: string, options: ObjectOptions = {}): Event {
    return new Event(this.#home, name ?? unnamed()).configure(options);
  }

  /**
   * A shared barrier; without a name, a new one. No round trip.
   * @param parties how many wait for each other, 1 or more
   * @throws InvalidArgumentError where that is no whole number, or the timeout is negative or NaN
   */
  barrier(name: string | undefined, parties: number, options: BarrierOptions = {}): Barrier {
    return new Barrier(this.#home, name ?? unnamed(), parties, options).configure(options);
  }

  /**
   * An object of a registered type; without a name, a new one. No round trip.
   * @typeParam T the class, as of `import type { Account } from './account.js'`
   * @param type name under which the class is registered with the manager
   * @param constructorArguments of its constructor, which runs if the object does not exist yet
   * @throws InvalidArgumentError for arguments that cannot travel
   */
  object<T = unknown>(type: string, name?: string, ...constructorArguments: unknown[]): RemoteObject<T> {
    return remoteObject<T>(this.#home, name ?? unnamed(), { type, args: constructorArguments });
  }

  /**
   * The proxy that a reference stands for. No round trip to wait for; an object without a name is claimed
   * for this client, and stays while it does.
   * @throws InvalidArgumentError for a kind this version does not know
   */
  open(reference: Reference): ReturnType<typeof proxyOf> {
    const proxy = proxyOf(this.#home, reference);
    if (isUnnamed(reference.name)) {
      this.#prepare(this.#transport.call(ManagerService.methods.claim, { name: reference.name }, nothing));
    }
    return proxy;
  }

  /**
   * Runs the default export of a module in a child process. Arguments and result are copied, proxies
   * arrive as working proxies; the child connects by itself.
   * @param module an absolute file URL, as of `new URL('./worker.js', import.meta.url)`, or a path
   */
  fork<M extends WorkerModule>(module: URL | string, ...args: ArgumentsOf<M>): WorkerHandle<ResultOf<M>> {
    return this.worker().fork<M>(module, ...args);
  }

  /** Runs the default export of a module in a worker thread; otherwise as {@link fork}. */
  thread<M extends WorkerModule>(module: URL | string, ...args: ArgumentsOf<M>): WorkerHandle<ResultOf<M>> {
    return this.worker().thread<M>(module, ...args);
  }

  /** `fork` and `thread` with options: `manager.worker({ daemonic: true }).fork(module, ...args)`. */
  worker(options: WorkerOptions = {}): WorkerFactory {
    return new WorkerFactory(this, this.#workers, options);
  }

  /** The workers that `fork` and `thread` of this handle started and that run, first the oldest. */
  activeWorkers(): WorkerHandle<unknown>[] {
    return [...this.#workers];
  }

  /**
   * Starts workers that call the default export of a module as often as they are asked to: by default
   * child processes, as many as this machine runs at once. Close it before the manager.
   * @param module as of {@link fork}; the module may also export `initialize(...args)`, which each worker runs first
   * @throws InvalidArgumentError for a wrong option. Where the module is not there or throws, the calls fail
   */
  pool<M extends WorkerModule>(module: URL | string, ...[options]: PoolParameters<M>): Pool<M> {
    return new Pool<M>(this, module, options ?? {});
  }

  /** The objects of the manager, in the order of their names; a round trip for each 1,000. */
  async *objects(filter: { kind?: Kind; match?: string } = {}): AsyncGenerator<ObjectInfo, void, undefined> {
    let pageToken = '';
    do {
      const request = { kind: filter.kind ?? '', match: filter.match ?? '', pageToken, pageSize: 0 };
      const page = await this.#transport.call(ManagerService.methods.listObjects, request, asItIs);
      yield* page.objects.map(infoOf);
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
  }

  /** Counts over the whole manager. One round trip. */
  async stats(): Promise<ManagerStats> {
    const { uptimeMs, residentBytes, heapBytes, ...counts } = await this.#transport.call(ManagerService.methods.stats, {}, asItIs);
    return { ...counts, uptime: uptimeMs, memory: { resident: residentBytes, heap: heapBytes } };
  }

  /**
   * Who holds what, and who waits for it. A round trip for each 1,000 holders and waiters; what one
   * round trip brings is one picture.
   */
  async locks(): Promise<WaitForGraph> {
    const locks: LockInfo[] = [];
    let pageToken = '';
    do {
      const page = await this.#transport.call(ManagerService.methods.locks, { match: '', pageToken, pageSize: 0 }, asItIs);
      locks.push(...page.locks.map(lockInfo));
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    return { locks };
  }

  on<E extends keyof ManagerEvents>(event: E, listener: (...args: ManagerEvents[E]) => void): this {
    this.#emitter.on(event, listener as (...args: unknown[]) => void);
    return this;
  }

  off<E extends keyof ManagerEvents>(event: E, listener: (...args: ManagerEvents[E]) => void): this {
    this.#emitter.off(event, listener as (...args: unknown[]) => void);
    return this;
  }

  /**
   * Ends this session, which releases all it holds, and the manager itself if {@link start} or
   * {@link embed} made it.
   * Calls without an answer reject with ClosedError.
   */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#transport.close();
    await this.#daemon?.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** @internal Resolves when all objects that references were made of are there for others. */
  async prepared(): Promise<void> {
    await Promise.all(this.#preparing);
  }

  /** Tells the manager, where it knows of this client, that an unnamed object is no longer needed here. */
  async #dismiss(name: string): Promise<void> {
    if (!this.#transport.connected) return;
    try {
      await this.#transport.call(ManagerService.methods.dismiss, { name }, nothing);
    } catch (error) {
      // With its session ends all that it refers to.
      if (!(error instanceof SessionExpiredError || error instanceof ClosedError)) throw error;
    }
  }

  #prepare(call: Promise<unknown>): void {
    this.#preparing.add(call);
    // Its failure is that of the first operation on the object, or of whoever awaits prepared().
    call.catch(() => {}).finally(() => this.#preparing.delete(call));
  }
}

/** Generated names begin with a tilde. */
function unnamed(): string {
  return `~${randomUUID()}`;
}
