import { types } from 'node:util';
import { DecodeError } from '@msgpack/msgpack';
import { InvalidArgumentError, ManagerError } from '../errors.js';
import { MalformedError } from '../wire/values.js';

/** Levels of nesting that a value may have. */
export const MAX_DEPTH = 100;

/** Levels of MessagePack that bytes may have; a level of a value takes up to two (an extension and its body). */
export const MAX_PACKED_DEPTH = 2 * MAX_DEPTH + 8;

/** The error for bytes that are no payload. */
export function malformed(what: string, cause?: unknown): InvalidArgumentError {
  return new InvalidArgumentError(`not a valid payload: ${what}`, { cause });
}

/**
 * Runs a decoder over bytes that anyone may have written. Whatever it stumbles over comes out as an
 * {@link InvalidArgumentError}.
 */
export function guarded<T>(decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (error instanceof ManagerError) throw error;
    if (error instanceof MalformedError || error instanceof DecodeError || isRangeError(error)) {
      throw malformed((error as Error).message, error);
    }
    throw error;
  }
}

/** What DataView, typed arrays and texts throw where a size is impossible, whichever realm they are of. */
function isRangeError(error: unknown): boolean {
  return types.isNativeError(error) && error.name === 'RangeError';
}
