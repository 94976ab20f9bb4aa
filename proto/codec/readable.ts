import { isUtf8 } from 'node:buffer';
import type { Payload } from '../wire/values.js';
import { payloadBytes, TAG } from './fields.js';
import { inspect } from './inspect.js';
import { contentBegin, isMinimalScalar } from './minimal.js';
import { decodeOpaque } from './payload.js';
import { byteAt } from './scalar.js';

/**
 * Checks a payload before it is stored, so that every client can read it. Costs a look at a few bytes for a scalar, a walk over the bytes for
 * other plain data in the form of the SDK, and a full decoding for the rest: references, errors, values in which objects occur more than
 * once, and everything in another form.
 * @throws InvalidArgumentError
 */
export function assertReadable(payload: Payload): void {
  const tag = payload.length === 0 ? undefined : byteAt(payload, 0);
  if (tag !== TAG.PACKED && tag !== TAG.TEXT && isMinimalScalar(payload)) return;
  const bytes = payloadBytes(payload);
  if (tag === TAG.PACKED || tag === TAG.TEXT) {
    const begin = contentBegin(bytes);
    if (begin !== undefined) {
      if (tag === TAG.TEXT ? isText(bytes.subarray(begin)) : inspect(bytes, begin).sound) return;
    }
  }
  decodeOpaque(bytes);
}

/** Longest text for which a loop in JavaScript is faster than the call into C++. */
const SHORT = 40;

function isText(bytes: Uint8Array): boolean {
  return (bytes.length <= SHORT && bytes.every((byte) => byte < 0x80)) || isUtf8(bytes);
}
