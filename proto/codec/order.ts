import type { Payload } from '../wire/values.js';
import { isBytes } from './binary.js';
import { canonical } from './canonical.js';
import { OpaqueInstance } from './opaque.js';
import { decodeOpaque, encodePayload } from './payload.js';

/** Rank of a payload, and the value that decides within the rank. */
interface SortKey {
  readonly rank: number;
  readonly by: null | boolean | number | bigint | string;
}

const ABSENT: SortKey = { rank: 6, by: null };

/**
 * Compares payloads: null, booleans (false first), numbers and integers by value (NaN last), text by code unit, bytes, then all others by
 * their canonical form, and absent ones last. Returns 0 also for some payloads that are not equal (1 and 1n), whose order a stable sort
 * keeps.
 */
export function comparePayloads(a: Payload | undefined, b: Payload | undefined): number {
  return compareKeys(sortKey(a), sortKey(b));
}

function sortKey(payload: Payload | undefined): SortKey {
  if (payload === undefined) return ABSENT;
  const { value } = decodeOpaque(payload);
  if (value === null) return { rank: 0, by: null };
  if (typeof value === 'boolean') return { rank: 1, by: value };
  if (typeof value === 'number' || typeof value === 'bigint') return { rank: 2, by: value };
  if (typeof value === 'string') return { rank: 3, by: value };
  // With one character per byte, code units order as bytes do.
  if (isBytes(value)) return { rank: 4, by: Buffer.from(value.buffer, value.byteOffset, value.length).toString('latin1') };
  return { rank: 5, by: canonical(payload) };
}

function compareKeys(a: SortKey, b: SortKey): number {
  if (a.rank !== b.rank) return a.rank - b.rank;
  if (a.by === null || b.by === null) return 0;
  // JavaScript compares a number with a bigint by value, and texts by code unit.
  if (a.by < b.by) return -1;
  if (a.by > b.by) return 1;
  return Number(Number.isNaN(a.by)) - Number(Number.isNaN(b.by));
}

/**
 * Returns the part of a payload at a path such as "user.address.city" or "lines.0.price": keys of objects and of Maps, indexes of arrays;
 * for an instance, keys and indexes of its data. Undefined if there is no such part.
 */
export function fieldOf(payload: Payload, path: string): Payload | undefined {
  let { value } = decodeOpaque(payload);
  for (const step of path.split('.')) value = partOf(value, step);
  return value === undefined ? undefined : encodePayload(value);
}

function partOf(value: unknown, step: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  if (value instanceof OpaqueInstance) return partOf(value.data, step);
  if (value instanceof Map) return value.get(step) as unknown;
  const isPlain = Array.isArray(value) ? /^\d+$/.test(step) : Object.getPrototypeOf(value) === Object.prototype;
  return isPlain && Object.hasOwn(value, step) ? (value as Record<string, unknown>)[step] : undefined;
}
