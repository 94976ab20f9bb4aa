import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InvalidArgumentError } from '../../../proto/errors.js';
import { hashKey } from '../../../proto/codec/hash-key.js';
import { assertKey, keyOf, mapKey } from '../../../proto/codec/key.js';
import type { Key } from '../../../proto/wire/values.js';
import { text } from '../../support/arbitrary-values.js';
import { stress } from '../../support/stress.js';

const key: fc.Arbitrary<Key> = fc.oneof(
  text,
  fc.constantFrom('\0', '\0b', '\0t', '\0bhi', '1', 'true', ''),
  fc.double(),
  fc.integer({ min: -2, max: 2 }),
  fc.bigInt({ min: -2n, max: 2n }),
  fc.boolean(),
  fc.uint8Array({ maxLength: 4 }),
);

/** Equality by the contract: as a Map's keys, and bytes by content. */
function areEqual(a: Key, b: Key): boolean {
  if (typeof a === 'object' && typeof b === 'object') return Buffer.compare(a, b) === 0;
  return new Set<unknown>([a, b]).size === 1;
}

/** V8's ComputeUnseededHash, by which a Map chooses the bucket of an integer of 32 bits. */
function v8Hash(integer: number): number {
  let hash = ~integer + (integer << 15);
  hash ^= hash >>> 12;
  hash = (hash + (hash << 2)) | 0;
  hash ^= hash >>> 4;
  hash = Math.imul(hash, 2057);
  hash ^= hash >>> 16;
  return hash & 0x3fffffff;
}

describe('keys', () => {
  it('are equal exactly when their map keys are', () => {
    fc.assert(
      fc.property(key, key, (a, b) => {
        expect(new Map([[mapKey(a), 1]]).has(mapKey(b))).toBe(areEqual(a, b));
        expect(new Map([[hashKey(mapKey(a)), 1]]).has(hashKey(mapKey(b)))).toBe(areEqual(a, b));
      }),
      { numRuns: stress(600, 3000) },
    );
  });

  it('that were chosen to have one bucket in a Map of V8 have many as hash keys', () => {
    const buckets = 1024;
    const chosen = Array.from({ length: 256 * buckets }, (_, n) => n).filter((n) => v8Hash(n) % buckets === 0);
    expect(chosen.length).toBeGreaterThan(200);
    const sizes = new Map<number, number>();
    for (const n of chosen) {
      const bucket = v8Hash(hashKey(n) as number) % buckets;
      sizes.set(bucket, (sizes.get(bucket) ?? 0) + 1);
    }
    expect(Math.max(...sizes.values())).toBeLessThan(12);
  });

  it('that are doubles or bigints become texts as hash keys', () => {
    for (const key of [0.5, 2 ** 40, NaN, Infinity, 5n, -(2n ** 63n)]) expect(typeof hashKey(key)).toBe('string');
  });

  it('come back from their map keys', () => {
    fc.assert(
      fc.property(key, (original) => {
        const back = keyOf(mapKey(original));
        expect(areEqual(back, original)).toBe(true);
        expect(typeof back).toBe(typeof original);
      }),
      { numRuns: stress(300, 1000) },
    );
  });

  it.each<[string, Key, Key]>([
    ['a number and a bigint', 1, 1n],
    ['a number and its text', 1, '1'],
    ['a boolean and a number', true, 1],
    ['bytes and their text', Uint8Array.of(104, 105), 'hi'],
    ['bytes and what bytes are kept as', Uint8Array.of(104, 105), '\0bhi'],
  ])('differ: %s', (_, a, b) => {
    expect(mapKey(a)).not.toBe(mapKey(b));
  });

  it('are equal: NaN and NaN, 0 and -0, bytes and a Buffer of the same content', () => {
    expect(mapKey(NaN)).toBe(mapKey(NaN));
    expect(mapKey(-0)).toBe(0);
    expect(mapKey(Buffer.from('hi'))).toBe(mapKey(Uint8Array.of(104, 105)));
  });

  it('are their own map key if they are common text', () => {
    expect(mapKey('alice')).toBe('alice');
  });

  it.each([undefined, null, {}, [], Symbol('s'), new Uint16Array(1), '\ud800', 2n ** 63n])('are refused: %p', (value) => {
    expect(() => assertKey(value)).toThrow(InvalidArgumentError);
  });

  it.each(['', 0, NaN, -(2n ** 63n), false, new Uint8Array(0), Buffer.from('x')])('are taken: %p', (value) => {
    expect(() => assertKey(value)).not.toThrow();
  });
});
