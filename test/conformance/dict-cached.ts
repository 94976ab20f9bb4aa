import { expect, test as it } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import { ClosedError, InvalidArgumentError, type CachedDict, type CacheOptions, type Key, type Manager } from '../../client/index.js';
import { until } from '../support/until.js';
import { fresh, range, suite } from './support.js';
import type { Target } from './target.js';

// A near cache reads at the speed of memory, and sees the changes of others.

export function dictCachedSuite(target: Target): void {
  suite(target, 'dict: near cache', (clients) => {
    const cached = <K extends Key, V>(name = fresh('dict'), options?: CacheOptions): CachedDict<K, V> =>
      clients.one.dict<K, V>(name).cached(options);
    const calls = async (manager: Manager): Promise<number> => (await manager.stats()).callsTotal;

    it('a value that was read is read again without a call', async () => {
      await using cache = cached<string, number>();
      await cache.set('a', 1);
      expect(await cache.get('a')).toBe(1);
      const before = await calls(clients.two);
      for (let round = 0; round < 100; round++) expect(await cache.get('a')).toBe(1);
      // Only the call that counts may be counted.
      expect((await calls(clients.two)) - before).toBeLessThanOrEqual(1);
      expect(cache.stats).toMatchObject({ hits: 100, misses: 1, entries: 1, hitRate: 100 / 101 });
    });

    it.each([
      ['set', (manager: Manager, name: string) => manager.dict<string, number>(name).set('a', 2), 2],
      ['setMany', (manager: Manager, name: string) => manager.dict<string, number>(name).setMany({ a: 2, b: 3 }), 2],
      ['add', (manager: Manager, name: string) => manager.dict<string, number>(name).add('a'), 2],
      ['addMany', (manager: Manager, name: string) => manager.dict<string, number>(name).addMany({ b: 1, a: 1 }), 2],
      ['update', (manager: Manager, name: string) => manager.dict<string, number>(name).update('a', () => 2), 2],
      ['compareAndSet', (manager: Manager, name: string) => manager.dict<string, number>(name).compareAndSet('a', 1, 2), 2],
      ['a batch', (manager: Manager, name: string) => manager.atomic().set(manager.dict<string, number>(name), 'a', 2).commit(), 2],
      ['delete', (manager: Manager, name: string) => manager.dict<string, number>(name).delete('a'), undefined],
      ['pop', (manager: Manager, name: string) => manager.dict<string, number>(name).pop('a'), undefined],
      ['popItem', (manager: Manager, name: string) => manager.dict<string, number>(name).popItem(), undefined],
      ['clear', (manager: Manager, name: string) => manager.dict<string, number>(name).clear(), undefined],
      ['destroy', (manager: Manager, name: string) => manager.dict<string, number>(name).destroy(), undefined],
    ] as const)('a change of another client is seen (%s)', async (_, change, value) => {
      await using cache = cached<string, number>();
      await cache.set('a', 1);
      expect(await cache.get('a')).toBe(1);
      await change(clients.two, cache.name);
      await until('the change is seen', async () => (await cache.get('a')) === value);
      expect(await cache.get('a')).toBe(value);
    });

    it('absence is cached too, until someone inserts', async () => {
      await using cache = cached<string, number>();
      expect([await cache.get('a'), await cache.get('a'), await cache.has('a')]).toEqual([undefined, undefined, false]);
      expect(cache.stats).toMatchObject({ hits: 2, misses: 1 });
      await clients.two.dict<string, number>(cache.name).set('a', 1);
      await until('it is seen', () => cache.has('a'));
    });

    it('its own writes are read at once', async () => {
      await using cache = cached<string, number>();
      for (const round of range(0, 50)) {
        const stale = cache.get('a');
        const written = cache.set('a', round);
        expect(await cache.get('a')).toBe(round);
        await Promise.all([stale, written]);
        expect(await cache.get('a')).toBe(round);
      }
      expect(await cache.add('a')).toBe(50);
      expect(await cache.get('a')).toBe(50);
      await cache.addMany({ a: 1, b: 1 });
      expect(await cache.get('a')).toBe(51);
      await cache.update('a', (value) => value! + 1);
      expect(await cache.get('a')).toBe(52);
      await cache.delete('a');
      expect(await cache.get('a')).toBeUndefined();
    });

    it('a reader never goes back to an older value, and reaches the last one', async () => {
      const LAST = 500;
      await using cache = cached<string, number>();
      await cache.set('a', 0);
      const writer = clients.two.dict<string, number>(cache.name);
      const writing = (async () => {
        for (const value of range(1, LAST + 1)) await writer.set('a', value);
      })();
      let seen = 0;
      while (seen < LAST) {
        for (let read = 0; read < 3; read++) {
          const value = (await cache.get('a'))!;
          expect(value).toBeGreaterThanOrEqual(seen);
          seen = value;
        }
        await turn();
      }
      await writing;
      expect(cache.stats.hits).toBeGreaterThan(0);
      expect(cache.stats.invalidations).toBeGreaterThan(0);
    });

    it('concurrent reads of one key are one call', async () => {
      await using cache = cached<string, number>();
      await cache.set('a', 1);
      expect(await Promise.all(range(0, 20).map(() => cache.get('a')))).toEqual(range(0, 20).map(() => 1));
      expect(cache.stats.entries).toBe(1);
    });

    it('many keys are read together, from the cache and from the manager', async () => {
      await using cache = cached<number, number>();
      await cache.setMany(range(0, 10).map((key) => [key, key * key]));
      await cache.get(3);
      expect(await cache.getMany([3, 4, 99, 5])).toEqual(
        new Map([
          [3, 9],
          [4, 16],
          [5, 25],
        ]),
      );
      expect(cache.stats).toMatchObject({ hits: 1, misses: 4 });
    });

    it('keeps at most maxEntries entries, the last used ones', async () => {
      await using cache = cached<number, number>(undefined, { maxEntries: 10 });
      await cache.setMany(range(0, 100).map((key) => [key, key]));
      for (const key of range(0, 100)) {
        await cache.get(key);
        await cache.get(0);
      }
      expect(cache.stats.entries).toBe(10);
      const { misses } = cache.stats;
      expect([await cache.get(0), await cache.get(99), await cache.get(92)]).toEqual([0, 99, 92]);
      expect(cache.stats.misses).toBe(misses);
      expect(await cache.get(50)).toBe(50);
      expect(cache.stats.misses).toBe(misses + 1);
    });

    it('an entry is read again after its ttl', async () => {
      await using cache = cached<string, number>(undefined, { ttl: 20 });
      await cache.set('a', 1);
      await cache.get('a');
      await until('it was read anew', async () => {
        await cache.get('a');
        return cache.stats.misses > 1;
      });
    });

    it('immutable values are shared, other values are copies', async () => {
      await using cache = cached<string, unknown>();
      await cache.setMany([
        ['plain', { deep: [1, { a: 2 }] }],
        ['map', { map: new Map([['a', 1]]) }],
        ['bytes', new Uint8Array([1, 2])],
      ]);
      const plain = (await cache.get('plain')) as { deep: unknown[] };
      expect(Object.isFrozen(plain.deep)).toBe(true);
      expect(await cache.get('plain')).toBe(plain);
      const { map } = (await cache.get('map')) as { map: Map<string, number> };
      map.set('a', 99);
      expect(await cache.get('map')).toEqual({ map: new Map([['a', 1]]) });
      ((await cache.get('bytes')) as Uint8Array).fill(9);
      expect(await cache.get('bytes')).toEqual(new Uint8Array([1, 2]));
    });

    it('concurrent readers get copies of their own, too', async () => {
      await using cache = cached<string, Map<string, number>>();
      await cache.set('map', new Map([['a', 1]]));
      const [mine, other] = await Promise.all([cache.get('map'), cache.get('map')]);
      mine!.set('a', 99);
      expect(other).toEqual(new Map([['a', 1]]));
    });

    it('keys of every type are told apart', async () => {
      await using cache = cached<Key, string>();
      const keys: Key[] = ['1', 1, 1n, true, new Uint8Array([1])];
      await cache.setMany(keys.map((key) => [key, typeof key]));
      for (let round = 0; round < 2; round++) {
        expect(await Promise.all(keys.map((key) => cache.get(key)))).toEqual(['string', 'number', 'bigint', 'boolean', 'object']);
      }
      await clients.two.dict<Key, string>(cache.name).set(new Uint8Array([1]), 'changed');
      await until('the change is seen', async () => (await cache.get(new Uint8Array([1]))) === 'changed');
    });

    it('a failed read fails, and the next one asks again', async () => {
      const name = fresh('dict');
      await clients.two.list(name).push(1);
      await using cache = cached<string, number>(name);
      await expect(cache.get('a')).rejects.toMatchObject({ code: 'KIND_MISMATCH' });
      await clients.two.list(name).destroy();
      await cache.set('a', 1);
      expect(await cache.get('a')).toBe(1);
    });

    it('a disposed cache reads no more; the dict does', async () => {
      const cache = cached<string, number>();
      await cache.set('a', 1);
      await cache.get('a');
      await cache[Symbol.asyncDispose]();
      await expect(cache.get('a')).rejects.toBeInstanceOf(ClosedError);
      expect(await clients.one.dict<string, number>(cache.name).get('a')).toBe(1);
    });

    it.each([0, -1, 1.5, NaN])('maxEntries of %p is refused', (maxEntries) => {
      expect(() => cached(undefined, { maxEntries })).toThrow(InvalidArgumentError);
    });
  });
}
