import { expect, it } from '@jest/globals';
import { AlreadyExistsError, InvalidArgumentError, OptionsConflictError, type SharedDict } from '../../client/index.js';
import { until } from '../support/until.js';
import { collect, fresh, range, suite } from './support.js';
import type { Target } from './target.js';
import { begun, grow, plain, take } from './watching.js';

/** Dicts with a maximum number of entries. */
export function dictMaxEntriesSuite(target: Target): void {
  suite(target, 'dict: maxEntries', (clients) => {
    const make = (maxEntries = 3): SharedDict<string, number> => clients.one.dict<string, number>(fresh('dict'), { maxEntries });
    const keysOf = async (dict: SharedDict<string, number>): Promise<string[]> => collect(dict.keys());

    it('a new key evicts the one that was not used for longest', async () => {
      const dict = make();
      for (const key of ['a', 'b', 'c']) await dict.set(key, 1);
      await dict.get('a');
      await dict.set('d', 1);
      expect(await keysOf(dict)).toEqual(['a', 'c', 'd']);
      await dict.set('e', 1);
      expect(await keysOf(dict)).toEqual(['a', 'd', 'e']);
    });

    it.each<[string, (dict: SharedDict<string, number>) => Promise<unknown>]>([
      ['get', (dict) => dict.get('a')],
      ['getMany', (dict) => dict.getMany(['a', 'missing'])],
      ['set', (dict) => dict.set('a', 2)],
      ['setMany', (dict) => dict.setMany({ a: 2 })],
      ['add', (dict) => dict.add('a')],
      ['addMany', (dict) => dict.addMany({ a: 1 })],
      ['getOrInsert', (dict) => dict.getOrInsert('a', 2)],
      ['compareAndSet', (dict) => dict.compareAndSet('a', 1, 2)],
      ['update', (dict) => dict.update('a', (value) => value)],
      ['touch', (dict) => dict.touch('a', 60_000)],
      ['path', (dict) => dict.path('a').get()],
      ['a batch', (dict) => clients.one.atomic().add(dict, 'a').commit()],
    ])('%s uses a key', async (_, use) => {
      const dict = make(2);
      await dict.setMany({ a: 1, b: 1 });
      await use(dict);
      await dict.set('c', 1);
      expect(await keysOf(dict)).toEqual(['a', 'c']);
    });

    it.each<[string, (dict: SharedDict<string, number>) => Promise<unknown>]>([
      ['has', (dict) => dict.has('a')],
      ['ttl', (dict) => dict.ttl('a')],
      ['an iteration', (dict) => collect(dict)],
      ['toMap', (dict) => dict.toMap()],
      ['a compareAndSet that does not store', (dict) => dict.compareAndSet('a', 2, 3)],
      ['an addition that fails', (dict) => dict.add('a', 1n).catch(() => {})],
      ['a check of a batch', (dict) => clients.one.atomic().check(dict, 'a', 1).commit()],
    ])('%s uses none', async (_, look) => {
      const dict = make(2);
      await dict.setMany({ a: 1, b: 1 });
      await look(dict);
      await dict.set('c', 1);
      expect(await keysOf(dict)).toEqual(['b', 'c']);
    });

    it.each<[string, (dict: SharedDict<string, number>) => Promise<unknown>]>([
      ['set', (dict) => dict.set('c', 1)],
      ['setMany', (dict) => dict.setMany({ c: 1 })],
      ['add', (dict) => dict.add('c')],
      ['addMany', (dict) => dict.addMany({ c: 1 })],
      ['getOrInsert', (dict) => dict.getOrInsert('c', 1)],
      ['compareAndSet', (dict) => dict.compareAndSet('c', undefined, 1)],
      ['update', (dict) => dict.update('c', () => 1)],
      ['path', (dict) => dict.path('c').set(1)],
      ['a batch', (dict) => clients.one.atomic().set(dict, 'c', 1).commit()],
    ])('%s of a new key evicts', async (_, insert) => {
      const dict = make(2);
      await dict.setMany({ a: 1, b: 1 });
      await insert(dict);
      expect(await keysOf(dict)).toEqual(['b', 'c']);
    });

    it('keys that were removed make room', async () => {
      const dict = make(2);
      await dict.setMany({ a: 1, b: 1 });
      await dict.delete('a');
      await dict.set('c', 1);
      expect(await keysOf(dict)).toEqual(['b', 'c']);
      expect(await dict.popItem()).toEqual(['c', 1]);
      await dict.set('d', 1);
      expect(await keysOf(dict)).toEqual(['b', 'd']);
      await dict.clear();
      await dict.setMany({ e: 1, f: 1 });
      expect(await keysOf(dict)).toEqual(['e', 'f']);
    });

    it('of more keys than have room, the last ones stay', async () => {
      const dict = clients.one.dict<number, number>(fresh('dict'), { maxEntries: 100 });
      await dict.setMany(range(0, 5_000).map((key): [number, number] => [key, key]));
      expect(await collect(dict.keys())).toEqual(range(4_900, 5_000));
      expect(await dict.size()).toBe(100);
    });

    it('a time to live ends with an eviction', async () => {
      const dict = make(1);
      await dict.set('a', 1, { ttl: 60_000 });
      await dict.set('b', 1);
      await dict.set('a', 2);
      expect([await dict.ttl('a'), await keysOf(dict)]).toEqual([Infinity, ['a']]);
    });

    it('watches and near caches see evictions', async () => {
      const dict = make(2);
      const there = clients.two.dict<string, number>(dict.name);
      await using cache = there.cached();
      const changes = await begun(clients.one, dict.watch());
      await dict.setMany({ a: 1, b: 1 });
      expect(await cache.get('a')).toBe(1);
      await dict.set('c', 1);
      await dict.set('d', 1);
      const told = await take(changes, 6);
      expect(plain(told).slice(2)).toEqual([
        { type: 'set', key: 'c', value: 1 },
        { type: 'evict', key: 'b' },
        { type: 'set', key: 'd', value: 1 },
        { type: 'evict', key: 'a' },
      ]);
      expect(grow(told)).toBe(true);
      await changes.return!();
      await until('the cache has dropped it', async () => (await cache.get('a')) === undefined);
    });

    it('the limit belongs to the dict: others open it with the same, or without', async () => {
      const dict = make(2);
      await dict.set('a', 1);
      const [same, without, other] = [{ maxEntries: 2 }, {}, { maxEntries: 3 }].map((options) =>
        clients.two.dict<string, number>(dict.name, options),
      );
      await same!.set('b', 1);
      await without!.set('c', 1);
      await expect(other!.set('d', 1)).rejects.toBeInstanceOf(OptionsConflictError);
      await expect(other!.create()).rejects.toBeInstanceOf(AlreadyExistsError);
      expect(await keysOf(dict)).toEqual(['b', 'c']);
      const [info] = await collect(clients.one.objects({ match: dict.name }));
      expect(info!.options).toEqual({ maxEntries: '2' });
    });

    it('a dict without a limit gets none later', async () => {
      const name = fresh('dict');
      await clients.one.dict<string, number>(name).set('a', 1);
      await expect(clients.two.dict<string, number>(name, { maxEntries: 1 }).set('b', 1)).rejects.toBeInstanceOf(OptionsConflictError);
      expect(await clients.one.dict(name).size()).toBe(1);
    });

    it('a limit that is no whole number above 0 is refused', () => {
      for (const maxEntries of [0, -1, 1.5, NaN, Infinity, 2 ** 32, '1' as never]) {
        expect(() => clients.one.dict(fresh('dict'), { maxEntries })).toThrow(InvalidArgumentError);
      }
    });
  });
}
