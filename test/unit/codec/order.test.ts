import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compareKeys, fieldOf, sortKey } from '../../../proto/codec/order.js';
import { decodePayload, encodePayload } from '../../../proto/codec/payload.js';
import type { Payload } from '../../../proto/wire/values.js';
import { tree } from '../../support/arbitrary-values.js';

const comparePayloads = (a: Payload | undefined, b: Payload | undefined): number => compareKeys(sortKey(a), sortKey(b));

const sorted = (values: unknown[]): unknown[] =>
  values
    .map(encodePayload)
    .sort(comparePayloads)
    .map((payload) => decodePayload(payload));

describe('order', () => {
  it('is null, booleans, numbers, text, bytes, the rest', () => {
    const ordered = [
      null,
      false,
      true,
      -Infinity,
      -1n,
      0.5,
      1n,
      2,
      2n ** 70n,
      NaN,
      '',
      'a',
      'b',
      Uint8Array.of(0),
      Uint8Array.of(0, 1),
      Uint8Array.of(1),
      [1],
    ];
    expect(sorted(ordered.toReversed())).toEqual(ordered);
  });

  it('of texts is by code unit, not by their bytes', () => {
    expect(sorted(['\uffff', '😀'])).toEqual(['😀', '\uffff']);
  });

  it('compares a number and an integer by value, and keeps equal ones in their order', () => {
    expect(sorted([2n, 1, 2, 1n])).toEqual([1, 1n, 2n, 2]);
  });

  it('puts absent values last', () => {
    expect(comparePayloads(undefined, encodePayload([1]))).toBeGreaterThan(0);
    expect(comparePayloads(undefined, undefined)).toBe(0);
  });

  it('is an order: of two each way, and of three', () => {
    const payload = tree.filter((value) => value !== undefined).map(encodePayload);
    fc.assert(
      fc.property(payload, payload, payload, (a, b, c) => {
        expect(Math.sign(comparePayloads(a, b))).toBe(-Math.sign(comparePayloads(b, a)) + 0);
        const [low, middle, high] = [a, b, c].sort(comparePayloads);
        expect(comparePayloads(low, middle)).toBeLessThanOrEqual(0);
        expect(comparePayloads(low, high)).toBeLessThanOrEqual(0);
      }),
      { numRuns: 100 },
    );
  });
});

describe('a field', () => {
  const payload = encodePayload({
    user: { name: 'Ada', langs: ['en', 'fr'] },
    map: new Map([['k', 7]]),
    nothing: undefined,
  });
  it.each<[string, unknown]>([
    ['user.name', 'Ada'],
    ['user.langs.1', 'fr'],
    ['user.langs', ['en', 'fr']],
    ['map.k', 7],
  ])('is found by its path: %s', (path, value) => {
    expect(fieldOf(payload, path)).toEqual(value);
  });

  it.each(['user.age', 'nothing', 'user.langs.9', 'user.langs.length', 'user.name.0', 'constructor', '__proto__', ''])(
    'is absent: %s',
    (path) => {
      expect(fieldOf(payload, path)).toBeUndefined();
    },
  );
});
