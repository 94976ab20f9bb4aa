import { expect, it } from '@jest/globals';
import { QueueShutDownError, TimeoutError, type SharedQueue } from '../../client/index.js';
import { collect, expectWaiting, fresh, queued, range, suite } from './support.js';
import type { Target } from './target.js';

/** Shutdown of a queue, graceful and immediate (Python does not test it for managed queues). */
export function queueShutdownSuite(target: Target): void {
  suite(target, 'queue: shutdown', (clients) => {
    const make = (capacity = 0): SharedQueue<number> => clients.one.queue<number>(fresh('queue'), { capacity });
    const thereOf = (queue: SharedQueue<number>): SharedQueue<number> => clients.two.queue<number>(queue.name);

    it('refuses every form of put (a gap in Python: shutdown() of managed queues)', async () => {
      const queue = make();
      await queue.shutdown();
      await expect(thereOf(queue).put(1)).rejects.toBeInstanceOf(QueueShutDownError);
      await expect(queue.put(1, { timeout: 0 })).rejects.toBeInstanceOf(QueueShutDownError);
      await expect(queue.putMany([1])).rejects.toBeInstanceOf(QueueShutDownError);
      await expect(queue.tryPut(1)).rejects.toBeInstanceOf(QueueShutDownError);
      expect(await queue.size()).toBe(0);
    });

    it('lets present items be taken, and only then refuses every form of get', async () => {
      const queue = make();
      await queue.putMany([1, 2, 3, 4]);
      await queue.shutdown();
      const there = thereOf(queue);
      expect([await there.get(), await there.tryGet(), await there.getMany(9)]).toEqual([1, 2, [3, 4]]);
      await expect(there.get()).rejects.toBeInstanceOf(QueueShutDownError);
      await expect(there.get({ timeout: 0 })).rejects.toBeInstanceOf(QueueShutDownError);
      await expect(there.getMany(2)).rejects.toBeInstanceOf(QueueShutDownError);
      await expect(there.tryGet()).rejects.toBeInstanceOf(QueueShutDownError);
    });

    it('rejects consumers that wait for an item with QueueShutDownError', async () => {
      const queue = make();
      const gets = [
        await queued(clients.one, queue.get()),
        await queued(clients.two, thereOf(queue).get({ timeout: 60_000 })),
        await queued(clients.two, thereOf(queue).getMany(2)),
      ];
      await queue.shutdown();
      for (const got of gets) await expect(got.promise).rejects.toBeInstanceOf(QueueShutDownError);
    });

    it('rejects producers that wait for room with QueueShutDownError, and puts none of their items', async () => {
      const queue = make(1);
      await queue.put(1);
      const puts = [await queued(clients.one, queue.put(2)), await queued(clients.two, thereOf(queue).putMany([3, 4]))];
      await thereOf(queue).shutdown();
      for (const put of puts) await expect(put.promise).rejects.toBeInstanceOf(QueueShutDownError);
      expect(await collect(queue)).toEqual([1]);
    });

    it('leaves join() waiting for present and unfinished items', async () => {
      const queue = make();
      await queue.putMany([1, 2]);
      await queue.get();
      const joined = await queued(clients.two, thereOf(queue).join());
      await queue.shutdown();
      await expectWaiting(joined, clients.one, clients.two);
      await queue.get();
      await queue.taskDone(2);
      await joined.promise;
    });

    it('that is immediate drops the present items', async () => {
      const queue = make();
      await queue.putMany([1, 2, 3]);
      await queue.shutdown({ immediate: true });
      expect(await queue.size()).toBe(0);
      await expect(thereOf(queue).get()).rejects.toBeInstanceOf(QueueShutDownError);
      await expect(queue.put(4)).rejects.toBeInstanceOf(QueueShutDownError);
    });

    it('that is immediate rejects waiting producers and consumers', async () => {
      const full = make(1);
      const empty = make();
      await full.put(1);
      const calls = [await queued(clients.one, full.put(2)), await queued(clients.one, empty.get())];
      await thereOf(full).shutdown({ immediate: true });
      await thereOf(empty).shutdown({ immediate: true });
      for (const call of calls) await expect(call.promise).rejects.toBeInstanceOf(QueueShutDownError);
      expect(await full.size()).toBe(0);
    });

    it('that is immediate counts dropped items as done, and wakes join()', async () => {
      const queue = make();
      await queue.putMany([1, 2, 3]);
      const joined = await queued(clients.two, thereOf(queue).join());
      await queue.shutdown({ immediate: true });
      await joined.promise;
    });

    it('that is immediate does not count unfinished items as done', async () => {
      const queue = make();
      await queue.putMany([1, 2, 3]);
      await queue.get();
      await queue.shutdown({ immediate: true });
      await expect(queue.join({ timeout: 0 })).rejects.toBeInstanceOf(TimeoutError);
      await queue.taskDone();
      await queue.join({ timeout: 0 });
    });

    it('can be called twice, and immediate after graceful', async () => {
      const queue = make();
      await queue.putMany(range(0, 5));
      await queue.shutdown();
      await queue.shutdown();
      expect(await queue.size()).toBe(5);
      await queue.shutdown({ immediate: true });
      await queue.shutdown();
      expect(await queue.size()).toBe(0);
    });

    it('does not end the object: it still answers', async () => {
      const queue = make();
      await queue.put(1);
      await queue.shutdown();
      expect(await queue.exists()).toBe(true);
      expect(await thereOf(queue).peek()).toEqual([1]);
    });

    it('takes effect in order: earlier puts are in, later ones are not', async () => {
      const queue = make();
      const outcomes = await Promise.allSettled([queue.put(1), queue.shutdown(), queue.put(2)]);
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
      expect(await collect(queue)).toEqual([1]);
    });
  });
}
