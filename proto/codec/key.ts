import { InvalidArgumentError } from '../errors.js';
import type { Key } from '../wire/values.js';
import { isBytes, isOverShared } from './binary.js';
import { isWellFormed } from '../text.js';
import { isInt64 } from './scalar.js';

/**
 * A key as engines keep it: two keys are the same exactly when their map keys are the same key of a
 * JavaScript Map. This file alone decides when keys are equal.
 */
export type MapKey = string | number | bigint | boolean;

/** Throws {@link InvalidArgumentError} for what cannot be the key of a dict. */
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

/** Begins what is not the text of a key itself: bytes, and texts that begin with it. */
const ESCAPE = '\0';
const ESCAPE_CODE = 0;
const BYTES = `${ESCAPE}b`;
const TEXT = `${ESCAPE}t`;

/** The map key of a key; for a common text it is that text. */
export function mapKey(key: Key): MapKey {
  if (typeof key === 'string') return key.charCodeAt(0) === ESCAPE_CODE ? TEXT + key : key;
  // A Map takes -0 for 0, but what comes back of the key must be 0 too.
  if (typeof key === 'number') return key === 0 ? 0 : key;
  if (typeof key === 'object') return BYTES + Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1');
  return key;
}

/** The key of a map key; bytes are a copy. */
export function keyOf(key: MapKey): Key {
  if (typeof key !== 'string' || key.charCodeAt(0) !== ESCAPE_CODE) return key;
  const rest = key.slice(BYTES.length);
  // Not Buffer.from: that would be a view of Node's pool.
  return key.startsWith(BYTES) ? Uint8Array.from(rest, (character) => character.charCodeAt(0)) : rest;
}
