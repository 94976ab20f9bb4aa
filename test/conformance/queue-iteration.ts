import { expect, it } from '@jest/globals';
import { NotFoundError, type SharedQueue } from '../../client/index.js';
import { collect, expectWaiting, fresh, queued, range, suite, itWith } from './support.js';
import type { Target } from './target.js';

/** A queue as an async iterable: each item is taken when the loop gets it. */
export function queueIterationSuite(target: Target): void {
  suite(target, 'queue: iteration', (clients) => {
    async function make(...items: number[]): Promise<SharedQueue<number>> {
      const queue = clients.one.queue<number>(fresh('queue'));
      await queue.putMany(items);
      return queue;
    }

    it('yields the items in order, and ends when the queue is shut down and drained', async () => {
      const queue = await make(1, 2, 3);
      await queue.shutdown();
      expect(await collect(clients.two.queue<number>(queue.name))).toEqual([1, 2, 3]);
      expect(await queue.size()).toBe(0);
    });

    it('of a queue that is shut down and empty yields nothing', async () => {
      const queue = await make();
      await queue.shutdown();
      expect(await collect(queue)).toEqual([]);
    });

    it('waits for items, and for the end', async () => {
      const queue = await make(1);
      const there = clients.two.queue<number>(queue.name);
      const all = await queued(clients.two, collect(there));
      await expectWaiting(all, clients.one, clients.two);
      await queue.put(2);
      await expectWaiting(all, clients.one, clients.two);
      await queue.put(3);
      await queue.shutdown();
      expect(await all.promise).toEqual([1, 2, 3]);
    });

    it('ends at an immediate shutdown', async () => {
      const queue = await make();
      const all = await queued(clients.two, collect(clients.two.queue<number>(queue.name)));
      await queue.shutdown({ immediate: true });
      expect(await all.promise).toEqual([]);
    });

    it('fails with NotFoundError when the queue is destroyed', async () => {
      const queue = await make();
      const all = await queued(clients.two, collect(clients.two.queue<number>(queue.name)));
      await queue.destroy();
      await expect(all.promise).rejects.toBeInstanceOf(NotFoundError);
    });

    itWith(target, 'order between clients')('that is left loses no item, and leaves the rest in order', async () => {
      const queue = await make(...range(0, 20));
      const there = clients.two.queue<number>(queue.name);
      for await (const item of there) {
        if (item === 4) break;
      }
      await queue.shutdown();
      expect(await collect(queue)).toEqual(range(5, 20));
    });

    it('leaving it by an error loses no item', async () => {
      const queue = await make(...range(0, 20));
      const failing = async (): Promise<void> => {
        for await (const item of queue) {
          if (item === 2) throw new Error('worker failed');
        }
      };
      await expect(failing()).rejects.toThrow('worker failed');
      await queue.shutdown();
      expect(await collect(clients.two.queue<number>(queue.name))).toEqual(range(3, 20));
    });

    it('leaving it gives the items not reached to waiting consumers', async () => {
      const queue = await make(1, 2);
      const there = clients.two.queue<number>(queue.name);
      for await (const item of queue) {
        expect(item).toBe(1);
        break;
      }
      expect(await there.get()).toBe(2);
      const got = await queued(clients.two, there.get());
      await queue.put(3);
      expect(await got.promise).toBe(3);
    });

    it('can continue after it was left', async () => {
      const queue = await make(1, 2, 3);
      await queue.shutdown();
      const seen: number[] = [];
      for await (const item of queue) {
        seen.push(item);
        break;
      }
      for await (const item of queue) seen.push(item);
      expect(seen).toEqual([1, 2, 3]);
    });

    it('of two consumers shares the items, each exactly once and in order', async () => {
      const queue = await make();
      const consumers = [collect(queue), collect(clients.two.queue<number>(queue.name))];
      for (const number of range(0, 100)) await queue.put(number);
      await queue.putMany(range(100, 400));
      await queue.shutdown();
      const shares = await Promise.all(consumers);
      for (const share of shares) expect(share).toEqual([...share].sort((a, b) => a - b));
      expect(shares.flat().sort((a, b) => a - b)).toEqual(range(0, 400));
    });

    it('of four consumers beside two producers at a small capacity loses and duplicates nothing', async () => {
      const name = fresh('queue');
      const [one, two] = [clients.one.queue<number>(name, { capacity: 3 }), clients.two.queue<number>(name, { capacity: 3 })];
      const consumers = [one, two, one, two].map((queue) => collect(queue));
      await Promise.all([one.putMany(range(0, 150)), ...range(150, 300).map((number) => two.put(number))]);
      await one.shutdown();
      expect((await Promise.all(consumers)).flat().sort((a, b) => a - b)).toEqual(range(0, 300));
    });

    it('makes room for waiting producers', async () => {
      const queue = clients.one.queue<number>(fresh('queue'), { capacity: 2 });
      const there = clients.two.queue<number>(queue.name, { capacity: 2 });
      const put = queue.putMany(range(0, 50));
      const seen: number[] = [];
      for await (const item of there) {
        seen.push(item);
        if (seen.length === 50) break;
      }
      await put;
      expect(seen).toEqual(range(0, 50));
    });

    it('in a session that closes loses none of the items it did not yield (a gap in Python)', async () => {
      const queue = await make(...range(0, 10));
      const session = await clients.more();
      const iterator = session.manager.queue<number>(queue.name)[Symbol.asyncIterator]();
      expect(await iterator.next()).toEqual({ done: false, value: 0 });
      expect(await iterator.next()).toEqual({ done: false, value: 1 });
      await session.close();
      await queue.shutdown();
      expect(await collect(queue)).toEqual(range(2, 10));
    });
  });
}
