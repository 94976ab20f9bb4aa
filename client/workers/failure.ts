import { inspect, types } from 'node:util';
import { placed, type Site } from '../call-site.js';
import { decodeValue } from './messages.js';
import type { WorkerManager } from './owner.js';

/**
 * Decodes the error of a worker for its caller: the same class, message and properties, with the stack of the call in this process. Its
 * `cause` is the error as it was in the worker, with the worker's stack and the original cause.
 */
export function failureOf(owner: Pick<WorkerManager, 'open'>, payload: Uint8Array | undefined, site: Site): unknown {
  try {
    const there = decodeValue(owner, payload);
    if (!types.isNativeError(there)) return there;
    const here = decodeValue(owner, payload) as Error;
    Object.defineProperty(here, 'cause', { value: there, enumerable: false, configurable: true, writable: true });
    return placed(here, site);
  } catch (error) {
    // The error contains a value that this process cannot decode, such as an instance of an unregistered class.
    return error;
  }
}

/** Returns the report of an uncaught error of a thread with which no call fails: Node reports only the ones of processes. */
export function uncaught(name: string, error: unknown): string {
  return `commonhold: uncaught in the thread ${name}, which ends: ${inspect(error)}`;
}
