import { expect, it } from '@jest/globals';
import { InvalidArgumentError, QueueEmptyError, QueueFullError, type SharedQueue } from '../../client/index.js';
import { expectLate, expectWaiting, fresh, queued, range, suite } from './support.js';
import type { Target } from './target.js';

/** Many items in one call: putMany and getMany. */
export function queueBulkSuite(target: Target): void {
  suite(target, 'queue: putMany', (clients) => {
    const make = (capacity = 0): SharedQueue<number> => clients.one.queue<number>(fresh('queue'), { capacity });

    it('puts in order', async () => {
      const queue = make();
      await queue.putMany([1, 2, 3]);
      await queue.putMany(new Set([4, 5]));
      expect(await queue.getMany(9)).toEqual([1, 2, 3, 4, 5]);
    });

    it('puts nothing if no items are given, even into a full queue', async () => {
      const queue = make(1);
      await queue.put(1);
      await queue.putMany([]);
      expect(await queue.size()).toBe(1);
    });

    it('takes some thousand items', async () => {
      const queue = make();
      await queue.putMany(range(0, 5000));
      expect(await queue.getMany(5000)).toEqual(range(0, 5000));
    });

    it('waits for room, item by item', async () => {
      const queue = make(2);
      const there = clients.two.queue<number>(queue.name);
      const put = await queued(clients.one, queue.putMany([1, 2, 3, 4, 5]));
      for (const number of [1, 2, 3]) {
        await expectWaiting(put, clients.one, clients.two);
        expect(await there.get()).toBe(number);
      }
      await put.promise;
      expect(await there.getMany(9)).toEqual([4, 5]);
    });

    it('keeps its place until all its items are in', async () => {
      const queue = make(1);
      const many = await queued(clients.one, queue.putMany([1, 2, 3]));
      const single = await queued(clients.two, clients.two.queue<number>(queue.name).put(4));
      const got: number[] = [];
      for (let count = 0; count < 4; count++) got.push(await queue.get());
      await Promise.all([many.promise, single.promise]);
      expect(got).toEqual([1, 2, 3, 4]);
    });

    it('hands its items to waiting consumers', async () => {
      const queue = make(1);
      const there = clients.two.queue<number>(queue.name, { capacity: 1 });
      const gets = [await queued(clients.two, there.get()), await queued(clients.two, there.get())];
      await queue.putMany([1, 2, 3], { timeout: 0 });
      expect(await Promise.all(gets.map((got) => got.promise))).toEqual([1, 2]);
      expect(await queue.peek(2)).toEqual([3]);
    });

    it('with a timeout of 0 puts the items that have room, and the error says how many', async () => {
      const queue = make(3);
      await queue.put(0);
      const failure: unknown = await queue.putMany([1, 2, 3, 4], { timeout: 0 }).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(QueueFullError);
      expect(failure).toMatchObject({ accepted: 2, mayHaveExecuted: true });
      expect(await queue.getMany(9)).toEqual([0, 1, 2]);
    });

    it('without any room says that none went in', async () => {
      const queue = make(1);
      await queue.put(0);
      await expect(queue.putMany([1, 2], { timeout: 0 })).rejects.toMatchObject({
        code: 'QUEUE_FULL',
        accepted: 0,
        mayHaveExecuted: false,
      });
    });

    it('throws QueueFullError after its timeout, not before, with the number of items that went in meanwhile', async () => {
      const queue = make(2);
      await expectLate(30, QueueFullError, () => queue.putMany([1, 2, 3], { timeout: 30 }));
      expect(await queue.getMany(9)).toEqual([1, 2]);
      expect(await queue.tryGet()).toBeUndefined();
    });

    it('puts no more after an abort', async () => {
      const queue = make(1);
      const controller = new AbortController();
      const put = await queued(clients.one, queue.putMany([1, 2, 3], { signal: controller.signal }));
      const reason = new Error('enough');
      controller.abort(reason);
      await expect(put.promise).rejects.toBe(reason);
      expect(await queue.get()).toBe(1);
      expect(await queue.tryGet()).toBeUndefined();
    });

    it('refuses all items if one cannot be encoded', async () => {
      const queue = clients.one.queue<unknown>(fresh('queue'));
      await expect(queue.putMany([1, () => 2, 3])).rejects.toBeInstanceOf(InvalidArgumentError);
      expect(await queue.size()).toBe(0);
    });
  });

  suite(target, 'queue: getMany', (clients) => {
    const make = (capacity = 0): SharedQueue<number> => clients.one.queue<number>(fresh('queue'), { capacity });

    it('takes the present items, up to the given number', async () => {
      const queue = make();
      await queue.putMany([1, 2, 3, 4, 5]);
      expect(await queue.getMany(2)).toEqual([1, 2]);
      expect(await queue.getMany(9)).toEqual([3, 4, 5]);
    });

    it('waits for the first item only', async () => {
      const queue = make();
      const got = await queued(clients.one, queue.getMany(5));
      await expectWaiting(got, clients.one, clients.two);
      await clients.two.queue<number>(queue.name).put(1);
      expect(await got.promise).toEqual([1]);
    });

    it('from an empty queue throws QueueEmptyError: at once, or after its timeout', async () => {
      const queue = make();
      await expect(queue.getMany(5, { timeout: 0 })).rejects.toBeInstanceOf(QueueEmptyError);
      await expectLate(30, QueueEmptyError, () => queue.getMany(5, { timeout: 30 }));
    });

    it('with a timeout of 0 takes the present items', async () => {
      const queue = make();
      await queue.putMany([1, 2]);
      expect(await queue.getMany(5, { timeout: 0 })).toEqual([1, 2]);
    });

    it('makes room for all waiting producers', async () => {
      const queue = make(2);
      const there = clients.two.queue<number>(queue.name);
      await queue.putMany([1, 2]);
      const puts = [await queued(clients.two, there.put(3)), await queued(clients.two, there.put(4))];
      expect(await queue.getMany(2)).toEqual([1, 2]);
      await Promise.all(puts.map((put) => put.promise));
      expect(await queue.peek(9)).toEqual([3, 4]);
    });

    it('waits in one queue with get()', async () => {
      const queue = make();
      const there = clients.two.queue<number>(queue.name);
      const many = await queued(clients.one, queue.getMany(2));
      const single = await queued(clients.two, there.get());
      await queue.put(1);
      expect(await many.promise).toEqual([1]);
      await expectWaiting(single, clients.one, clients.two);
      await queue.put(2);
      expect(await single.promise).toBe(2);
    });

    it('that is aborted while it waits takes nothing', async () => {
      const queue = make();
      const controller = new AbortController();
      const got = await queued(clients.one, queue.getMany(2, { signal: controller.signal }));
      const reason = new Error('no longer wanted');
      controller.abort(reason);
      await expect(got.promise).rejects.toBe(reason);
      await queue.putMany([1, 2]);
      expect(await queue.size()).toBe(2);
    });
  });
}
