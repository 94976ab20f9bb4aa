import { assertKey } from '../proto/codec/key.js';
import type { Key } from '../proto/wire/values.js';

/**
 * A key of a dict, as it was given.
 * @throws InvalidArgumentError for what cannot be one
 */
export function validKey<K extends Key>(key: K): K {
  assertKey(key);
  return key;
}
