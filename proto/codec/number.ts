import type { Payload } from '../wire/values.js';
import { decodeOpaque, encodePayload } from './payload.js';

/** Returns the number in a payload of any form; undefined if it is not a number. */
export function numberOf(payload: Payload): number | bigint | undefined {
  const { value } = decodeOpaque(payload);
  return typeof value === 'number' || typeof value === 'bigint' ? value : undefined;
}

/** Encodes a number as a payload: case `number`, or `integer` for a bigint, or `packed` for a bigint beyond 64 bits. */
export function payloadOfNumber(value: number | bigint): Uint8Array {
  return encodePayload(value);
}
