import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { InvalidArgumentError, NotFoundError, QueueEmptyError, type Delivery, type SharedQueue } from '../../client/index.js';
import { aborted, expectLate, expectWaiting, fresh, queued, range, suite } from './support.js';
import type { Target } from './target.js';

/** The deliveries of a queue as an async iterable. */
export function queueDeliveriesSuite(target: Target): void {
  suite(target, 'queue: deliveries', (clients) => {
    async function make(...items: number[]): Promise<SharedQueue<number>> {
      const queue = clients.one.queue<number>(fresh('queue'));
      await queue.putMany(items);
      return queue;
    }
    const thereOf = (queue: SharedQueue<number>): SharedQueue<number> => clients.two.queue<number>(queue.name);

    /** Acknowledges all deliveries, and returns their items. */
    async function work(deliveries: AsyncIterable<Delivery<number>>): Promise<number[]> {
      const done: number[] = [];
      for await (const delivery of deliveries) {
        await delivery.ack();
        done.push(delivery.value);
      }
      return done;
    }

    it('come in order, and end when the queue is shut down and all are acknowledged', async () => {
      const queue = await make(...range(0, 100));
      await queue.shutdown();
      expect(await work(thereOf(queue).deliveries())).toEqual(range(0, 100));
      await queue.join({ timeout: 0 });
    });

    it('wait for items, and for the end', async () => {
      const queue = await make(1);
      const all = await queued(clients.two, work(thereOf(queue).deliveries()));
      await queue.put(2);
      await queue.join();
      await expectWaiting(all, clients.one, clients.two);
      await queue.shutdown();
      expect(await all.promise).toEqual([1, 2]);
    });

    it('that are given back come again', async () => {
      const queue = await make(1, 2, 3);
      await queue.shutdown();
      const attempts: [number, number][] = [];
      for await (const delivery of queue.deliveries()) {
        attempts.push([delivery.value, delivery.attempts]);
        if (delivery.value === 2 && delivery.attempts < 3) await delivery.nak();
        else await delivery.ack();
      }
      expect(attempts.filter(([value]) => value === 2)).toEqual([
        [2, 1],
        [2, 2],
        [2, 3],
      ]);
      expect(attempts).toHaveLength(5);
    });

    it('at most `prefetch` are unsettled: the next one waits', async () => {
      const queue = await make(...range(0, 10));
      const iterator = thereOf(queue).deliveries({ prefetch: 3 });
      const taken: Delivery<number>[] = [];
      for (let count = 0; count < 3; count++) taken.push((await iterator.next()).value!);
      const next = await queued(clients.two, iterator.next());
      await expectWaiting(next, clients.one, clients.two);
      expect(await queue.size()).toBe(7);
      await taken[1]!.ack();
      expect((await next.promise).value).toMatchObject({ value: 3 });
      const another = await queued(clients.two, iterator.next());
      await taken[0]!.nak();
      expect((await another.promise).value).toMatchObject({ value: 0, attempts: 2 });
      await iterator.return!();
    });

    it('at most 16 are unsettled by default, however fast the loop is', async () => {
      const queue = await make(...range(0, 200));
      const held: Delivery<number>[] = [];
      for await (const delivery of thereOf(queue).deliveries()) {
        held.push(delivery);
        if (held.length < 16) continue;
        expect(await queue.size()).toBe(200 - 16 * (Math.floor(delivery.value / 16) + 1));
        await Promise.all(held.splice(0).map((one) => one.ack()));
        if (delivery.value > 180) break;
      }
    });

    it('that are lost make room for the next', async () => {
      const queue = await make(1, 2);
      const iterator = thereOf(queue).deliveries({ prefetch: 1, lease: 30 });
      const first = (await iterator.next()).value!;
      const second = (await iterator.next()).value!;
      await aborted(first.signal);
      expect(second).toMatchObject({ value: 1, attempts: 2 });
      await iterator.return!();
    });

    it('leaving the loop gives back the ones it did not reach, as if never delivered', async () => {
      const queue = await make(...range(0, 100));
      for await (const delivery of thereOf(queue).deliveries()) {
        await delivery.ack();
        if (delivery.value === 40) break;
      }
      const rest = await queue.getMany(100);
      expect(rest).toEqual(range(41, 100));
      await queue.putMany([1, 2, 3, 4, 5, 6, 7, 8]);
      for await (const delivery of queue.deliveries()) {
        expect(delivery.attempts).toBe(1);
        await delivery.ack();
        if (delivery.value === 8) break;
      }
    });

    it('leaving the loop keeps the ones it did reach', async () => {
      const queue = await make(1, 2);
      const held: Delivery<number>[] = [];
      for await (const delivery of thereOf(queue).deliveries()) {
        held.push(delivery);
        break;
      }
      expect(await queue.size()).toBe(1);
      await held[0]!.ack();
      expect(await queue.getMany(9)).toEqual([2]);
    });

    it('the ones that a slow loop does not reach within a quarter of their lease go to others', async () => {
      const queue = await make(...range(0, 64));
      const iterator = thereOf(queue).deliveries({ lease: 2_000 });
      const seen: Delivery<number>[] = [];
      // A fast loop gets batches; then it stops in the middle of one.
      for (let index = 0; index < 20; index++) {
        const delivery = (await iterator.next()).value!;
        if (index < 19) await delivery.ack();
        else seen.push(delivery);
      }
      while ((await queue.size()) < 64 - 20) await turn();
      expect(await queue.peek(2)).toEqual([20, 21]);
      await seen[0]!.ack();
      expect((await iterator.next()).value).toMatchObject({ value: 20, attempts: 1 });
      await iterator.return!();
    });

    it('end with an error of the loop, and the ones it did not reach go back', async () => {
      const queue = await make(...range(0, 30));
      const failing = async (): Promise<void> => {
        for await (const delivery of queue.deliveries()) {
          await delivery.ack();
          if (delivery.value === 9) throw new Error('worker failed');
        }
      };
      await expect(failing()).rejects.toThrow('worker failed');
      expect(await thereOf(queue).getMany(99)).toEqual(range(10, 30));
    });

    it('end with the reason of their signal, which also gives back the ones not reached', async () => {
      const queue = await make(...range(0, 30));
      const controller = new AbortController();
      const reason = new Error('enough');
      const aborting = async (): Promise<void> => {
        for await (const delivery of thereOf(queue).deliveries({ signal: controller.signal })) {
          await delivery.ack();
          if (delivery.value === 9) controller.abort(reason);
        }
      };
      await expect(aborting()).rejects.toBe(reason);
      await clients.two.stats();
      expect(await queue.getMany(99)).toEqual(range(10, 30));
    });

    it('end with the reason of a signal that aborts while they wait, for an item or for an acknowledgement', async () => {
      const queue = await make(1);
      const reason = new Error('enough');
      for (const prefetch of [1, 2]) {
        const controller = new AbortController();
        const iterator = thereOf(queue).deliveries({ prefetch, signal: controller.signal });
        const delivery = (await iterator.next()).value!;
        const next = await queued(clients.two, iterator.next());
        controller.abort(reason);
        await expect(next.promise).rejects.toBe(reason);
        expect(await iterator.next()).toEqual({ done: true, value: undefined });
        await delivery.nak();
      }
      const never = queue.deliveries({ signal: AbortSignal.abort(reason) });
      await expect(never.next()).rejects.toBe(reason);
      expect(await queue.size()).toBe(1);
    });

    it('throw QueueEmptyError if none comes within the timeout, for an item as for an acknowledgement', async () => {
      const queue = await make(1);
      await expect(queue.deliveries({ timeout: 0, prefetch: 2 }).next()).resolves.toMatchObject({ done: false });
      await expectLate(30, QueueEmptyError, () => queue.deliveries({ timeout: 30 }).next());
      await queue.putMany([2, 3]);
      const iterator = queue.deliveries({ timeout: 30, prefetch: 1 });
      await iterator.next();
      await expectLate(30, QueueEmptyError, () => iterator.next());
      expect(await iterator.next()).toEqual({ done: true, value: undefined });
    });

    it('several next() calls at once return them in order', async () => {
      const queue = await make(1, 2, 3);
      const iterator = queue.deliveries();
      const results = await Promise.all([iterator.next(), iterator.next(), iterator.next()]);
      expect(results.map(({ value }) => value!.value)).toEqual([1, 2, 3]);
      await Promise.all(results.map(({ value }) => value!.ack()));
    });

    it('return() ends them while they wait', async () => {
      const queue = await make();
      const iterator = queue.deliveries();
      const next = await queued(clients.one, iterator.next());
      expect(await iterator.return!()).toEqual({ done: true, value: undefined });
      expect(await next.promise).toEqual({ done: true, value: undefined });
      await queue.put(1);
      expect(await queue.size()).toBe(1);
    });

    it('of a queue that is destroyed fail with NotFoundError', async () => {
      const queue = await make();
      const all = await queued(clients.two, work(thereOf(queue).deliveries()));
      await queue.destroy();
      await expect(all.promise).rejects.toBeInstanceOf(NotFoundError);
    });

    it('refuse a wrong prefetch, lease or timeout', async () => {
      const queue = await make();
      for (const prefetch of [0, -1, 1.5, NaN]) expect(() => queue.deliveries({ prefetch })).toThrow(InvalidArgumentError);
      expect(() => queue.deliveries({ timeout: -1 })).toThrow(InvalidArgumentError);
      expect(() => queue.deliveries({ lease: -1 })).toThrow(InvalidArgumentError);
      expect(() => queue.deliveries({ lease: 0 })).toThrow(InvalidArgumentError);
    });

    it('of four workers, one of which closes its session meanwhile, are all worked off, each once or more', async () => {
      const queue = await make(...range(0, 200));
      const session = await clients.more();
      const dying = session.manager.queue<number>(queue.name).deliveries();
      for (let count = 0; count < 5; count++) await dying.next();
      const workers = [queue, thereOf(queue), thereOf(queue)].map((own) => work(own.deliveries()));
      await session.close();
      await queue.join();
      await queue.shutdown();
      const shares = await Promise.all(workers);
      expect(shares.flat().sort((a, b) => a - b)).toEqual(range(0, 200));
    });
  });
}
