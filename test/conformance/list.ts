import { expect, it } from '@jest/globals';
import { OutOfRangeError, type SharedList } from '../../client/index.js';
import { fresh, range, suite } from './support.js';
import type { Target } from './target.js';

/** Reading and writing of a list: ends, indexes, search. */
export function listSuite(target: Target): void {
  suite(target, 'list: items', (clients) => {
    async function make<V = number>(...items: V[]): Promise<SharedList<V>> {
      const list = clients.one.list<V>(fresh('list'));
      if (items.length > 0) await list.push(...items);
      return list;
    }

    it('is empty at first', async () => {
      const list = await make();
      expect(await list.length()).toBe(0);
      expect(await list.toArray()).toEqual([]);
    });

    it('push() appends and returns the new length (Python: test_list)', async () => {
      const list = await make<string>();
      expect(await list.push('a')).toBe(1);
      expect(await list.push('b', 'c')).toBe(3);
      expect(await list.toArray()).toEqual(['a', 'b', 'c']);
    });

    it('unshift() puts its values before the first, in their order', async () => {
      const list = await make('c');
      expect(await list.unshift('a', 'b')).toBe(3);
      expect(await list.unshift('_')).toBe(4);
      expect(await list.toArray()).toEqual(['_', 'a', 'b', 'c']);
    });

    it('compareAndSet() replaces an item that is as expected, and no other', async () => {
      const list = await make<unknown>({ a: 1 }, 'b');
      expect(await list.compareAndSet(0, { a: 1 }, [2])).toBe(true);
      expect(await list.compareAndSet(-1, 'c', 'd')).toBe(false);
      expect(await list.compareAndSet(2, 'b', 'd')).toBe(false);
      expect(await list.toArray()).toEqual([[2], 'b']);
    });

    it('update() changes an item by a function, and returns the stored value', async () => {
      const list = await make('a', 'b');
      expect(await list.update(-1, (item) => item + '!')).toBe('b!');
      expect(await list.toArray()).toEqual(['a', 'b!']);
      await expect(list.update(2, () => 'never')).rejects.toBeInstanceOf(OutOfRangeError);
      await expect(list.update(0, () => undefined as unknown as string)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
      expect(await list.toArray()).toEqual(['a', 'b!']);
    });

    it('update() loses no change of several clients at once', async () => {
      const list = await make(0);
      const other = clients.two.list<number>(list.name);
      const updates = range(0, 10).flatMap(() => [list.update(0, (n) => n + 1), other.update(0, (n) => n + 1)]);
      await Promise.all(updates);
      expect(await list.at(0)).toBe(20);
    });

    it('push() and unshift() of no values return the length', async () => {
      const list = await make(1, 2);
      expect(await list.push()).toBe(2);
      expect(await list.unshift()).toBe(2);
    });

    it('extend() appends the items of any iterable (Python: test_list, extend)', async () => {
      const list = await make(1);
      expect(await list.extend([2, 3])).toBe(3);
      expect(await list.extend(new Set([4]))).toBe(4);
      expect(await list.extend([])).toBe(4);
      expect(await list.toArray()).toEqual([1, 2, 3, 4]);
    });

    it('extend() by its own items doubles it (Python: test_list, *=)', async () => {
      const list = await make(1, 2);
      await list.extend(await list.toArray());
      expect(await list.toArray()).toEqual([1, 2, 1, 2]);
    });

    it('toArray() returns an Array; adding to it does not change the list (Python: test_list, + and *)', async () => {
      const list = await make(1, 2);
      expect([...(await list.toArray()), 5]).toEqual([1, 2, 5]);
      expect(await list.toArray()).toEqual([1, 2]);
    });

    it('has the methods of an Array that read and change it (Python: test_list_isinstance)', async () => {
      const list = await make();
      const methods = ['at', 'push', 'pop', 'shift', 'unshift', 'splice', 'slice', 'indexOf', 'includes', 'reverse', 'sort'] as const;
      for (const method of methods) expect([typeof list[method], typeof [][method]]).toEqual(['function', 'function']);
      expect(typeof list[Symbol.asyncIterator]).toBe('function');
    });

    it('extend() takes some thousand items', async () => {
      const list = await make();
      expect(await list.extend(range(0, 5000))).toBe(5000);
      expect(await list.at(4999)).toBe(4999);
    });

    it('pop() removes the last and shift() the first (Python: test_list, pop and pop(0))', async () => {
      const list = await make(1, 2, 3, 4);
      expect(await list.pop()).toBe(4);
      expect(await list.shift()).toBe(1);
      expect(await list.toArray()).toEqual([2, 3]);
    });

    it('pop() and shift() of an empty list return undefined', async () => {
      const list = await make(1);
      await list.pop();
      expect(await list.pop()).toBeUndefined();
      expect(await list.shift()).toBeUndefined();
      expect(await list.length()).toBe(0);
    });

    it('serves as a queue from either end through many turns', async () => {
      const list = await make<number>();
      const out: (number | undefined)[] = [];
      for (const number of range(0, 200)) {
        await list.push(number);
        if (number % 2 === 1) out.push(await list.shift());
      }
      expect(out).toEqual(range(0, 100));
      expect(await list.toArray()).toEqual(range(100, 200));
    });

    it('at() counts from the start, and from the end if negative', async () => {
      const list = await make('a', 'b', 'c');
      expect(await Promise.all([0, 2, -1, -3].map((index) => list.at(index)))).toEqual(['a', 'c', 'c', 'a']);
    });

    it('at() returns undefined beyond the ends', async () => {
      const list = await make('a', 'b');
      expect(await Promise.all([2, 100, -3, -100].map((index) => list.at(index)))).toEqual(Array(4).fill(undefined));
    });

    it('set() replaces, counting from either end', async () => {
      const list = await make('a', 'b', 'c');
      await list.set(0, 'A');
      await list.set(-1, 'C');
      expect(await list.toArray()).toEqual(['A', 'b', 'C']);
    });

    it('set() beyond the ends is an OutOfRangeError and changes nothing', async () => {
      const list = await make('a', 'b');
      for (const index of [2, 100, -3]) {
        await expect(list.set(index, 'x')).rejects.toBeInstanceOf(OutOfRangeError);
      }
      await expect((await make<string>()).set(0, 'x')).rejects.toBeInstanceOf(OutOfRangeError);
      expect(await list.toArray()).toEqual(['a', 'b']);
    });

    it('insert() puts an item before the index (Python: test_list, insert)', async () => {
      const list = await make('a', 'c');
      await list.insert(1, 'b');
      await list.insert(0, '_');
      await list.insert(-1, 'before the last');
      expect(await list.toArray()).toEqual(['_', 'a', 'b', 'before the last', 'c']);
    });

    it('insert() beyond an end inserts at that end, as in Python', async () => {
      const list = await make('b');
      await list.insert(100, 'c');
      await list.insert(-100, 'a');
      expect(await list.toArray()).toEqual(['a', 'b', 'c']);
    });

    it('insert() at the length appends', async () => {
      const list = await make('a');
      await list.insert(1, 'b');
      expect(await list.toArray()).toEqual(['a', 'b']);
    });

    it('clear() removes all items, and the list stays (Python: test_list, clear)', async () => {
      const list = await make(1, 2);
      await list.clear();
      expect(await list.length()).toBe(0);
      expect(await list.exists()).toBe(true);
      expect(await list.push(3)).toBe(1);
    });

    it('another client sees the writes', async () => {
      const list = await make(1);
      const there = clients.two.list<number>(list.name);
      expect(await there.push(2)).toBe(2);
      expect(await list.toArray()).toEqual([1, 2]);
      await there.set(0, 9);
      expect(await list.at(0)).toBe(9);
    });

    it('loses nothing of two clients that push at once, and keeps the order of each', async () => {
      const list = await make<number>();
      const there = clients.two.list<number>(list.name);
      await Promise.all(range(0, 200).map((number) => (number % 2 === 0 ? list : there).push(number)));
      const all = await list.toArray();
      expect(all.filter((number) => number % 2 === 0)).toEqual(range(0, 100).map((number) => 2 * number));
      expect(all.filter((number) => number % 2 === 1)).toEqual(range(0, 100).map((number) => 2 * number + 1));
    });

    it('gives an item to one of several clients that take at once', async () => {
      const list = await make(...range(0, 40));
      const there = clients.two.list<number>(list.name);
      const taken = await Promise.all([...range(0, 30).map(() => list.shift()), ...range(0, 30).map(() => there.pop())]);
      expect(taken.filter((item) => item !== undefined).sort((a, b) => a - b)).toEqual(range(0, 40));
    });

    it('push() of several values is one step', async () => {
      const list = await make<number>();
      const there = clients.two.list<number>(list.name);
      await Promise.all(range(0, 50).map((round) => (round % 2 === 0 ? list : there).push(round, round, round)));
      const all = await list.toArray();
      for (const round of range(0, 50)) expect(all.lastIndexOf(round) - all.indexOf(round)).toBe(2);
    });
  });

  suite(target, 'list: search', (clients) => {
    async function make(...items: unknown[]): Promise<SharedList<unknown>> {
      const list = clients.one.list<unknown>(fresh('list'));
      await list.push(...items);
      return list;
    }

    it('indexOf() returns the first index, or -1 (Python: test_list, index)', async () => {
      const list = await make('a', 'b', 'a');
      expect(await Promise.all([list.indexOf('a'), list.indexOf('b'), list.indexOf('c')])).toEqual([0, 1, -1]);
    });

    it('includes() is true if the item occurs', async () => {
      const list = await make(1, null);
      expect(await Promise.all([list.includes(1), list.includes(null), list.includes(2)])).toEqual([true, true, false]);
    });

    it('count() counts the equal items (Python: test_list, count)', async () => {
      const list = await make(5, 1, 5, '5', 5n);
      expect(await Promise.all([list.count(5), list.count(5n), list.count(6)])).toEqual([2, 1, 0]);
    });

    it('remove() removes the first equal item, and returns true if one existed (Python: test_list, remove)', async () => {
      const list = await make('a', 'b', 'a');
      expect(await list.remove('a')).toBe(true);
      expect(await list.toArray()).toEqual(['b', 'a']);
      expect(await list.remove('c')).toBe(false);
    });

    it('compares deeply', async () => {
      const item = (): unknown => ({ id: 1, tags: new Set(['x']), bytes: Uint8Array.of(1), at: new Date(7) });
      const list = await make({ id: 1 }, item(), [1, [2]], new Map([['k', [1n]]]));
      expect(await list.indexOf(item())).toBe(1);
      expect(await list.indexOf([1, [2]])).toBe(2);
      expect(await list.includes(new Map([['k', [1n]]]))).toBe(true);
      expect(await list.includes(new Map([['k', [2n]]]))).toBe(false);
      expect(await list.remove({ id: 1 })).toBe(true);
      expect(await list.length()).toBe(3);
    });

    it('ignores the order of the keys of objects', async () => {
      const list = await make({ one: 1, two: [{ x: 1, y: 2 }] });
      expect(await list.includes({ two: [{ y: 2, x: 1 }], one: 1 })).toBe(true);
    });

    it('tells values of different types apart', async () => {
      const values = [1, 1n, '1', true, [1], { 1: 1 }, Uint8Array.of(1), new Set([1]), null, 0, false, ''];
      const list = await make(...values);
      expect(await Promise.all(values.map((value) => list.indexOf(value)))).toEqual(range(0, values.length));
    });

    it('finds NaN', async () => {
      expect(await (await make(1, NaN)).indexOf(NaN)).toBe(1);
    });
  });
}
