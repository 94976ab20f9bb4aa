import { expect, it } from '@jest/globals';
import type { SharedList } from '../../client/index.js';
import { collect, fresh, range, roundTrip, suite } from './support.js';
import type { Target } from './target.js';

/** Slices, order and iteration of a list. */
export function listOrderSuite(target: Target): void {
  suite(target, 'list: slices', (clients) => {
    const LETTERS = ['a', 'b', 'c', 'd', 'e'];
    const INDEXES = [-100, ...range(-6, 7), 100];

    it('slice() returns what Array.slice does, for every start and end (Python: test_list, slices)', async () => {
      const list = clients.one.list<string>(fresh('list'));
      await list.push(...LETTERS);
      expect(await list.slice()).toEqual(LETTERS);
      for (const start of INDEXES) {
        expect(await list.slice(start)).toEqual(LETTERS.slice(start));
        const ends = await Promise.all(INDEXES.map((end) => list.slice(start, end)));
        expect(ends).toEqual(INDEXES.map((end) => LETTERS.slice(start, end)));
      }
      expect(await list.toArray()).toEqual(LETTERS);
    });

    it('splice() removes, inserts and returns as Array.splice does, for every start and count', async () => {
      const list = clients.one.list<string>(fresh('list'));
      for (const start of INDEXES) {
        for (const count of [-1, 0, 1, 3, 100]) {
          const model = [...LETTERS];
          const inserted = count % 2 === 0 ? ['X', 'Y'] : [];
          void list.clear();
          void list.push(...LETTERS);
          const [removed, left] = await Promise.all([list.splice(start, count, ...inserted), list.toArray()]);
          expect(removed).toEqual(model.splice(start, count, ...inserted));
          expect(left).toEqual(model);
        }
      }
    });

    it('splice() without a count removes to the end', async () => {
      const list = clients.one.list<string>(fresh('list'));
      await list.push(...LETTERS);
      expect(await list.splice(-2)).toEqual(['d', 'e']);
      expect(await list.splice(1)).toEqual(['b', 'c']);
      expect(await list.toArray()).toEqual(['a']);
    });

    it('splice() can replace the whole', async () => {
      const list = clients.one.list<number>(fresh('list'));
      await list.extend(range(0, 1000));
      expect(await list.splice(0, 1000, ...range(0, 2000))).toEqual(range(0, 1000));
      expect(await list.toArray()).toEqual(range(0, 2000));
    });

    it('sort() of a long list has its effect before the calls behind it, and after those before it', async () => {
      const list = clients.one.list<string>(fresh('list'));
      const there = clients.two.list<string>(list.name);
      const texts = range(0, 6000).map((n) => `${(n * 7919) % 6000}`.padStart(20, '0'));
      await list.extend(texts);
      const watch = clients.two.list<string>(list.name).length();
      const calls = [
        list.push('first'),
        list.sort(),
        list.at(0),
        list.push('last'),
        list.sort({ descending: true }),
        list.slice(0, 2),
        list.reverse(),
      ];
      expect(await watch).toBeGreaterThanOrEqual(6000);
      expect(await Promise.all(calls)).toEqual([6001, undefined, '0'.repeat(20), 6002, undefined, ['last', 'first'], undefined]);
      expect(await there.toArray()).toEqual([...texts.toSorted(), 'first', 'last']);
    });

    it('toArray() is one snapshot beside a writer', async () => {
      const list = clients.one.list<number>(fresh('list'));
      const there = clients.two.list<number>(list.name);
      await list.extend(Array<number>(2600).fill(0));
      const writes = range(1, 6).map((round) => there.splice(0, 2600, ...Array<number>(2600).fill(round)));
      for (let reads = 0; reads < 5; reads++) {
        const all = await list.toArray();
        expect(all).toHaveLength(2600);
        expect(new Set(all).size).toBe(1);
      }
      await Promise.all(writes);
    });
  });

  suite(target, 'list: order', (clients) => {
    async function make<V>(...items: V[]): Promise<SharedList<V>> {
      const list = clients.one.list<V>(fresh('list'));
      await list.push(...items);
      return list;
    }

    it('reverse() reverses the order (Python: test_list, reverse)', async () => {
      const list = await make(1, 2, 3);
      await list.reverse();
      expect(await clients.two.list<number>(list.name).toArray()).toEqual([3, 2, 1]);
    });

    it('sort() orders numbers by size (Python: test_list, sort)', async () => {
      const list = await make(10, 9, -1, 2.5, -Infinity, 0, 1e10);
      await list.sort();
      expect(await list.toArray()).toEqual([-Infinity, -1, 0, 2.5, 9, 10, 1e10]);
    });

    it('sort() orders bigints by size', async () => {
      const list = await make(10n, 9n, -10n, -9n, 0n);
      await list.sort();
      expect(await list.toArray()).toEqual([-10n, -9n, 0n, 9n, 10n]);
    });

    it('sort() orders text by code unit', async () => {
      const list = await make('b', 'a', 'Z', '', 'ab', '\uffff', '😀', 'é');
      await list.sort();
      expect(await list.toArray()).toEqual(['', 'Z', 'a', 'ab', 'b', 'é', '😀', '\uffff']);
    });

    it('sort() orders bytes one by one', async () => {
      const bytes = [[2], [1, 255], [], [1], [128]].map((numbers) => Uint8Array.from(numbers));
      const list = await make(...bytes);
      await list.sort();
      expect((await list.toArray()).map((item) => [...item])).toEqual([[], [1], [1, 255], [2], [128]]);
    });

    it('sort() orders types: null, booleans, numbers, text, bytes, the rest', async () => {
      const list = await make<unknown>({ a: 1 }, Uint8Array.of(0), 'text', 5, true, null, false, -5);
      await list.sort();
      expect(await list.toArray()).toEqual([null, false, true, -5, 5, 'text', Uint8Array.of(0), { a: 1 }]);
    });

    it('sort() by a path orders by that field', async () => {
      const people = ['Eve', 'Ada', 'Bob'].map((name, index) => ({ user: { name, age: 30 - index } }));
      const list = await make(...people);
      await list.sort({ by: 'user.name' });
      expect((await list.toArray()).map(({ user }) => user.name)).toEqual(['Ada', 'Bob', 'Eve']);
      await list.sort({ by: 'user.age' });
      expect((await list.toArray()).map(({ user }) => user.age)).toEqual([28, 29, 30]);
    });

    it('sort() is stable', async () => {
      const items = range(0, 200).map((id) => ({ id, group: (id * 7) % 5 }));
      const list = await make(...items);
      await list.sort({ by: 'group' });
      expect(await list.toArray()).toEqual([...items].sort((a, b) => a.group - b.group));
    });

    it('sort() descending reverses the order of types and values (Python: test_list, reverse=True)', async () => {
      const list = await make<unknown>('a', 1, null, 2, 'b');
      await list.sort({ descending: true });
      expect(await list.toArray()).toEqual(['b', 'a', 2, 1, null]);
    });

    it('sort() descending leaves equal items in their order, as Python does', async () => {
      const items = range(0, 50).map((id) => ({ id, group: id % 3 }));
      const list = await make(...items);
      await list.sort({ by: 'group', descending: true });
      expect(await list.toArray()).toEqual([...items].sort((a, b) => b.group - a.group));
    });

    it('sort() and reverse() of an empty list do nothing', async () => {
      const list = clients.one.list<number>(fresh('list'));
      await list.sort();
      await list.reverse();
      expect(await list.toArray()).toEqual([]);
    });
  });

  suite(target, 'list: iteration', (clients) => {
    const MANY = 2600;

    async function filled(count: number): Promise<SharedList<number>> {
      const list = clients.one.list<number>(fresh('list'));
      await list.extend(range(0, count));
      return list;
    }

    /** Iterates, and awaits `act` after every `step` items. */
    async function beside(list: SharedList<number>, step: number, act: (seen: number[]) => Promise<unknown>): Promise<number[]> {
      const seen: number[] = [];
      for await (const item of list) {
        seen.push(item);
        if (seen.length % step === 0) await act(seen);
      }
      return seen;
    }

    it('yields the items in order, and ends (Python: test_list_iter)', async () => {
      expect(await collect(await filled(10))).toEqual(range(0, 10));
      expect(await collect(await filled(0))).toEqual([]);
    });

    it('yields the items at its beginning, though the list changes ahead of the loop (Python: test_list_iter sees the change)', async () => {
      const list = await filled(3);
      const there = clients.two.list<number>(list.name);
      const seen = await beside(list, 1, (so) => (so.length === 1 ? there.set(2, 9) : Promise.resolve()));
      expect(seen).toEqual([0, 1, 2]);
      expect(await collect(list)).toEqual([0, 1, 9]);
    });

    it('goes over more items than one page', async () => {
      expect(await collect(await filled(MANY))).toEqual(range(0, MANY));
    });

    it('works in a client that did not make the list (a gap in Python)', async () => {
      expect(await collect(clients.two.list<number>((await filled(3)).name))).toEqual([0, 1, 2]);
    });

    it('can be left early', async () => {
      const list = await filled(MANY);
      for await (const item of list) {
        if (item === 2) break;
      }
      expect(await list.length()).toBe(MANY);
    });

    it('leaving it does not make a destroyed list again', async () => {
      const list = await filled(MANY);
      for await (const item of list) {
        expect(item).toBe(0);
        await clients.two.list(list.name).destroy();
        break;
      }
      await roundTrip(clients.one);
      expect(await list.exists()).toBe(false);
    });

    it('yields equal items as often as they occur', async () => {
      const list = clients.one.list<string>(fresh('list'));
      await list.push('a', 'a', 'b', 'a');
      expect(await collect(list)).toEqual(['a', 'a', 'b', 'a']);
    });

    it('loses and repeats nothing while another client takes from the front', async () => {
      const list = await filled(MANY);
      const there = clients.two.list<number>(list.name);
      const seen = await beside(list, 10, () => there.shift());
      expect(seen).toEqual(range(0, MANY));
    });

    it('loses and repeats nothing while another client puts at the front', async () => {
      const list = await filled(MANY);
      const there = clients.two.list<number>(list.name);
      const seen = await beside(list, 10, (so) => there.unshift(-so.length));
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen.filter((item) => item >= 0)).toEqual(range(0, MANY));
    });

    it('loses and repeats nothing while another client removes and inserts in the middle', async () => {
      const list = await filled(MANY);
      const there = clients.two.list<number>(list.name);
      const seen = await beside(list, 25, async (so) => {
        await there.remove(so.length * 3 + 1);
        await there.insert(so.length, -so.length);
      });
      expect(new Set(seen).size).toBe(seen.length);
      const removed = new Set(range(1, MANY / 25 + 1).map((round) => round * 75 + 1));
      expect(seen.filter((item) => item >= 0 && !removed.has(item))).toEqual(range(0, MANY).filter((item) => !removed.has(item)));
    });

    it('loses and repeats nothing while another client appends', async () => {
      const list = await filled(MANY);
      const there = clients.two.list<number>(list.name);
      let next = MANY;
      const seen = await beside(list, 100, async () => {
        if (next < 2 * MANY) await there.push(next++);
      });
      expect(seen.slice(0, MANY)).toEqual(range(0, MANY));
      expect(seen).toEqual(range(0, seen.length));
    });

    it('ends when another client clears the list', async () => {
      const list = await filled(MANY);
      const there = clients.two.list<number>(list.name);
      const seen = await beside(list, 1, (so) => (so.length === 1 ? there.clear() : Promise.resolve()));
      expect(seen).toEqual(range(0, seen.length));
    });
  });
}
