import type { Payload } from '../wire/values.js';
import { writeCanonical } from './canonical-value.js';
import { payloadString } from './fields.js';
import { isMinimalScalar } from './minimal.js';
import { decodeOpaque } from './payload.js';
import { guarded } from './refuse.js';

/**
 * Returns a byte string (one character per byte) that is the same for two payloads exactly if their values are deeply equal. The order of
 * an object's keys, of a Map's entries and of a Set's members makes no difference, and neither does the way in which the payload was
 * written; see docs/payload.md. The string is short even for a large value, so that it can be stored as a key.
 * @throws InvalidArgumentError for bytes that are not a payload
 */
export function canonical(payload: Payload): string {
  if (isMinimalScalar(payload)) return payloadString(payload);
  return guarded(() => writeCanonical(decodeOpaque(payload)));
}
