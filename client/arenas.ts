import { randomUUID } from 'node:crypto';
import { createSharedEngine, type SharedEngine } from '../engine/shared/index.js';
import { Region, type RegionHandle } from '../engine/shared/region.js';
import { Session } from '../engine/session.js';
import type { Reference } from '../proto/codec/reference.js';
import { InvalidArgumentError } from '../proto/errors.js';
import { Client } from './client.js';
import { proxyOf } from './registry.js';
import { DirectTransport } from './transport/direct.js';

/** What another thread needs to work on the shared memories that one works on: by the addresses in references. */
export type ArenaHandles = ReadonlyMap<string, RegionHandle>;

/** What addresses of arenas begin with that no manager knows. */
const SCHEME = 'arena:';

/** The shared memories that this thread works on. */
const clients = new Map<string, LocalClient>();

/** A client of shared memory, in one thread. */
export class LocalClient extends Client {
  constructor(
    readonly engine: SharedEngine,
    readonly address: string,
    /** Makes the proxy that a reference to what is elsewhere stands for. */
    elsewhere: (reference: Reference) => unknown,
  ) {
    const session: Session = new Session(`${address}/${randomUUID()}`, { pid: process.pid, label: 'thread' }, (token) => transport.lost(token));
    const transport = new DirectTransport(engine, address, session);
    const open = (reference: Reference): unknown => (this.has(reference) ? proxyOf(this, reference) : elsewhere(reference));
    super(transport, open, false, engine);
    clients.set(address, this);
  }

  /** Whether a reference is to an object of this memory. */
  has({ address, name }: Reference): boolean {
    return address === this.address && (isArena(address) || this.engine.objects.any(name) !== undefined);
  }

  /** The thread works on the memory no more. */
  async close(): Promise<void> {
    clients.delete(this.address);
    await this.transport.close();
    this.engine.close();
  }
}

/** Makes a shared memory. @param address a manager's, where others reach its objects through that */
export function makeLocal(size: number, maxSize: number, elsewhere: (reference: Reference) => unknown, address?: string): LocalClient {
  const id = address ?? SCHEME + randomUUID();
  return new LocalClient(createSharedEngine(Region.create(id, size, maxSize)), id, elsewhere);
}

/** This thread's client of the shared memory at an address, where it works on one. */
export function localAt(address: string): LocalClient | undefined {
  return clients.get(address);
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
    `this is a reference to shared memory (${address}) that this thread does not know: it is of another process, or was made after this thread was started`,
  );
}

export function isArena(address: string): boolean {
  return address.startsWith(SCHEME);
}

/** What other threads need for all shared memories that this one works on. */
export function localHandles(): ArenaHandles {
  return new Map([...clients].map(([address, { engine }]) => [address, engine.space.region.handle]));
}

/** Works on the shared memories that another thread gave, those that are not known yet. */
export function receiveLocal(handles: ArenaHandles, elsewhere: (reference: Reference) => unknown): void {
  for (const [address, handle] of handles) {
    if (!clients.has(address)) new LocalClient(createSharedEngine(new Region(handle)), address, elsewhere);
  }
}
