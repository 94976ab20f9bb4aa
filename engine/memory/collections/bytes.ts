import type { Payload } from '../../../proto/wire/values.js';

/** Above this size bytes stay outside of the JavaScript heap. */
const LARGE = 4096;

/**
 * A payload as it is kept. What came in is a view of a frame, which it would keep alive as a whole;
 * small ones become byte strings, which cost 16 bytes beside their content, large ones a copy.
 */
export function compact(payload: Payload): Payload {
  if (typeof payload === 'string') return payload;
  if (payload.length > LARGE) {
    const copy = Buffer.allocUnsafeSlow(payload.length);
    copy.set(payload);
    return copy;
  }
  const bytes = Buffer.isBuffer(payload) ? payload : Buffer.from(payload.buffer, payload.byteOffset, payload.length);
  return bytes.toString('latin1');
}

/** Payloads as they are kept. */
export function compactAll(payloads: readonly Payload[]): Payload[] {
  return payloads.map(compact);
}
