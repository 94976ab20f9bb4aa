import { InvalidArgumentError, OutOfRangeError } from '../errors.js';
import type { Payload } from '../wire/values.js';
import { decodeOpaque, encodePayload } from './payload.js';

/** Type of a value, or of the elements of an array. */
export type Typecode = 'i8' | 'u8' | 'i16' | 'u16' | 'i32' | 'u32' | 'i64' | 'u64' | 'f32' | 'f64' | 'bool';

/** Ranges of the integer types that are numbers. */
export const INTEGERS: Readonly<Partial<Record<Typecode, readonly [min: number, max: number]>>> = {
  i8: [-0x80, 0x7f],
  u8: [0, 0xff],
  i16: [-0x8000, 0x7fff],
  u16: [0, 0xffff],
  i32: [-0x8000_0000, 0x7fff_ffff],
  u32: [0, 0xffff_ffff],
};
const BIGINTS: Readonly<Partial<Record<Typecode, readonly [min: bigint, max: bigint]>>> = {
  i64: [-(2n ** 63n), 2n ** 63n - 1n],
  u64: [0n, 2n ** 64n - 1n],
};

/** Returns true if a text is a typecode. */
export function isTypecode(text: string): text is Typecode {
  return text === 'f32' || text === 'f64' || text === 'bool' || Object.hasOwn(INTEGERS, text) || Object.hasOwn(BIGINTS, text);
}

/**
 * Converts a value to its typecode: `f32` rounds, and -0 of an integer becomes 0.
 * @throws OutOfRangeError for a fraction or a number out of range, InvalidArgumentError for another type
 */
export function coerce(type: Typecode, value: unknown): number | bigint | boolean {
  const integers = INTEGERS[type];
  if (integers === undefined || typeof value !== 'number') return coerceOther(type, value);
  return Number.isInteger(value) && value >= integers[0] && value <= integers[1] ? (value === 0 ? 0 : value) : outOfRange(type, value);
}

function coerceOther(type: Typecode, value: unknown): number | bigint | boolean {
  if (type === 'bool') return typeof value === 'boolean' ? value : wrongType(type, 'a boolean', value);
  const bigints = BIGINTS[type];
  if (bigints !== undefined) {
    if (typeof value !== 'bigint') return wrongType(type, 'a bigint', value);
    return value >= bigints[0] && value <= bigints[1] ? value : outOfRange(type, value);
  }
  if (typeof value !== 'number') return wrongType(type, 'a number', value);
  const rounded = type === 'f32' ? Math.fround(value) : value;
  return Number.isFinite(value) && !Number.isFinite(rounded) ? outOfRange(type, value) : rounded;
}

/**
 * Converts a payload to its typecode, for the manager. Accepts both kinds of number from clients that do not have JavaScript's distinction:
 * a whole `number` for i64 and u64, an `integer` for the others.
 */
export function coercePayload(type: Typecode, payload: Payload): Payload {
  const { value } = decodeOpaque(payload);
  const coerced = coerce(type, typeof value === 'number' || typeof value === 'bigint' ? otherKind(type, value) : value);
  return Object.is(coerced, value) ? payload : encodePayload(coerced);
}

/** Converts a number to the kind of number of the typecode if that keeps its value. */
function otherKind(type: Typecode, value: number | bigint): number | bigint {
  const wantsBigint = BIGINTS[type] !== undefined;
  if (typeof value === 'bigint') {
    const number = Number(value);
    if (wantsBigint || type === 'bool') return value;
    return Number.isFinite(number) && BigInt(number) === value ? number : outOfRange(type, value);
  }
  if (!wantsBigint) return value;
  return Number.isInteger(value) ? BigInt(value) : outOfRange(type, value);
}

function wrongType(type: Typecode, wanted: string, value: unknown): never {
  const given = value === null ? 'null' : typeof value;
  throw new InvalidArgumentError(`the type ${type} takes ${wanted}, not ${given === 'object' ? 'an object' : given}`);
}

function outOfRange(type: Typecode, value: number | bigint): never {
  const range = INTEGERS[type] ?? BIGINTS[type];
  const bounds = range === undefined ? '' : `: a whole number from ${range[0]} to ${range[1]}`;
  const shown = String(value);
  throw new OutOfRangeError(`${shown.length > 40 ? `${shown.slice(0, 40)}…` : shown} is not of the type ${type}${bounds}`);
}
