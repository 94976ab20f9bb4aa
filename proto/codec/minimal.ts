import type { Payload } from '../wire/values.js';
import { TAG } from './fields.js';
import { byteAt } from './scalar.js';

/**
 * Returns true if a payload is a scalar in the one form of its value: the form of the SDK, except for -0, NaN and infinities. Such a
 * payload is its own canonical form, so that the common case costs a look at a few bytes.
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

/** Returns false for -0 (last byte 0x80, the others 0), NaN and infinities, judging by the last two bytes. */
function isPlainDouble(payload: Payload): boolean {
  const last = byteAt(payload, 8);
  return last !== 0x80 && !((last & 0x7f) === 0x7f && byteAt(payload, 7) >= 0xf0);
}

/** Returns the end of a varint that has no needless bytes; otherwise -1. */
function varintEnd(payload: Payload, from: number): number {
  let at = from;
  while (at < payload.length && byteAt(payload, at) >= 0x80) at++;
  if (at === payload.length || at - from > 9) return -1;
  const last = byteAt(payload, at);
  if (at > from && last === 0) return -1;
  // The tenth byte only has room for the 64th bit.
  return at - from === 9 && last > 1 ? -1 : at + 1;
}

/** Returns true if the length after the tag is minimal and the payload ends there. */
function lengthMatches(payload: Payload): boolean {
  const end = varintEnd(payload, 1);
  if (end < 0 || end > 6) return false;
  let length = 0;
  for (let at = end - 1; at > 0; at--) length = length * 128 + (byteAt(payload, at) & 0x7f);
  return end + length === payload.length;
}

/** Returns the start of the content of a payload that is one field with a length; undefined if another field follows. */
export function contentBegin(payload: Payload): number | undefined {
  let length = 0;
  for (let at = 1; at < payload.length && at <= 5; at++) {
    length += (byteAt(payload, at) & 0x7f) * 2 ** (7 * (at - 1));
    if (byteAt(payload, at) < 0x80) return at + 1 + length === payload.length ? at + 1 : undefined;
  }
  return undefined;
}
