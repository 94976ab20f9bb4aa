import { InvalidArgumentError } from '../../proto/errors.js';
import { assertKey } from '../../proto/codec/key.js';
import type { Key } from '../../proto/wire/values.js';
import type { Transport } from '../connect/transport/transport.js';

/**
 * A number of things as it travels: in 32 bits.
 * @throws InvalidArgumentError for what is no whole number, below `least`, or above 2^32 - 1
 */
export function count(name: string, value: number, least: number): number {
  if (Number.isInteger(value) && value >= least && value < 2 ** 32) return value;
  throw new InvalidArgumentError(`${name} is ${String(value)}: give a whole number, ${least} or more`);
}

/**
 * A key of a dict, as it was given.
 * @throws InvalidArgumentError for what cannot be one
 */
export function validKey<K extends Key>(key: K): K {
  assertKey(key);
  return key;
}

/** An index as it travels; what is beyond 32 bits is beyond every list and array. */
export function whole(index: number): number {
  if (Number.isInteger(index)) return Math.min(Math.max(index, -(2 ** 31)), 2 ** 31 - 1);
  if (index === Infinity) return 2 ** 31 - 1;
  if (index === -Infinity) return -(2 ** 31);
  throw new InvalidArgumentError(`the index is ${String(index)}: give a whole number`);
}

/** Throws unless an object is of the manager that a call goes to: by its name, that would take another one. */
export function assertTogether(name: string, its: Transport, used: Transport): void {
  if (its.isAt(used.address) || used.isAt(its.address)) return;
  throw new InvalidArgumentError(
    `"${name}" is an object of the manager at ${its.address}: it cannot be used together with objects of the one at ${used.address}`,
    { object: name, address: used.address },
  );
}
