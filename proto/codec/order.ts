import type { Payload } from '../wire/values.js';
import { isBytes } from './binary.js';
import { canonical } from './canonical.js';
import { OpaqueInstance } from './opaque.js';
import { decodeOpaque, encodePayload } from './payload.js';

/** Rank and, within the rank, what decides. */
interface SortKey {
  readonly rank: number;
  readonly by: null | boolean | number | bigint | string;
}

const ABSENT: SortKey = { rank: 6, by: null };

/**
 * Orders payloads: null, booleans (false first), numbers and integers by value (NaN last), text by
 * code unit, bytes, then all else by its canonical form, and last what is absent. Where it answers 0
 * without the payloads being equal (1 and 1n), a stable sort keeps their order.
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
  // A character a byte: code units then order as bytes do.
  if (isBytes(value)) return { rank: 4, by: Buffer.from(value.buffer, value.byteOffset, value.length).toString('latin1') };
  return { rank: 5, by: canonical(payload) };
}

function compareKeys(a: SortKey, b: SortKey): number {
  if (a.rank !== b.rank) return a.rank - b.rank;
  if (a.by === null || b.by === null) return 0;
  // JavaScript compares a number with a bigint by value, texts by code unit.
  if (a.by < b.by) return -1;
  if (a.by > b.by) return 1;
  return Number(Number.isNaN(a.by)) - Number(Number.isNaN(b.by));
}

/**
 * The part of a payload that a path such as "user.address.city" or "lines.0.price" names: keys of
 * objects and of Maps, indexes of arrays; of an instance, those of its data. Undefined where there is
 * nothing.
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
