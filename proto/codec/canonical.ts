import type { Payload } from '../wire/values.js';
import { writeCanonical } from './canonical-value.js';
import { payloadString } from './fields.js';
import { isMinimalScalar } from './minimal.js';
import { decodeOpaque } from './payload.js';
import { guarded } from './refuse.js';

/**
 * A byte string (a character a byte) that two payloads have in common exactly when their values are
 * deeply equal. Neither the order of an object's keys, of a Map's entries or of a Set's members
 * counts, nor how the payload was written; see docs/payload.md. It is short even for a large value,
 * so that it can be kept as a key. Throws {@link InvalidArgumentError} for bytes that are no payload.
 */
export function canonical(payload: Payload): string {
  if (isMinimalScalar(payload)) return payloadString(payload);
  return guarded(() => writeCanonical(decodeOpaque(payload)));
}

/** Whether two payloads are deeply equal. */
export function equalPayloads(a: Payload, b: Payload): boolean {
  return a === b || canonical(a) === canonical(b);
}
