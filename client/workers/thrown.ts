import { inspect, types } from 'node:util';
import { encodePayload } from '../../proto/codec/payload.js';
import { toWellFormed } from '../../proto/text.js';
import { encodeValue } from './messages.js';

/** Maximum depth of causes and nested errors to copy, for an error that cannot be sent unchanged. */
const DEEPEST = 10;

/** Encodes a thrown value. Parts that cannot be sent are omitted, repaired, or replaced by their text. Never throws. */
export function encodeThrown(thrown: unknown): Uint8Array | undefined {
  if (travels(thrown)) return encodeValue(thrown);
  try {
    return encodePayload(portable(thrown, DEEPEST, new Map()));
  } catch {
    return encodePayload(new Error('the thrown value cannot be read'));
  }
}

/** Copies the parts that can be sent: errors with their classes, other instances as plain objects. */
function portable(thrown: unknown, depth: number, copies: Map<object, unknown>): unknown {
  if (travels(thrown)) return thrown;
  if (typeof thrown === 'string') return toWellFormed(thrown);
  if (isError(thrown)) return copies.get(thrown) ?? portableError(thrown, depth, copies);
  const parts = typeof thrown === 'object' ? portableParts(thrown!) : {};
  return Object.keys(parts).length > 0 ? parts : new Error(`the thrown value cannot be sent: ${toWellFormed(inspect(thrown))}`);
}

function portableError(error: Error, depth: number, copies: Map<object, unknown>): Error {
  const copy = new Error();
  copies.set(error, copy);
  // The codec finds the class by the prototypes. Their getters become own properties of the copy.
  Object.setPrototypeOf(copy, Object.getPrototypeOf(error) as object);
  for (const key of ['name', 'message', 'stack'] as const) {
    const value = read(error, key);
    define(copy, key, typeof value === 'string' ? toWellFormed(value) : key === 'name' ? 'Error' : '', false);
  }
  if (depth > 0 && Object.hasOwn(error, 'cause')) define(copy, 'cause', portable(read(error, 'cause'), depth - 1, copies), false);
  const errors = read(error, 'errors');
  if (depth > 0 && Array.isArray(errors)) {
    define(copy, 'errors', Array.from(errors, (each) => portable(each, depth - 1, copies)), false); // prettier-ignore
  }
  for (const [key, value] of Object.entries(portableParts(error))) {
    if (!Object.hasOwn(copy, key)) define(copy, key, value, true);
  }
  return copy;
}

/** Returns the enumerable properties that can be sent. */
function portableParts(value: object): Record<string, unknown> {
  const parts: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const part = read(value, key);
    const mended = typeof part === 'string' ? toWellFormed(part) : part;
    if (mended !== undefined && travels({ [key]: mended })) define(parts, key, mended, true);
  }
  return parts;
}

/** Reads a property; undefined if its getter throws. */
function read(value: object, key: string): unknown {
  try {
    return Reflect.get(value, key);
  } catch {
    return undefined;
  }
}

function travels(value: unknown): boolean {
  try {
    encodeValue(value);
    return true;
  } catch {
    return false;
  }
}

/** Accepts errors of other realms, which are no instances of this realm's Error. */
function isError(value: unknown): value is Error {
  return types.isNativeError(value) || value instanceof Error;
}

function define(target: object, key: string, value: unknown, enumerable: boolean): void {
  Object.defineProperty(target, key, { value, enumerable, configurable: true, writable: true });
}
