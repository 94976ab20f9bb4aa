import {
  bytesPerElement,
  convertElements,
  elementsOfBytes,
  typecodeNamed,
  zeros,
  type Elements,
  type StoredElement,
} from '../../proto/codec/elements.js';
import type { Typecode } from '../../proto/codec/typecode.js';
import { LimitExceededError, OptionsConflictError, OutOfRangeError } from '../../proto/errors.js';
import type { ArrayServiceOpenRequest } from '../../proto/gen/commonhold/v1/array_wire.js';

/** The contract carries indexes as signed 32-bit integers. */
const MOST_ELEMENTS = 2 ** 31 - 1;

/** Name and number of elements of an array. */
export interface Sized {
  readonly name: string;
  readonly size: number;
}

/** Returns the position of an index; negative indexes count from the end. @throws OutOfRangeError */
export function placeOf({ name, size }: Sized, index: number): number {
  const place = index < 0 ? index + size : index;
  if (place >= 0 && place < size) return place;
  throw new OutOfRangeError(`there is no index ${index} in an array of ${size}: arrays do not grow`, { object: name });
}

/** Returns start and end position as `Array.slice` computes them. */
export function rangeOf({ size }: Sized, start = 0, end = size): [number, number] {
  const near = (index: number): number => Math.min(Math.max(index < 0 ? index + size : index, 0), size);
  return [near(start), near(end)];
}

/** Returns the position of `start`, if `count` elements follow from there. @throws OutOfRangeError */
export function roomOf({ name, size }: Sized, start: number, count: number): number {
  const place = start < 0 ? start + size : start;
  if (place >= 0 && place + count <= size) return place;
  throw new OutOfRangeError(`${count} elements from index ${start} on, of an array of ${size}: arrays do not grow`, { object: name });
}

/** Decodes elements of type `type` (empty: the array's own) and converts them to the array's type. */
export function receivedElements(own: Typecode, type: string, bytes: Uint8Array): Elements {
  const from = type === '' ? own : typecodeNamed(type);
  const elements = elementsOfBytes(from, bytes);
  return from === own ? elements : convertElements(from, elements, own);
}

/** Returns the requested number of elements; undefined if the request names none. @throws OutOfRangeError */
export function lengthOf(type: Typecode, { length, initial }: ArrayServiceOpenRequest): number | undefined {
  if (initial !== undefined) return initial.length / bytesPerElement(type);
  if (length !== undefined && length > MOST_ELEMENTS) {
    throw new OutOfRangeError(`an array cannot have ${length} elements: at most ${MOST_ELEMENTS}`);
  }
  return length;
}

/** Returns the initial elements; undefined if the request names neither elements nor a length. @throws LimitExceededError */
export function initialElements(type: Typecode, request: ArrayServiceOpenRequest): Elements | undefined {
  if (request.initial !== undefined) return elementsOfBytes(type, request.initial);
  const length = lengthOf(type, request);
  if (length === undefined) return undefined;
  try {
    return zeros(type, length);
  } catch (cause) {
    throw new LimitExceededError(`no memory for ${length} elements of the type ${type}: ${(cause as Error).message}`, { cause });
  }
}

/** Refuses to open an existing array with another type or length. @throws OptionsConflictError */
export function checkOptions(array: Sized & { type: Typecode }, asked: Typecode | undefined, request: ArrayServiceOpenRequest): void {
  const { name, type, size } = array;
  if (asked !== undefined && asked !== type) {
    throw new OptionsConflictError(`"${name}" has the type ${type}, not ${asked}`, { object: name });
  }
  const length = request.initial === undefined ? request.length : request.initial.length / bytesPerElement(type);
  if (length !== undefined && length !== size) {
    throw new OptionsConflictError(`"${name}" has ${size} elements, not ${length}`, { object: name });
  }
}

/** Compares elements as values are compared everywhere: NaN equals NaN, -0 equals 0. */
export function equal(a: StoredElement, b: StoredElement): boolean {
  return a === b || Object.is(a, b);
}
