import { decodePayload, encodePayload } from '../proto/codec/payload.js';
import type { Reference } from '../proto/codec/reference.js';
import { Manager } from './manager.js';

/** Data that {@link share} made ready for another thread or process. */
export interface Transportable<T> {
  readonly payload: Uint8Array;
  /** Keeps the type; nothing is there. */
  readonly of?: T;
}

/**
 * Makes data ready for a raw worker: `new Worker(file, { workerData: share({ hits }) })`. It is
 * copied; proxies in it become working proxies by {@link receive}. No round trip for objects that
 * exist; one for each proxy that was made with options and never used.
 * @throws InvalidArgumentError for what cannot travel
 */
export function share<T>(data: T): Transportable<T> {
  return { payload: encodePayload([data]) };
}

/**
 * What {@link share} made ready: in the worker, `receive(workerData)`. Its proxies connect with their
 * first call, to the address that they carry and with the token that this process or its parent
 * thread has.
 */
export function receive<T>(data: Transportable<T>): T {
  const open = (reference: Reference): unknown => managerAt(reference.address).open(reference);
  return (decodePayload(data.payload, { open }) as [T])[0];
}

const managers = new Map<string, Manager>();

/** @internal This thread's manager at an address; made and connected when first used. */
export function managerAt(address: string): Manager {
  let manager = managers.get(address);
  if (manager === undefined || manager.state === 'closed') {
    manager = Manager.lazy(address);
    managers.set(address, manager);
  }
  return manager;
}
