import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import {
  DeliveryLostError,
  InvalidArgumentError,
  KindMismatchError,
  NotFoundError,
  NotOwnerError,
  OutOfRangeError,
  QueueEmptyError,
  QueueShutDownError,
  TimeoutError,
  type Delivery,
  type SharedQueue,
} from '../../client/index.js';
import { aborted, expectLate, expectWaiting, fresh, queued, range, suite } from './support.js';
import type { Target } from './target.js';

const LONG = 600_000;
/** Time by which a timer may fire early, in milliseconds. */
const TOLERANCE = 5;

/** Items that are lent until they are acknowledged (a death in the middle of the work: a gap in Python). */
export function queueDeliverySuite(target: Target): void {
  suite(target, 'queue: delivery', (clients) => {
    async function make(...items: string[]): Promise<SharedQueue<string>> {
      const queue = clients.one.queue<string>(fresh('queue'));
      await queue.putMany(items);
      return queue;
    }
    const thereOf = (queue: SharedQueue<string>): SharedQueue<string> => clients.two.queue<string>(queue.name);
    const take = (queue: SharedQueue<string>, lease?: number): Promise<Delivery<string>> => queue.get({ ack: true, lease });

    it('brings the item, and says that it is the first attempt', async () => {
      const delivery = await take(await make('a'));
      expect(delivery.value).toBe('a');
      expect(delivery.attempts).toBe(1);
      expect(delivery.signal.aborted).toBe(false);
      await delivery.ack();
    });

    it('are one for each item, in their order, and the items are not in the queue meanwhile', async () => {
      const queue = await make('a', 'b', 'c');
      const deliveries = [await take(queue), await take(thereOf(queue))];
      expect(deliveries.map(({ value }) => value)).toEqual(['a', 'b']);
      expect(await queue.size()).toBe(1);
      expect(await queue.peek(9)).toEqual(['c']);
      await Promise.all(deliveries.map((delivery) => delivery.ack()));
      expect(await queue.size()).toBe(1);
    });

    it('waits for an item, in one queue with every get', async () => {
      const queue = await make();
      const there = thereOf(queue);
      const first = await queued(clients.one, queue.get());
      const second = await queued(clients.two, take(there));
      const third = await queued(clients.one, queue.getMany(2));
      await expectWaiting(second, clients.one, clients.two);
      await queue.putMany(['a', 'b', 'c', 'd']);
      expect(await first.promise).toBe('a');
      const delivery = await second.promise;
      expect(delivery.value).toBe('b');
      expect(await third.promise).toEqual(['c', 'd']);
      await delivery.ack();
    });

    it('throws QueueEmptyError if no item comes in time', async () => {
      const queue = await make();
      await expect(queue.get({ ack: true, timeout: 0 })).rejects.toBeInstanceOf(QueueEmptyError);
      await expectLate(30, QueueEmptyError, () => queue.get({ ack: true, timeout: 30 }));
    });

    it('an aborted one takes no item', async () => {
      const queue = await make();
      const controller = new AbortController();
      const waiting = await queued(clients.one, queue.get({ ack: true, signal: controller.signal }));
      const reason = new Error('no longer wanted');
      controller.abort(reason);
      await expect(waiting.promise).rejects.toBe(reason);
      await queue.put('a');
      expect(await queue.size()).toBe(1);
      expect((await take(queue)).attempts).toBe(1);
    });

    it('ends with ack(), which counts as taskDone', async () => {
      const queue = await make('a', 'b');
      const joined = await queued(clients.two, thereOf(queue).join());
      await (await take(queue)).ack();
      await expectWaiting(joined, clients.one, clients.two);
      await (await take(thereOf(queue))).ack();
      await joined.promise;
      await expect(queue.taskDone()).rejects.toBeInstanceOf(InvalidArgumentError);
    });

    it('is settled once: then ack(), nak() and extend() are a NotOwnerError', async () => {
      const queue = await make('a', 'b');
      const [one, two] = [await take(queue), await take(queue)];
      await one.ack();
      await two.nak();
      for (const delivery of [one, two]) {
        await expect(delivery.ack()).rejects.toBeInstanceOf(NotOwnerError);
        await expect(delivery.nak()).rejects.toBeInstanceOf(NotOwnerError);
        await expect(delivery.extend(1000)).rejects.toBeInstanceOf(NotOwnerError);
        expect(delivery.signal.aborted).toBe(false);
      }
      expect(await queue.getMany(9)).toEqual(['b']);
    });

    it('of two ack() at once, one succeeds', async () => {
      const delivery = await take(await make('a'));
      const outcomes = await Promise.allSettled([delivery.ack(), delivery.ack()]);
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    });

    it('nak() puts the item back at the head, as its second attempt', async () => {
      const queue = await make('a', 'b');
      await (await take(queue)).nak();
      expect(await queue.peek(9)).toEqual(['a', 'b']);
      const again = await take(thereOf(queue));
      expect(again.value).toBe('a');
      expect(again.attempts).toBe(2);
      await again.nak();
      expect((await take(queue)).attempts).toBe(3);
    });

    it('an item that goes back serves a waiting consumer', async () => {
      const queue = await make('a');
      const delivery = await take(queue);
      const next = await queued(clients.two, thereOf(queue).get());
      await expectWaiting(next, clients.one, clients.two);
      await delivery.nak();
      expect(await next.promise).toBe('a');
    });

    it('several go back in their old order, in any order of nak()', async () => {
      const queue = await make('a', 'b', 'c', 'd');
      const deliveries = [await take(queue), await take(queue), await take(queue)];
      for (const index of [1, 0, 2]) await deliveries[index]!.nak();
      expect(await queue.getMany(9)).toEqual(['a', 'b', 'c', 'd']);
    });

    it('nak(delay) puts the item back at the head after the delay', async () => {
      const queue = await make('a', 'b');
      const begin = performance.now();
      await (await take(queue)).nak(40);
      while ((await queue.size()) < 2) await turn();
      expect(performance.now() - begin).toBeGreaterThanOrEqual(40 - TOLERANCE);
      const again = await take(queue);
      expect(again.value).toBe('a');
      expect(again.attempts).toBe(2);
    });

    it('an item delayed by nak(delay) is not in the queue, but unfinished', async () => {
      const queue = await make('a');
      await (await take(queue)).nak(LONG);
      expect(await queue.size()).toBe(0);
      expect(await queue.tryGet()).toBeUndefined();
      await expect(queue.join({ timeout: 0 })).rejects.toBeInstanceOf(TimeoutError);
    });

    it('takes no room: items that go back may exceed the capacity', async () => {
      const queue = clients.one.queue<string>(fresh('queue'), { capacity: 1 });
      await queue.put('a');
      const delivery = await take(queue);
      await queue.put('b', { timeout: 0 });
      await delivery.nak();
      expect(await queue.size()).toBe(2);
      const put = await queued(clients.two, thereOf(queue).put('c'));
      expect(await queue.get()).toBe('a');
      await expectWaiting(put, clients.one, clients.two);
      expect(await queue.get()).toBe('b');
      await put.promise;
    });

    it('in a queue of priorities goes back to its place', async () => {
      const queue = clients.one.queue<string>(fresh('queue'), { order: 'priority' });
      await queue.put('b', { priority: 2 });
      await queue.put('c', { priority: 2 });
      const delivery = await take(queue);
      await queue.put('a', { priority: 1 });
      await delivery.nak();
      expect(await queue.getMany(9)).toEqual(['a', 'b', 'c']);
    });

    it('in a last in, first out queue goes back to the head', async () => {
      const queue = clients.one.queue<string>(fresh('queue'), { order: 'lifo' });
      await queue.putMany(['a', 'b', 'c']);
      const deliveries = [await take(queue), await take(queue)];
      for (const delivery of deliveries) await delivery.nak();
      expect(await queue.getMany(9)).toEqual(['c', 'b', 'a']);
    });

    it('is refused a wrong lease or delay, and takes nothing', async () => {
      const queue = await make('a');
      await expect(take(queue, -1)).rejects.toBeInstanceOf(InvalidArgumentError);
      await expect(take(queue, NaN)).rejects.toBeInstanceOf(InvalidArgumentError);
      await expect(take(queue, 0)).rejects.toBeInstanceOf(InvalidArgumentError);
      await expect(take(queue, 2 ** 54)).rejects.toBeInstanceOf(OutOfRangeError);
      expect(await queue.size()).toBe(1);
      const delivery = await take(queue);
      await expect(delivery.nak(-1)).rejects.toBeInstanceOf(InvalidArgumentError);
      await expect(delivery.extend(NaN)).rejects.toBeInstanceOf(InvalidArgumentError);
      await expect(delivery.extend(0)).rejects.toBeInstanceOf(InvalidArgumentError);
      await delivery.ack();
    });

    it('of an object of another kind is a KindMismatchError', async () => {
      const list = clients.one.list<string>(fresh('list'));
      await list.push('a');
      await expect(take(clients.two.queue<string>(list.name))).rejects.toBeInstanceOf(KindMismatchError);
    });
  });

  suite(target, 'queue: lost delivery', (clients) => {
    async function make(...items: string[]): Promise<SharedQueue<string>> {
      const queue = clients.one.queue<string>(fresh('queue'));
      await queue.putMany(items);
      return queue;
    }
    const thereOf = (queue: SharedQueue<string>): SharedQueue<string> => clients.two.queue<string>(queue.name);

    it('the end of the lease gives the item back to the head, and aborts the signal', async () => {
      const queue = await make('a', 'b');
      const begin = performance.now();
      const delivery = await queue.get({ ack: true, lease: 40 });
      await aborted(delivery.signal);
      expect(performance.now() - begin).toBeGreaterThanOrEqual(40 - TOLERANCE);
      expect(delivery.signal.reason).toBeInstanceOf(DeliveryLostError);
      const again = await thereOf(queue).get({ ack: true });
      expect(again.value).toBe('a');
      expect(again.attempts).toBe(2);
    });

    it('serves a waiting consumer', async () => {
      const queue = await make('a');
      await queue.get({ ack: true, lease: 30 });
      expect(await thereOf(queue).get()).toBe('a');
    });

    it('then ack(), nak() and extend() are a DeliveryLostError, and change nothing', async () => {
      const queue = await make('a');
      const delivery = await queue.get({ ack: true, lease: 20 });
      const again = await thereOf(queue).get({ ack: true });
      await aborted(delivery.signal);
      await expect(delivery.ack()).rejects.toBeInstanceOf(DeliveryLostError);
      await expect(delivery.nak()).rejects.toBeInstanceOf(DeliveryLostError);
      await expect(delivery.extend(1000)).rejects.toBeInstanceOf(DeliveryLostError);
      await expect(queue.join({ timeout: 0 })).rejects.toBeInstanceOf(TimeoutError);
      await again.ack();
      await queue.join({ timeout: 0 });
    });

    it('a signal read after the loss is aborted', async () => {
      const queue = await make('a');
      const delivery = await queue.get({ ack: true, lease: 20 });
      expect(await queue.get()).toBe('a');
      await clients.one.stats();
      expect(delivery.signal.aborted).toBe(true);
    });

    it('extend() makes the lease end later', async () => {
      const queue = await make('a');
      const delivery = await queue.get({ ack: true, lease: LONG });
      const begin = performance.now();
      await delivery.extend(40);
      await aborted(delivery.signal);
      expect(performance.now() - begin).toBeGreaterThanOrEqual(40 - TOLERANCE);
    });

    it('extend() keeps a delivery beyond its first lease', async () => {
      const queue = await make('a', 'b');
      const [kept, left] = await Promise.all([queue.get({ ack: true, lease: LONG }), queue.get({ ack: true, lease: LONG })]);
      // Sent together, so that the second comes before the first lease ends.
      await Promise.all([kept.extend(40), kept.extend(LONG), left.extend(60)]);
      await aborted(left.signal);
      expect(kept.signal.aborted).toBe(false);
      await kept.ack();
      expect(await queue.getMany(9)).toEqual(['b']);
    });

    it('several whose leases end go back in their old order', async () => {
      const queue = await make(...range(0, 20).map(String));
      const deliveries = await Promise.all(range(0, 10).map((index) => queue.get({ ack: true, lease: 60 - index })));
      await Promise.all(deliveries.map(({ signal }) => aborted(signal)));
      expect(await thereOf(queue).getMany(20)).toEqual(range(0, 20).map(String));
    });

    it('the end of the session gives all of its items back in their order, which counts as a delivery', async () => {
      const queue = await make('a', 'b', 'c', 'd');
      const session = await clients.more();
      const there = session.manager.queue<string>(queue.name);
      const deliveries = [await there.get({ ack: true }), await there.get({ ack: true }), await there.get({ ack: true })];
      await deliveries[1]!.ack();
      await session.manager.stats();
      await session.close();
      const again = [await queue.get({ ack: true }), await queue.get({ ack: true }), await queue.get({ ack: true })];
      expect(again.map(({ value, attempts }) => [value, attempts])).toEqual([
        ['a', 2],
        ['c', 2],
        ['d', 1],
      ]);
    });

    it('a delivery that waits when its session closes takes nothing', async () => {
      const queue = await make();
      const session = await clients.more();
      const waiting = await queued(session.manager, session.manager.queue<string>(queue.name).get({ ack: true }));
      await session.close();
      await expect(waiting.promise).rejects.toBeInstanceOf(Error);
      await queue.put('a');
      expect((await queue.get({ ack: true })).attempts).toBe(1);
    });

    it('an item taken by a plain get does not come back', async () => {
      const queue = await make('a');
      await (await queue.get({ ack: true })).nak();
      const session = await clients.more();
      expect(await session.manager.queue<string>(queue.name).get()).toBe('a');
      await session.manager.stats();
      await session.close();
      expect(await queue.size()).toBe(0);
    });

    it('destroy() loses all deliveries, and tells their holders', async () => {
      const queue = await make('a', 'b');
      const deliveries = [await queue.get({ ack: true }), await thereOf(queue).get({ ack: true })];
      await queue.destroy();
      await Promise.all(deliveries.map(({ signal }) => aborted(signal)));
      await expect(deliveries[0]!.ack()).rejects.toBeInstanceOf(DeliveryLostError);
      expect(await queue.exists()).toBe(false);
    });

    it('destroy() wakes consumers that wait for a delivery with NotFoundError', async () => {
      const queue = await make();
      const waiting = await queued(clients.two, thereOf(queue).get({ ack: true }));
      await queue.destroy();
      await expect(waiting.promise).rejects.toBeInstanceOf(NotFoundError);
    });
  });

  suite(target, 'queue: shutdown with deliveries', (clients) => {
    async function make(...items: string[]): Promise<SharedQueue<string>> {
      const queue = clients.one.queue<string>(fresh('queue'));
      await queue.putMany(items);
      return queue;
    }
    const thereOf = (queue: SharedQueue<string>): SharedQueue<string> => clients.two.queue<string>(queue.name);

    it('waits for items that may come back: it ends when the last delivery is acknowledged', async () => {
      const queue = await make('a', 'b');
      const deliveries = [await queue.get({ ack: true }), await queue.get({ ack: true })];
      await queue.shutdown();
      await expect(queue.get({ timeout: 0 })).rejects.toBeInstanceOf(QueueEmptyError);
      const first = await queued(clients.two, thereOf(queue).get({ ack: true }));
      const second = await queued(clients.one, queue.get());
      await deliveries[0]!.nak();
      const again = await first.promise;
      expect(again.value).toBe('a');
      await again.ack();
      await expectWaiting(second, clients.one, clients.two);
      await deliveries[1]!.ack();
      await expect(second.promise).rejects.toBeInstanceOf(QueueShutDownError);
    });

    it('waits for items delayed by nak(delay)', async () => {
      const queue = await make('a');
      const delivery = await queue.get({ ack: true });
      await queue.shutdown();
      await delivery.nak(30);
      expect(await thereOf(queue).get()).toBe('a');
      await expect(queue.get()).rejects.toBeInstanceOf(QueueShutDownError);
    });

    it('that is immediate lets deliveries be acknowledged', async () => {
      const queue = await make('a', 'b');
      const delivery = await queue.get({ ack: true });
      const joined = await queued(clients.two, thereOf(queue).join());
      await queue.shutdown({ immediate: true });
      await expect(queue.get()).rejects.toBeInstanceOf(QueueShutDownError);
      await expectWaiting(joined, clients.one, clients.two);
      await delivery.ack();
      await joined.promise;
    });

    it('that is immediate drops items that come back, which count as done', async () => {
      const queue = await make('a', 'b', 'c');
      const session = await clients.more();
      const deliveries = [await queue.get({ ack: true }), await queue.get({ ack: true })];
      await session.manager.queue<string>(queue.name).get({ ack: true });
      const joined = await queued(clients.two, thereOf(queue).join());
      await queue.shutdown({ immediate: true });
      await deliveries[0]!.nak();
      await deliveries[1]!.nak(LONG);
      await expectWaiting(joined, clients.one, clients.two);
      await session.close();
      await joined.promise;
      expect(await queue.size()).toBe(0);
      await expect(queue.get()).rejects.toBeInstanceOf(QueueShutDownError);
    });
  });
}
