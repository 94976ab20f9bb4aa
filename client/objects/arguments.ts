import { InvalidArgumentError, OutOfRangeError } from '../../proto/errors.js';
import { assertKey } from '../../proto/codec/key.js';
import type { Reference } from '../../proto/codec/reference.js';
import type { Key } from '../../proto/wire/values.js';
import { quoted } from '../../proto/given.js';
import type { Transport } from '../connect/transport/transport.js';

/**
 * Checks a count, and returns it for the wire, which has 32 bits for it.
 * @throws InvalidArgumentError if it is not a whole number from `least` to 2^32 - 1
 */
export function count(name: string, value: number, least: number): number {
  if (Number.isInteger(value) && value >= least && value < 2 ** 32) return value;
  throw new InvalidArgumentError(`${name} is ${quoted(value)}: give a whole number, ${least} or more`);
}

/** Returns a priority for the wire. @throws InvalidArgumentError if it is not a number */
export function priorityOf(options: { readonly priority?: number | undefined } | undefined): number | undefined {
  const priority = options?.priority;
  if (priority === undefined || (typeof priority === 'number' && !Number.isNaN(priority))) return priority;
  throw new InvalidArgumentError(`priority is ${quoted(priority)}: give a number`);
}

/**
 * Checks a key of a dict, and returns it.
 * @throws InvalidArgumentError if it is not a valid key
 */
export function validKey<K extends Key>(key: K): K {
  assertKey(key);
  return key;
}

/** Lists the values of an iterable. @throws InvalidArgumentError for anything else, of which `Array.from` may make an empty list */
export function listOf<V>(what: string, values: Iterable<V>): V[] {
  if (typeof (values as Partial<Iterable<V>> | null | undefined)?.[Symbol.iterator] === 'function') return Array.from(values);
  throw new InvalidArgumentError(`the ${what} are not iterable: give an array, or another iterable`);
}

/** Checks a reference, and returns it. @throws InvalidArgumentError for anything else */
export function validReference(reference: Reference): Reference {
  const { kind, name, address } = (reference ?? {}) as Partial<Reference>;
  if (typeof kind === 'string' && typeof name === 'string' && typeof address === 'string') return reference;
  throw new InvalidArgumentError(
    `${quoted(reference)} is no reference: give { kind, name, address }, as the toJSON() of an object returns it`,
  );
}

/** Converts an index for the wire; indexes beyond 32 bits are clamped, since they are beyond every list and array. */
export function whole(index: number): number {
  if (Number.isInteger(index)) return Math.min(Math.max(index, -(2 ** 31)), 2 ** 31 - 1);
  if (index === Infinity) return 2 ** 31 - 1;
  if (index === -Infinity) return -(2 ** 31);
  throw new InvalidArgumentError(`the index is ${quoted(index)}: give a whole number`);
}

/**
 * Converts the index of an element that has to be there for the wire.
 * @param name - name of the list or array
 * @throws OutOfRangeError beyond 32 bits, where none has an element; InvalidArgumentError if it is not whole
 */
export function elementIndex(name: string, index: number): number {
  const place = whole(index);
  if (place === index) return place;
  throw new OutOfRangeError(`there is no index ${index}: lists and arrays have at most 2^31 - 1 elements`, { object: name });
}

/** Throws unless an object belongs to the manager that a call goes to, where its name may belong to another object. */
export function assertTogether(name: string, its: Transport, used: Transport): void {
  if (its.isAt(used.address) || used.isAt(its.address)) return;
  throw new InvalidArgumentError(
    `"${name}" is an object of the manager at ${its.address}: it cannot be used together with objects of the manager at ${used.address}`,
    { object: name, address: used.address },
  );
}
