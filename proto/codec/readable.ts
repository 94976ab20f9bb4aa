import { isUtf8 } from 'node:buffer';
import type { Payload } from '../wire/values.js';
import { payloadBytes, TAG } from './fields.js';
import { inspect } from './inspect.js';
import { isMinimalScalar } from './minimal.js';
import { decodeOpaque } from './payload.js';
import { guarded } from './refuse.js';
import { byteAt } from './scalar.js';

/**
 * Checks a payload of a stranger before it is stored: every client can read what this lets in. Throws
 * {@link InvalidArgumentError} for anything else. Costs a look at a few bytes for a scalar, a walk over its bytes
 * for other plain data as the SDK writes it, and decodes the rest.
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
 * Checks a payload of the SDK in less time: packed data comes from its own encoder, and a walk over it would cost a
 * call as much again.
 */
export function assertWritten(payload: Payload): void {
  const tag = payload.length === 0 ? undefined : byteAt(payload, 0);
  if (tag !== TAG.PACKED && tag !== TAG.REFERENCES) assertReadable(payload);
}

/** Where the content of a payload begins that is one field with a length; undefined where something follows it. */
function contentBegin(bytes: Uint8Array): number | undefined {
  let length = 0;
  for (let at = 1; at < bytes.length && at <= 5; at++) {
    length += (bytes[at]! & 0x7f) * 2 ** (7 * (at - 1));
    if (bytes[at]! < 0x80) return at + 1 + length === bytes.length ? at + 1 : undefined;
  }
  return undefined;
}

/** Up to here a loop in JavaScript beats the call into C++. */
const SHORT = 40;

function isAscii(bytes: Uint8Array): boolean {
  return bytes.length <= SHORT && bytes.every((byte) => byte < 0x80);
}
