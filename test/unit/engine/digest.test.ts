import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import { digest } from '../../../engine/digest.js';
import type { State } from '../../../proto/state.js';
import { leaf, state } from '../../support/arbitrary-state.js';

// Two digests are equal exactly if the states are.

/** Equality of states as data; that of Node takes -0 for another number than 0, and NaN for itself. */
const equal = (a: State, b: State): boolean => isDeepStrictEqual(a, b);

/** Pairs that look alike to careless encodings. */
const PAIRS: Readonly<Record<string, [State, State]>> = {
  'undefined and null': [undefined, null],
  'undefined and nothing': [[undefined], []],
  'an undefined field and none': [{ a: undefined }, {}],
  'a zero and a negative zero': [0, -0],
  'NaN and undefined': [NaN, undefined],
  'a number and its text': [1, '1'],
  'a number and a bigint': [1, 1n],
  'true and 1': [true, 1],
  'a text and its bytes': ['ab', Uint8Array.of(97, 98)],
  'a text of one byte a character and one of two': ['aa', '\u6161'],
  'texts that are one': [
    ['ab', ''],
    ['', 'ab'],
  ],
  'two texts and their lists': [
    ['a', ['b']],
    [['a'], 'b'],
  ],
  'a list and an object': [[], {}],
  'a list of pairs and an object': [['a', 1], { a: 1 }],
  'half a surrogate pair and another half': ['\ud800', '\ud801'],
  'half a surrogate pair and the replacement character': ['\ud800', '\ufffd'],
  'an empty text and no bytes': ['', new Uint8Array()],
  'orders of a list': [
    [1, 2],
    [2, 1],
  ],
};

describe('a digest', () => {
  test.each(Object.keys(PAIRS))('tells %s apart', (name) => {
    const [one, other] = PAIRS[name]!;
    expect(digest(one)).not.toBe(digest(other));
  });

  test('is the same exactly for equal states', () => {
    fc.assert(
      fc.property(state, state, (one, other) => (digest(one) === digest(other)) === equal(one, other)),
      { numRuns: 2_000 },
    );
  });

  test('is another one after any change of one leaf', () => {
    fc.assert(
      fc.property(fc.array(leaf, { minLength: 1, maxLength: 6 }), fc.nat(), leaf, (leaves, at, other) => {
        const changed = leaves.with(at % leaves.length, other);
        expect(digest(changed) === digest(leaves)).toBe(equal(changed, leaves));
      }),
      { numRuns: 2_000 },
    );
  });

  test('does not depend on the order of fields, which has no meaning', () => {
    expect(digest({ a: 1, b: 2 })).toBe(digest({ b: 2, a: 1 }));
  });

  test('takes all NaN for one', () => {
    const nan = new Float64Array(new BigUint64Array([0x7ff8_0000_0000_0001n]).buffer)[0]!;
    expect(digest(nan)).toBe(digest(NaN));
  });

  test.each([31, 32, 33, 64 * 1024 - 10, 64 * 1024 - 9, 64 * 1024, 64 * 1024 + 1, 200_000])(
    'tells texts and bytes of %i apart',
    (length) => {
      const texts = ['a', 'ÿ', 'Ā'].flatMap((last) => ['', 'b'].map((before) => [before, 'a'.repeat(length - 1) + last]));
      const bytes = [0, 1].map((last) => [new Uint8Array(length).fill(last, -1)]);
      expect(new Set([...texts, ...bytes].map(digest)).size).toBe(8);
    },
  );
});
