import { isUtf8 } from 'node:buffer';
import type { Payload } from '../wire/values.js';
import { payloadBytes, TAG } from './fields.js';
import { inspect } from './inspect.js';
import { contentBegin, isMinimalScalar } from './minimal.js';
import { decodeOpaque } from './payload.js';
import { guarded } from './refuse.js';
import { byteAt } from './scalar.js';

/**
 * Checks a payload of a client without the SDK before it is stored, so that every client can read it. Costs a look at a few bytes for a
 * scalar, a walk over the bytes for other plain data in the form of the SDK, and a full decoding for the rest.
 * @throws InvalidArgumentError
 */
export function assertReadable(payload: Payload): void {
  const tag = payload.length === 0 ? undefined : byteAt(payload, 0);
  if (tag !== TAG.PACKED && tag !== TAG.TEXT && isMinimalScalar(payload)) return;
  const bytes = payloadBytes(payload);
  if (tag === TAG.PACKED || tag === TAG.TEXT) {
    const begin = contentBegin(bytes);
    if (begin !== undefined) {
      const content = bytes.subarray(begin);
      if (tag === TAG.TEXT ? isAscii(content) || isUtf8(content) : guarded(() => inspect(content)).sound) return;
    }
  }
  decodeOpaque(bytes);
}

/**
 * Checks a payload of the SDK in less time. Packed data comes from the SDK's own encoder and is not walked, which would double the cost of
 * the call.
 */
export function assertWritten(payload: Payload): void {
  const tag = payload.length === 0 ? undefined : byteAt(payload, 0);
  if (tag !== TAG.PACKED && tag !== TAG.REFERENCES) assertReadable(payload);
}

/** Longest text for which a loop in JavaScript is faster than the call into C++. */
const SHORT = 40;

function isAscii(bytes: Uint8Array): boolean {
  return bytes.length <= SHORT && bytes.every((byte) => byte < 0x80);
}
