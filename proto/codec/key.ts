import { InvalidArgumentError } from '../errors.js';
import type { Key } from '../wire/values.js';
import { isBytes, isOverShared } from './binary.js';
import { isWellFormed } from '../text.js';
import { isInt64 } from './scalar.js';

/**
 * A key in the form in which engines store it: two keys are equal exactly if their map keys are the same key of a JavaScript Map. Only this
 * file decides when keys are equal.
 */
export type MapKey = string | number | bigint | boolean;

/** @throws InvalidArgumentError if a value cannot be the key of a dict */
export function assertKey(key: unknown): asserts key is Key {
  switch (typeof key) {
    case 'string':
      if (!isWellFormed(key)) throw new InvalidArgumentError('a key must be well-formed text: this one has half a surrogate pair');
      return;
    case 'bigint':
      if (!isInt64(key)) throw new InvalidArgumentError(`a bigint key must fit 64 bits: ${key} does not; use its text`);
      return;
    case 'number':
    case 'boolean':
      return;
    default:
      if (!isBytes(key)) throw new InvalidArgumentError('a key must be a text, number, bigint, boolean or Uint8Array');
      if (isOverShared(key)) throw new InvalidArgumentError('a key cannot lie in a SharedArrayBuffer: copy it, Uint8Array.from(key)');
  }
}

/** First character of map keys that are not the text of a key itself: bytes, and texts that begin with this character. */
export const ESCAPE = '\0';
const ESCAPE_CODE = 0;
const BYTES = `${ESCAPE}b`;
const TEXT = `${ESCAPE}t`;

/** Returns the map key of a key; for most texts it is the text itself. @throws InvalidArgumentError for an object that cannot be a key */
export function mapKey(key: Key): MapKey {
  if (typeof key === 'string') return key.charCodeAt(0) === ESCAPE_CODE ? TEXT + key : key;
  // A Map treats -0 as 0, but the key that it returns must be 0 too.
  if (typeof key === 'number') return key === 0 ? 0 : key;
  if (typeof key === 'bigint' || typeof key === 'boolean') return key;
  assertKey(key);
  return BYTES + Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1');
}

/** Returns a test for the map keys of texts that begin with a prefix. */
export function textsWith(prefix: string): (key: MapKey) => boolean {
  const mapped = mapKey(prefix) as string;
  return (key) => typeof key === 'string' && key.startsWith(mapped) && !key.startsWith(BYTES);
}

/** Returns the key of a map key; bytes are a copy. */
export function keyOf(key: MapKey): Key {
  if (typeof key !== 'string' || key.charCodeAt(0) !== ESCAPE_CODE) return key;
  const rest = key.slice(BYTES.length);
  // Not Buffer.from, which returns a view of Node's pool.
  return key.startsWith(BYTES) ? Uint8Array.from(rest, (character) => character.charCodeAt(0)) : rest;
}
