import type { Payload } from '../wire/values.js';
import { TAG } from './fields.js';
import { isWellFormed } from '../text.js';

/** Longest text for which a loop in JavaScript is faster than the call into C++. */
const SHORT = 40;
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

const scratch = new BigInt64Array(1);
const float = new Float64Array(scratch.buffer);
const words = new Uint32Array(scratch.buffer);
const bytes = new Uint8Array(scratch.buffer);

/** Returns true if a bigint fits the 64 bits of the payload case `integer`. */
export function isInt64(value: bigint): boolean {
  return value >= INT64_MIN && value <= INT64_MAX;
}

/** Encodes a payload of one varint below 128: null, false, true. */
export function encodeFlag(tag: number, value: 0 | 1): Buffer {
  const buffer = Buffer.allocUnsafe(2);
  buffer[0] = tag;
  buffer[1] = value;
  return buffer;
}

/** Encodes a number as a payload. */
export function encodeNumber(value: number): Buffer {
  const buffer = Buffer.allocUnsafe(9);
  buffer[0] = TAG.NUMBER;
  float[0] = value;
  for (let i = 0; i < 8; i++) buffer[i + 1] = bytes[i]!;
  return buffer;
}

/** Encodes a bigint of 64 bits as a payload. */
export function encodeInteger(value: bigint): Buffer {
  scratch[0] = value;
  let low = words[0]!;
  let high = words[1]!;
  const bits = high === 0 ? 32 - Math.clz32(low) : 64 - Math.clz32(high);
  const size = Math.max(1, Math.ceil(bits / 7));
  const buffer = Buffer.allocUnsafe(1 + size);
  buffer[0] = TAG.INTEGER;
  for (let i = 1; i <= size; i++) {
    buffer[i] = (low & 0x7f) | (i < size ? 0x80 : 0);
    low = ((low >>> 7) | (high << 25)) >>> 0;
    high >>>= 7;
  }
  return buffer;
}

/**
 * Decodes a payload that is a short scalar in the form of the SDK; returns undefined for all others (long or non-ASCII text, long integers,
 * other encodings).
 */
export function decodeScalar(payload: Payload): null | boolean | number | bigint | string | undefined {
  const { length } = payload;
  const second = length < 2 ? 0x80 : byteAt(payload, 1);
  switch (length === 0 ? -1 : byteAt(payload, 0)) {
    case TAG.NULL:
      return length === 2 && second === 0 ? null : undefined;
    case TAG.BOOLEAN:
      return length === 2 && second <= 1 ? second === 1 : undefined;
    case TAG.NUMBER:
      if (length !== 9) return undefined;
      for (let i = 0; i < 8; i++) bytes[i] = byteAt(payload, i + 1);
      return float[0];
    case TAG.INTEGER:
      return length === 2 && second < 0x80 ? BigInt(second) : undefined;
    case TAG.TEXT:
      return length === second + 2 && second <= SHORT ? asciiText(payload) : undefined;
    default:
      return undefined;
  }
}

function asciiText(payload: Payload): string | undefined {
  let text = '';
  for (let i = 2; i < payload.length; i++) {
    const code = byteAt(payload, i);
    if (code > 0x7f) return undefined;
    if (typeof payload !== 'string') text += String.fromCharCode(code);
  }
  return typeof payload === 'string' ? payload.slice(2) : text;
}

/** Returns a byte of a payload, whether it is stored as bytes or as a byte string. */
export function byteAt(payload: Payload, at: number): number {
  return typeof payload === 'string' ? payload.charCodeAt(at) : payload[at]!;
}

/** Encodes a text as a payload; returns undefined if it is not well-formed. */
export function encodeText(value: string): Buffer | undefined {
  const { length } = value;
  if (length <= SHORT) {
    const buffer = Buffer.allocUnsafe(2 + length);
    buffer[0] = TAG.TEXT;
    buffer[1] = length;
    let i = 0;
    for (; i < length; i++) {
      const code = value.charCodeAt(i);
      if (code > 0x7f) break;
      buffer[i + 2] = code;
    }
    if (i === length) return buffer;
  }
  if (!isWellFormed(value)) return undefined;
  const size = Buffer.byteLength(value);
  const buffer = delimited(TAG.TEXT, size);
  buffer.write(value, buffer.length - size, size, 'utf8');
  return buffer;
}

/** Encodes bytes as a payload of the given case, with room for `extra` bytes behind them. */
export function encodeBytes(tag: number, value: Uint8Array, extra = 0): Buffer {
  const buffer = delimited(tag, value.length, extra);
  buffer.set(value, buffer.length - extra - value.length);
  return buffer;
}

/** Allocates a buffer that begins with a tag and the length of the content, which the caller writes. */
function delimited(tag: number, length: number, extra = 0): Buffer {
  const buffer = Buffer.allocUnsafe(1 + varintSize(length) + length + extra);
  buffer[0] = tag;
  let at = 1;
  let rest = length;
  while (rest > 0x7f) {
    buffer[at++] = (rest & 0x7f) | 0x80;
    rest = Math.floor(rest / 128);
  }
  buffer[at] = rest;
  return buffer;
}

/** Returns the size of a length as a varint, in bytes. */
export function varintSize(length: number): number {
  return length < 0x80 ? 1 : length < 0x4000 ? 2 : length < 0x200000 ? 3 : length < 0x10000000 ? 4 : 5;
}
