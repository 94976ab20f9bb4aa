import type { Payload } from '../wire/values.js';
import { canonical } from './canonical.js';
import { payloadBytes, TAG } from './fields.js';
import { contentBegin, isMinimalScalar } from './minimal.js';
import { samePacked } from './same-packed.js';
import { byteAt } from './scalar.js';

/** Returns true if two payloads are deeply equal. See {@link equalTo}. */
export function equalPayloads(a: Payload, b: Payload): boolean {
  return equalTo(a)(b);
}

/**
 * Returns a function that tells if payloads are deeply equal to this one: if they have the same canonical form. Scalars and plain data are
 * compared as bytes, up to the first difference; only others are decoded, this one once.
 * @throws InvalidArgumentError for bytes that are not a payload, where they have to be decoded
 */
export function equalTo(value: Payload): (other: Payload) => boolean {
  const wanted = payloadBytes(value);
  let form: string | undefined;
  return (other) => {
    if (value === other) return true;
    return sameBytes(wanted, other) || (decided(wanted, other) ?? canonical(other) === (form ??= canonical(value)));
  };
}

function sameBytes(wanted: Uint8Array, other: Payload): boolean {
  const { length } = wanted;
  if (other.length !== length) return false;
  // Most differ in the last byte or in the middle, since short payloads begin alike.
  if (byteAt(other, length - 1) !== wanted[length - 1] || byteAt(other, length >> 1) !== wanted[length >> 1]) return false;
  return Buffer.compare(wanted, payloadBytes(other)) === 0;
}

/** Returns whether payloads of different bytes are equal; undefined if that cannot be seen from the bytes. */
function decided(a: Uint8Array, b: Payload): boolean | undefined {
  const [oneMinimal, otherMinimal] = [isMinimalScalar(a), isMinimalScalar(b)];
  if (oneMinimal && otherMinimal) return false;
  const one = oneMinimal ? undefined : plainBegin(a);
  const other = otherMinimal ? undefined : plainBegin(b);
  if (one !== undefined && other !== undefined) return samePacked(a, one, payloadBytes(b), other);
  // A container is no scalar.
  return (one !== undefined && otherMinimal) || (oneMinimal && other !== undefined) ? false : undefined;
}

/** Returns the begin of the packed content, if that is the whole payload and an object or array. */
function plainBegin(payload: Payload): number | undefined {
  if (payload.length === 0 || byteAt(payload, 0) !== TAG.PACKED) return undefined;
  const begin = contentBegin(payload);
  if (begin === undefined) return undefined;
  const head = byteAt(payload, begin);
  return (head >= 0x80 && head < 0xa0) || (head >= 0xdc && head <= 0xdf) ? begin : undefined;
}
