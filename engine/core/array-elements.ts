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

/** Indexes travel in 32 bits, with a sign. */
const MOST_ELEMENTS = 2 ** 31 - 1;

/** An array, wherever its elements are. */
export interface Sized {
  readonly name: string;
  readonly size: number;
}

/** The place that an index names, negative ones from the end. @throws OutOfRangeError */
export function placeOf({ name, size }: Sized, index: number): number {
  const place = index < 0 ? index + size : index;
  if (place >= 0 && place < size) return place;
  throw new OutOfRangeError(`index ${index} of an array of ${size}, which does not grow`, { object: name });
}

/** The places from `start` to before `end`, as Array.slice understands them. */
export function rangeOf({ size }: Sized, start = 0, end = size): [number, number] {
  const near = (index: number): number => Math.min(Math.max(index < 0 ? index + size : index, 0), size);
  return [near(start), near(end)];
}

/** The place from which so many elements are there. @throws OutOfRangeError */
export function roomOf({ name, size }: Sized, start: number, count: number): number {
  const place = start < 0 ? start + size : start;
  if (place >= 0 && place + count <= size) return place;
  throw new OutOfRangeError(`${count} elements from index ${start} on, in an array of ${size}, which does not grow`, { object: name });
}

/** Bytes of elements, of the array's own type where no other is given, as elements of the array. */
export function receivedElements(own: Typecode, type: string, bytes: Uint8Array): Elements {
  const from = type === '' ? own : typecodeNamed(type);
  const elements = elementsOfBytes(from, bytes);
  return from === own ? elements : convertElements(from, elements, own);
}

/** How many elements a request asks for; undefined where it does not say. @throws OutOfRangeError */
export function lengthOf(type: Typecode, { length, initial }: ArrayServiceOpenRequest): number | undefined {
  if (initial !== undefined) return initial.length / bytesPerElement(type);
  if (length !== undefined && length > MOST_ELEMENTS) {
    throw new OutOfRangeError(`an array of ${length} elements: at most ${MOST_ELEMENTS} have indexes`);
  }
  return length;
}

/** What an array begins with; undefined where the request does not say. */
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

/** Refuses what was asked of an array that is another. @throws OptionsConflictError */
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

/** NaN equals itself, and -0 is 0, as in all comparisons of values. */
export function equal(a: StoredElement, b: StoredElement): boolean {
  return a === b || Object.is(a, b);
}
