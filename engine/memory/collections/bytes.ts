import type { Payload } from '../../../proto/wire/values.js';

/** Size in bytes above which a payload is kept outside of the JavaScript heap. */
const LARGE = 4096;

/**
 * Returns a copy of a payload to keep. An incoming payload is a view of a frame, and keeping the view would keep the whole frame in memory.
 * A small payload becomes a byte string, which costs 16 bytes beside its content.
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

/** Copies each payload, see {@link compact}. */
export function compactAll(payloads: readonly Payload[]): Payload[] {
  return payloads.map(compact);
}
