import type { Payload } from '../wire/values.js';
import { TAG } from './fields.js';
import { byteAt } from './scalar.js';

/**
 * Whether a payload is a scalar in the one form its value has: written as the SDK writes it, with -0
 * and NaN left out. Such a payload is its own canonical form, so that the common case costs a look at
 * a few bytes.
 */
export function isMinimalScalar(payload: Payload): boolean {
  const { length } = payload;
  if (length < 2) return false;
  switch (byteAt(payload, 0)) {
    case TAG.NULL:
      return length === 2 && byteAt(payload, 1) === 0;
    case TAG.BOOLEAN:
      return length === 2 && byteAt(payload, 1) <= 1;
    case TAG.NUMBER:
      return length === 9 && isPlainDouble(payload);
    case TAG.INTEGER:
      return varintEnd(payload, 1) === length;
    case TAG.TEXT:
    case TAG.BINARY:
      return lengthMatches(payload);
    default:
      return false;
  }
}

/** Neither -0 (whose last byte is 0x80, the others 0) nor NaN nor infinite, as the last two bytes tell. */
function isPlainDouble(payload: Payload): boolean {
  const last = byteAt(payload, 8);
  return last !== 0x80 && !((last & 0x7f) === 0x7f && byteAt(payload, 7) >= 0xf0);
}

/** Where a varint without needless bytes ends; -1 where there is none. */
function varintEnd(payload: Payload, from: number): number {
  let at = from;
  while (at < payload.length && byteAt(payload, at) >= 0x80) at++;
  if (at === payload.length || at - from > 9) return -1;
  const last = byteAt(payload, at);
  if (at > from && last === 0) return -1;
  // The tenth byte has room for the 64th bit alone.
  return at - from === 9 && last > 1 ? -1 : at + 1;
}

/** Whether the length that follows the tag is minimal and says where the payload ends. */
function lengthMatches(payload: Payload): boolean {
  const end = varintEnd(payload, 1);
  if (end < 0 || end > 6) return false;
  let length = 0;
  for (let at = end - 1; at > 0; at--) length = length * 128 + (byteAt(payload, at) & 0x7f);
  return end + length === payload.length;
}
