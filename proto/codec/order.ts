import type { Payload } from '../wire/values.js';
import { isBytes } from './binary.js';
import { canonical } from './canonical.js';
import { decodeOpaque, encodePayload } from './payload.js';

/** The order of the kinds of values. */
export const RANK = { null: 0, boolean: 1, number: 2, text: 3, bytes: 4, other: 5, absent: 6 } as const;

/** The place of a value in the order of all values: its rank, and the value that decides within the rank. */
export interface SortKey {
  readonly rank: number;
  readonly by: null | boolean | number | bigint | string;
}

const ABSENT: SortKey = { rank: RANK.absent, by: null };

/**
 * Returns the key by which a payload is sorted. A list is sorted by computing each key once, since the payload has to be decoded for it.
 * @param path if not empty, the dotted path of the part to sort by; see {@link fieldOf}
 */
export function sortKey(payload: Payload | undefined, path = ''): SortKey {
  if (payload === undefined) return ABSENT;
  const value = path === '' ? decodeOpaque(payload).value : fieldOf(payload, path);
  if (value === undefined) return ABSENT;
  if (value === null) return { rank: RANK.null, by: null };
  if (typeof value === 'boolean') return { rank: RANK.boolean, by: value };
  if (typeof value === 'number' || typeof value === 'bigint') return { rank: RANK.number, by: value };
  if (typeof value === 'string') return { rank: RANK.text, by: value };
  // With one character per byte, code units order as bytes do.
  if (isBytes(value)) return { rank: RANK.bytes, by: Buffer.from(value.buffer, value.byteOffset, value.length).toString('latin1') };
  return { rank: RANK.other, by: canonical(path === '' ? payload : encodePayload(value)) };
}

/**
 * Compares keys: null, booleans (false first), numbers and integers by value (NaN last), text by code unit, bytes, then all others by
 * their canonical form, and absent ones last. Returns 0 also for some values that are not equal (1 and 1n), whose order a stable sort
 * keeps.
 */
export function compareKeys(a: SortKey, b: SortKey): number {
  if (a.rank !== b.rank) return a.rank - b.rank;
  if (a.by === null || b.by === null) return 0;
  // JavaScript compares a number with a bigint by value, and texts by code unit.
  if (a.by < b.by) return -1;
  if (a.by > b.by) return 1;
  return Number(Number.isNaN(a.by)) - Number(Number.isNaN(b.by));
}

/**
 * Returns the part of a decoded payload at a path such as "user.address.city" or "lines.0.price": keys of objects and of Maps, indexes of
 * arrays. Undefined if there is no such part.
 */
export function fieldOf(payload: Payload, path: string): unknown {
  let { value } = decodeOpaque(payload);
  for (const step of path.split('.')) value = partOf(value, step);
  return value;
}

function partOf(value: unknown, step: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  if (value instanceof Map) return value.get(step) as unknown;
  const isPlain = Array.isArray(value) ? /^\d+$/.test(step) : Object.getPrototypeOf(value) === Object.prototype;
  return isPlain && Object.hasOwn(value, step) ? (value as Record<string, unknown>)[step] : undefined;
}
