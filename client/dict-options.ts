import type { DictServiceSetRequest } from '../proto/gen/commonhold/v1/dict_wire.js';
import type { Key, Payload } from '../proto/wire/values.js';
import type { Held } from './held.js';
import { validKey } from './key.js';
import { ttlMs, type ValuesOptions } from './object-options.js';

/** Options of a shared dict. */
export interface DictOptions<V = unknown> extends ValuesOptions<V> {}

/** Options of storing in a dict. */
export interface DictSetOptions {
  /** Milliseconds after which the key is removed. Default: it stays. */
  ttl?: number | undefined;
  /**
   * Lets the write through only while this is held: a holder that lost its lock, and does not know it yet,
   * changes nothing. Default: no fence.
   */
  fence?: Held | undefined;
}

/** A request to store what is encoded already. */
export function setRequest(name: string, key: Key, value: Payload, options: DictSetOptions | undefined): DictServiceSetRequest {
  const request: DictServiceSetRequest = { name, key: validKey(key), value };
  if (options?.ttl !== undefined) request.ttlMs = ttlMs(options.ttl);
  if (options?.fence !== undefined) request.fence = { name: options.fence.object, token: Number(options.fence.token) };
  return request;
}
