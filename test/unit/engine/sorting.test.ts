import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sortedPlaces } from '../../../engine/core/sorting.js';
import { compareKeys, sortKey } from '../../../proto/codec/order.js';
import { encodePayload } from '../../../proto/codec/payload.js';
import type { Payload } from '../../../proto/wire/values.js';
import { tree } from '../../support/arbitrary-values.js';

/** Sorts by comparing, as the order is defined. */
function model(items: readonly Payload[], descending: boolean): number[] {
  const keys = items.map((item) => sortKey(item));
  const direction = descending ? -1 : 1;
  return [...items.keys()].sort((a, b) => direction * compareKeys(keys[a]!, keys[b]!) || a - b);
}

/** Enough of them for several steps. */
function many<T>(values: fc.Arbitrary<T>): fc.Arbitrary<T[]> {
  return fc.array(values, { minLength: 2_000, maxLength: 2_000, size: 'max' });
}

function expectSorted(values: readonly unknown[]): void {
  const items = values.map(encodePayload);
  for (const descending of [false, true]) expect([...sortedPlaces(items, descending, '')]).toEqual(model(items, descending));
}

describe('a long list is sorted as if its items were compared', () => {
  const numbers = fc.oneof(
    fc.double(),
    fc.integer({ min: -50, max: 50 }),
    fc.constantFrom(NaN, -0, 0, Infinity, -Infinity, 2 ** 60, Number.MIN_VALUE),
  );
  const bigints = fc.bigInt({ min: 2n ** 60n - 300n, max: 2n ** 60n + 300n });
  const letters = fc.constantFrom('', '\0', 'a', 'b', '\uffff', 'aaaaaaaaa');
  const texts = fc.array(letters, { maxLength: 4 }).map((parts) => parts.join(''));

  it.each<[string, fc.Arbitrary<unknown>]>([
    ['numbers', numbers],
    ['numbers and bigints', fc.oneof(numbers, bigints)],
    ['texts', texts],
    ['texts that begin alike', texts.map((text) => `the same beginning ${text}`)],
    ['bytes', fc.uint8Array({ maxLength: 6 })],
    ['booleans and null', fc.constantFrom(true, false, null)],
    [
      'values of all kinds',
      fc.oneof(
        numbers,
        bigints,
        texts,
        tree.filter((value) => value !== undefined),
      ),
    ],
  ])('%s', (_kind, values) => {
    fc.assert(fc.property(many(values), expectSorted), { numRuns: 2 });
  });

  it('with one beginning for many, each longer than the last', () => {
    expectSorted(Array.from({ length: 3_000 }, (_, n) => 'ab'.repeat((n * 7919) % 3_000)));
  });

  it('by a field, which some lack', () => {
    const of = (n: number): unknown => (n % 7 === 0 ? { other: n } : { user: { age: (n * 7919) % 100 } });
    const items = Array.from({ length: 3_000 }, (_, n) => encodePayload(of(n)));
    const ages = items.map((item) => sortKey(item, 'user.age'));
    for (const direction of [1, -1]) {
      const lacking = (n: number): number => Number(n % 7 === 0);
      const order = [...items.keys()].sort((a, b) => lacking(a) - lacking(b) || direction * compareKeys(ages[a]!, ages[b]!) || a - b);
      expect([...sortedPlaces(items, direction < 0, 'user.age')]).toEqual(order);
    }
  });
});
