import { expect, it } from '@jest/globals';
import { NotFoundError } from '../../client/index.js';
import { expectWaiting, fresh, queued, range, roundTrip, suite } from './support.js';
import type { Target } from './target.js';
import { one } from './watching.js';

/** Watches that report the state of an object: its value, its flag, its size. */
export function watchStateSuite(target: Target): void {
  suite(target, 'value: watch', (clients) => {
    it('reports the present value first, and each that is written', async () => {
      const value = clients.one.value(fresh('value'), { n: 1 });
      const there = clients.two.value(value.name, { n: 0 });
      const values = value.watch();
      expect(await one(values)).toEqual({ n: 1 });
      await there.set({ n: 2 });
      expect(await one(values)).toEqual({ n: 2 });
      await there.update(({ n }) => ({ n: n + 1 }));
      expect(await one(values)).toEqual({ n: 3 });
      await there.compareAndSet({ n: 3 }, { n: 4 });
      expect(await one(values)).toEqual({ n: 4 });
      const next = await queued(clients.one, values.next());
      await there.compareAndSet({ n: 3 }, { n: 5 });
      await there.get();
      await expectWaiting(next, clients.one, clients.two);
      await clients.two.atomic().set(there, { n: 6 }).commit();
      expect((await next.promise).value).toEqual({ n: 6 });
      await values.return!();
    });

    it('makes a value that does not exist, with its initial value', async () => {
      const value = clients.one.value(fresh('value'), 7, { type: 'i32' });
      const values = value.watch();
      expect(await one(values)).toBe(7);
      await values.return!();
    });

    it('reports a locked value when it is written', async () => {
      const value = clients.one.value(fresh('value'), 1);
      const values = value.watch();
      await one(values);
      const held = await value.lock();
      held.value = 2;
      const next = await queued(clients.one, values.next());
      await expectWaiting(next, clients.one);
      await held.release();
      expect((await next.promise).value).toBe(2);
      await values.return!();
    });

    it('reports to a slow loop the latest value, and once', async () => {
      const value = clients.one.value(fresh('value'), 0);
      const values = value.watch();
      await one(values);
      for (const number of range(1, 100)) await value.set(number);
      expect(await one(values)).toBe(99);
      await expectWaiting(await queued(clients.one, values.next()), clients.one);
      await values.return!();
    });

    it('reports to no loop an older value after a newer one', async () => {
      const value = clients.one.value(fresh('value'), 0);
      const there = clients.two.value(value.name, 0);
      const loops = range(0, 5).map(async () => {
        const seen: number[] = [];
        for await (const number of value.watch()) {
          seen.push(number);
          if (number === 500) break;
        }
        return seen;
      });
      for (const number of range(1, 501)) await there.set(number);
      for (const seen of await Promise.all(loops)) {
        expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
        expect(seen.at(-1)).toBe(500);
      }
    });

    it('by name alone of a value that does not exist is NotFoundError', async () => {
      const stored = clients.one.value(fresh('value'), 1);
      const dict = clients.one.dict<string, typeof stored>(fresh('dict'));
      await dict.set('value', stored);
      const found = (await dict.get('value'))!;
      await stored.destroy();
      await expect(one(found.watch())).rejects.toBeInstanceOf(NotFoundError);
    });

    it('ends with its value, and reports nothing of the next one of its name', async () => {
      const value = clients.one.value(fresh('value'), 1);
      const values = value.watch();
      expect(await one(values)).toBe(1);
      await value.destroy();
      await clients.two.value(value.name, 2).get();
      expect(await values.next()).toEqual({ done: true, value: undefined });
    });

    it('continuing it makes no new value', async () => {
      const value = clients.one.value(fresh('value'), 1);
      const values = value.watch();
      expect(await one(values)).toBe(1);
      await clients.two.value(value.name, 1).destroy();
      expect(await values.next()).toEqual({ done: true, value: undefined });
      expect(await value.exists()).toBe(false);
    });
  });

  suite(target, 'event: watch', (clients) => {
    it('reports if it is set, first and whenever that changes', async () => {
      const event = clients.one.event(fresh('event'));
      const there = clients.two.event(event.name);
      await there.set();
      const states = event.watch();
      expect(await one(states)).toBe(true);
      await there.set();
      const next = await queued(clients.one, states.next());
      await expectWaiting(next, clients.one, clients.two);
      await there.clear();
      expect((await next.promise).value).toBe(false);
      await there.set();
      expect(await one(states)).toBe(true);
      await states.return!();
    });

    it('reports no state twice, however fast it changes', async () => {
      const event = clients.one.event(fresh('event'));
      const seen: boolean[] = [];
      const loop = (async () => {
        for await (const state of event.watch()) seen.push(state);
      })();
      await roundTrip(clients.one);
      for (const _ of range(0, 50)) {
        void event.set();
        await event.clear();
      }
      await event.set();
      await roundTrip(clients.one);
      await event.destroy();
      await loop;
      expect(seen).toEqual(seen.map((_, index) => index % 2 === 1));
      expect(seen.at(-1)).toBe(true);
    });

    it('continuing it makes no new event', async () => {
      const event = clients.one.event(fresh('event'));
      const states = event.watch();
      expect(await one(states)).toBe(false);
      await clients.two.event(event.name).destroy();
      expect(await states.next()).toEqual({ done: true, value: undefined });
      expect(await event.exists()).toBe(false);
    });
  });

  suite(target, 'queue: watch', (clients) => {
    it('reports how many items wait, first and whenever that changes', async () => {
      const queue = clients.one.queue<number>(fresh('queue'));
      const there = clients.two.queue<number>(queue.name);
      await there.put(1);
      const sizes = queue.watch();
      expect(await one(sizes)).toBe(1);
      await there.putMany([2, 3, 4]);
      expect(await one(sizes)).toBe(4);
      await there.get();
      expect(await one(sizes)).toBe(3);
      const delivery = await there.get({ ack: true });
      expect(await one(sizes)).toBe(2);
      await delivery.nak();
      expect(await one(sizes)).toBe(3);
      await there.getMany(2);
      expect(await one(sizes)).toBe(1);
      await there.clear();
      expect(await one(sizes)).toBe(0);
      await sizes.return!();
    });

    it('reports equal sizes that follow each other once', async () => {
      const queue = clients.one.queue<number>(fresh('queue'));
      const there = clients.two.queue<number>(queue.name);
      const sizes = queue.watch();
      expect(await one(sizes)).toBe(0);
      const next = await queued(clients.one, sizes.next());
      const got = there.get();
      await there.put(1);
      await got;
      await expectWaiting(next, clients.one, clients.two);
      await there.put(2);
      expect((await next.promise).value).toBe(1);
      await sizes.return!();
    });

    it('counts delayed items when they are due, items that come back, and items that get room', async () => {
      const queue = clients.one.queue<number>(fresh('queue'), { capacity: 2 });
      const sizes = queue.watch();
      expect(await one(sizes)).toBe(0);
      await queue.put(1, { delay: 30 });
      expect(await one(sizes)).toBe(1);
      await queue.put(2);
      expect(await one(sizes)).toBe(2);
      const waiting = await queued(clients.one, queue.putMany([3, 4]));
      await queue.getMany(2);
      await waiting.promise;
      const next = await queued(clients.one, sizes.next());
      await expectWaiting(next, clients.one);
      await queue.get({ ack: true, lease: 40 });
      expect((await next.promise).value).toBe(1);
      expect(await one(sizes)).toBe(2);
      await sizes.return!();
    });

    it('counts dead letters', async () => {
      const dead = clients.one.queue<number>(fresh('dead'));
      const queue = clients.one.queue<number>(fresh('queue'), { deadLetter: { queue: dead, maxDeliveries: 1 } });
      const sizes = dead.watch();
      expect(await one(sizes)).toBe(0);
      await queue.put(1);
      await (await queue.get({ ack: true })).nak();
      expect(await one(sizes)).toBe(1);
      await sizes.return!();
    });

    it('reports a queue that is shut down when it is emptied, and ends when it is destroyed', async () => {
      const queue = clients.one.queue<number>(fresh('queue'));
      await queue.putMany([1, 2]);
      const sizes = queue.watch();
      expect(await one(sizes)).toBe(2);
      await queue.shutdown({ immediate: true });
      expect(await one(sizes)).toBe(0);
      await queue.destroy();
      expect(await sizes.next()).toEqual({ done: true, value: undefined });
      expect(await queue.exists()).toBe(false);
    });
  });
}
