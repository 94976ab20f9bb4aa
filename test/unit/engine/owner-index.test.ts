import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { OwnerIndex } from '../../../engine/memory/locking/owner-index.js';
import { stress } from '../../support/stress.js';

interface Had {
  session: string;
  owner: string;
  thing: string;
}

const had: fc.Arbitrary<Had> = fc.record({
  session: fc.constantFrom('', 's', 't'),
  owner: fc.array(fc.constantFrom('a', 'b', 'aa', ''), { minLength: 1, maxLength: 3 }).map((steps) => steps.join('/')),
  thing: fc.constantFrom('x', 'y', 'z'),
});

/** True if one acts for the other, as for mutexes. */
function actsFor(owner: string, other: string): boolean {
  return owner === other || owner.startsWith(`${other}/`);
}

test('entries of an owner are found under the owners that it acts for, as often as they were added and not removed', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(had, fc.boolean()), { maxLength: 60 }), fc.array(had), (steps, asked) => {
      const byOwner = new OwnerIndex<string>();
      const all: Had[] = [];
      for (const [one, removes] of steps) {
        if (removes && all.length > 0) {
          const { session, owner, thing } = all.shift()!;
          byOwner.remove(session, owner, thing);
        } else {
          byOwner.add(one.session, one.owner, one.thing);
          all.push(one);
        }
      }
      for (const { session, owner } of [...all, ...asked]) {
        const expected = new Map<string, number>();
        for (const other of all) {
          if (other.session !== session || !actsFor(other.owner, owner)) continue;
          expected.set(other.thing, (expected.get(other.thing) ?? 0) + 1);
        }
        expect(byOwner.of(session, owner) ?? new Map()).toEqual(expected);
        expect(byOwner.knows(session)).toBe(all.some((other) => other.session === session));
      }
    }),
    { numRuns: stress(200, 1000) },
  );
});

test('a name of many parts costs time in proportion to its length', () => {
  const byOwner = new OwnerIndex<string>();
  const owner = Array(2000).fill('a').join('/');
  byOwner.add('s', owner, 'x');
  expect(byOwner.of('s', owner)).toEqual(new Map([['x', 1]]));
  expect(byOwner.of('s', `${owner}/a`)).toBeUndefined();
  byOwner.remove('s', owner, 'x');
  expect(byOwner.knows('s')).toBe(false);
});
