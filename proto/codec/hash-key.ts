import { randomInt } from 'node:crypto';
import { ESCAPE, type MapKey } from './key.js';

/** Odd, so that a product modulo 2^32 can be taken back: different integers stay different. */
const [FIRST, SECOND] = [randomInt(2 ** 31) * 2 + 1, randomInt(2 ** 31) * 2 + 1] as const;
const OFFSET = randomInt(2 ** 32);

const NUMBER = `${ESCAPE}n`;
const BIGINT = `${ESCAPE}i`;

const double = new Float64Array(1);
const long = new BigInt64Array(double.buffer);
const bytes = new Uint8Array(double.buffer);

/**
 * Returns the key under which a JavaScript Map finds an entry, where clients choose the keys. V8 hashes numbers without a seed, so that a client
 * could choose 60,000 numbers of one hash, which take 10 s to store. Here they are mixed with a secret of the process, or become texts,
 * which V8 hashes with a seed. Different keys stay different. The secret has no influence on the order of a Map, nor on anything that is kept.
 */
export function hashKey(key: MapKey): MapKey {
  switch (typeof key) {
    case 'number':
      // NaN has many bit patterns, and is one key.
      return (key | 0) === key ? mixed(key) : textOf(NUMBER, (double[0] = Number.isNaN(key) ? NaN : key));
    case 'bigint':
      return textOf(BIGINT, (long[0] = key));
    default:
      return key;
  }
}

function mixed(integer: number): number {
  let hash = integer ^ OFFSET;
  hash = Math.imul(hash ^ (hash >>> 16), FIRST);
  hash = Math.imul(hash ^ (hash >>> 15), SECOND);
  return hash ^ (hash >>> 16);
}

/** Returns a text of the 64 bits that were just written. */
function textOf(mark: string, _written: number | bigint): string {
  return mark + String.fromCharCode(bytes[0]!, bytes[1]!, bytes[2]!, bytes[3]!, bytes[4]!, bytes[5]!, bytes[6]!, bytes[7]!);
}
