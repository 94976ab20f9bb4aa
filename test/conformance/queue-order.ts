import { expect, it } from '@jest/globals';
import { InvalidArgumentError, OptionsConflictError, QueueFullError, type PutOptions, type SharedQueue } from '../../client/index.js';
import { collect, fresh, queued, range, suite } from './support.js';
import type { Target } from './target.js';

/** The orders of a queue besides first in, first out (Python's LifoQueue and PriorityQueue, which its managers lack). */
export function queueOrderSuite(target: Target): void {
  suite(target, 'queue: last in, first out', (clients) => {
    const make = (): SharedQueue<number> => clients.one.queue<number>(fresh('queue'), { order: 'lifo' });

    it('gives the item that was put last (Python: LifoQueue)', async () => {
      const queue = make();
      for (const number of range(0, 3)) await queue.put(number);
      expect([await queue.get(), await queue.get()]).toEqual([2, 1]);
      await queue.put(9);
      expect([await queue.get(), await queue.get()]).toEqual([9, 0]);
    });

    it('shows and gives several in that order, to every client', async () => {
      const queue = make();
      const there = clients.two.queue<number>(queue.name);
      await queue.putMany([1, 2, 3, 4]);
      expect(await there.peek(3)).toEqual([4, 3, 2]);
      expect(await there.getMany(3)).toEqual([4, 3, 2]);
      expect(await there.getMany(3)).toEqual([1]);
    });

    it('serves waiting consumers first come, first served', async () => {
      const queue = make();
      const gets = [await queued(clients.one, queue.get()), await queued(clients.two, clients.two.queue<number>(queue.name).get())];
      await queue.put(1);
      await queue.put(2);
      expect(await Promise.all(gets.map(({ promise }) => promise))).toEqual([1, 2]);
    });

    it('has the items that a loop did not reach at the head again, in their order', async () => {
      const queue = make();
      await queue.putMany(range(0, 40));
      let reached = 0;
      for await (const item of clients.two.queue<number>(queue.name)) {
        expect(item).toBe(39 - reached);
        if (++reached === 20) break;
      }
      await queue.shutdown();
      expect(await collect(queue)).toEqual(range(0, 20).reverse());
    });

    it('keeps to its capacity, and clear() empties it', async () => {
      const queue = clients.one.queue<number>(fresh('queue'), { order: 'lifo', capacity: 2 });
      await queue.putMany([1, 2]);
      await expect(queue.put(3, { timeout: 0 })).rejects.toBeInstanceOf(QueueFullError);
      const put = await queued(clients.one, queue.put(3));
      expect(await queue.get()).toBe(2);
      await put.promise;
      expect(await queue.peek(9)).toEqual([3, 1]);
      expect(await queue.clear()).toBe(2);
      expect(await queue.tryGet()).toBeUndefined();
    });
  });

  suite(target, 'queue: priorities', (clients) => {
    const make = <V = string>(): SharedQueue<V> => clients.one.queue<V>(fresh('queue'), { order: 'priority' });

    it('gives the lowest priority first (Python: PriorityQueue)', async () => {
      const queue = make();
      await queue.put('late', { priority: 5 });
      await queue.put('first', { priority: -1.5 });
      await queue.put('soon', { priority: 1 });
      await queue.put('default');
      expect(await queue.getMany(9)).toEqual(['first', 'default', 'soon', 'late']);
    });

    it('gives items of one priority first come, first served', async () => {
      const queue = make<number>();
      const priorities = range(0, 300).map((index) => (index * 7) % 5);
      await Promise.all(priorities.map((priority, index) => queue.put(index, { priority })));
      const expected = range(0, 300).sort((a, b) => priorities[a]! - priorities[b]! || a - b);
      expect(await queue.getMany(300)).toEqual(expected);
    });

    it('takes infinite priorities, and treats 0 and -0 as equal', async () => {
      const queue = make();
      await queue.put('last', { priority: Infinity });
      await queue.put('second', { priority: 0 });
      await queue.put('third', { priority: -0 });
      await queue.put('first', { priority: -Infinity });
      expect(await queue.getMany(9)).toEqual(['first', 'second', 'third', 'last']);
    });

    it('shows the first ones in their order, and leaves them', async () => {
      const queue = make<number>();
      for (const number of [5, 3, 9, 1, 7]) await queue.put(number, { priority: number });
      expect(await queue.peek()).toEqual([1]);
      expect(await queue.peek(3)).toEqual([1, 3, 5]);
      expect(await queue.peek(99)).toEqual([1, 3, 5, 7, 9]);
      expect(await queue.size()).toBe(5);
    });

    it('puts many at one priority, in order', async () => {
      const queue = make<number>();
      await queue.putMany([1, 2, 3], { priority: 2 });
      await queue.putMany([4, 5], { priority: 1 });
      expect(await queue.getMany(9)).toEqual([4, 5, 1, 2, 3]);
    });

    it('lets producers that wait for room in first come, first served, and orders only items that are in', async () => {
      const queue = clients.one.queue<string>(fresh('queue'), { order: 'priority', capacity: 1 });
      await queue.put('in', { priority: 9 });
      const puts = [
        await queued(clients.one, queue.put('low', { priority: 5 })),
        await queued(clients.one, queue.put('high', { priority: 1 })),
      ];
      expect(await queue.get()).toBe('in');
      expect(await queue.get()).toBe('low');
      expect(await queue.get()).toBe('high');
      await Promise.all(puts.map(({ promise }) => promise));
    });

    it('has the items that a loop did not reach in their places again', async () => {
      const queue = make<number>();
      for (const number of range(0, 40)) await queue.put(number, { priority: -number });
      const there = clients.two.queue<number>(queue.name);
      for await (const item of there) if (item === 20) break;
      await queue.put(99, { priority: -15.5 });
      await queue.shutdown();
      expect(await collect(queue)).toEqual([19, 18, 17, 16, 99, ...range(0, 16).reverse()]);
    });

    it('gives each item once to clients that take at once', async () => {
      const queue = make<number>();
      const there = clients.two.queue<number>(queue.name, { order: 'priority' });
      const consumers = [collect(queue), collect(there)];
      await Promise.all(range(0, 200).map((number) => there.put(number, { priority: number % 3 })));
      await queue.shutdown();
      expect((await Promise.all(consumers)).flat().sort((a, b) => a - b)).toEqual(range(0, 200));
    });
  });

  suite(target, 'queue: options of order', (clients) => {
    it('a priority for a queue without priorities is an InvalidArgumentError, and puts nothing', async () => {
      for (const order of ['fifo', 'lifo', undefined] as const) {
        const queue = clients.one.queue<number>(fresh('queue'), { order });
        await expect(queue.put(1, { priority: 1 })).rejects.toBeInstanceOf(InvalidArgumentError);
        await expect(queue.putMany([1], { priority: 0 })).rejects.toBeInstanceOf(InvalidArgumentError);
        expect(await queue.size()).toBe(0);
      }
    });

    it('a priority that is no number is an InvalidArgumentError', async () => {
      const queue = clients.one.queue<number>(fresh('queue'), { order: 'priority' });
      await expect(queue.put(1, { priority: NaN })).rejects.toBeInstanceOf(InvalidArgumentError);
      await expect(queue.put(1, { priority: '1' } as unknown as PutOptions)).rejects.toBeInstanceOf(InvalidArgumentError);
      expect(await queue.size()).toBe(0);
    });

    it('an unknown order is an InvalidArgumentError', () => {
      expect(() => clients.one.queue(fresh('queue'), { order: 'random' as 'fifo' })).toThrow(InvalidArgumentError);
    });

    it('another order than the queue has is an OptionsConflictError; an omitted one is no conflict', async () => {
      const queue = clients.one.queue<number>(fresh('queue'), { order: 'priority' });
      await queue.put(1, { priority: 3 });
      for (const order of ['fifo', 'lifo'] as const) {
        await expect(clients.two.queue(queue.name, { order }).size()).rejects.toBeInstanceOf(OptionsConflictError);
      }
      await clients.two.queue<number>(queue.name, { order: 'priority' }).put(2, { priority: 1 });
      await clients.two.queue<number>(queue.name).put(3, { priority: 2 });
      expect(await queue.getMany(9)).toEqual([2, 3, 1]);
    });

    it('a queue made by name alone is first in, first out', async () => {
      const queue = clients.one.queue<number>(fresh('queue'));
      await queue.put(1);
      await clients.two.queue<number>(queue.name, { order: 'fifo' }).put(2);
      await expect(clients.two.queue(queue.name, { order: 'lifo' }).size()).rejects.toBeInstanceOf(OptionsConflictError);
      expect(await queue.getMany(9)).toEqual([1, 2]);
    });

    it('shows in the list of objects', async () => {
      const queue = clients.one.queue<number>(fresh('queue'), { order: 'lifo', deadLetter: { queue: 'dead', maxDeliveries: 3 } });
      await queue.put(1);
      for await (const { options } of clients.two.objects({ match: queue.name })) {
        expect(options).toMatchObject({ order: 'lifo', deadLetter: 'dead after 3 deliveries', delayed: '0', delivered: '0' });
      }
    });
  });
}
