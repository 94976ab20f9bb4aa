import { expect, it } from '@jest/globals';
import { InvalidArgumentError, KindMismatchError, type SharedSet } from '../../client/index.js';
import { collect, fresh, present, range, suite } from './support.js';
import type { Target } from './target.js';

/** Number of members: more than two pages of an answer. */
const MANY = 2600;

/** A set: its members, their equality, and iteration over them. */
export function setSuite(target: Target): void {
  suite(target, 'set: members', (clients) => {
    async function make<V = number>(...values: V[]): Promise<SharedSet<V>> {
      const set = clients.one.set<V>(fresh('set'));
      await set.addAll(values);
      return set;
    }

    it('is empty at first', async () => {
      const set = await make();
      expect(await set.size()).toBe(0);
      expect(await set.toSet()).toEqual(new Set());
      expect(await set.has(1)).toBe(false);
    });

    it('add() adds missing members and returns how many it added (Python: test_set, add)', async () => {
      const set = await make<string>();
      expect(await set.add('a')).toBe(1);
      expect(await set.add('a')).toBe(0);
      expect(await set.add('b', 'a', 'c', 'b')).toBe(2);
      expect(await set.add()).toBe(0);
      expect(await set.size()).toBe(3);
    });

    it('takes its members from any iterable, each once (Python: test_set_init)', async () => {
      const set = clients.one.set<unknown>(fresh('set'));
      expect(await set.addAll([1, 1, 2])).toBe(2);
      expect(await set.addAll(new Map([['key', 3]]).keys())).toBe(1);
      expect(await set.addAll('hello')).toBe(4);
      expect(await set.addAll(new Set([1, 'h', 4]))).toBe(1);
      expect([...(await set.toSet())]).toEqual([1, 2, 'key', 'h', 'e', 'l', 'o', 4]);
    });

    it('refuses values that are not iterable, and undefined (Python: test_set_init)', async () => {
      const set = clients.one.set<unknown>(fresh('set'));
      await expect(set.addAll(5 as unknown as number[])).rejects.toBeInstanceOf(InvalidArgumentError);
      await expect(set.union(null as unknown as number[])).rejects.toBeInstanceOf(InvalidArgumentError);
      await expect(set.add(1, undefined)).rejects.toBeInstanceOf(InvalidArgumentError);
      expect(await set.size()).toBe(0);
    });

    it('has() is true for members (Python: test_set_contain_all_method)', async () => {
      const set = await make<unknown>(1, null);
      expect(await Promise.all([set.has(1), set.has(null), set.has(2), set.has('1')])).toEqual([true, true, false, false]);
    });

    it('delete() removes members and returns how many it removed (Python: test_set, discard and remove)', async () => {
      const set = await make(1, 2, 3, 4);
      expect(await set.delete(2)).toBe(1);
      expect(await set.delete(2)).toBe(0);
      expect(await set.delete(1, 4, 4, 9)).toBe(2);
      expect(await set.toSet()).toEqual(new Set([3]));
    });

    it('pop() removes the oldest, until none is left (Python: test_set, pop)', async () => {
      const set = await make('a', 'b', 'c');
      await set.delete('a');
      await set.add('a');
      expect([await set.pop(), await set.pop(), await set.pop(), await set.pop()]).toEqual(['b', 'c', 'a', undefined]);
      await set.add('d');
      expect(await set.pop()).toBe('d');
      expect(await set.size()).toBe(0);
    });

    it('pop() finds the oldest also among members that others removed', async () => {
      const set = await make(...range(0, 200));
      await set.deleteAll(range(0, 200).filter((number) => number % 3 !== 0));
      const popped: (number | undefined)[] = [];
      for (let turn = 0; turn < 67; turn++) popped.push(await set.pop());
      expect(popped).toEqual(range(0, 67).map((number) => number * 3));
      expect(await set.pop()).toBeUndefined();
    });

    it('clear() removes all members, and the set stays (Python: test_set, clear)', async () => {
      const set = await make(1, 2);
      await set.clear();
      expect(await set.size()).toBe(0);
      expect(await set.exists()).toBe(true);
      expect(await set.add(2)).toBe(1);
      expect(await set.pop()).toBe(2);
    });

    it('keeps the order in which members were added; adding one again keeps its position', async () => {
      const set = await make('c', 'a', 'b');
      await set.add('a', 'd', 'c');
      expect([...(await set.toSet())]).toEqual(['c', 'a', 'b', 'd']);
      await set.delete('c');
      await set.add('c');
      expect([...(await set.toSet())]).toEqual(['a', 'b', 'd', 'c']);
    });

    it('compares objects deeply', async () => {
      const member = (): unknown => ({ id: 1, tags: new Set(['x', 'y']), bytes: Uint8Array.of(1), at: new Date(7) });
      const set = await make<unknown>(member());
      expect(await set.add(member())).toBe(0);
      expect(await set.has({ at: new Date(7), bytes: Uint8Array.of(1), tags: new Set(['y', 'x']), id: 1 })).toBe(true);
      expect(await set.has({ id: 1 })).toBe(false);
      expect(await set.delete(member())).toBe(1);
      expect(await set.size()).toBe(0);
    });

    it('keeps the first of equal values', async () => {
      const set = await make<Record<string, number>>({ a: 1, b: 2 });
      await set.add({ b: 2, a: 1 });
      expect([...(await set.toSet())].map((member) => Object.keys(member))).toEqual([['a', 'b']]);
    });

    it('tells values of different types apart; NaN equals itself, and -0 is 0', async () => {
      const values = [1, 1n, '1', true, [1], { 1: 1 }, Uint8Array.of(1), new Set([1]), null, false, '', NaN];
      const set = await make<unknown>(...values, ...values);
      expect(await set.size()).toBe(values.length);
      expect(await set.add(NaN)).toBe(0);
      expect([await set.add(0), await set.has(-0), await set.add(-0)]).toEqual([1, true, 0]);
      expect(await set.toSet()).toEqual(new Set([...values, 0]));
    });

    it('takes large members, and thousands at once', async () => {
      const set = await make<unknown>();
      const large = (): string[] => ['x'.repeat(100_000), 'ü'.repeat(100_000)];
      expect(await set.add(...large(), large())).toBe(3);
      expect(await set.addAll([...large(), large()])).toBe(0);
      expect(await set.toSet()).toEqual(new Set([...large(), large()]));
      expect(await set.addAll(range(0, 5000))).toBe(5000);
      expect(await set.has(4999)).toBe(true);
    });

    it('holds proxies, which come back working', async () => {
      const inner = clients.one.list<number>(fresh('list'));
      const set = await make(inner);
      expect(await set.add(inner)).toBe(0);
      const there = clients.two.set<typeof inner>(set.name);
      await present(await there.pop()).push(7);
      expect(await inner.toArray()).toEqual([7]);
    });

    it('is found through a reference', async () => {
      const set = await make(1);
      const outer = clients.one.dict<string, SharedSet<number>>(fresh('dict'));
      await outer.set('set', set);
      const found = present(await clients.two.dict<string, SharedSet<number>>(outer.name).get('set'));
      expect(await found.add(2)).toBe(1);
      expect(await set.toSet()).toEqual(new Set([1, 2]));
    });

    it('makes one of several clients the first that add the same value at once', async () => {
      const set = await make<number>();
      const there = clients.two.set<number>(set.name);
      const added = await Promise.all(range(0, 200).map((turn) => (turn % 2 === 0 ? set : there).add(turn % 10)));
      expect(added.filter((count) => count === 1)).toHaveLength(10);
      expect(await there.size()).toBe(10);
    });

    it('gives a member to one of several clients that pop at once', async () => {
      const set = await make(...range(0, 40));
      const there = clients.two.set<number>(set.name);
      const popped = await Promise.all(range(0, 60).map((turn) => (turn % 2 === 0 ? set : there).pop()));
      expect(popped.filter((member) => member !== undefined).sort((a, b) => a - b)).toEqual(range(0, 40));
    });

    it('is no other kind, and no other kind is a set', async () => {
      const set = await make(1);
      await expect(clients.two.list(set.name).length()).rejects.toBeInstanceOf(KindMismatchError);
      const list = clients.one.list<number>(fresh('list'));
      await list.push(1);
      await expect(clients.two.set<number>(list.name).add(1)).rejects.toBeInstanceOf(KindMismatchError);
      await expect(set.union(clients.one.set<number>(list.name))).rejects.toBeInstanceOf(KindMismatchError);
    });
  });

  suite(target, 'set: iteration', (clients) => {
    async function filled(count: number): Promise<SharedSet<number>> {
      const set = clients.one.set<number>(fresh('set'));
      await set.addAll(range(0, count));
      return set;
    }

    it('yields the members in the order they were added, over more than one page', async () => {
      expect(await collect(await filled(0))).toEqual([]);
      expect(await collect(await filled(3))).toEqual([0, 1, 2]);
      const set = await filled(MANY);
      expect(await collect(clients.two.set<number>(set.name))).toEqual(range(0, MANY));
    });

    it('can be left early, starts from the beginning each time, and does not disturb another', async () => {
      const set = await filled(MANY);
      for await (const member of set) if (member === 2) break;
      const [one, two] = await Promise.all([collect(set), collect(set)]);
      expect(one).toEqual(range(0, MANY));
      expect(two).toEqual(range(0, MANY));
    });

    it('beside writers yields each member that stays, and none twice', async () => {
      const set = await filled(MANY);
      const there = clients.two.set<number>(set.name);
      const seen: number[] = [];
      for await (const member of set) {
        seen.push(member);
        if (seen.length % 200 === 0) {
          await there.deleteAll(range(0, MANY).filter((number) => number % 3 !== 0 && number % 200 < seen.length / 10));
          await there.addAll(range(MANY + seen.length, MANY + seen.length + 50));
        }
      }
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen.filter((member) => member % 3 === 0)).toEqual(range(0, MANY).filter((member) => member % 3 === 0));
      expect(seen.every((member) => member < MANY)).toBe(true);
    });

    it('ends when another client clears the set, or adds at each step', async () => {
      const set = await filled(MANY);
      let next = MANY;
      for await (const member of set) {
        expect(member).toBeLessThan(MANY);
        if (next < 2 * MANY) await clients.two.set<number>(set.name).add(next++);
        if (member === 1500) await clients.two.set<number>(set.name).clear();
      }
      expect(next).toBeLessThanOrEqual(2 * MANY);
    });
  });
}
