import { types } from 'node:util';
import { DecodeError } from '@msgpack/msgpack';
import { InvalidArgumentError, ManagerError } from '../errors.js';
import { MalformedError } from '../wire/values.js';

/** Depth limit of a value. */
export const MAX_DEPTH = 100;

/** Depth limit of MessagePack; a level of a value takes up to two (an extension and its body). */
export const MAX_PACKED_DEPTH = 2 * MAX_DEPTH + 8;

/** Returns the error for bytes that are not a payload. */
export function malformed(what: string, cause?: unknown): InvalidArgumentError {
  return new InvalidArgumentError(`not a valid payload: ${what}`, { cause });
}

/** Runs a decoder over bytes from any source, and turns the errors of decoding into {@link InvalidArgumentError}. */
export function guarded<T>(decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (error instanceof ManagerError || isStackEnd(error)) throw error;
    if (error instanceof MalformedError || error instanceof DecodeError || isRangeError(error)) {
      throw malformed((error as Error).message, error);
    }
    throw error;
  }
}

/** Returns true for the error that DataView, typed arrays and texts throw for an impossible size, in any realm. */
function isRangeError(error: unknown): boolean {
  return types.isNativeError(error) && error.name === 'RangeError';
}

/** Returns true for the error of a stack that is full, which says nothing about the value. V8 gives it a text, but no class or code. */
export function isStackEnd(error: unknown): boolean {
  return isRangeError(error) && (error as Error).message === 'Maximum call stack size exceeded';
}
