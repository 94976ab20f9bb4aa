import { inspect, types } from 'node:util';
import { placed, type Site } from '../call-site.js';
import { decodeValue } from './messages.js';
import type { WorkerManager } from './owner.js';

/**
 * What a worker threw, for the one who called it: the same class, message and properties, with the
 * stack of the call here. Its `cause` is the error as it was there, with the worker's stack and with the
 * cause that it had itself.
 */
export function failureOf(owner: Pick<WorkerManager, 'open'>, payload: Uint8Array | undefined, site: Site): unknown {
  try {
    const there = decodeValue(owner, payload);
    if (!types.isNativeError(there)) return there;
    const here = decodeValue(owner, payload) as Error;
    Object.defineProperty(here, 'cause', { value: there, enumerable: false, configurable: true, writable: true });
    return placed(here, site);
  } catch (error) {
    // It holds what cannot be put together here, as an instance of a class that is not registered.
    return error;
  }
}

/** Says on the standard error, as Node does for a process, what nobody caught in a thread and no call ends with. */
export function reportUncaught(name: string, error: unknown): void {
  process.stderr.write(`commonhold: uncaught in the thread ${name}, which ends: ${inspect(error)}\n`);
}
