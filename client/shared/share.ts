import type { Reference } from '../../proto/codec/reference.js';
import { referencesIn } from '../../proto/codec/references.js';
import { isArena, localAt, localHandles, localProxy, receiveLocal, unknownArena, type ArenaHandles } from './arenas.js';
import { Manager } from '../connect/manager.js';
import type { Telemetry } from '../connect/telemetry.js';
import { decodeSharing, encodeSharing, payloadOf, type PayloadWithMemory } from './shared-memory.js';

/** Data prepared by {@link share} for another thread or process. */
export interface Transportable<T> {
  readonly payload: Uint8Array;
  /** The shared memories of its proxies. */
  readonly arenas?: ArenaHandles;
  /** The SharedArrayBuffers in it, including the buffers of its views. */
  readonly memory?: PayloadWithMemory['memory'];
  /** Carries the type; never present. */
  readonly of?: T;
}

/**
 * Prepares data for a raw worker: `new Worker(file, { workerData: share({ hits }) })`. The data is copied; {@link receive} turns its
 * proxies into working proxies. Proxies of objects in shared memory, SharedArrayBuffers and views over them can be sent only to threads of
 * this process, which share them. No round trip for objects that exist; one for each proxy with options that was never used.
 * @throws InvalidArgumentError for values that cannot be sent
 */
export function share<T>(data: T): Transportable<T> {
  const encoded = encodeSharing([data]);
  const payload = payloadOf(encoded);
  const addresses = new Set(referencesIn(payload).map(({ address }) => address));
  const arenas = new Map([...localHandles()].filter(([address]) => addresses.has(address)));
  return { payload, ...('memory' in encoded && { memory: encoded.memory }), ...(arenas.size > 0 && { arenas }) };
}

/**
 * Decodes data prepared by {@link share}: in the worker, `receive(workerData)`. Its proxies connect with their first call, to the address
 * in the reference and with the token that this process or its parent thread has.
 */
export function receive<T>(data: Transportable<T>): T {
  if (data.arenas !== undefined) receiveArenas(data.arenas);
  const { payload, memory } = data;
  return (decodeSharing(memory === undefined ? payload : { payload, memory }, openAnywhere) as [T])[0];
}

/** @internal Attaches this thread to shared memories received from another thread. */
export function receiveArenas(arenas: ArenaHandles): void {
  receiveLocal(arenas, openAnywhere);
}

/** @internal Returns the proxy that a reference stands for, in shared memory or in a manager. */
export function openAnywhere(reference: Reference): unknown {
  return localProxy(reference) ?? Manager.at(reference.address).open(reference);
}

/** The manager or arena that a worker was started for, as the worker needs it. */
export interface WorkerHost {
  open(reference: Reference): unknown;
  /** Resolves once the objects of all references made so far are visible to others. */
  prepared(): Promise<void>;
  /** Ends the calls and holds of the worker, whose work is done. Its exit handlers can still use shared memory. */
  finish(): Promise<void>;
}

/**
 * @internal Returns the manager or the arena at an address, for a worker.
 * @param tracer makes calls to the manager parts of traces
 */
export function hostAt(address: string, tracer?: Telemetry): WorkerHost {
  const host = presentAt(address, tracer);
  if (host === undefined) throw unknownArena(address);
  return host;
}

/** @internal Ends the calls and holds of a worker. Its parent may have closed an arena as soon as it had the result: then they have ended. */
export async function finishAt(address: string): Promise<void> {
  await presentAt(address)?.finish();
}

function presentAt(address: string, tracer?: Telemetry): WorkerHost | undefined {
  return isArena(address) ? localAt(address) : Manager.at(address, undefined, tracer);
}
