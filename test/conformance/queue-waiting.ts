import { expect, it } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import { QueueEmptyError, QueueFullError, type SharedQueue } from '../../client/index.js';
import { expectWaiting, fresh, queued, range, roundTrip, suite } from './support.js';
import type { Target } from './target.js';

/** Calls that wait for an item or for room: their order, and the ends of their waits. */
export function queueWaitingSuite(target: Target): void {
  suite(target, 'queue: waiting', (clients) => {
    /** The same queue as two clients see it. */
    function pair(capacity = 0): [SharedQueue<number>, SharedQueue<number>] {
      const name = fresh('queue');
      return [clients.one.queue<number>(name, { capacity }), clients.two.queue<number>(name, { capacity })];
    }

    it('get() waits for an item', async () => {
      const [one, two] = pair();
      const got = await queued(clients.one, one.get());
      await expectWaiting(got, clients.one, clients.two);
      await two.put(7);
      expect(await got.promise).toBe(7);
      expect(await one.size()).toBe(0);
    });

    it('get() with a timeout takes an item that comes in time', async () => {
      const [one, two] = pair();
      const got = await queued(clients.one, one.get({ timeout: 60_000 }));
      await two.put(7);
      expect(await got.promise).toBe(7);
    });

    it('put() waits for room', async () => {
      const [one, two] = pair(1);
      await one.put(1);
      const put = await queued(clients.one, one.put(2));
      await expectWaiting(put, clients.one, clients.two);
      expect(await two.get()).toBe(1);
      await put.promise;
      expect(await two.get()).toBe(2);
    });

    it('clear() makes room for waiting producers', async () => {
      const [one, two] = pair(1);
      await one.put(1);
      const put = await queued(clients.one, one.put(2));
      expect(await two.clear()).toBe(1);
      await put.promise;
      expect(await two.peek(2)).toEqual([2]);
    });

    it('serves waiting consumers first come, first served, across sessions', async () => {
      const [one, two] = pair();
      const gets = [
        await queued(clients.one, one.get()),
        await queued(clients.two, two.get()),
        await queued(clients.one, one.get()),
        await queued(clients.two, two.get()),
      ];
      for (const [index, got] of gets.entries()) {
        await expectWaiting(got, clients.one, clients.two);
        await (index < 2 ? two : one).put(index);
        expect(await got.promise).toBe(index);
      }
    });

    it('serves waiting producers first come, first served, across sessions', async () => {
      const [one, two] = pair(1);
      await one.put(0);
      const puts = [await queued(clients.two, two.put(1)), await queued(clients.one, one.put(2)), await queued(clients.two, two.put(3))];
      for (const [index, put] of puts.entries()) {
        await expectWaiting(put, clients.one, clients.two);
        expect(await one.get()).toBe(index);
        await put.promise;
      }
      expect(await one.get()).toBe(3);
    });

    it('lets no later producer overtake one that waits for room', async () => {
      const [one, two] = pair(1);
      await one.put(0);
      const first = await queued(clients.one, one.put(1));
      expect(await two.get()).toBe(0);
      expect(await two.tryPut(2)).toBe(false);
      await first.promise;
      expect(await two.get()).toBe(1);
    });

    it('an abort ends the wait for an item with the reason of the signal, and takes nothing', async () => {
      const [one, two] = pair();
      const controller = new AbortController();
      const got = await queued(clients.one, one.get({ signal: controller.signal }));
      const reason = new Error('no longer wanted');
      controller.abort(reason);
      await expect(got.promise).rejects.toBe(reason);
      await two.put(1);
      expect(await two.size()).toBe(1);
    });

    it('an abort ends the wait for room with the reason of the signal, and puts nothing', async () => {
      const [one, two] = pair(1);
      await one.put(1);
      const controller = new AbortController();
      const put = await queued(clients.one, one.put(2, { signal: controller.signal }));
      const reason = { why: 'any value can be a reason' };
      controller.abort(reason);
      await expect(put.promise).rejects.toBe(reason);
      expect(await two.get()).toBe(1);
      expect(await two.size()).toBe(0);
    });

    it('a call that aborts makes way for the calls behind it', async () => {
      const [one, two] = pair();
      const controller = new AbortController();
      const first = await queued(clients.one, one.get({ signal: controller.signal }));
      const second = await queued(clients.two, two.get());
      controller.abort(new Error('out'));
      await expect(first.promise).rejects.toThrow('out');
      await one.put(1);
      expect(await second.promise).toBe(1);
    });

    it('a call that times out makes way for the calls behind it', async () => {
      const [one, two] = pair(1);
      await one.put(0);
      const first = await queued(clients.one, one.put(1, { timeout: 20 }));
      const second = await queued(clients.two, two.put(2));
      await expect(first.promise).rejects.toBeInstanceOf(QueueFullError);
      expect(await one.get()).toBe(0);
      await second.promise;
      expect(await one.get()).toBe(2);
    });

    it('an abort that crosses with the item loses and duplicates nothing', async () => {
      const [one, two] = pair();
      for (const number of range(0, 60)) {
        const controller = new AbortController();
        const got = one.get({ signal: controller.signal }).catch((error: unknown) => error);
        if (number % 2 === 0) await turn();
        const put = two.put(number);
        for (let turns = number % 7; turns > 0; turns--) await turn();
        const reason = new Error('crossing');
        controller.abort(reason);
        const outcome = await got;
        await put;
        expect(outcome === reason ? await two.get() : outcome).toBe(number);
        expect(await one.size()).toBe(0);
      }
    });

    it('a timeout that crosses with the item loses and duplicates nothing', async () => {
      const [one, two] = pair();
      for (const number of range(0, 40)) {
        const got = one.get({ timeout: number % 4 }).catch((error: unknown) => error);
        for (let turns = number % 5; turns > 0; turns--) await turn();
        await two.put(number);
        const outcome = await got;
        expect(outcome instanceof QueueEmptyError ? await two.get() : outcome).toBe(number);
        expect(await one.size()).toBe(0);
      }
    });

    it('an aborted get gives its item back to the head', async () => {
      const [one, two] = pair();
      for (const number of range(0, 30)) {
        const controller = new AbortController();
        const got: number[] = [];
        const call = one.get({ signal: controller.signal }).then(
          (item) => got.push(item),
          () => undefined,
        );
        const put = two.putMany([1, 2]);
        for (let turns = number % 5; turns > 0; turns--) await turn();
        controller.abort();
        await Promise.all([call, put]);
        await roundTrip(clients.one);
        got.push(...(await two.getMany(2)));
        expect(got).toEqual([1, 2]);
      }
    });

    it('the close of a session that waits for an item loses none (a gap in Python)', async () => {
      const [one] = pair();
      const session = await clients.more();
      const got = await queued(session.manager, session.manager.queue<number>(one.name).get());
      await session.close();
      await expect(got.promise).rejects.toBeInstanceOf(Error);
      await one.put(1);
      expect(await one.get()).toBe(1);
    });

    it('the close of a session that waits for room puts nothing', async () => {
      const [one] = pair(1);
      await one.put(1);
      const session = await clients.more();
      const put = await queued(session.manager, session.manager.queue<number>(one.name).put(2));
      await session.close();
      await expect(put.promise).rejects.toBeInstanceOf(Error);
      expect(await one.get()).toBe(1);
      expect(await one.tryGet()).toBeUndefined();
    });

    it('a taken item stays taken when the session closes', async () => {
      const [one] = pair();
      const session = await clients.more();
      await one.putMany([1, 2]);
      expect(await session.manager.queue<number>(one.name).get()).toBe(1);
      await session.close();
      expect(await one.getMany(2)).toEqual([2]);
    });
  });
}
