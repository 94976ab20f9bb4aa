import { InvalidArgumentError } from '../errors.js';
import { malformed } from './refuse.js';

/**
 * Numbers of the MessagePack extensions of `packed`. They are part of the wire format: the meaning of a number never changes.
 * docs/payload.md describes the bodies.
 */
export const EXT = {
  UNDEFINED: 0,
  HOLE: 1,
  INVALID_DATE: 2,
  BIGINT: 3,
  REGEXP: 4,
  MAP: 5,
  SET: 6,
  OBJECT: 7,
  ERROR: 8,
  BINARY: 9,
  REFERENCE: 10,
  SHARED: 11,
  GRAPH: 12,
  TEXT: 14,
  /** The timestamp of MessagePack itself. */
  TIMESTAMP: -1,
} as const;

/**
 * Returns true if a text must travel as an extension: the library (3.1.3) drops a U+FEFF at the beginning of a long MessagePack string,
 * because it takes it for a byte order mark.
 */
export function losesItsBeginning(text: string): boolean {
  return text.charCodeAt(0) === 0xfeff;
}

/** Size limit of a bigint: beyond it, converting the bigint to text takes so long that a client could block the manager. */
const MAX_BIGINT_BYTES = 65_536;

/** Limit of the characters of a regular expression's source: compiling takes up to 0.1 ms for each few of them. */
export const MAX_REGEXP_SOURCE = 16_384;

/** Encodes a bigint as two's complement, big-endian, in the smallest number of bytes. */
export function bigintBytes(value: bigint): Uint8Array {
  // The hex digits of ~value give the number of bytes of a negative number.
  const digits = (value < 0n ? ~value : value).toString(16);
  // One bit more than the magnitude, for the sign.
  const size = (digits.length >> 1) + 1;
  if (size > MAX_BIGINT_BYTES)
    throw new InvalidArgumentError(`cannot store a bigint of more than ${MAX_BIGINT_BYTES} bytes: store its bytes`);
  const hex = BigInt.asUintN(size * 8, value)
    .toString(16)
    .padStart(size * 2, '0');
  const bytes = Buffer.from(hex, 'hex');
  return isSignOnly(bytes) ? bytes.subarray(1) : bytes;
}

/** Returns true if the first byte only repeats the sign of the second. */
function isSignOnly(bytes: Uint8Array): boolean {
  const [first, second] = bytes;
  return second !== undefined && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80));
}

/** Decodes the bigint that {@link bigintBytes} encoded; no bytes are 0n. */
export function bytesBigint(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n;
  if (bytes.length > MAX_BIGINT_BYTES) throw malformed(`a bigint of more than ${MAX_BIGINT_BYTES} bytes`);
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${hex}`));
}
