import { expect, it } from '@jest/globals';
import { InvalidArgumentError, QueueEmptyError, TimeoutError, type SharedQueue } from '../../client/index.js';
import { expectLate, expectWaiting, fresh, queued, range, suite } from './support.js';
import type { Target } from './target.js';

/** Unfinished work: taskDone and join. */
export function queueTasksSuite(target: Target): void {
  suite(target, 'queue: tasks', (clients) => {
    const make = (): SharedQueue<number> => clients.one.queue<number>(fresh('queue'));

    it('join() of a queue that never had an item does not wait', async () => {
      await make().join({ timeout: 0 });
    });

    it('join() waits until every item is worked off, not only taken (Python: test_task_done)', async () => {
      const queue = make();
      const there = clients.two.queue<number>(queue.name);
      await queue.putMany([1, 2]);
      const joined = await queued(clients.one, queue.join());
      await there.getMany(2);
      await expectWaiting(joined, clients.one, clients.two);
      await there.taskDone();
      await expectWaiting(joined, clients.one, clients.two);
      await there.taskDone();
      await joined.promise;
    });

    it('join() returns only after all of the work of four workers (Python: test_task_done)', async () => {
      const queue = make();
      let done = 0;
      const workers = range(0, 4).map(async (index) => {
        const own = (index % 2 === 0 ? clients.one : clients.two).queue<number>(queue.name);
        for (;;) {
          if ((await own.get()) < 0) return;
          done++;
          await own.taskDone();
        }
      });
      await queue.putMany(range(0, 10));
      await queue.join();
      expect(done).toBe(10);
      await queue.putMany([-1, -1, -1, -1]);
      await Promise.all(workers);
    });

    it('taskDone() counts for several items at once', async () => {
      const queue = make();
      await queue.putMany([1, 2, 3]);
      await queue.getMany(3);
      await queue.taskDone(3);
      await queue.join({ timeout: 0 });
    });

    it('taskDone() for more items than were put is an InvalidArgumentError and counts nothing', async () => {
      const queue = make();
      await expect(queue.taskDone()).rejects.toBeInstanceOf(InvalidArgumentError);
      await queue.putMany([1, 2]);
      await queue.getMany(2);
      for (const count of [3, 2 ** 31, 2 ** 32 - 1]) await expect(queue.taskDone(count)).rejects.toBeInstanceOf(InvalidArgumentError);
      await expect(queue.join({ timeout: 0 })).rejects.toBeInstanceOf(TimeoutError);
      await queue.taskDone(2);
      await expect(queue.taskDone()).rejects.toBeInstanceOf(InvalidArgumentError);
    });

    it('join() of unfinished work throws TimeoutError after its timeout, not before', async () => {
      const queue = make();
      await queue.put(1);
      await expectLate(30, TimeoutError, () => queue.join({ timeout: 30 }));
      await expect(queue.join({ timeout: 0 })).rejects.not.toBeInstanceOf(QueueEmptyError);
    });

    it('join() ends with the reason of its signal', async () => {
      const queue = make();
      await queue.put(1);
      const controller = new AbortController();
      const joined = await queued(clients.one, queue.join({ signal: controller.signal }));
      const reason = new Error('no longer wanted');
      controller.abort(reason);
      await expect(joined.promise).rejects.toBe(reason);
    });

    it('the end of the work wakes all calls of join()', async () => {
      const queue = make();
      await queue.put(1);
      const joined = [await queued(clients.one, queue.join()), await queued(clients.two, clients.two.queue<number>(queue.name).join())];
      await queue.get();
      await queue.taskDone();
      await Promise.all(joined.map((call) => call.promise));
    });

    it('join() can be used again for new work', async () => {
      const queue = make();
      for (const number of range(0, 3)) {
        await queue.put(number);
        await expect(queue.join({ timeout: 0 })).rejects.toBeInstanceOf(TimeoutError);
        await queue.get();
        await queue.taskDone();
        await queue.join({ timeout: 0 });
      }
    });

    it('items that clear() removed count as done', async () => {
      const queue = make();
      await queue.putMany([1, 2, 3]);
      await queue.get();
      const joined = await queued(clients.one, queue.join());
      expect(await queue.clear()).toBe(2);
      await expectWaiting(joined, clients.one, clients.two);
      await queue.taskDone();
      await joined.promise;
    });

    it('an item that found no room is no unfinished work', async () => {
      const queue = clients.one.queue<number>(fresh('queue'), { capacity: 1 });
      await queue.put(1);
      expect(await queue.tryPut(2)).toBe(false);
      await queue.get();
      await queue.taskDone();
      await queue.join({ timeout: 0 });
    });
  });
}
