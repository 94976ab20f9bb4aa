import { expect, it } from '@jest/globals';
import { InvalidArgumentError, type Key, type SharedDict } from '../../client/index.js';
import { fresh, range, suite } from './support.js';
import type { Target } from './target.js';

/** Operations that read and write in one step: add, addMany, compareAndSet, update, setMany. */
export function dictAtomicSuite(target: Target): void {
  suite(target, 'dict: add', (clients) => {
    const make = (): SharedDict<string, unknown> => clients.one.dict<string, unknown>(fresh('dict'));

    it('returns the new number', async () => {
      const dict = make();
      await dict.set('a', 5);
      expect(await dict.add('a', 2)).toBe(7);
      expect(await dict.add('a', -0.5)).toBe(6.5);
      expect(await dict.get('a')).toBe(6.5);
    });

    it('adds 1 by default', async () => {
      const dict = make();
      await dict.set('a', 5);
      expect(await dict.add('a')).toBe(6);
    });

    it('counts a missing key as 0, of the type of the delta', async () => {
      const dict = make();
      expect(await dict.add('number')).toBe(1);
      expect(await dict.add('delta', 2.5)).toBe(2.5);
      expect(await dict.add('bigint', 3n)).toBe(3n);
      expect(await dict.toMap()).toEqual(
        new Map<string, unknown>([
          ['number', 1],
          ['delta', 2.5],
          ['bigint', 3n],
        ]),
      );
    });

    it('is exact with bigints', async () => {
      const dict = make();
      await dict.set('a', 2n ** 60n);
      expect(await dict.add('a', 1n)).toBe(2n ** 60n + 1n);
      expect(await dict.add('a', -(2n ** 61n))).toBe(1n - 2n ** 60n);
    });

    it('refuses to add to a value that is no number, and leaves it', async () => {
      const dict = make();
      for (const value of ['5', null, true, [1], new Date(0)]) {
        await dict.set('a', value);
        await expect(dict.add('a', 1)).rejects.toBeInstanceOf(InvalidArgumentError);
        expect(await dict.get('a')).toEqual(value);
      }
    });

    it('refuses to mix numbers and bigints', async () => {
      const dict = make();
      await dict.setMany({ number: 1, bigint: 1n });
      await expect(dict.add('number', 1n)).rejects.toBeInstanceOf(InvalidArgumentError);
      await expect(dict.add('bigint', 1)).rejects.toBeInstanceOf(InvalidArgumentError);
      expect(await dict.toMap()).toEqual(
        new Map<string, unknown>([
          ['number', 1],
          ['bigint', 1n],
        ]),
      );
    });

    it('refuses a delta that is no number', async () => {
      await expect(make().add('a', 'one' as never)).rejects.toBeInstanceOf(InvalidArgumentError);
    });

    it('of two clients at once loses nothing', async () => {
      const dict = make();
      const there = clients.two.dict<string, unknown>(dict.name);
      await Promise.all(range(0, 200).map((index) => (index % 2 === 0 ? dict : there).add('a')));
      expect(await dict.get('a')).toBe(200);
    });
  });

  suite(target, 'dict: addMany', (clients) => {
    const make = (): SharedDict<string, unknown> => clients.one.dict<string, unknown>(fresh('dict'));

    it('adds to each number; a missing key counts as 0 (Python: Counter.update)', async () => {
      const dict = make();
      await dict.setMany({ a: 5, big: 2n ** 60n });
      await dict.addMany(new Map<string, number | bigint>([['b', 2], ['a', 1], ['big', 1n]])); // prettier-ignore
      expect([...(await dict.toMap())]).toEqual([
        ['a', 6],
        ['big', 2n ** 60n + 1n],
        ['b', 2],
      ]);
    });

    it('takes an object, a Map and pairs, in which a key may occur twice', async () => {
      const dict = make();
      await dict.addMany({ object: 1 });
      await dict.addMany(new Map([['map', 2]]));
      await dict.addMany([
        ['pairs', 3],
        ['pairs', 4],
      ]);
      expect(Object.fromEntries(await dict.toMap())).toEqual({ object: 1, map: 2, pairs: 7 });
    });

    it('of no keys does nothing', async () => {
      const dict = make();
      await dict.addMany({});
      expect(await dict.size()).toBe(0);
    });

    it('changes nothing if one of the keys holds no number, or one of another type', async () => {
      const dict = make();
      await dict.setMany({ a: 1, text: 'x', big: 1n });
      for (const counts of [
        { a: 1, b: 1, text: 1 },
        { b: 1, big: 1 },
        { a: 1, b: 'one' as never },
      ] as Record<string, number>[]) {
        await expect(dict.addMany(counts)).rejects.toBeInstanceOf(InvalidArgumentError);
      }
      expect(await dict.toMap()).toEqual(
        new Map<string, unknown>([
          ['a', 1],
          ['text', 'x'],
          ['big', 1n],
        ]),
      );
    });

    it('of two clients at once loses nothing, with keys of all kinds and some thousand of them', async () => {
      const [one, two] = [clients.one.dict<Key, number>(fresh('dict')), clients.two];
      const there = two.dict<Key, number>(one.name);
      const keys: Key[] = [...range(0, 3000), 'text', 1n, true, NaN, Uint8Array.of(1)];
      const counts = keys.map((key): [Key, number] => [key, 1]);
      await Promise.all(range(0, 6).map((round) => (round % 2 === 0 ? one : there).addMany(counts)));
      expect([...(await one.toMap()).values()]).toEqual(keys.map(() => 6));
    });

    it('other clients see all of it or none', async () => {
      const dict = clients.one.dict<string, number>(fresh('dict'));
      const there = clients.two.dict<string, number>(dict.name);
      const writes = Promise.all(range(0, 50).map(() => dict.addMany({ a: 1, b: 1, c: 1 })));
      for (const _ of range(0, 20)) {
        const { a, b, c } = Object.fromEntries(await there.toMap());
        expect([b, c]).toEqual([a, a]);
      }
      await writes;
      expect(Object.fromEntries(await dict.toMap())).toEqual({ a: 50, b: 50, c: 50 });
    });
  });

  suite(target, 'dict: compareAndSet', (clients) => {
    const make = (): SharedDict<string, unknown> => clients.one.dict<string, unknown>(fresh('dict'));

    it('stores if the key holds the expected value', async () => {
      const dict = make();
      await dict.set('a', 1);
      expect(await dict.compareAndSet('a', 1, 2)).toBe(true);
      expect(await dict.get('a')).toBe(2);
    });

    it('does nothing if the key holds another value', async () => {
      const dict = make();
      await dict.set('a', 1);
      for (const other of [2, '1', 1n, true, null, [1]]) expect(await dict.compareAndSet('a', other, 9)).toBe(false);
      expect(await dict.get('a')).toBe(1);
    });

    it('expecting undefined stores only if the key is missing', async () => {
      const dict = make();
      expect(await dict.compareAndSet('a', undefined, 1)).toBe(true);
      expect(await dict.compareAndSet('a', undefined, 2)).toBe(false);
      expect(await dict.get('a')).toBe(1);
    });

    it('expecting a value does nothing if the key is missing', async () => {
      const dict = make();
      expect(await dict.compareAndSet('a', null, 1)).toBe(false);
      expect(await dict.has('a')).toBe(false);
    });

    it('with undefined as the next value deletes', async () => {
      const dict = make();
      await dict.set('a', 1);
      expect(await dict.compareAndSet('a', 2, undefined)).toBe(false);
      expect(await dict.compareAndSet('a', 1, undefined)).toBe(true);
      expect(await dict.has('a')).toBe(false);
    });

    it('compares deeply', async () => {
      const dict = make();
      const value = (): unknown => ({ name: 'Ada', tags: ['a', new Map([[1, new Set([2n])]])], at: new Date(5), none: undefined });
      await dict.set('a', value());
      expect(await dict.compareAndSet('a', { name: 'Ada' }, 'no')).toBe(false);
      expect(await dict.compareAndSet('a', value(), 'yes')).toBe(true);
    });

    it('ignores the order of the keys of objects', async () => {
      const dict = make();
      await dict.set('a', { one: 1, two: { x: 1, y: 2 } });
      expect(await dict.compareAndSet('a', { two: { y: 2, x: 1 }, one: 1 }, 'yes')).toBe(true);
    });

    it('keeps the position of the key', async () => {
      const dict = make();
      await dict.setMany({ a: 1, b: 2 });
      await dict.compareAndSet('a', 1, 3);
      expect([...(await dict.toMap()).keys()]).toEqual(['a', 'b']);
    });

    it('lets one of many win', async () => {
      const dict = make();
      const there = clients.two.dict<string, unknown>(dict.name);
      const outcomes = await Promise.all(
        range(0, 20).map((index) => (index % 2 === 0 ? dict : there).compareAndSet('leader', undefined, index)),
      );
      expect(outcomes.filter(Boolean)).toHaveLength(1);
      expect(await dict.get('leader')).toBe(outcomes.indexOf(true));
    });
  });

  suite(target, 'dict: update', (clients) => {
    const make = (): SharedDict<string, number> => clients.one.dict<string, number>(fresh('dict'));

    it('stores the result of the change, and returns it', async () => {
      const dict = make();
      await dict.set('a', 20);
      expect(await dict.update('a', (old) => (old ?? 0) * 2 + 2)).toBe(42);
      expect(await dict.get('a')).toBe(42);
    });

    it('gives the change undefined if the key is missing', async () => {
      const dict = make();
      expect(await dict.update('a', (old) => (old === undefined ? 1 : 2))).toBe(1);
      expect(await dict.get('a')).toBe(1);
    });

    it('deletes if the change returns undefined', async () => {
      const dict = make();
      await dict.set('a', 1);
      expect(await dict.update('a', () => undefined)).toBeUndefined();
      expect(await dict.has('a')).toBe(false);
      expect(await dict.update('a', () => undefined)).toBeUndefined();
    });

    it('rejects with the error of the change, and leaves the value', async () => {
      const dict = make();
      await dict.set('a', 1);
      const failure = new Error('no change');
      const throwing = (): number => {
        throw failure;
      };
      await expect(dict.update('a', throwing)).rejects.toBe(failure);
      expect(await dict.get('a')).toBe(1);
    });

    it('runs the change again on the present value when another write came between', async () => {
      const dict = make();
      await dict.set('a', 1);
      const seen: (number | undefined)[] = [];
      const between: Promise<void>[] = [];
      const result = await dict.update('a', (old) => {
        seen.push(old);
        // In the same session, and so before the next call of the update itself.
        if (seen.length === 1) between.push(dict.set('a', 200));
        return (old ?? 0) + 1;
      });
      await Promise.all(between);
      expect(seen).toEqual([1, 200]);
      expect(result).toBe(201);
      expect(await dict.get('a')).toBe(201);
    });

    it('runs the change again when the key was deleted meanwhile', async () => {
      const dict = make();
      await dict.set('a', 1);
      const seen: (number | undefined)[] = [];
      const between: Promise<boolean>[] = [];
      await dict.update('a', (old) => {
        seen.push(old);
        if (seen.length === 1) between.push(dict.delete('a'));
        return 5;
      });
      await Promise.all(between);
      expect(seen).toEqual([1, undefined]);
      expect(await dict.get('a')).toBe(5);
    });

    it('of two clients at once loses nothing', async () => {
      const dict = make();
      const there = clients.two.dict<string, number>(dict.name);
      await Promise.all(range(0, 60).map((index) => (index % 2 === 0 ? dict : there).update('a', (old) => (old ?? 0) + 1)));
      expect(await dict.get('a')).toBe(60);
    });

    it('of two clients that change one object loses neither change', async () => {
      const name = fresh('dict');
      const [one, two] = [clients.one, clients.two].map((manager) => manager.dict<string, Record<string, number>>(name));
      await Promise.all([
        ...range(0, 20).map((index) => one?.update('a', (old) => ({ ...old, [`one${index}`]: index }))),
        ...range(0, 20).map((index) => two?.update('a', (old) => ({ ...old, [`two${index}`]: index }))),
      ]);
      expect(Object.keys((await one?.get('a')) ?? {})).toHaveLength(40);
    });
  });

  suite(target, 'dict: atomic setMany', (clients) => {
    it('other clients see all of it or none', async () => {
      const dict = clients.one.dict<string, number>(fresh('dict'));
      const there = clients.two.dict<string, number>(dict.name);
      const keys = range(0, 50).map((index) => `key${index}`);
      const writes = range(0, 40).map((round) => dict.setMany(keys.map((key): [string, number] => [key, round])));
      for (let reads = 0; reads < 40; reads++) {
        const seen = [...(await (reads % 2 === 0 ? there.getMany(keys) : there.toMap())).values()];
        expect([0, 50]).toContain(seen.length);
        expect(new Set(seen).size).toBeLessThanOrEqual(1);
      }
      await Promise.all(writes);
    });

    it('one bad entry refuses all of it', async () => {
      const dict = clients.one.dict<string, unknown>(fresh('dict'));
      await expect(dict.setMany({ a: 1, b: () => 2, c: 3 })).rejects.toBeInstanceOf(InvalidArgumentError);
      expect(await dict.size()).toBe(0);
    });

    it('an entry can be taken by one only', async () => {
      const dict = clients.one.dict<number, number>(fresh('dict'));
      const there = clients.two.dict<number, number>(dict.name);
      await dict.setMany(range(0, 40).map((number): [number, number] => [number, number]));
      const taken = await Promise.all([...range(0, 30).map(() => dict.popItem()), ...range(0, 30).map(() => there.popItem())]);
      const keys = taken.flatMap((entry) => (entry === undefined ? [] : [entry[0]]));
      expect(keys.sort((a, b) => a - b)).toEqual(range(0, 40));
    });
  });
}
