import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Manager } from 'commonhold';

describe('a set of another manager', () => {
  let here: Manager;
  let there: Manager;
  beforeAll(async () => {
    [here, there] = await Promise.all([Manager.start(), Manager.start()]);
  });
  afterAll(() => Promise.all([here.close(), there.close()]));

  test('is the other side of an operation like a set of the same manager', async () => {
    // Of the same name, so that taking one for the other would show.
    const [set, other] = [here.set<number>('numbers'), there.set<number>('numbers')];
    await Promise.all([set.add(1, 2), other.add(2, 3)]);
    expect(await set.union(other)).toEqual(new Set([1, 2, 3]));
    expect(await other.difference(set)).toEqual(new Set([3]));
    expect(await set.isSubsetOf(other)).toBe(false);
    expect(await set.retainAll(other)).toBe(1);
    expect([await set.toSet(), await other.toSet()]).toEqual([new Set([2]), new Set([2, 3])]);
  });
});
