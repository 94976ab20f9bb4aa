import type { Reference } from '../../proto/codec/reference.js';
import { referencesIn } from '../../proto/codec/references.js';
import { isArena, localAt, localHandles, localProxy, receiveLocal, unknownArena, type ArenaHandles } from './arenas.js';
import { Manager } from '../connect/manager.js';
import { decodeSharing, encodeSharing, payloadOf, type PayloadWithMemory } from './shared-memory.js';

/** Data that {@link share} made ready for another thread or process. */
export interface Transportable<T> {
  readonly payload: Uint8Array;
  /** The shared memories of its proxies. */
  readonly arenas?: ArenaHandles;
  /** The SharedArrayBuffers in it, and the views over them. */
  readonly memory?: PayloadWithMemory['memory'];
  /** Keeps the type; nothing is there. */
  readonly of?: T;
}

/**
 * Makes data ready for a raw worker: `new Worker(file, { workerData: share({ hits }) })`. It is
 * copied; proxies in it become working proxies by {@link receive}. Proxies of objects in shared memory, and
 * SharedArrayBuffers with the views over them, which are shared, get only to threads of this process. No round trip for objects that exist; one for each proxy that was made with options and
 * never used.
 * @throws InvalidArgumentError for what cannot travel
 */
export function share<T>(data: T): Transportable<T> {
  const encoded = encodeSharing([data]);
  const payload = payloadOf(encoded);
  const addresses = new Set(referencesIn(payload).map(({ address }) => address));
  const arenas = new Map([...localHandles()].filter(([address]) => addresses.has(address)));
  return { payload, ...('memory' in encoded && { memory: encoded.memory }), ...(arenas.size > 0 && { arenas }) };
}

/**
 * What {@link share} made ready: in the worker, `receive(workerData)`. Its proxies connect with their
 * first call, to the address that they carry and with the token that this process or its parent
 * thread has.
 */
export function receive<T>(data: Transportable<T>): T {
  if (data.arenas !== undefined) receiveArenas(data.arenas);
  const { payload, memory } = data;
  return (decodeSharing(memory === undefined ? payload : { payload, memory }, openAnywhere) as [T])[0];
}

/** @internal This thread works on shared memories that another gave it. */
export function receiveArenas(arenas: ArenaHandles): void {
  receiveLocal(arenas, openAnywhere);
}

/** @internal The proxy that a reference stands for, wherever its object is. */
export function openAnywhere(reference: Reference): unknown {
  return localProxy(reference) ?? Manager.at(reference.address).open(reference);
}

/** What a worker needs of the manager, or the arena, that it was started for. */
export interface WorkerHost {
  open(reference: Reference): unknown;
  /** Resolves when all objects that references were made of are there for others. */
  prepared(): Promise<void>;
  close(): Promise<void>;
}

/** @internal The manager, or the arena, at an address, for a worker. */
export function hostAt(address: string): WorkerHost {
  if (!isArena(address)) return Manager.at(address);
  const local = localAt(address);
  if (local === undefined) throw unknownArena(address);
  return local;
}
