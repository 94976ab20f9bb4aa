import { inspect } from 'node:util';
import { ClosedError, type ManagerError } from '../../proto/errors.js';
import { ManagerService } from '../../proto/gen/commonhold/v1/manager_wire.js';
import { homeAt, localAt, localProxy, type LocalClient } from '../shared/arenas.js';
import { passedOn } from '../call-site.js';
import { Client } from './client.js';
import { embedDaemon, type EmbedOptions } from './embed.js';
import { Factories } from '../objects/factories.js';
import { lockInfo, type LockInfo, type WaitForGraph } from '../locking/graph.js';
import { infoOf, sessionOf, slowCallOf, type ManagerStats, type ObjectInfo, type SessionInfo, type SlowCall } from './info.js';
import { atHome, type ObjectOptions } from '../objects/object-options.js';
import { checkOptions, type OptionNames } from '../../proto/known-options.js';
import { CONNECT_OPTIONS, passOn, resolveConnect, tokenFor, tracerOf, type ConnectOptions } from './options.js';
import { proxyOf } from '../objects/registry.js';
import { shown } from '../shown.js';
import { Listeners } from '../listeners.js';
import { GRACE_MS, startDaemon, type Daemon, type StartOptions } from './start.js';
import type { Reference } from '../../proto/codec/reference.js';
import type { Kind } from '../../proto/gen/commonhold/v1/services_wire.js';
import type { Frozen } from '../objects/frozen.js';
import { asItIs, attempt, type ProxyContext } from '../objects/object-proxy.js';
import { checkedPlacing, type ItemOptions } from '../objects/queue/put-options.js';
import type { SharedQueue } from '../objects/queue/queue.js';
import { Schedule, SCHEDULES } from '../schedules/schedule.js';
import { ticksOf, type ScheduleRule } from '../schedules/ticks.js';
import { SessionTransport } from './transport/session.js';
import type { Credentials } from './transport/credentials.js';
import type { Transport } from './transport/transport.js';
import type { Telemetry } from './telemetry.js';
import { SelfWaitReports, warningOf, type ManagerWarning } from './warning.js';
import { WorkerFactory } from '../workers/factory.js';
import type { ArgumentsOf, ResultOf, WorkerHandle, WorkerModule } from '../workers/handle.js';
import type { WorkerOptions } from '../workers/options.js';
import { Pool } from '../workers/pool/pool.js';
import type { PoolParameters } from '../workers/pool/options.js';
import { validReference } from '../objects/arguments.js';

/** Events of a manager's connection. */
export interface ManagerEvents {
  /**
   * The manager does not respond: the connection broke, or it is open, but the manager, perhaps stopped or busy, has been silent for about
   * four seconds while a call was unanswered. The session goes on.
   */
  disconnected: [reason: ManagerError];
  /** The session was lost, with all its holds. The next call opens a new one. */
  expired: [reason: ManagerError];
  /** The manager responds again: in the same session after a silence or a broken connection, in a new one after a loss. */
  resumed: [];
  /** The manager reports a likely mistake. No call has failed. */
  warning: [warning: ManagerWarning];
}

/** Filter of {@link Manager.objects}. */
export interface ObjectFilter {
  /** Only objects of this kind. Default: all kinds. */
  kind?: Kind | undefined;
  /** Only objects with matching names; `*` matches any characters. Default: all names. */
  match?: string | undefined;
}

const OBJECT_FILTER = { kind: true, match: true } satisfies OptionNames<ObjectFilter>;

/**
 * A handle on a manager, which holds shared objects for many processes. `await using` closes it. An idle handle does not keep the program
 * alive; an unanswered call does.
 */
export class Manager extends Factories implements AsyncDisposable {
  readonly #transport: Transport;
  readonly #daemon: Daemon | undefined;
  readonly #client: Client;
  readonly #listeners = new Listeners<ManagerEvents>();
  readonly #workers = new Set<WorkerHandle<unknown>>();
  readonly #schedules = new Set<Schedule>();
  #closed = false;
  /** Names of the objects of which standard error has had a warning. */
  readonly #selfWaits = new SelfWaitReports();
  readonly #credentials: Credentials;

  /** @internal */
  constructor(
    transport: Transport,
    credentials: Credentials = {},
    daemon?: Daemon,
    owner: 'acquisition' | 'session' = 'acquisition',
    /** @internal For workers, whose tasks and calls are traced too. */
    readonly tracer?: Telemetry,
  ) {
    super();
    this.#transport = transport;
    this.#daemon = daemon;
    this.#credentials = credentials;
    transport.onWarning((received) => {
      const warning = warningOf(received);
      if (warning) this.#warn(warning);
    });
    this.#client = new Client(
      transport,
      (reference) => localProxy(reference) ?? this.#foreign(reference) ?? proxyOf(this.#client, reference),
      owner === 'session',
      undefined,
      () => localAt(transport.address)?.announcing(),
    );
  }

  /**
   * Starts a manager process and connects to it. The process ends with this program, including when it crashes or is killed.
   * @throws ManagerUnavailableError if it does not start; InvalidArgumentError for an invalid option, or a module that cannot be registered
   */
  static start(options: StartOptions = {}): Promise<Manager> {
    return Manager.#own(startDaemon(options), options);
  }

  /**
   * Starts a manager on a thread of this program and connects to it; otherwise as {@link start}. Other programs can connect to it too, and
   * do not wait while this program's main thread is busy. It starts faster than a process. A program that is killed leaves the directory of
   * its socket behind.
   * @throws the errors of {@link start}
   */
  static embed(options: EmbedOptions = {}): Promise<Manager> {
    return Manager.#own(embedDaemon(options), options);
  }

  static async #own(starting: Promise<Daemon>, options: StartOptions): Promise<Manager> {
    let daemon: Daemon | undefined;
    try {
      daemon = await starting;
      return await Manager.#open(daemon.addresses, { ...options, reconnect: false }, daemon);
    } catch (error) {
      await daemon?.stop(GRACE_MS);
      throw passedOn(error);
    }
  }

  /**
   * Connects to a running manager.
   * @param address `HOST:PORT` or `unix:PATH`, or several to try in order. Default: COMMONHOLD_ADDRESS, then the socket on which this
   * user's manager listens.
   * @throws ManagerUnavailableError if no manager answers there; UnauthenticatedError for a wrong token, or a certificate that cannot be verified
   */
  static connect(address?: string | readonly string[], options: ConnectOptions = {}): Promise<Manager> {
    return attempt(() => {
      checkOptions(options, CONNECT_OPTIONS);
      return Manager.#open(address, options);
    });
  }

  static async #open(address: string | readonly string[] | undefined, options: ConnectOptions, daemon?: Daemon): Promise<Manager> {
    const manager = Manager.lazy(address, options, daemon, await tracerOf(options));
    try {
      await (manager.#transport as SessionTransport).connect();
      // Threads of this program find them by the address in a reference.
      passOn(manager.address, manager.credentials);
      return manager;
    } catch (error) {
      throw passedOn(error);
    }
  }

  /** @internal Returns a manager that connects with its first call. */
  static lazy(address: string | readonly string[] | undefined, options: ConnectOptions = {}, daemon?: Daemon, tracer?: Telemetry): Manager {
    const resolved = resolveConnect(address, options);
    const transport: SessionTransport = new SessionTransport(
      resolved.addresses,
      { ...resolved.options, explain: daemon?.explain, tracer },
      {
        disconnected: (reason) => manager.#listeners.emit('disconnected', reason),
        resumed: () => manager.#listeners.emit('resumed'),
        expired: (reason) => manager.#listeners.emit('expired', reason),
      },
    );
    const manager: Manager = new Manager(transport, resolved.options.credentials, daemon, resolved.owner, tracer);
    return manager;
  }

  protected override get context(): ProxyContext {
    return this.#client;
  }

  protected override homeOf(options: ObjectOptions): ProxyContext {
    if (!atHome(options)) return this.#client;
    this.#assertOpen();
    return homeAt(this.address, this.#credentials, options.maxSize, (reference) => this.#client.open(reference)).usedBy(this, (warning) =>
      this.#warn(warning),
    );
  }

  /** Returns a proxy of an object of another manager, over this thread's connection to it, which is opened on first use. */
  #foreign(reference: Reference): unknown {
    if (this.#transport.isAt(reference.address)) return undefined;
    return Manager.at(reference.address, tokenFor(reference.address)).open(reference);
  }

  /**
   * @internal Returns this thread's manager for references with an address. It is created by the first of them, and connects when first
   * used.
   * @param tracer makes its calls parts of traces
   */
  static at(address: string, token?: string, tracer?: Telemetry): Manager {
    let manager = Manager.#byAddress.get(address);
    if (manager === undefined || manager.#closed) {
      manager = Manager.lazy(address, { token }, undefined, tracer);
      Manager.#byAddress.set(address, manager);
    }
    return manager;
  }

  static readonly #byAddress = new Map<string, Manager>();

  #assertOpen(): void {
    if (this.#closed) throw new ClosedError('this manager was closed by its program');
  }

  /**
   * Returns the proxy that a reference stands for, without a round trip. The proxy of an object in shared memory works on the memory
   * directly.
   * @throws InvalidArgumentError for a kind that this version does not know
   */
  override open(reference: Reference): ReturnType<Factories['open']> {
    validReference(reference);
    return ((localProxy(reference) ?? this.#foreign(reference)) as ReturnType<Factories['open']> | undefined) ?? super.open(reference);
  }

  /** Address of the manager, for other programs to connect to. */
  get address(): string {
    return this.#transport.address;
  }

  /** Token of the manager, for other programs to connect with. Logging or serialising a manager does not reveal it. */
  get token(): string | undefined {
    return this.#credentials.token;
  }

  /** @internal For workers, which connect with them. */
  get credentials(): Credentials {
    return this.#credentials;
  }

  /** Process id of a manager started by {@link start}; undefined for one on a thread of this program. */
  get daemonPid(): number | undefined {
    return this.#daemon?.pid;
  }

  /** Id of this client's session. */
  get sessionId(): string {
    return this.#transport.sessionId;
  }

  /**
   * `connected`; `reconnecting` while a session is being opened or resumed, or while the manager does not respond; `expired` after the loss of the
   * session, until the next call opens another; `closed` by this program.
   */
  get state(): 'connected' | 'reconnecting' | 'expired' | 'closed' {
    if (this.#closed) return 'closed';
    if (!(this.#transport instanceof SessionTransport)) return 'connected';
    if (this.#transport.reconnecting) return 'reconnecting';
    return this.#transport.connected ? 'connected' : 'expired';
  }

  /**
   * Runs the default export of a module in a child process. Arguments and result are copied, and proxies arrive as working proxies; the
   * child opens its own connection. SharedArrayBuffers, and views over them, cannot be sent to it.
   * @param module an absolute file URL, such as `new URL('../worker.js', import.meta.url)`, or a path
   * @throws ClosedError after {@link close}; InvalidArgumentError for arguments that cannot be sent
   */
  fork<M extends WorkerModule>(module: URL | string, ...args: ArgumentsOf<M>): WorkerHandle<ResultOf<M>> {
    return this.worker().fork<M>(module, ...args);
  }

  /**
   * Runs the default export of a module in a worker thread; otherwise as {@link fork}, except that SharedArrayBuffers and views over them,
   * anywhere in the arguments and the result, are shared with the thread.
   */
  thread<M extends WorkerModule>(module: URL | string, ...args: ArgumentsOf<M>): WorkerHandle<ResultOf<M>> {
    return this.worker().thread<M>(module, ...args);
  }

  /** Returns `fork` and `thread` with options: `manager.worker({ daemonic: true }).fork(module, ...args)`. */
  worker(options: WorkerOptions = {}): WorkerFactory {
    this.#assertOpen();
    return new WorkerFactory(this, this.#workers, options);
  }

  /** The running workers that `fork` and `thread` of this handle started, oldest first. */
  activeWorkers(): WorkerHandle<unknown>[] {
    return [...this.#workers];
  }

  /**
   * Starts a pool of workers that call the default export of a module for each task: by default child processes, one per available CPU
   * core. Close it before the manager.
   * @param module as for {@link fork}; the module may also export `initialize(...args)`, which each worker runs first
   * @throws InvalidArgumentError for an invalid option. If the module is missing or throws, the calls fail
   */
  pool<M extends WorkerModule>(module: URL | string, ...[options]: PoolParameters<M>): Pool<M> {
    this.#assertOpen();
    return new Pool<M>(this, module, options);
  }

  /**
   * Puts an item into a queue at each tick of a schedule, for as long as this program runs or stops it. Programs that run the schedule of the
   * same name put each tick once, whichever is first. Ticks that pass while none of them runs are put as one, late. The last program to give
   * the schedule another rule or queue wins. Needs the right to read and write `commonhold:schedules`, the dict of all schedules. One round trip
   * or two, and one at each tick.
   * @param name name of the schedule among all of the manager
   * @param value the item, or a function that returns it for the time of a tick
   * @param options where the items go in the queue; with an `id`, a tick is left out while the queue holds the item of an earlier one
   * @throws InvalidArgumentError for a rule without a tick, a queue of another manager, or a value that cannot be stored; ClosedError after
   * {@link close}; PermissionDeniedError
   */
  async schedule<V>(
    name: string,
    rule: ScheduleRule,
    queue: SharedQueue<V>,
    value: NoInfer<V | Frozen<V> | ((tick: Date) => V | Frozen<V>)>,
    options?: ItemOptions,
  ): Promise<Schedule> {
    this.#assertOpen();
    checkedPlacing(options);
    const ticks = await ticksOf(rule);
    const schedule = await Schedule.begin(this.#client, this.dict(SCHEDULES), { name, ticks, queue, value, options });
    this.#schedules.add(schedule);
    schedule.signal.addEventListener('abort', () => this.#schedules.delete(schedule), { once: true });
    if (this.#closed) schedule.stop();
    return schedule;
  }

  /** Lists the objects of the manager by name; one round trip per 1,000, each of which looks at all objects. */
  async *objects(filter: ObjectFilter = {}): AsyncGenerator<ObjectInfo, void, undefined> {
    checkOptions(filter, OBJECT_FILTER);
    let pageToken = '';
    do {
      const request = { kind: filter.kind ?? '', match: filter.match ?? '', pageToken, pageSize: 0 };
      const page = await this.#transport.call(ManagerService.methods.listObjects, request, asItIs);
      yield* page.objects.map(infoOf);
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
  }

  /**
   * Lists the open sessions, oldest first, including this client's own; one round trip per 1,000. With a token that has a name, only the
   * sessions of this token.
   */
  async *sessions(): AsyncGenerator<SessionInfo, void, undefined> {
    let pageToken = '';
    do {
      const page = await this.#transport.call(ManagerService.methods.listSessions, { pageToken, pageSize: 0 }, asItIs);
      yield* page.sessions.map(sessionOf);
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
  }

  /**
   * Returns the last calls that kept the manager busy for long, the latest first: 128 at most, of 100 ms or more, unless it was started with
   * another `slowCall`. With a token that has a name: the calls of this token, and calls on objects that it may read. One round trip.
   */
  async slowCalls(): Promise<SlowCall[]> {
    const { calls } = await this.#transport.call(ManagerService.methods.listSlowCalls, { pageToken: '', pageSize: 0 }, asItIs);
    return calls.map(slowCallOf);
  }

  /** Returns statistics of the whole manager. One round trip. */
  async stats(): Promise<ManagerStats> {
    const { uptimeMs, residentBytes, heapBytes, ...counts } = await this.#transport.call(ManagerService.methods.stats, {}, asItIs);
    return { ...counts, uptime: uptimeMs, memory: { resident: residentBytes, heap: heapBytes } };
  }

  /**
   * Returns all holds and the waits for them. One round trip per 1,000 holders and waiters; the results of one round trip are a consistent
   * snapshot.
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

  #warn(warning: ManagerWarning): void {
    this.#listeners.emit('warning', warning);
    this.#selfWaits.report(warning);
  }

  /** Adds a listener of an event; see {@link ManagerEvents}. */
  on<E extends keyof ManagerEvents>(event: E, listener: (...args: ManagerEvents[E]) => void): this {
    this.#listeners.on(event, listener);
    return this;
  }

  /** Removes a listener of an event. */
  off<E extends keyof ManagerEvents>(event: E, listener: (...args: ManagerEvents[E]) => void): this {
    this.#listeners.off(event, listener);
    return this;
  }

  /**
   * Ends this session, which releases all its holds, and the manager itself if {@link start} or {@link embed} created it.
   * Unanswered calls reject with ClosedError, whose `mayHaveExecuted` tells whether they may have been executed.
   * Completes within 5 seconds: a manager of this program that has not ended by then is killed.
   * A session that is disconnected cannot tell the manager that it ends: its holds are released when its lease is over, or its process has ended.
   */
  close(): Promise<void> {
    return this.#end((home) => home.leftBy(this));
  }

  /** @internal Closes a worker's manager, whose shared memory its exit handlers may still use. */
  finish(): Promise<void> {
    return this.#end((home) => home.finish());
  }

  async #end(leave: (home: LocalClient) => Promise<void>): Promise<void> {
    this.#closed = true;
    for (const schedule of this.#schedules) schedule.stop();
    const begin = performance.now();
    const home = localAt(this.address);
    if (home !== undefined) await leave(home);
    await this.#transport.close();
    await this.#daemon?.stop(Math.max(0, GRACE_MS - (performance.now() - begin)));
  }

  /** Returns the state in one line, as `console.log` shows it. */
  override toString(): string {
    return this[inspect.custom]();
  }

  /** @internal */
  [inspect.custom](): string {
    return shown(this, `${this.address}, ${this.state}`);
  }

  /** As {@link close}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** @internal Resolves once the objects of all references that this client has made are visible to others. */
  async prepared(): Promise<void> {
    await Promise.all([this.#client.prepared(), localAt(this.address)?.prepared()]);
  }
}
