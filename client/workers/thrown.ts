import { inspect, types } from 'node:util';
import { encodePayload } from '../../proto/codec/payload.js';
import { toWellFormed } from '../../proto/text.js';
import { encodeValue } from './messages.js';

/** Errors of a chain of causes that travel where one of them does not travel as it is. */
const DEEPEST = 10;

/** Encodes whatever was thrown. What of it cannot travel is left out, mended, or put into words: this never throws. */
export function encodeThrown(thrown: unknown): Uint8Array | undefined {
  if (travels(thrown)) return encodeValue(thrown);
  try {
    return encodePayload(portable(thrown, DEEPEST, new Map()));
  } catch {
    return encodePayload(new Error('what was thrown cannot be read'));
  }
}

/** A copy of what can travel, errors with their classes, other instances as plain objects. */
function portable(thrown: unknown, depth: number, copies: Map<object, unknown>): unknown {
  if (travels(thrown)) return thrown;
  if (typeof thrown === 'string') return toWellFormed(thrown);
  if (isError(thrown)) return copies.get(thrown) ?? portableError(thrown, depth, copies);
  const parts = typeof thrown === 'object' ? portableParts(thrown!) : {};
  return Object.keys(parts).length > 0 ? parts : new Error(`what was thrown cannot travel: ${toWellFormed(inspect(thrown))}`);
}

function portableError(error: Error, depth: number, copies: Map<object, unknown>): Error {
  const copy = new Error();
  copies.set(error, copy);
  // The codec finds the class by its prototypes. What they have as getters, the copy has as its own.
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

/** The enumerable properties that can travel. */
function portableParts(value: object): Record<string, unknown> {
  const parts: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const part = read(value, key);
    const mended = typeof part === 'string' ? toWellFormed(part) : part;
    if (mended !== undefined && travels({ [key]: mended })) define(parts, key, mended, true);
  }
  return parts;
}

/** A property, which may be a getter that throws. */
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

/** Errors may come from other realms, and an object may forbid to be looked at. */
function isError(value: unknown): value is Error {
  return types.isNativeError(value) || value instanceof Error;
}

function define(target: object, key: string, value: unknown, enumerable: boolean): void {
  Object.defineProperty(target, key, { value, enumerable, configurable: true, writable: true });
}
