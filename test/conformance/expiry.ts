import { expect, test as it } from '@jest/globals';
import {
  InvalidArgumentError,
  NotFoundError,
  OutOfRangeError,
  type Manager,
  type ObjectInfo,
  type SharedDict,
} from '../../client/index.js';
import { until } from '../support/until.js';
import { stress } from '../support/stress.js';
import { collect, fresh, present, queued, roundTrip, suite } from './support.js';
import type { Target } from './target.js';

// Time to live: of objects, and of keys of a dict.

/** A time to live that does not end during a test, in milliseconds. */
const LONG = 60_000;

async function describe(manager: Manager, name: string): Promise<ObjectInfo> {
  return present((await collect(manager.objects({ match: name })))[0]);
}

export function expirySuite(target: Target): void {
  suite(target, 'common: expiry of objects', (clients) => {
    it('an object ends by itself after its ttl', async () => {
      const list = clients.one.list<number>(fresh('list'), { ttl: 40 });
      await list.push(1);
      await until('it is gone', async () => !(await list.exists()));
    });

    it('using an object does not renew its ttl', async () => {
      const list = clients.one.list<number>(fresh('list'), { ttl: 60 });
      await list.push(1);
      await until('it began anew', async () => (await list.push(1)) === 1);
    });

    it.each([
      ['dict', (manager: Manager, name: string) => manager.dict(name, { ttl: LONG })],
      ['list', (manager: Manager, name: string) => manager.list(name, { ttl: LONG })],
      ['set', (manager: Manager, name: string) => manager.set(name, { ttl: LONG })],
      ['queue', (manager: Manager, name: string) => manager.queue(name, { ttl: LONG })],
      ['value', (manager: Manager, name: string) => manager.value(name, 1, { ttl: LONG })],
      ['array', (manager: Manager, name: string) => manager.array(name, 'i8', 1, { ttl: LONG })],
      ['lock', (manager: Manager, name: string) => manager.lock(name, { ttl: LONG })],
      ['rlock', (manager: Manager, name: string) => manager.rlock(name, { ttl: LONG })],
      ['rwlock', (manager: Manager, name: string) => manager.rwlock(name, { ttl: LONG })],
      ['semaphore', (manager: Manager, name: string) => manager.semaphore(name, 1, { ttl: LONG })],
      ['semaphore', (manager: Manager, name: string) => manager.boundedSemaphore(name, 1, { ttl: LONG })],
      ['condition', (manager: Manager, name: string) => manager.condition(name, undefined, { ttl: LONG })],
      ['event', (manager: Manager, name: string) => manager.event(name, { ttl: LONG })],
      ['barrier', (manager: Manager, name: string) => manager.barrier(name, 2, { ttl: LONG })],
      ['namespace', (manager: Manager, name: string) => manager.namespace(name, {}, { ttl: LONG })],
      ['pipe', (manager: Manager, name: string) => manager.pipe(name, { ttl: LONG })[0]],
    ] as const)('every kind takes one (%s)', async (kind, make) => {
      const name = fresh('object');
      await make(clients.one, name).create();
      const { expiresIn, ...info } = await describe(clients.two, name);
      expect(info.kind).toBe(kind);
      expect(expiresIn).toBeGreaterThan(LONG / 2);
      expect(expiresIn).toBeLessThanOrEqual(LONG);
    });

    it('an object that exists keeps its end', async () => {
      const name = fresh('list');
      await clients.one.list(name).push(1);
      await clients.two.list(name, { ttl: 1 }).push(2);
      expect((await describe(clients.one, name)).expiresIn).toBeUndefined();
    });

    it('expire gives it another end, or none', async () => {
      const list = clients.one.list<number>(fresh('list'), { ttl: LONG });
      await list.push(1);
      await list.expire(LONG / 10);
      expect((await describe(clients.two, list.name)).expiresIn).toBeLessThanOrEqual(LONG / 10);
      await list.expire(null);
      expect((await describe(clients.two, list.name)).expiresIn).toBeUndefined();
      await clients.two.list<number>(list.name).expire(20);
      await until('it is gone', async () => !(await list.exists()));
    });

    it('expire makes a missing object, as every operation does', async () => {
      const dict = clients.one.dict(fresh('dict'));
      await dict.expire(LONG);
      expect(await dict.exists()).toBe(true);
    });

    it('an end that was removed does not come', async () => {
      const list = clients.one.list<number>(fresh('list'));
      const witness = clients.one.list<number>(fresh('witness'), { ttl: 400 });
      // Long enough for the call that follows, also on a busy machine.
      await Promise.all([list.push(1), list.expire(300), list.expire(LONG)]);
      await witness.push(1);
      await until('the other is gone', async () => !(await witness.exists()));
      expect(await list.length()).toBe(1);
    });

    it('its waiters fail with NotFoundError, and its holder has lost it', async () => {
      const queue = clients.one.queue<number>(fresh('queue'));
      const lock = clients.one.lock(fresh('lock'));
      const held = await lock.acquire();
      const waiting = [await queued(clients.one, queue.get()), await queued(clients.two, clients.two.lock(lock.name).acquire())];
      await Promise.all([queue.expire(20), lock.expire(20)]);
      for (const { promise } of waiting) await expect(promise).rejects.toBeInstanceOf(NotFoundError);
      await until('the holder knows', () => held.signal.aborted);
    });

    it.each([0, -1, NaN])('a ttl of %p is refused', async (ttl) => {
      expect(() => clients.one.list(fresh('list'), { ttl })).toThrow(InvalidArgumentError);
      await expect(clients.one.list(fresh('list')).expire(ttl)).rejects.toBeInstanceOf(InvalidArgumentError);
      await expect(clients.one.dict(fresh('dict')).set('a', 1, { ttl })).rejects.toBeInstanceOf(InvalidArgumentError);
    });

    it.each([2 ** 31, 2 ** 32, 2 ** 40, Number.MAX_SAFE_INTEGER])('a ttl of %p ms is as long as it says', async (ttl) => {
      const list = clients.one.list<number>(fresh('list'), { ttl });
      await list.push(1);
      const dict = clients.one.dict<string, number>(fresh('dict'));
      await dict.set('a', 1, { ttl });
      await roundTrip(clients.one);
      const [info] = await collect(clients.two.objects({ match: list.name }));
      expect(info!.expiresIn).toBeGreaterThan(ttl - 600_000);
      expect(await Promise.all([list.length(), dict.get('a')])).toEqual([1, 1]);
    });

    it('a ttl of Infinity is none, and one beyond 2^53 is refused', async () => {
      const list = clients.one.list<number>(fresh('list'), { ttl: Infinity });
      await list.push(1);
      const [info] = await collect(clients.two.objects({ match: list.name }));
      expect(info!.expiresIn).toBeUndefined();
      expect(() => clients.one.list(fresh('list'), { ttl: 2 ** 54 })).toThrow(OutOfRangeError);
    });
  });

  suite(target, 'dict: expiry of keys', (clients) => {
    it('a key is gone after its ttl, the others stay', async () => {
      const dict = clients.one.dict<string, number>(fresh('dict'));
      await dict.set('stays', 1);
      await dict.set('goes', 2, { ttl: LONG });
      expect(await dict.size()).toBe(2);
      await dict.set('goes', 2, { ttl: 30 });
      await until('the key is gone', async () => !(await dict.has('goes')));
      expect([...(await dict.toMap()).keys()]).toEqual(['stays']);
      expect(await dict.size()).toBe(1);
    });

    it('set without a ttl removes the end, with one gives another', async () => {
      const dict = clients.one.dict<string, number>(fresh('dict'));
      await dict.setMany({ a: 1, b: 1, witness: 1 });
      await dict.set('a', 1, { ttl: 30 });
      await dict.set('a', 2);
      await dict.set('b', 1, { ttl: 30 });
      await dict.set('b', 2, { ttl: LONG });
      await dict.set('witness', 1, { ttl: 60 });
      await until('the witness is gone', async () => !(await dict.has('witness')));
      expect(await dict.toMap()).toEqual(
        new Map([
          ['a', 2],
          ['b', 2],
        ]),
      );
    });

    it('add, update and compareAndSet keep the end', async () => {
      const dict = clients.one.dict<string, number>(fresh('dict'));
      // Long enough for the calls that follow, also on a busy machine.
      await dict.set('count', 1, { ttl: 1_000 });
      expect(await dict.add('count')).toBe(2);
      expect(await dict.update('count', (value) => (value ?? 0) + 1)).toBe(3);
      await until('the key is gone', async () => !(await dict.has('count')));
      expect(await dict.add('count')).toBe(1);
    });

    it.each([
      ['delete', (dict: SharedDict<string, number>) => dict.delete('a')],
      ['clear', (dict: SharedDict<string, number>) => dict.clear()],
      ['popItem', (dict: SharedDict<string, number>) => dict.popItem()],
    ] as const)('a key that is set again after %s has no end', async (_, remove) => {
      const dict = clients.one.dict<string, number>(fresh('dict'));
      await Promise.all([dict.set('a', 1, { ttl: 30 }), remove(dict)]);
      await dict.getOrInsert('a', 2);
      await dict.set('witness', 1, { ttl: 60 });
      await until('the witness is gone', async () => !(await dict.has('witness')));
      expect(await dict.get('a')).toBe(2);
    });

    it('thousands of keys expire, each in its time', async () => {
      const dict = clients.one.dict<number, number>(fresh('dict'));
      await Promise.all(Array.from({ length: stress(1_000, 3_000) }, (_, key) => dict.set(key, key, { ttl: 20 + (key % 100) })));
      await Promise.all(Array.from({ length: 100 }, (_, key) => dict.set(key, key, { ttl: LONG })));
      await until('they are gone', async () => (await dict.size()) === 100);
      expect(await dict.get(99)).toBe(99);
    });

    it('an atomic batch sets one', async () => {
      const dict = clients.one.dict<string, number>(fresh('dict'));
      await clients.one.atomic().set(dict, 'a', 1, { ttl: 30 }).set(dict, 'b', 2).commit();
      await until('the key is gone', async () => !(await dict.has('a')));
      expect(await dict.get('b')).toBe(2);
    });
  });
}
