import { InvalidArgumentError, ManagerError, OutOfRangeError } from '../errors.js';
import type { Payload } from '../wire/values.js';
import { binaryClass, bytesOf } from './binary.js';
import { decodeOpaque } from './payload.js';
import { coerce, coercePayload, isTypecode, type Typecode } from './typecode.js';

// The elements of an array lie in a typed array in the form in which they travel: little-endian, as on every machine that this code runs
// on. A bool is a byte that is 0 or 1.

const ARRAYS = {
  i8: Int8Array,
  u8: Uint8Array,
  i16: Int16Array,
  u16: Uint16Array,
  i32: Int32Array,
  u32: Uint32Array,
  i64: BigInt64Array,
  u64: BigUint64Array,
  f32: Float32Array,
  f64: Float64Array,
  bool: Uint8Array,
} as const;

/** Class of the typed array for a typecode; `bool` is a Uint8Array of 0 and 1. */
export type TypedArrayOf<T extends Typecode> = InstanceType<(typeof ARRAYS)[T]>;

/** Type of one element of a typecode: a bigint for 64-bit integers, a boolean for `bool`, otherwise a number. */
export type ElementOf<T extends Typecode> = T extends 'i64' | 'u64' ? bigint : T extends 'bool' ? boolean : number;

/** Types that callers may write several elements as: for `bool`, 0 and 1 are accepted too. */
export type ElementsOf<T extends Typecode> = Iterable<T extends 'bool' ? boolean | number : ElementOf<T>>;

/** An element in the form of its typed array. */
export type StoredElement = number | bigint;

/** A typed array of any class, without TypeScript's distinction between them. */
export interface Elements extends ArrayBufferView, Iterable<StoredElement> {
  [index: number]: StoredElement;
  readonly length: number;
  set(elements: ArrayLike<StoredElement>, start: number): void;
  subarray(start: number, end: number): Elements;
  slice(start: number, end: number): Elements;
  fill(value: StoredElement, start: number, end: number): unknown;
}

/** Narrows a text to a typecode. @throws InvalidArgumentError */
export function typecodeNamed(text: string): Typecode {
  if (typeof text === 'string' && isTypecode(text)) return text;
  const given = typeof text === 'string' ? `"${text}"` : `this ${typeof text}`;
  throw new InvalidArgumentError(`${given} is no typecode: use i8, u8, i16, u16, i32, u32, i64, u64, f32, f64 or bool`);
}

/** Values from which elements are made. */
type Values = Iterable<unknown> | ArrayLike<unknown>;

/** Returns the size of one element in bytes. */
export function bytesPerElement(type: Typecode): number {
  return ARRAYS[type].BYTES_PER_ELEMENT;
}

/** Returns a typed array of `length` zeros. */
export function zeros<T extends Typecode>(type: T, length: number): TypedArrayOf<T> {
  return new ARRAYS[type](length) as TypedArrayOf<T>;
}

/** Returns a typed array over elements in a buffer, without a copy. */
export function elementsAt<T extends Typecode>(type: T, buffer: ArrayBufferLike, offset: number, length: number): TypedArrayOf<T> {
  return new ARRAYS[type](buffer as ArrayBuffer, offset, length) as TypedArrayOf<T>;
}

/** Copies bytes into a typed array. @throws InvalidArgumentError for a wrong length, OutOfRangeError for a bool other than 0 and 1 */
export function elementsOfBytes<T extends Typecode>(type: T, bytes: Uint8Array): TypedArrayOf<T> {
  const size = bytesPerElement(type);
  if (bytes.length % size !== 0) {
    throw new InvalidArgumentError(`${bytes.length} bytes of elements: one of the type ${type} has ${size}`);
  }
  // Not `slice`, which returns a view for a Buffer.
  const elements = new ARRAYS[type](new Uint8Array(bytes).buffer) as TypedArrayOf<T>;
  if (type === 'bool') checkBools(elements as Uint8Array);
  return elements;
}

/**
 * Converts values into new elements of a typecode by {@link coerce}; 64-bit integers must be bigints. Throws its errors, with the index of
 * the value.
 */
export function elementsOf<T extends Typecode>(type: T, values: Values): TypedArrayOf<T> {
  if (ArrayBuffer.isView(values) && binaryClass(values) === ARRAYS[type].name) return elementsOfBytes(type, bytesOf(values));
  const list = listOf(values);
  const elements = zeros(type, list.length);
  let at = 0;
  try {
    for (; at < list.length; at++) (elements as Elements)[at] = stored(type, list[at]);
  } catch (error) {
    if (error instanceof ManagerError) error.message = `value ${at}: ${error.message}`;
    throw error;
  }
  return elements;
}

/** Converts values into elements for an array whose type is unknown, of a typecode that loses nothing of them. */
export function travellingElements(values: Values): { type: Typecode; elements: Elements } {
  const list = listOf(values);
  const type = travellingType(list);
  return { type, elements: elementsOf(type, list) };
}

function travellingType(values: ArrayLike<unknown>): Typecode {
  if (ArrayBuffer.isView(values)) {
    const name = binaryClass(values);
    return (Object.keys(ARRAYS) as Typecode[]).find((type) => ARRAYS[type].name === name) ?? 'f64';
  }
  const first = values[0];
  if (typeof first === 'boolean') return 'bool';
  if (typeof first !== 'bigint') return 'f64';
  return Array.prototype.some.call(values, (value) => typeof value === 'bigint' && value >= 2n ** 63n) ? 'u64' : 'i64';
}

/** Converts elements of one typecode into another, and checks each of them. */
export function convertElements<T extends Typecode>(from: Typecode, elements: Elements, to: T): TypedArrayOf<T> {
  return elementsOf(to, from === 'bool' && to !== 'bool' ? Array.from(elements, Boolean) : elements);
}

/** Converts a value into one element, in the form that users see. Throws the errors of {@link coerce}. */
export function element(type: Typecode, value: unknown): number | bigint | boolean {
  return shown(type, stored(type, value));
}

/** Converts a payload into an element, in the form of its array. */
export function storedPayload(type: Typecode, payload: Payload): StoredElement {
  if (type !== 'bool') return decodeOpaque(coercePayload(type, payload)).value as StoredElement;
  return stored(type, decodeOpaque(payload).value);
}

/** Converts a stored element into the form that users see. */
export function shown(type: Typecode, stored: StoredElement): number | bigint | boolean {
  return type === 'bool' ? stored === 1 : stored;
}

/** Converts a value into an element, in the form of its array. Throws the errors of {@link coerce}. */
export function stored(type: Typecode, value: unknown): StoredElement {
  if (type !== 'bool') return coerce(type, value) as StoredElement;
  if (typeof value !== 'number') return Number(coerce(type, value));
  return value === 0 || value === 1 ? value + 0 : noBool(value);
}

function checkBools(bytes: Uint8Array): void {
  for (const byte of bytes) if (byte > 1) noBool(byte);
}

function noBool(value: number): never {
  throw new OutOfRangeError(`${value} is not a bool: give true or 1, false or 0`);
}

function listOf(values: Values): ArrayLike<unknown> {
  if (Array.isArray(values) || (ArrayBuffer.isView(values) && 'length' in values)) return values as ArrayLike<unknown>;
  if (typeof (values as Partial<Iterable<unknown>> | null | undefined)?.[Symbol.iterator] === 'function')
    return Array.from(values as Iterable<unknown>);
  throw new InvalidArgumentError('the values are not iterable: give a typed array, an array or another iterable');
}
