import { encodePayload } from '../../proto/codec/payload.js';
import { InvalidArgumentError } from '../../proto/errors.js';
import type {
  DictEntry,
  DictServiceSetManyRequest,
  DictServiceSetRequest,
  DictServiceTtlResponse,
} from '../../proto/gen/commonhold/v1/dict_wire.js';
import type { Key, Payload } from '../../proto/wire/values.js';
import { Held } from '../locking/held.js';
import type { Transport } from '../connect/transport/transport.js';
import { validKey } from './arguments.js';
import { checkOptions, type OptionNames } from '../../proto/known-options.js';
import { quoted } from '../../proto/given.js';
import { ttlMs, VALUES_OPTIONS, type ValuesOptions } from './object-options.js';

/** Options of a shared dict. */
export interface DictOptions<V = unknown> extends ValuesOptions<V> {
  /**
   * Maximum number of entries, 1 or more. A call that adds more evicts the least recently used keys: reads and writes of single keys and of
   * many keys use them; `has`, `ttl`, iterations and `toMap` do not. Set by the first proxy that gives one; the others give the same or
   * none. Default: no limit.
   */
  maxEntries?: number | undefined;
}

export const DICT_OPTIONS = { ...VALUES_OPTIONS, maxEntries: true } satisfies OptionNames<DictOptions>;

/** Options of storing many values in a dict. */
export interface DictSetManyOptions {
  /** Milliseconds after which each of the keys is removed. Default: never. */
  ttl?: number | undefined;
}

/** Options of changing the value under a key, or under many. */
export interface DictChangeOptions {
  /** Milliseconds after which a key that the call adds is removed; a key that exists keeps its end. Default: never. */
  ttl?: number | undefined;
  /** If true, a key that exists gets the `ttl` too, counted from this call; `Infinity` removes its end. Default: false. */
  refresh?: boolean | undefined;
}

/** Options of an iteration over a dict. */
export interface DictScanOptions {
  /** Returns only keys that are strings and begin with this. The manager looks at all keys nevertheless. Default: all keys. */
  prefix?: string | undefined;
}

/** Options of storing a value in a dict. */
export interface DictSetOptions {
  /** Milliseconds after which the key is removed. Default: never. */
  ttl?: number | undefined;
  /**
   * Allows the write only while this hold is held: a holder that has lost its lock, without knowing yet, changes nothing. Default: no
   * fence.
   */
  fence?: Held | undefined;
}

const SET_OPTIONS = { ttl: true, fence: true } satisfies OptionNames<DictSetOptions>;
const SET_MANY_OPTIONS = { ttl: true } satisfies OptionNames<DictSetManyOptions>;
const CHANGE_OPTIONS = { ttl: true, refresh: true } satisfies OptionNames<DictChangeOptions>;
const SCAN_OPTIONS = { prefix: true } satisfies OptionNames<DictScanOptions>;

/** Entries of a dict: a Map, `[key, value]` pairs, or, if keys are strings, a plain object. */
export type DictEntries<K extends Key, V> = Iterable<readonly [K, V]> | (K extends string ? Readonly<Record<string, V>> : never);

/** Returns entries as pairs. */
export function pairsOf<K extends Key, V>(entries: DictEntries<K, V>): Iterable<readonly [K, V]> {
  if (typeof entries !== 'object' || entries === null) {
    throw new InvalidArgumentError(`the entries are ${quoted(entries)}: give an object, a Map, or pairs of keys and values`);
  }
  return Symbol.iterator in entries ? entries : (Object.entries(entries) as [K, V][]);
}

/** Encodes numbers to add under keys. */
export function deltasOf<K extends Key>(counts: DictEntries<K, number | bigint>): DictEntry[] {
  return Array.from(pairsOf(counts), ([key, delta]) => ({ key: validKey(key), value: encodePayload(delta) }));
}

/** Builds a request to store encoded values. */
export function setManyRequest(name: string, entries: DictEntry[], options: DictSetManyOptions | undefined): DictServiceSetManyRequest {
  const request: DictServiceSetManyRequest = { name, entries };
  if (options === undefined) return request;
  checkOptions(options, SET_MANY_OPTIONS);
  if (options.ttl !== undefined) request.ttlMs = ttlMs(options.ttl);
  return request;
}

/**
 * Adds the end that a change gives its keys to the request.
 * @throws InvalidArgumentError for an invalid ttl, and for `refresh` without one
 */
export function withEnd<R extends object>(request: R & KeyEndFields, options: DictChangeOptions | undefined): R & KeyEndFields {
  if (options === undefined) return request;
  checkOptions(options, CHANGE_OPTIONS);
  const { ttl, refresh } = options;
  if (ttl !== undefined) request.ttlMs = ttlMs(ttl);
  if (refresh !== true) return request;
  if (ttl === undefined) throw new InvalidArgumentError('refresh without a ttl: give the new one, or Infinity to remove the old one');
  request.refresh = true;
  return request;
}

/** The fields of a request that give its keys an end. */
interface KeyEndFields {
  ttlMs?: number | undefined;
  refresh?: boolean | undefined;
}

/**
 * Returns the prefix of the keys to iterate over.
 * @throws InvalidArgumentError if it is not a string
 */
export function prefixOf(options: DictScanOptions | undefined): string | undefined {
  if (options === undefined) return undefined;
  checkOptions(options, SCAN_OPTIONS);
  const { prefix } = options;
  if (prefix === undefined) return undefined;
  if (typeof prefix !== 'string') {
    throw new InvalidArgumentError(`prefix is ${quoted(prefix)}: give a string, because only keys that are strings have a beginning`);
  }
  return validKey(prefix);
}

/** Returns the milliseconds that a key has left: `Infinity` without an end, undefined for a missing key. */
export function timeLeft({ found, ttlMs = Infinity }: DictServiceTtlResponse): number | undefined {
  return found ? ttlMs : undefined;
}

/** Builds a request to store an encoded value. */
export function setRequest(
  transport: Transport,
  name: string,
  key: Key,
  value: Payload,
  options: DictSetOptions | undefined,
): DictServiceSetRequest {
  const request: DictServiceSetRequest = { name, key: validKey(key), value };
  if (options === undefined) return request;
  checkOptions(options, SET_OPTIONS);
  if (options.ttl !== undefined) request.ttlMs = ttlMs(options.ttl);
  if (options.fence !== undefined) request.fence = Held.fenceOf(options.fence, transport);
  return request;
}
