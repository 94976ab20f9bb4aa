import { types } from 'node:util';
import { encodePayload } from '../../proto/codec/payload.js';
import { placed, type Site } from '../call-site.js';
import { decodeValue, encodeValue } from './messages.js';
import type { Owner } from './owner.js';

/**
 * What a worker threw, for the one who called it: the same class, message and properties, with the
 * stack of the call here. Its `cause` is the error as it was there, with the worker's stack and with the
 * cause that it had itself.
 */
export function failureOf(owner: Pick<Owner, 'open'>, payload: Uint8Array | undefined, site: Site): unknown {
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

/** What was thrown, as a payload; of an error that cannot travel, what of it can. */
export function encodeThrown(thrown: unknown): Uint8Array | undefined {
  try {
    return encodeValue(thrown);
  } catch {
    return encodePayload(thrown instanceof Error ? portable(thrown) : new Error(String(thrown)));
  }
}

/** A copy without what cannot travel. */
function portable(error: Error): Error {
  const copy = new Error(error.message);
  // The codec finds the class by its prototypes.
  Object.setPrototypeOf(copy, Object.getPrototypeOf(error) as object);
  const own = Object.keys(error);
  for (const key of ['name', 'stack', 'cause', 'errors', ...own]) {
    const value: unknown = Reflect.get(error, key);
    if (value !== undefined && travels(value))
      Object.defineProperty(copy, key, { value, enumerable: own.includes(key), configurable: true });
  }
  return copy;
}

function travels(value: unknown): boolean {
  try {
    encodePayload(value);
    return true;
  } catch {
    return false;
  }
}
