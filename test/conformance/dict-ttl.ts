import { expect, test as it } from '@jest/globals';
import { InvalidArgumentError, OutOfRangeError, type DictChangeOptions, type SharedDict } from '../../client/index.js';
import { until } from '../support/until.js';
import { fresh, suite } from './support.js';
import type { Target } from './target.js';
import { begun, plain, take } from './watching.js';

/** Times to live that do not end during a test, in milliseconds. */
const [SHORT, LONG] = [60_000, 600_000];

/** The ends that operations give to keys. */
export function dictTtlSuite(target: Target): void {
  suite(target, 'dict: time to live', (clients) => {
    const make = (): SharedDict<string, number> => clients.one.dict<string, number>(fresh('dict'));
    /** Returns about how long a key has left. */
    async function left(dict: SharedDict<string, number>, key: string): Promise<number | undefined> {
      const ttl = await dict.ttl(key);
      return [SHORT, LONG].find((whole) => ttl !== undefined && ttl <= whole && ttl > whole / 2) ?? ttl;
    }

    it('ttl() returns the time that a key has left, Infinity without an end, undefined without the key', async () => {
      const dict = make();
      await dict.set('a', 1, { ttl: SHORT });
      await dict.set('b', 2);
      expect([await left(dict, 'a'), await dict.ttl('b'), await dict.ttl('c')]).toEqual([SHORT, Infinity, undefined]);
      expect(Number.isInteger(await clients.two.dict(dict.name).ttl('a'))).toBe(true);
    });

    it('touch() gives a key another end or none, and returns whether the key exists', async () => {
      const dict = make();
      await dict.set('a', 1);
      expect(await dict.touch('a', SHORT)).toBe(true);
      expect(await left(dict, 'a')).toBe(SHORT);
      expect(await dict.touch('a', LONG)).toBe(true);
      expect(await left(dict, 'a')).toBe(LONG);
      expect(await dict.touch('a', null)).toBe(true);
      expect(await dict.ttl('a')).toBe(Infinity);
      expect(await dict.touch('a', 20)).toBe(true);
      await until('the key is gone', async () => !(await dict.has('a')));
      expect(await dict.touch('a', SHORT)).toBe(false);
      expect(await dict.has('a')).toBe(false);
    });

    it('a key that is touched in time stays', async () => {
      const dict = make();
      await Promise.all([dict.set('a', 1, { ttl: 30 }), dict.touch('a', Infinity), dict.set('witness', 1, { ttl: 60 })]);
      await until('the witness is gone', async () => !(await dict.has('witness')));
      expect(await dict.get('a')).toBe(1);
    });

    const OPERATIONS: [string, (dict: SharedDict<string, number>, options?: DictChangeOptions) => Promise<unknown>][] = [
      ['add', (dict, options) => dict.add('a', 1, options)],
      ['addMany', (dict, options) => dict.addMany({ a: 1 }, options)],
      ['getOrInsert', (dict, options) => dict.getOrInsert('a', 1, options)],
      ['update', (dict, options) => dict.update('a', (value = 0) => value + 1, options)],
      ['compareAndSet', async (dict, options) => dict.compareAndSet('a', await dict.get('a'), 2, options)],
      ['add in a batch', (dict, options) => clients.one.atomic().add(dict, 'a', 1, options).commit()],
      ['addMany in a batch', (dict, options) => clients.one.atomic().addMany(dict, { a: 1 }, options).commit()],
    ];

    it.each(OPERATIONS)('%s gives a new key its end, and leaves that of a known one', async (_, change) => {
      const dict = make();
      await change(dict, { ttl: SHORT });
      expect(await left(dict, 'a')).toBe(SHORT);
      await change(dict, { ttl: LONG });
      expect(await left(dict, 'a')).toBe(SHORT);
      await change(dict);
      expect(await left(dict, 'a')).toBe(SHORT);
      await dict.set('a', 1);
      await change(dict, { ttl: SHORT });
      expect(await dict.ttl('a')).toBe(Infinity);
    });

    it.each(OPERATIONS)('%s moves the end of a known key with refresh, and removes it with an endless ttl', async (_, change) => {
      const dict = make();
      await dict.set('a', 1);
      await change(dict, { ttl: SHORT, refresh: true });
      expect(await left(dict, 'a')).toBe(SHORT);
      await change(dict, { ttl: LONG, refresh: true });
      expect(await left(dict, 'a')).toBe(LONG);
      await change(dict, { ttl: LONG, refresh: false });
      await change(dict, { ttl: Infinity, refresh: true });
      expect(await dict.ttl('a')).toBe(Infinity);
    });

    it.each(OPERATIONS)('%s refuses a ttl that is none, and refresh without a ttl', async (_, change) => {
      const dict = make();
      for (const options of [{ ttl: 0 }, { ttl: -1 }, { ttl: NaN }, { refresh: true }, { tll: 1 } as never]) {
        await expect(change(dict, options)).rejects.toBeInstanceOf(InvalidArgumentError);
      }
      await expect(change(dict, { ttl: 2 ** 54 })).rejects.toBeInstanceOf(OutOfRangeError);
      expect(await dict.size()).toBe(0);
    });

    it('a compareAndSet that does not store leaves the end', async () => {
      const dict = make();
      await dict.set('a', 1, { ttl: SHORT });
      expect(await dict.compareAndSet('a', 2, 3, { ttl: LONG, refresh: true })).toBe(false);
      expect(await left(dict, 'a')).toBe(SHORT);
      expect(await dict.compareAndSet('a', 1, undefined, { ttl: LONG, refresh: true })).toBe(true);
      expect(await dict.ttl('a')).toBeUndefined();
    });

    it('setMany gives all keys its end, as set does, and without one removes the ends', async () => {
      const dict = make();
      await dict.set('known', 1);
      await dict.setMany({ known: 2, fresh: 3 }, { ttl: SHORT });
      expect([await left(dict, 'known'), await left(dict, 'fresh')]).toEqual([SHORT, SHORT]);
      await dict.setMany({ fresh: 4 });
      expect([await left(dict, 'known'), await dict.ttl('fresh')]).toEqual([SHORT, Infinity]);
      await expect(dict.setMany({ a: 1 }, { ttl: 0 })).rejects.toBeInstanceOf(InvalidArgumentError);
      await expect(dict.setMany({ a: 1 }, { refresh: true } as never)).rejects.toBeInstanceOf(InvalidArgumentError);
    });

    it('a counter with a ttl counts one window, and begins again after it', async () => {
      const dict = make();
      // Long enough for the calls that follow, also on a busy machine.
      expect(await dict.add('hits', 1, { ttl: 1_000 })).toBe(1);
      expect(await dict.add('hits', 1, { ttl: LONG })).toBe(2);
      await until('the window is over', async () => !(await dict.has('hits')));
      expect(await dict.add('hits', 1, { ttl: LONG })).toBe(1);
    });

    it('a batch touches keys, also ones that it stores, and returns whether they exist', async () => {
      const dict = make();
      await dict.set('a', 1);
      const batch = clients.one.atomic().touch(dict, 'a', SHORT).touch(dict, 'b', SHORT).set(dict, 'b', 2).touch(dict, 'b', LONG);
      expect(await batch.commit()).toEqual({ ok: true, results: [true, false, undefined, true] });
      expect([await left(dict, 'a'), await left(dict, 'b')]).toEqual([SHORT, LONG]);
      await expect(clients.one.atomic().touch(dict, 'a', 0).commit()).rejects.toBeInstanceOf(InvalidArgumentError);
    });

    it('a cached dict passes the options on', async () => {
      const dict = make();
      await using cache = dict.cached();
      await cache.add('add', 1, { ttl: SHORT });
      await cache.addMany({ addMany: 1 }, { ttl: SHORT });
      await cache.setMany({ setMany: 1 }, { ttl: SHORT });
      await cache.update('update', () => 1, { ttl: SHORT });
      for (const key of ['add', 'addMany', 'setMany', 'update']) expect(await left(dict, key)).toBe(SHORT);
    });

    it('a watch sees the end that touch gave, and not the touch', async () => {
      const [here, there] = [make(), clients.two];
      await here.set('a', 1);
      const changes = await begun(clients.one, here.watch());
      await there.dict(here.name).touch('a', 20);
      expect(plain(await take(changes, 1))).toEqual([{ type: 'expire', key: 'a' }]);
      await changes.return!();
    });
  });
}
