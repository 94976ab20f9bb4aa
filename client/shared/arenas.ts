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
import { DirectTransport } from '../connect/transport/direct.js';
import type { CallOptions } from '../connect/transport/transport.js';
import { defaultLabel } from '../workers/current.js';

/** What another thread needs to work on the shared memories that one works on: by the addresses in references. */
export type ArenaHandles = Map<string, RegionHandle>;

/** What addresses of arenas begin with that no manager knows. */
const SCHEME = 'arena:';

/** Bytes of a memory at first, and at most, where nothing else is said. */
const SIZE = 1024 * 1024;
const MAX_SIZE = 1024 * 1024 * 1024;
/** With less, a memory is of little use. */
const LEAST_MAX_SIZE = 16 * 1024 * 1024;

/** How long the thread that answers for the objects is waited for, which may be waiting for its manager. */
const PATIENCE_MS = 2_000;

/** The shared memories that this thread works on. */
const clients = new Map<string, LocalClient>();

/** A client of shared memory, in one thread. */
export class LocalClient extends Client {
  declare readonly transport: DirectTransport;
  /** What ends with it, where this thread made the memory. */
  #helper: Helper | undefined;
  /** The handles on managers whose objects are here: it ends with the last of them. */
  readonly #users = new Set<object>();

  /**
   * @param elsewhere makes the proxy that a reference to what is elsewhere stands for
   * @param announcer announces the objects to other processes, if these are to see them
   */
  constructor(
    readonly engine: SharedEngine,
    readonly address: string,
    elsewhere: (reference: Reference) => unknown,
    readonly announcer?: HomeAnnouncer,
  ) {
    const session: Session = new Session(`${address}/${randomUUID()}`, { pid: process.pid, label: 'thread' }, (token) =>
      transport.lost(token),
    );
    const transport =
      announcer === undefined ? new DirectTransport(engine, address, session) : new HomeTransport(engine, address, session, announcer);
    const open = (reference: Reference): unknown => (this.has(reference) ? proxyOf(this, reference) : elsewhere(reference));
    super(transport, open, false, engine);
  }

  /** Whether a reference is to an object of this memory. */
  has({ address, name }: Reference): boolean {
    return address === this.address && (isArena(address) || (!this.closed && this.engine.objects.any(name) !== undefined));
  }

  /** Whether the memory was closed, by any thread. */
  get closed(): boolean {
    return this.engine.thread.closed;
  }

  /** Others are told of its objects by the call that makes them. */
  get announced(): boolean {
    return this.announcer !== undefined;
  }

  backUp(name: string, ms: number | undefined): void {
    this.announcer?.backUp(name, ms);
  }

  /** It ends with this client, and this client with it. */
  helpedBy(helper: Helper): this {
    this.#helper = helper;
    void helper.exited.then(() => this.engine.thread.close());
    return this;
  }

  usedBy(user: object): this {
    this.#users.add(user);
    return this;
  }

  /** One of its users has no use for it any more. */
  async leftBy(user: object): Promise<void> {
    this.#users.delete(user);
    if (this.#users.size === 0) await this.close();
  }

  /** The thread works on the memory no more; where it made it, nobody does. */
  async close(): Promise<void> {
    clients.delete(this.address);
    if (this.#helper !== undefined) {
      await Promise.race([this.announcer!.leave(), this.#helper.exited, pause(PATIENCE_MS, undefined, { ref: false })]);
      await this.#helper.stop();
    }
    await this.transport.close();
    this.engine.close();
  }

  /** The memory was closed: this thread keeps nothing of it, whoever still has proxies. */
  leave(): void {
    if (clients.get(this.address) === this) clients.delete(this.address);
    void this.transport.close(arenaEnded());
    this.engine.close();
  }
}

/**
 * Calls objects that other processes are to see: they see one before the first call of a proxy does anything to it,
 * or the call fails; and one that a later call made before that is answered.
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
      await announcer.settled(name);
    } else if (isOpener(method)) {
      announcer.retry(name);
      const response = await super.call(method, request, (opened: O) => opened, options);
      await announcer.settled(name);
      // Read last: the proxy takes the object for made by it, and a name that is refused has made none.
      return read(response);
    }
    const result = await super.call(method, request, read, { ...options, opening: undefined });
    await announcer.settled(name);
    return result;
  }
}

/** Sizes of a shared memory, in bytes. */
interface Sizes {
  readonly size?: number | undefined;
  readonly maxSize?: number | undefined;
}

/** New memory: where nobody asks for a size, as large as the system has room for. @throws OutOfMemoryError */
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

/** Makes shared memory that only threads of this process know. */
export function makeLocal(sizes: Sizes, elsewhere: (reference: Reference) => unknown): LocalClient {
  const address = SCHEME + randomUUID();
  return register(new LocalClient(createSharedEngine(newMemory(address, sizes)), address, elsewhere));
}

/** This process's memory for objects that others reach through the manager at an address; made where there is none. */
export function homeAt(
  address: string,
  token: string | undefined,
  maxSize: number | undefined,
  elsewhere: (reference: Reference) => unknown,
): LocalClient {
  const known = localAt(address);
  if (known === undefined) return makeHome(address, token, maxSize, elsewhere);
  const { region } = known.engine.thread;
  if (maxSize !== undefined && Region.limit(maxSize) !== region.limit) {
    throw new OptionsConflictError(
      `maxSize is ${maxSize}, but the memory of the objects at home in this process was made with a limit of ${region.limit} bytes: give the same, or none`,
    );
  }
  return known;
}

/** Makes shared memory whose objects others reach through a manager, and the thread that answers for them. */
function makeHome(
  address: string,
  token: string | undefined,
  maxSize: number | undefined,
  elsewhere: (reference: Reference) => unknown,
): LocalClient {
  const region = newMemory(address, { maxSize });
  return joinHome(region, address, elsewhere).helpedBy(startHelper({ handle: region.handle, address, token, label: defaultLabel() }));
}

function joinHome(region: Region, address: string, elsewhere: (reference: Reference) => unknown, handles?: ArenaHandles): LocalClient {
  const engine = createSharedEngine(region);
  return register(new LocalClient(engine, address, elsewhere, new HomeAnnouncer(engine.objects)), handles);
}

/** @param handles from which the memory came: it is taken out when the memory is closed */
function register(client: LocalClient, handles?: ArenaHandles): LocalClient {
  clients.set(client.address, client);
  void client.engine.thread.untilClosed().then(() => {
    client.leave();
    // They may stay for as long as the thread, as its `workerData`.
    handles?.delete(client.address);
  });
  return client;
}

/** This thread's client of the shared memory at an address, where it works on one that is not closed. */
export function localAt(address: string): LocalClient | undefined {
  const local = clients.get(address);
  return local?.closed === true ? undefined : local;
}

/** Leaves what was closed, also where this thread's event loop has had no turn since. */
function leaveClosed(): void {
  for (const client of [...clients.values()]) if (client.closed) client.leave();
}

/** The proxy of an object that is in shared memory here; undefined for others. Throws for shared memory that is not known here. */
export function localProxy(reference: Reference): unknown {
  const local = clients.get(reference.address);
  if (local?.has(reference) === true) return local.open(reference);
  if (isArena(reference.address)) throw unknownArena(reference.address);
  return undefined;
}

/** The error of whoever has a reference to shared memory that this thread does not know. */
export function unknownArena(address: string): InvalidArgumentError {
  return new InvalidArgumentError(
    `this is a reference to shared memory (${address}) that this thread does not know: it is of another process, was closed, or was made after this thread was started`,
  );
}

export function isArena(address: string): boolean {
  return address.startsWith(SCHEME);
}

/** What other threads need for all shared memories that this one works on. */
export function localHandles(): ArenaHandles {
  leaveClosed();
  return new Map([...clients].map(([address, { engine }]) => [address, engine.thread.region.handle]));
}

/** Works on the shared memories that another thread gave, those that are not known yet. */
export function receiveLocal(handles: ArenaHandles, elsewhere: (reference: Reference) => unknown): void {
  leaveClosed();
  for (const [address, handle] of handles) {
    if (clients.has(address)) continue;
    const region = new Region(handle);
    if (isArena(address)) register(new LocalClient(createSharedEngine(region), address, elsewhere), handles);
    else joinHome(region, address, elsewhere, handles);
  }
}
