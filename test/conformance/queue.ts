import { expect, it } from '@jest/globals';
import { InvalidArgumentError, QueueEmptyError, QueueFullError, type SharedQueue } from '../../client/index.js';
import { stress } from '../support/stress.js';
import { expectLate, fresh, range, suite } from './support.js';
import type { Target } from './target.js';

/** A queue without waiting: order, capacity, and the errors of a full or empty one. */
export function queueSuite(target: Target): void {
  suite(target, 'queue: items', (clients) => {
    const make = <V = number>(): SharedQueue<V> => clients.one.queue<V>(fresh('queue'));

    it('gives items in the order they were put (Python: test_get)', async () => {
      const queue = make<string>();
      for (const item of ['a', 'b', 'c']) await queue.put(item);
      expect([await queue.get(), await queue.get(), await queue.get()]).toEqual(['a', 'b', 'c']);
    });

    it('gives the items of one client to another, after earlier items (Python: test_fork)', async () => {
      const queue = make();
      const there = clients.two.queue<number>(queue.name);
      for (const number of range(0, 10)) await queue.put(number);
      for (const number of range(10, 20)) await there.put(number);
      const got: number[] = [];
      for (let count = 0; count < 20; count++) got.push(await (count % 2 === 0 ? there : queue).get());
      expect(got).toEqual(range(0, 20));
      await expect(queue.get({ timeout: 0 })).rejects.toBeInstanceOf(QueueEmptyError);
    });

    it('size() counts the items waiting (Python: test_qsize, SimpleQueue test_empty)', async () => {
      const queue = make();
      const sizes = [await queue.size()];
      await queue.put(1);
      sizes.push(await queue.size());
      await queue.put(5);
      sizes.push(await queue.size());
      await queue.get();
      sizes.push(await queue.size());
      await queue.get();
      sizes.push(await queue.size());
      expect(sizes).toEqual([0, 1, 2, 1, 0]);
    });

    it('after the answer to a put, every client sees the item', async () => {
      const queue = make();
      await queue.put(1);
      expect(await clients.two.queue<number>(queue.name).tryGet()).toBe(1);
    });

    it('tells a null item from no item', async () => {
      const queue = make<null>();
      await queue.put(null);
      expect(await queue.tryGet()).toBeNull();
      expect(await queue.tryGet()).toBeUndefined();
    });

    it('tryPut() and tryGet() return if they succeeded (Python: test_put, test_get)', async () => {
      const queue = clients.one.queue<number>(fresh('queue'), { capacity: 1 });
      expect(await queue.tryPut(1)).toBe(true);
      expect(await queue.tryPut(2)).toBe(false);
      expect(await queue.tryGet()).toBe(1);
      expect(await queue.tryGet()).toBeUndefined();
    });

    it('peek() returns the first items and leaves them in', async () => {
      const queue = make();
      await queue.putMany([1, 2, 3]);
      expect(await queue.peek()).toEqual([1]);
      expect(await queue.peek(2)).toEqual([1, 2]);
      expect(await queue.peek(9)).toEqual([1, 2, 3]);
      expect(await queue.size()).toBe(3);
    });

    it('peek() of an empty queue returns no items', async () => {
      expect(await make().peek(2)).toEqual([]);
    });

    it('clear() removes all items and returns how many', async () => {
      const queue = make();
      await queue.putMany([1, 2, 3]);
      expect(await queue.clear()).toBe(3);
      expect(await queue.clear()).toBe(0);
      expect(await queue.tryGet()).toBeUndefined();
    });

    it('takes some thousand items by default', async () => {
      const queue = make();
      const numbers = range(0, stress(1100, 3000));
      await Promise.all(numbers.map((number) => queue.put(number)));
      expect(await queue.size()).toBe(numbers.length);
      expect(await queue.getMany(3000)).toEqual(numbers);
    });

    it('a capacity of 0 is no limit', async () => {
      const queue = clients.one.queue<number>(fresh('queue'), { capacity: 0 });
      await queue.putMany(range(0, 100), { timeout: 0 });
      expect(await queue.size()).toBe(100);
    });

    it('gives each item once to clients that take at once', async () => {
      const queue = make();
      const there = clients.two.queue<number>(queue.name);
      const taken = range(0, 100).map((index) => (index % 2 === 0 ? queue : there).get());
      await Promise.all(range(0, 100).map((number) => (number % 3 === 0 ? queue : there).put(number)));
      expect((await Promise.all(taken)).sort((a, b) => a - b)).toEqual(range(0, 100));
    });
  });

  suite(target, 'queue: full and empty', (clients) => {
    const make = (capacity: number): SharedQueue<number> => clients.one.queue<number>(fresh('queue'), { capacity });

    it('takes as many items as its capacity by every form of put (Python: test_put)', async () => {
      const queue = make(6);
      await queue.put(1);
      await queue.put(2, { timeout: 0 });
      await queue.put(3, { timeout: 50 });
      expect(await queue.tryPut(4)).toBe(true);
      await queue.putMany([5, 6]);
      expect(await queue.tryPut(7)).toBe(false);
      expect(await queue.getMany(9)).toEqual([1, 2, 3, 4, 5, 6]);
    });

    it('put() with a timeout of 0 into a full queue throws QueueFullError (Python: test_put)', async () => {
      const queue = make(1);
      await queue.put(1);
      await expect(queue.put(2, { timeout: 0 })).rejects.toBeInstanceOf(QueueFullError);
      expect(await queue.peek(2)).toEqual([1]);
    });

    it('put() into a full queue throws QueueFullError after its timeout, not before (Python: test_put)', async () => {
      const queue = make(1);
      await queue.put(1);
      await expectLate(30, QueueFullError, () => queue.put(2, { timeout: 30 }));
      expect(await queue.getMany(2)).toEqual([1]);
      expect(await queue.size()).toBe(0);
    });

    it('get() with a timeout of 0 from an empty queue throws QueueEmptyError (Python: test_get)', async () => {
      await expect(make(0).get({ timeout: 0 })).rejects.toBeInstanceOf(QueueEmptyError);
    });

    it('get() from an empty queue throws QueueEmptyError after its timeout, not before (Python: test_get, test_timeout)', async () => {
      await expectLate(30, QueueEmptyError, () => make(0).get({ timeout: 30 }));
    });

    it('a get that timed out takes nothing later', async () => {
      const queue = make(0);
      await expect(queue.get({ timeout: 20 })).rejects.toBeInstanceOf(QueueEmptyError);
      await queue.put(1);
      expect(await queue.size()).toBe(1);
    });

    it('a put that timed out puts nothing later', async () => {
      const queue = make(1);
      await queue.put(1);
      await expect(queue.put(2, { timeout: 20 })).rejects.toBeInstanceOf(QueueFullError);
      expect(await queue.get()).toBe(1);
      expect(await queue.size()).toBe(0);
    });

    it('turns from full to empty and back as another client drains it (Python: test_put, test_queue of SyncManager)', async () => {
      const queue = make(2);
      const there = clients.two.queue<number>(queue.name);
      for (let round = 0; round < 3; round++) {
        await queue.putMany([round, round + 1]);
        expect(await queue.tryPut(9)).toBe(false);
        expect([await there.get(), await there.get()]).toEqual([round, round + 1]);
        expect(await queue.tryGet()).toBeUndefined();
      }
    });

    it('a value that cannot be encoded is refused and takes no room (Python: test_queue_feeder_donot_stop_onexc, test_queue_feeder_on_queue_feeder_error)', async () => {
      const queue = clients.one.queue<unknown>(fresh('queue'), { capacity: 1 });
      await expect(queue.put(() => 1)).rejects.toBeInstanceOf(InvalidArgumentError);
      expect(await queue.size()).toBe(0);
      expect(await queue.tryPut(true)).toBe(true);
      expect(await queue.get()).toBe(true);
    });
  });
}
