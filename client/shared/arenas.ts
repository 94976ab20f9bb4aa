import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { createSharedEngine, type SharedEngine } from '../../engine/shared/index.js';
import { arenaEnded, Region, type RegionHandle } from '../../engine/shared/memory/region.js';
import { Session } from '../../engine/core/session.js';
import type { Reference } from '../../proto/codec/reference.js';
import { InvalidArgumentError, OptionsConflictError, OutOfMemoryError } from '../../proto/errors.js';
import { ManagerService } from '../../proto/gen/commonhold/v1/manager_wire.js';
import { isOpener, openerOf } from '../../proto/methods.js';
import type { Method } from '../../proto/wire/codec.js';
import { Client } from '../connect/client.js';
import { HomeAnnouncer, startHelper, type Helper } from './home/home-announcer.js';
import { proxyOf } from '../objects/registry.js';
import { nothing } from '../objects/object-proxy.js';
import { SelfWaitReports, warningOf, type ManagerWarning } from '../connect/warning.js';
import { DirectTransport } from '../connect/transport/direct.js';
import type { Credentials } from '../connect/transport/credentials.js';
import type { CallOptions } from '../connect/transport/transport.js';
import { defaultLabel } from '../workers/current.js';

/** Handles of shared memories for another thread, by the addresses in references. */
export type ArenaHandles = Map<string, RegionHandle>;

/** Prefix of the addresses of arenas, which no manager knows. */
const SCHEME = 'arena:';

/** Default initial size and default limit of a memory, in bytes. */
const SIZE = 1024 * 1024;
const MAX_SIZE = 1024 * 1024 * 1024;
/** Smallest useful limit of a memory, in bytes. */
const LEAST_MAX_SIZE = 16 * 1024 * 1024;

/** Milliseconds to wait for the helper thread to leave its manager. */
const PATIENCE_MS = 2_000;

/** The shared memories that this thread is attached to, by address. */
const clients = new Map<string, LocalClient>();

/** A client of a shared memory in one thread. */
export class LocalClient extends Client {
  declare readonly transport: DirectTransport;
  /** Helper thread of a memory that this thread created; it ends with this client. */
  #helper: Helper | undefined;
  /** The handles on managers that use this memory, each with the function that warns its program. The client closes with the last of them. */
  readonly #users = new Map<object, (warning: ManagerWarning) => void>();
  readonly #selfWaits = new SelfWaitReports();

  /**
   * @param elsewhere returns the proxy for a reference to an object outside of this memory
   * @param announcer announces the objects to other processes; undefined for an arena
   */
  constructor(
    readonly engine: SharedEngine,
    readonly address: string,
    elsewhere: (reference: Reference) => unknown,
    readonly announcer?: HomeAnnouncer,
  ) {
    const session: Session = new Session(
      `${address}/${randomUUID()}`,
      { pid: process.pid, label: 'thread' },
      (token) => transport.lost(token),
      (warning) => transport.warned(warning),
    );
    const transport =
      announcer === undefined ? new DirectTransport(engine, address, session) : new HomeTransport(engine, address, session, announcer);
    const open = (reference: Reference): unknown => (this.has(reference) ? proxyOf(this, reference) : elsewhere(reference));
    super(transport, open, false, engine);
    transport.onWarning((received) => {
      const warning = warningOf(received);
      if (warning) this.#warn(warning);
    });
  }

  /** Returns true if a reference is to an object of this memory. */
  has({ address, name }: Reference): boolean {
    return address === this.address && (isArena(address) || (!this.closed && this.engine.objects.any(name) !== undefined));
  }

  /** True if any thread has closed the memory. */
  get closed(): boolean {
    return this.engine.thread.closed;
  }

  /** True if `Open` announces objects to other processes. */
  get announced(): boolean {
    return this.announcer !== undefined;
  }

  backUp(name: string, ms: number | undefined): void {
    this.announcer?.backUp(name, ms);
  }

  /** Ties the helper thread to this client: when either ends, so does the other. */
  helpedBy(helper: Helper): this {
    this.#helper = helper;
    void helper.exited.then(() => this.engine.thread.close());
    return this;
  }

  usedBy(user: object, warn: (warning: ManagerWarning) => void): this {
    this.#users.set(user, warn);
    return this;
  }

  /** Warns the program of a likely mistake: an arena, which has no events, on standard error. */
  #warn(warning: ManagerWarning): void {
    for (const warn of this.#users.values()) warn(warning);
    if (this.#users.size === 0) this.#selfWaits.report(warning);
  }

  /** Removes a user, and closes the client after the last one. */
  async leftBy(user: object): Promise<void> {
    this.#users.delete(user);
    if (this.#users.size === 0) await this.close();
  }

  /** Detaches this thread from the memory. If this thread created it, closes the memory for all threads. */
  async close(): Promise<void> {
    clients.delete(this.address);
    if (this.#helper !== undefined) {
      await Promise.race([this.announcer!.leave(), this.#helper.exited, pause(PATIENCE_MS, undefined, { ref: false })]);
      await this.#helper.stop();
    }
    await this.transport.close();
    this.engine.close();
  }

  /**
   * Ends the calls and holds of this thread, whose work is done. `sync` works until the thread exits, when it leaves the memory; only the
   * thread that created the memory closes it.
   */
  finish(): Promise<void> {
    return this.#helper === undefined ? this.transport.close() : this.close();
  }

  /** Detaches this thread from a closed memory, even if proxies remain. */
  leave(): void {
    if (clients.get(this.address) === this) clients.delete(this.address);
    void this.transport.close(arenaEnded());
    this.engine.close();
  }
}

/**
 * Calls objects that other processes can see. The first call of a proxy is executed only after the object was announced to them, and fails
 * if that fails; a later call that creates the object again is answered only after the announcement.
 */
class HomeTransport extends DirectTransport {
  constructor(
    engine: SharedEngine,
    address: string,
    session: Session,
    private readonly announcer: HomeAnnouncer,
  ) {
    super(engine, address, session);
  }

  override async call<I, O, R>(method: Method<I, O>, request: I, read: (response: O) => R, options?: CallOptions): Promise<R> {
    const { name } = request as { name?: string };
    if (name === undefined) return super.call(method, request, read, options);
    const { announcer } = this;
    if ((method as Method) === ManagerService.methods.dismiss) {
      const result = await super.call(method, request, read, options);
      await announcer.dismissed(name);
      return result;
    }
    if (options?.opening !== undefined) {
      announcer.retry(name);
      await super.call(openerOf(method)!, options.opening.request, nothing, { signal: options.signal });
      await announcer.announced(name);
    } else if (isOpener(method)) {
      announcer.retry(name);
      const response = await super.call(method, request, (opened: O) => opened, options);
      await announcer.announced(name);
      // Read last: reading marks the object as created by the proxy, and a refused name has created none.
      return read(response);
    }
    const result = await super.call(method, request, read, { ...options, opening: undefined });
    await announcer.announced(name);
    return result;
  }
}

/** Sizes of a shared memory, in bytes. */
interface Sizes {
  readonly size?: number | undefined;
  readonly maxSize?: number | undefined;
}

/**
 * Allocates memory. Without a limit, tries the default limit and then smaller ones, down to what the system grants. @throws
 * OutOfMemoryError
 */
function newMemory(address: string, { size = SIZE, maxSize }: Sizes): Region {
  if (maxSize !== undefined) return Region.create(address, Math.min(size, maxSize), maxSize);
  for (let most = Math.max(size, MAX_SIZE); ; most /= 2) {
    try {
      return Region.create(address, size, most);
    } catch (error) {
      if (!(error instanceof OutOfMemoryError) || most / 2 < Math.max(size, LEAST_MAX_SIZE)) throw error;
    }
  }
}

/** Creates shared memory that only threads of this process know. */
export function makeLocal(sizes: Sizes, elsewhere: (reference: Reference) => unknown): LocalClient {
  const address = SCHEME + randomUUID();
  return register(new LocalClient(createSharedEngine(newMemory(address, sizes)), address, elsewhere));
}

/** Returns this process's memory for objects that other processes access through the manager at an address; creates it if necessary. */
export function homeAt(
  address: string,
  credentials: Credentials,
  maxSize: number | undefined,
  elsewhere: (reference: Reference) => unknown,
): LocalClient {
  const known = localAt(address);
  if (known === undefined) return makeHome(address, credentials, maxSize, elsewhere);
  const { region } = known.engine.thread;
  if (maxSize !== undefined && Region.limit(maxSize) !== region.limit) {
    throw new OptionsConflictError(
      `maxSize is ${maxSize}, but the memory for objects with { home: 'process' } was created with a limit of ${region.limit} bytes: give the same, or none`,
    );
  }
  return known;
}

/** Creates shared memory whose objects other processes access through a manager, and the thread that serves them. */
function makeHome(
  address: string,
  credentials: Credentials,
  maxSize: number | undefined,
  elsewhere: (reference: Reference) => unknown,
): LocalClient {
  const region = newMemory(address, { maxSize });
  return joinHome(region, address, elsewhere).helpedBy(startHelper({ handle: region.handle, address, credentials, label: defaultLabel() }));
}

function joinHome(region: Region, address: string, elsewhere: (reference: Reference) => unknown, handles?: ArenaHandles): LocalClient {
  const engine = createSharedEngine(region);
  return register(new LocalClient(engine, address, elsewhere, new HomeAnnouncer(engine.objects)), handles);
}

/** @param handles the handles that the memory came from; its handle is removed when the memory is closed */
function register(client: LocalClient, handles?: ArenaHandles): LocalClient {
  clients.set(client.address, client);
  void client.engine.thread.untilClosed().then(() => {
    client.leave();
    // The handles may live as long as the thread, as its `workerData`.
    handles?.delete(client.address);
  });
  return client;
}

/** Returns this thread's client of the shared memory at an address; undefined if there is none, or the memory is closed. */
export function localAt(address: string): LocalClient | undefined {
  const local = clients.get(address);
  return local?.closed === true ? undefined : local;
}

/** Detaches from closed memories, in case this thread's event loop has had no turn since the close. */
function leaveClosed(): void {
  for (const client of [...clients.values()]) if (client.closed) client.leave();
}

/** Returns the proxy of an object in shared memory of this thread; undefined for other objects. Throws for an unknown arena. */
export function localProxy(reference: Reference): unknown {
  const local = clients.get(reference.address);
  if (local?.has(reference) === true) return local.open(reference);
  if (isArena(reference.address)) throw unknownArena(reference.address);
  return undefined;
}

/** Returns the error for a reference to an arena that this thread does not know. */
export function unknownArena(address: string): InvalidArgumentError {
  return new InvalidArgumentError(
    `this is a reference to shared memory (${address}) that this thread does not know: it belongs to another process, was closed, or was created after this thread was started`,
  );
}

export function isArena(address: string): boolean {
  return address.startsWith(SCHEME);
}

/** Returns the handles of all shared memories that this thread is attached to. */
export function localHandles(): ArenaHandles {
  leaveClosed();
  return new Map([...clients].map(([address, { engine }]) => [address, engine.thread.region.handle]));
}

/** Attaches this thread to the given shared memories, unless it is attached already. */
export function receiveLocal(handles: ArenaHandles, elsewhere: (reference: Reference) => unknown): void {
  leaveClosed();
  for (const [address, handle] of handles) {
    if (clients.has(address)) continue;
    const region = new Region(handle);
    if (isArena(address)) register(new LocalClient(createSharedEngine(region), address, elsewhere), handles);
    else joinHome(region, address, elsewhere, handles);
  }
}
