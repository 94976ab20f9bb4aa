import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { pattern } from '../../../engine/core/pattern.js';
import { stress } from '../../support/stress.js';

/** The definition: a star matches nothing, or one character and the star again. */
function matches(match: string, name: string): boolean {
  const [next, rest] = [match.charAt(0), match.slice(1)];
  if (next === '') return name === '';
  if (next === '*') return matches(rest, name) || (name !== '' && matches(match, name.slice(1)));
  return name.startsWith(next) && matches(rest, name.slice(1));
}

describe('a pattern of names', () => {
  test('matches by its definition', () => {
    const text = (...alphabet: string[]) => fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 8 });
    fc.assert(
      fc.property(text('a', 'b', '*'), text('a', 'b'), (match, name) => {
        expect(pattern(match)(name)).toBe(match === '' || matches(match, name));
      }),
      { numRuns: stress(500, 2000) },
    );
  });

  test('finds long parts, which begin as they go on', () => {
    const text = (minLength: number, maxLength: number) => fc.string({ unit: fc.constantFrom('a', 'a', 'b'), minLength, maxLength });
    fc.assert(
      fc.property(text(9, 14), text(9, 12), text(0, 6), text(0, 40), fc.boolean(), (one, other, between, name, has) => {
        const whole = has ? name.slice(0, 9) + one.slice(0, 5) + one + between + other + name.slice(9) : name;
        const after = whole.indexOf(one) + one.length;
        expect(pattern(`*${one}*${other}*`)(whole)).toBe(whole.includes(one) && whole.includes(other, after));
      }),
      { numRuns: stress(500, 2000) },
    );
  });

  test('takes characters of regular expressions and of several units literally', () => {
    expect(pattern('a.b(*)[c]')('a.b(x\n)[c]')).toBe(true);
    expect(pattern('a.b')('axb')).toBe(false);
    expect(pattern('*😀*')('a😀')).toBe(true);
  });

  test('with many stars takes a long name at once', () => {
    expect(pattern(`${'*a'.repeat(200)}*b`)('a'.repeat(1024))).toBe(false);
  });

  test('has any number of stars, but no more other characters than a name', () => {
    const [longest, longer] = ['a'.repeat(1024), 'a'.repeat(1025)];
    const starred = (name: string) => name.replaceAll('a', '**a');
    for (const match of [longest, starred(longest)]) expect(pattern(match)(longest)).toBe(true);
    expect(pattern(`${'*'.repeat(1_000_000)}b`)('ab')).toBe(true);
    // A longer text, which is no name, shows that the pattern is not looked for.
    for (const match of [longer, starred(longer), starred('a'.repeat(1_000_000))]) expect(pattern(match)(longer)).toBe(false);
  });
});
