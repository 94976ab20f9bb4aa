import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import {
  InvalidArgumentError,
  NotFoundError,
  OutOfRangeError,
  QueueEmptyError,
  QueueFullError,
  QueueShutDownError,
  TimeoutError,
  type SharedQueue,
} from '../../client/index.js';
import { stress } from '../support/stress.js';
import { collect, expectWaiting, fresh, queued, range, roundTrip, suite } from './support.js';
import type { Target } from './target.js';

/** A delay longer than any test, in milliseconds. */
const LONG = 600_000;
/** Time by which a timer may fire early, in milliseconds. */
const TOLERANCE = 5;

/** Items with a delay before they can be taken. */
export function queueDelaySuite(target: Target): void {
  suite(target, 'queue: delay', (clients) => {
    const make = (capacity = 0): SharedQueue<string> => clients.one.queue<string>(fresh('queue'), { capacity });
    const thereOf = (queue: SharedQueue<string>): SharedQueue<string> => clients.two.queue<string>(queue.name);

    it('an item with a delay can be taken when it is due, not before', async () => {
      const queue = make();
      const begin = performance.now();
      await queue.put('later', { delay: 40 });
      expect(await thereOf(queue).get()).toBe('later');
      expect(performance.now() - begin).toBeGreaterThanOrEqual(40 - TOLERANCE);
    });

    it('meanwhile it is neither counted nor shown nor given', async () => {
      const queue = make();
      await queue.put('later', { delay: LONG });
      expect(await queue.size()).toBe(0);
      expect(await queue.peek(9)).toEqual([]);
      expect(await thereOf(queue).tryGet()).toBeUndefined();
      await expect(queue.get({ timeout: 20 })).rejects.toBeInstanceOf(QueueEmptyError);
    });

    it('does not hold up items put after it', async () => {
      const queue = make();
      await queue.put('later', { delay: LONG });
      await queue.put('now');
      expect(await queue.get()).toBe('now');
    });

    it('items come in the order in which they are due, and in the order of their puts if due at once', async () => {
      const queue = make();
      await Promise.all([
        queue.put('third', { delay: 60 }),
        queue.put('second', { delay: 40 }),
        queue.put('first', { delay: 20 }),
        queue.putMany(['fourth', 'fifth'], { delay: 60 }),
      ]);
      const got: string[] = [];
      for (let count = 0; count < 5; count++) got.push(await queue.get());
      expect(got).toEqual(['first', 'second', 'third', 'fourth', 'fifth']);
    });

    it('wakes waiting consumers, first come, first served', async () => {
      const queue = make();
      const gets = [await queued(clients.one, queue.get()), await queued(clients.two, thereOf(queue).getMany(2))];
      await queue.put('a', { delay: 20 });
      await queue.put('b', { delay: 40 });
      expect(await gets[0]!.promise).toBe('a');
      expect(await gets[1]!.promise).toEqual(['b']);
    });

    it('in a queue of priorities takes its place when it is due', async () => {
      const queue = clients.one.queue<string>(fresh('queue'), { order: 'priority' });
      await queue.putMany(['a', 'b'], { priority: 5 });
      await queue.put('urgent', { priority: 0, delay: 20 });
      while ((await queue.size()) < 3) await turn();
      expect(await queue.getMany(9)).toEqual(['urgent', 'a', 'b']);
    });

    it('in a last in, first out queue counts as put when it is due', async () => {
      const queue = clients.one.queue<string>(fresh('queue'), { order: 'lifo' });
      // Sent together, so that the second comes before the first is due.
      await Promise.all([queue.put('later', { delay: 20 }), queue.put('now')]);
      while ((await queue.size()) < 2) await turn();
      expect(await queue.getMany(2)).toEqual(['later', 'now']);
    });

    it('of 0 is none', async () => {
      const queue = make();
      await queue.put('now', { delay: 0 });
      expect(await queue.tryGet()).toBe('now');
    });

    it('an invalid one is refused, and nothing is put', async () => {
      const queue = make();
      await expect(queue.put('a', { delay: -1 })).rejects.toBeInstanceOf(InvalidArgumentError);
      await expect(queue.put('a', { delay: NaN })).rejects.toBeInstanceOf(InvalidArgumentError);
      await expect(queue.put('a', { delay: 2 ** 54 })).rejects.toBeInstanceOf(OutOfRangeError);
      await queue.join({ timeout: 0 });
    });

    it.each([2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER, Infinity])('of %p ms keeps an item from being taken', async (delay) => {
      const queue = make();
      await queue.put('later', { delay });
      await roundTrip(clients.one);
      expect(await queue.tryGet()).toBeUndefined();
      const delivery = await queue.put('now').then(() => queue.get({ ack: true, lease: delay }));
      await delivery.extend(delay);
      await roundTrip(clients.one);
      await delivery.nak(delay);
      expect(await queue.tryGet()).toBeUndefined();
    });

    it('a delayed item takes room: the queue never exceeds its capacity', async () => {
      const queue = make(2);
      await queue.put('later', { delay: LONG });
      await queue.put('now');
      await expect(queue.put('more', { timeout: 0 })).rejects.toBeInstanceOf(QueueFullError);
      await expect(queue.put('more', { timeout: 0, delay: 1 })).rejects.toBeInstanceOf(QueueFullError);
      expect(await queue.get()).toBe('now');
      await queue.put('more', { timeout: 0 });
      expect(await queue.size()).toBe(1);
    });

    it('begins when there is room: a put waits for room within its timeout', async () => {
      const queue = make(1);
      await queue.put('now');
      await expect(queue.put('never', { timeout: 20, delay: 1 })).rejects.toBeInstanceOf(QueueFullError);
      const put = await queued(clients.two, thereOf(queue).put('later', { delay: 30, timeout: LONG }));
      await expectWaiting(put, clients.one);
      const begin = performance.now();
      expect(await queue.get()).toBe('now');
      await put.promise;
      expect(await queue.get()).toBe('later');
      expect(performance.now() - begin).toBeGreaterThanOrEqual(30 - TOLERANCE);
    });

    it('makes room when the item is taken', async () => {
      const queue = make(1);
      await queue.put('first', { delay: 20 });
      const put = await queued(clients.two, thereOf(queue).put('second', { delay: 20 }));
      expect(await queue.get()).toBe('first');
      await put.promise;
      expect(await queue.get()).toBe('second');
    });

    it('a delayed item is unfinished work: join() waits for it', async () => {
      const queue = make();
      await queue.put('later', { delay: 20 });
      const joined = await queued(clients.two, thereOf(queue).join());
      await queue.get();
      await expectWaiting(joined, clients.one, clients.two);
      await queue.taskDone();
      await joined.promise;
    });

    it('does not end with the session of its producer', async () => {
      const queue = make();
      const session = await clients.more();
      await session.manager.queue<string>(queue.name).put('later', { delay: 30 });
      await session.close();
      expect(await queue.get()).toBe('later');
    });

    it('clear() removes delayed items, which count as done, and frees their room', async () => {
      const queue = make(2);
      await queue.put('now');
      await queue.put('later', { delay: 20 });
      const [joined, put] = [await queued(clients.two, thereOf(queue).join()), await queued(clients.one, queue.put('next', { delay: 40 }))];
      expect(await queue.clear()).toBe(2);
      await Promise.all([put.promise, queue.get().then((item) => expect(item).toBe('next'))]);
      expect(await queue.size()).toBe(0);
      await queue.taskDone();
      await joined.promise;
    });

    it('shutdown() keeps delayed items until they are due, and ends the queue after them', async () => {
      const queue = make();
      await queue.put('now');
      await queue.put('later', { delay: 30 });
      await queue.shutdown();
      expect(await collect(thereOf(queue))).toEqual(['now', 'later']);
      await expect(queue.get()).rejects.toBeInstanceOf(QueueShutDownError);
    });

    it('after shutdown() a get that does not wait finds the queue empty while items are delayed', async () => {
      const queue = make();
      await queue.put('later', { delay: LONG });
      await queue.shutdown();
      await expect(thereOf(queue).get({ timeout: 0 })).rejects.toBeInstanceOf(QueueEmptyError);
    });

    it('shutdown() wakes all waiting consumers when the last delayed item is taken', async () => {
      const queue = make();
      await queue.put('later', { delay: 30 });
      const gets = [await queued(clients.one, queue.get()), await queued(clients.two, thereOf(queue).get())];
      await queue.shutdown();
      expect(await gets[0]!.promise).toBe('later');
      await expect(gets[1]!.promise).rejects.toBeInstanceOf(QueueShutDownError);
    });

    it('an immediate shutdown() drops delayed items, which count as done', async () => {
      const queue = make();
      await queue.put('later', { delay: LONG });
      const [joined, got] = [await queued(clients.two, thereOf(queue).join()), await queued(clients.one, queue.get())];
      await expect(queue.join({ timeout: 0 })).rejects.toBeInstanceOf(TimeoutError);
      await queue.shutdown({ immediate: true });
      await joined.promise;
      await expect(got.promise).rejects.toBeInstanceOf(QueueShutDownError);
    });

    it('destroy() drops delayed items', async () => {
      const queue = make();
      await queue.put('later', { delay: LONG });
      const got = await queued(clients.two, thereOf(queue).get());
      await queue.destroy();
      await expect(got.promise).rejects.toBeInstanceOf(NotFoundError);
      await queue.join({ timeout: 0 });
      await queue.put('other', { delay: 20 });
      expect(await thereOf(queue).get()).toBe('other');
    });

    it('some thousand delayed items all come, the ones of one delay in the order of their puts', async () => {
      const queue = clients.one.queue<number>(fresh('queue'));
      const count = stress(500, 2000);
      const delays = range(0, count).map((index) => 20 + ((index * 7) % 40));
      await Promise.all(delays.map((delay, index) => queue.put(index, { delay })));
      await queue.shutdown();
      const got = await collect(clients.two.queue<number>(queue.name));
      for (const delay of new Set(delays)) {
        const expected = range(0, count).filter((index) => delays[index] === delay);
        expect(got.filter((index) => delays[index] === delay)).toEqual(expected);
      }
      expect(got).toHaveLength(count);
    });
  });
}
