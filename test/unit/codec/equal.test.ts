import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonical } from '../../../proto/codec/canonical.js';
import { equalPayloads, equalTo } from '../../../proto/codec/equal.js';
import { encodeBytes } from '../../../proto/codec/scalar.js';
import { encodePayload } from '../../../proto/codec/payload.js';
import { TAG } from '../../../proto/codec/fields.js';
import type { Payload } from '../../../proto/wire/values.js';
import { graph, tree } from '../../support/arbitrary-values.js';

/** Returns the same value with the keys of its objects in another order, as another payload. */
function reordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reordered);
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  const entries = Object.entries(value).map(([key, item]): [string, unknown] => [key, reordered(item)]);
  return Object.fromEntries(entries.reverse());
}

function expectLikeForms(a: Payload, b: Payload): void {
  const equal = canonical(a) === canonical(b);
  expect(equalPayloads(a, b)).toBe(equal);
  // The form in which small payloads are kept.
  expect(equalPayloads(a, Buffer.from(b as Uint8Array).toString('latin1'))).toBe(equal);
}

/** Plain data, whose parts often repeat. */
const plain = fc.letrec<{ node: unknown }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(0, 1, -1, 200, 70_000, -40_000, 2 ** 40, 0.5, true, false, null, '', 'a', 'ä', 'x'.repeat(40)),
    fc.array(tie('node'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), tie('node'), { noNullPrototype: true }),
  ),
})).node;

const stored = tree.filter((value) => value !== undefined);

describe('payloads are equal if their canonical forms are', () => {
  it.each<[string, fc.Arbitrary<unknown>]>([
    ['plain data', plain],
    ['values of all kinds', stored],
    ['values with shared parts', graph],
  ])('%s', (_kind, values) => {
    fc.assert(
      fc.property(values, values, (one, other) => {
        const [a, b] = [encodePayload(one), encodePayload(other)];
        expectLikeForms(a, a);
        expectLikeForms(a, b);
      }),
      { numRuns: 300 },
    );
  });

  it('with their keys in any order', () => {
    fc.assert(
      fc.property(fc.oneof(plain, stored), plain, (value, other) => {
        expectLikeForms(encodePayload([value]), encodePayload([reordered(value)]));
        expectLikeForms(encodePayload({ a: value, b: other }), encodePayload({ b: reordered(other), a: reordered(value) }));
        expectLikeForms(encodePayload({ a: value, b: other }), encodePayload({ b: value, a: other }));
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['another size of an integer', '9301cd00ffa161', '9301ccffa161'],
    ['an integer as a double', '9105', '91cb4014000000000000'],
    ['-0', '9100', '91cb8000000000000000'],
    ['NaN', '91cb7ff8000000000000', '91ca7fc00000'],
    ['another size of a length', '91a161', '91d90161'],
    ['a longer head of an object', '81a16101', 'de0001a16101'],
    ['numbers as keys', '810102', '81a13102'],
  ])('in another form: %s', (_form, one, other) => {
    const [a, b] = [one, other].map((hex) => encodeBytes(TAG.PACKED, Buffer.from(hex, 'hex')));
    expect(canonical(a!)).toBe(canonical(b!));
    expect(equalPayloads(a!, b!)).toBe(true);
  });

  it('with objects in each other whose keys have another order at each level', () => {
    let [one, other]: unknown[] = ['x'.repeat(1_000), 'x'.repeat(1_000)];
    for (let level = 0; level < 90; level++)
      [one, other] = [
        { a: one, b: 0 },
        { b: 0, a: other },
      ];
    expectLikeForms(encodePayload(one), encodePayload(other));
  });
});

describe('bytes that are no payload', () => {
  it.each(['4201dc', '4203910', '420291', '42 02 81 c1'])('are no value: %s', (hex) => {
    const broken = Buffer.from(hex.replaceAll(' ', ''), 'hex');
    const same = equalTo(encodePayload([1]));
    expect(() => same(broken)).toThrow('not a valid payload');
  });
});
