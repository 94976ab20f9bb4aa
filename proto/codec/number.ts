import type { Payload } from '../wire/values.js';
import { decodeOpaque, encodePayload } from './payload.js';

/** The number that a payload is, however it was written; undefined where it is something else. */
export function numberOf(payload: Payload): number | bigint | undefined {
  const { value } = decodeOpaque(payload);
  return typeof value === 'number' || typeof value === 'bigint' ? value : undefined;
}

/** A number as a payload: the case `number`, `integer` for a bigint, `packed` for one beyond 64 bits. */
export function payloadOfNumber(value: number | bigint): Uint8Array {
  return encodePayload(value);
}
