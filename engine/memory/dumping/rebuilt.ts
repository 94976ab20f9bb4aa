import type { Method } from '../../../proto/wire/codec.js';
import type { RebuildCall } from '../../core/calls.js';
import { boundedMs } from '../../core/clock.js';
import type { State } from '../../../proto/state.js';

/** An object as it was at the moment of a dump. */
export interface CapturedObject<S extends State = State> {
  readonly [field: string]: State;
  readonly kind: string;
  readonly name: string;
  /** Its `state()`. */
  readonly state: S;
  /** Time of the dump on the clock of the engine, to which the times in the state relate. */
  readonly now: number;
  /** Milliseconds that it had left; undefined without a time to live. */
  readonly ttlMs: number | undefined;
}

/** Limit of the items that one call carries, so that a dump can be read and made again in small steps. */
const MOST_ITEMS = 100;

/** Bytes that an item takes beside its payload and its key. */
const ITEM_BYTES = 16;

/** Returns the milliseconds until a time, for a request: at least 1, since 0 would be no delay at all. */
export function until(due: number, now: number): number {
  return Math.max(1, boundedMs(Math.ceil(due - now)));
}

/** Returns the call of a method on an object. */
export function callOn<I extends { name: string }>(method: Method<I>, { name }: { name: string }, request: Omit<I, 'name'>): RebuildCall {
  return { method: method, request: { name, ...request } };
}

/** Returns the call of an `Open`. */
export function openOf<I extends { name: string; exclusive: boolean }>(
  method: Method<I>,
  object: { name: string },
  options: Omit<I, 'name' | 'exclusive'>,
): RebuildCall {
  return callOn(method, object, { exclusive: false, ...options } as Omit<I, 'name'>);
}

/** Yields items in portions of at most `mostBytes`. An item that is larger is a portion by itself. */
export function* portions<T>(items: Iterable<T>, mostBytes: number, sizeOf: (item: T) => number): Generator<T[]> {
  let portion: T[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = sizeOf(item) + ITEM_BYTES;
    if (portion.length === MOST_ITEMS || (portion.length > 0 && bytes + size > mostBytes)) {
      yield portion;
      portion = [];
      bytes = 0;
    }
    portion.push(item);
    bytes += size;
  }
  if (portion.length > 0) yield portion;
}

/** Yields bytes in portions of whole elements. */
export function* byteRanges(bytes: Uint8Array, mostBytes: number): Generator<{ readonly start: number; readonly bytes: Uint8Array }> {
  const step = Math.max(LARGEST_ELEMENT, mostBytes - (mostBytes % LARGEST_ELEMENT));
  for (let start = 0; start < bytes.length; start += step) yield { start, bytes: bytes.subarray(start, start + step) };
}

/** Bytes of the largest elements, of which the sizes of all others are divisors. */
const LARGEST_ELEMENT = 8;
