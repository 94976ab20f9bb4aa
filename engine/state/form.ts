/**
 * The binary form of a state, which {@link stateChunks} writes and {@link StateReader} reads: {@link FORM}, then the value. A value is its tag
 * and its content; an array is followed by its items, an object by the values of its fields in the order of their names.
 *
 *     undefined, null, false, true   nothing
 *     natural                        varint: a whole number from 0 to 2^53 - 1, but -0
 *     double                         8 bytes, little-endian: any other number
 *     bigint                         varint length; hexadecimal digits, after a minus if it is negative
 *     latin1                         varint length; one byte a character
 *     utf16                          varint length in characters; two bytes a character, little-endian
 *     bytes                          varint length; the bytes
 *     array                          varint length
 *     named                          varint count of fields; the names in order, each a text
 *     fields                         varint number of a list of names that came before
 *
 * An object is `named` the first time that its list of names occurs, `fields` from then on. {@link isNumbered} tells the lists that get a
 * number, which counts from 0. A varint has seven bits a byte, the lowest first, and all bytes but the last have the highest bit.
 */
export const TAG = {
  undefined: 0,
  null: 1,
  false: 2,
  true: 3,
  natural: 4,
  double: 5,
  bigint: 6,
  latin1: 7,
  utf16: 8,
  bytes: 9,
  array: 10,
  named: 11,
  fields: 12,
} as const;

/** First byte of a written state. Another one stands for another form. */
export const FORM = 1;

/** Longest varint: eight bytes for 2^53 - 1. */
export const VARINT_BYTES = 8;

/** Objects with more fields than this are used as maps: no other object has the same names. */
const MOST_FIELDS = 64;
const MOST_LISTS = 4096;

/** Returns true if a list of names gets a number, of which `known` are given. Bounds the memory of both sides. */
export function isNumbered(names: readonly string[], known: number): boolean {
  return names.length <= MOST_FIELDS && known < MOST_LISTS;
}
