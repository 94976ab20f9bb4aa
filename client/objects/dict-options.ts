import { encodePayload } from '../../proto/codec/payload.js';
import type { DictEntry, DictServiceSetRequest } from '../../proto/gen/commonhold/v1/dict_wire.js';
import type { Key, Payload } from '../../proto/wire/values.js';
import { Held } from '../locking/held.js';
import type { Transport } from '../connect/transport/transport.js';
import { validKey } from './arguments.js';
import { checkOptions, type OptionNames } from '../known-options.js';
import { ttlMs, type ValuesOptions } from './object-options.js';

/** Options of a shared dict. */
export interface DictOptions<V = unknown> extends ValuesOptions<V> {}

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

/** Entries of a dict: a Map, `[key, value]` pairs, or, if keys are strings, a plain object. */
export type DictEntries<K extends Key, V> = Iterable<readonly [K, V]> | (K extends string ? Readonly<Record<string, V>> : never);

/** Returns entries as pairs. */
export function pairsOf<K extends Key, V>(entries: DictEntries<K, V>): Iterable<readonly [K, V]> {
  return Symbol.iterator in entries ? entries : (Object.entries(entries) as [K, V][]);
}

/** Encodes numbers to add under keys. */
export function deltasOf<K extends Key>(counts: DictEntries<K, number | bigint>): DictEntry[] {
  return Array.from(pairsOf(counts), ([key, delta]) => ({ key: validKey(key), value: encodePayload(delta) }));
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
  if (options.fence !== undefined) request.fence = { name: options.fence.object, token: Held.tokenOf(options.fence, transport) };
  return request;
}
