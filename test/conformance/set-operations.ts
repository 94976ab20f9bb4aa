import { expect, it } from '@jest/globals';
import type { SharedSet } from '../../client/index.js';
import { fresh, range, suite } from './support.js';
import type { Target } from './target.js';

/** Operations of two sets: new sets, comparisons and changes. */
export function setOperationsSuite(target: Target): void {
  suite(target, 'set: operations', (clients) => {
    async function make<V = number>(...values: V[]): Promise<SharedSet<V>> {
      const set = clients.one.set<V>(fresh('set'));
      await set.addAll(values);
      return set;
    }

    /** The same values as each type that the other side may have. */
    async function others(...values: number[]): Promise<(Iterable<number> | SharedSet<number>)[]> {
      const shared = await make(...values);
      return [values, new Set(values), [...values, ...values].values(), shared, clients.two.set<number>(shared.name)];
    }

    const listed = async <V>(set: Promise<Set<V>>): Promise<V[]> => [...(await set)];

    it('union() has the members of both, its own first (Python: test_set, |)', async () => {
      const set = await make(1, 2, 3);
      for (const other of await others(4, 2, 5)) expect(await listed(set.union(other))).toEqual([1, 2, 3, 4, 5]);
      expect(await set.size()).toBe(3);
    });

    it('intersection() has the common members (Python: test_set, &)', async () => {
      const set = await make(1, 2, 3);
      for (const other of await others(4, 3, 2)) expect(await listed(set.intersection(other))).toEqual([2, 3]);
      expect(await set.size()).toBe(3);
    });

    it('difference() has the members that the other lacks (Python: test_set, -)', async () => {
      const set = await make(1, 2, 3);
      for (const other of await others(2, 4)) expect(await listed(set.difference(other))).toEqual([1, 3]);
      expect(await set.size()).toBe(3);
    });

    it('symmetricDifference() has the members that only one has (Python: test_set, ^)', async () => {
      const set = await make(1, 2, 3);
      for (const other of await others(4, 2, 5)) expect(await listed(set.symmetricDifference(other))).toEqual([1, 3, 4, 5]);
      expect(await set.size()).toBe(3);
    });

    it('isSubsetOf() and isSupersetOf() compare, as do <= and >= (Python: test_set)', async () => {
      const set = await make(1, 2);
      for (const other of await others(2, 1, 3)) expect(await set.isSubsetOf(other)).toBe(true);
      for (const other of await others(2, 1, 3)) expect(await set.isSupersetOf(other)).toBe(false);
      for (const other of await others(2, 1)) expect(await set.isSubsetOf(other)).toBe(true);
      for (const other of await others(2, 1)) expect(await set.isSupersetOf(other)).toBe(true);
      for (const other of await others(2)) expect(await set.isSubsetOf(other)).toBe(false);
      for (const other of await others(2)) expect(await set.isSupersetOf(other)).toBe(true);
      for (const other of await others(3, 4, 5)) expect(await set.isSubsetOf(other)).toBe(false);
      expect(await (await make()).isSubsetOf(set)).toBe(true);
    });

    it('isDisjointFrom() is true without common members (Python: test_set, isdisjoint)', async () => {
      const set = await make(1, 2);
      for (const other of await others(3, 4, 5)) expect(await set.isDisjointFrom(other)).toBe(true);
      for (const other of await others(3, 4, 2)) expect(await set.isDisjointFrom(other)).toBe(false);
      for (const other of await others(2)) expect(await set.isDisjointFrom(other)).toBe(false);
      expect(await set.isDisjointFrom([])).toBe(true);
    });

    it('addAll() adds the missing members, and returns how many it added (Python: test_set, |=)', async () => {
      for (const other of await others(2, 4, 5)) {
        const set = await make(1, 2, 3);
        expect(await set.addAll(other)).toBe(2);
        expect(await listed(set.toSet())).toEqual([1, 2, 3, 4, 5]);
      }
    });

    it('deleteAll() removes the members that the other has, and returns how many (Python: test_set, -=)', async () => {
      for (const other of await others(2, 4, 1, 9, 8)) {
        const set = await make(1, 2, 3);
        expect(await set.deleteAll(other)).toBe(2);
        expect(await listed(set.toSet())).toEqual([3]);
      }
    });

    it('retainAll() removes the members that the other lacks, and returns how many (Python: test_set, &=)', async () => {
      for (const other of await others(4, 3, 2)) {
        const set = await make(1, 2, 3);
        expect(await set.retainAll(other)).toBe(1);
        expect(await listed(set.toSet())).toEqual([2, 3]);
      }
    });

    it('leaves the other set unchanged', async () => {
      const set = await make(1, 2);
      const other = await make(2, 3);
      await Promise.all([set.union(other), set.intersection(other), set.symmetricDifference(other), set.addAll(other)]);
      await set.retainAll(other);
      await set.deleteAll(other);
      expect(await listed(other.toSet())).toEqual([2, 3]);
      expect(await set.size()).toBe(0);
    });

    it('with itself gives the same as with an equal set', async () => {
      const set = await make(1, 2);
      expect(await listed(set.union(set))).toEqual([1, 2]);
      expect(await listed(set.intersection(set))).toEqual([1, 2]);
      expect(await listed(set.difference(set))).toEqual([]);
      expect(await listed(set.symmetricDifference(set))).toEqual([]);
      expect(await Promise.all([set.isSubsetOf(set), set.isSupersetOf(set), set.isDisjointFrom(set)])).toEqual([true, true, false]);
      expect([await set.addAll(set), await set.retainAll(set), await set.deleteAll(set)]).toEqual([0, 0, 2]);
      expect(await set.size()).toBe(0);
    });

    it('with a set that was never used gives the same as with an empty one', async () => {
      const set = await make(1);
      const never = (): SharedSet<number> => clients.one.set<number>(fresh('set'));
      expect(await listed(set.union(never()))).toEqual([1]);
      expect(await listed(never().union(set))).toEqual([1]);
      expect(await set.isDisjointFrom(never())).toBe(true);
      expect(await set.retainAll(never())).toBe(1);
    });

    it('compares deeply', async () => {
      const set = await make<unknown>({ a: 1, b: [2] }, 'x', 1n);
      const other = await make<unknown>('y', { b: [2], a: 1 }, 1);
      expect(await listed(set.intersection(other))).toEqual([{ a: 1, b: [2] }]);
      expect(await listed(set.symmetricDifference([{ b: [2], a: 1 }, 1]))).toEqual(['x', 1n, 1]);
    });

    it('reads the other set in the manager: neither side travels to be changed', async () => {
      const set = await make<number>();
      const other = await make(...range(0, 20_000));
      expect(await set.addAll(other)).toBe(20_000);
      expect(await set.isSubsetOf(other)).toBe(true);
      expect(await set.deleteAll(range(0, 10_000))).toBe(10_000);
      expect(await other.retainAll(set)).toBe(10_000);
      expect(await other.isSupersetOf(set)).toBe(true);
      expect(await other.pop()).toBe(10_000);
    });

    it('is one step: two that move all from one set to the other lose and duplicate nothing', async () => {
      const [left, right] = [await make(...range(0, 100)), await make<number>()];
      const there = clients.two.set<number>(right.name);
      const mine = clients.two.set<number>(left.name);
      const moves = range(0, 20).flatMap(() => [right.addAll(left), there.addAll(mine), left.retainAll(right), mine.addAll(there)]);
      await Promise.all(moves);
      expect(await left.size()).toBe(100);
      expect(await listed(right.symmetricDifference(left))).toEqual([]);
    });

    it('is one step: other clients see all of addAll() and deleteAll() or none', async () => {
      const set = await make<number>();
      const there = clients.two.set<number>(set.name);
      const all = range(0, 500);
      const changes = range(0, 20).map((turn) => (turn % 2 === 0 ? set.addAll(all) : set.deleteAll(all)));
      const sizes = await Promise.all(range(0, 20).map(() => there.size()));
      await Promise.all(changes);
      for (const size of sizes) expect([0, 500]).toContain(size);
    });
  });
}
