import { expect, it } from '@jest/globals';
import {
  InvalidArgumentError,
  KindMismatchError,
  OptionsConflictError,
  QueueShutDownError,
  type QueueOptions,
  type SharedQueue,
} from '../../client/index.js';
import { aborted, expectWaiting, fresh, queued, suite } from './support.js';
import type { Target } from './target.js';

/** Items that fail at every delivery. */
export function queueDeadLetterSuite(target: Target): void {
  suite(target, 'queue: dead letters', (clients) => {
    /** A queue and its queue of dead letters, as two clients see them. */
    function make(maxDeliveries: number, options: QueueOptions<string> = {}): [SharedQueue<string>, SharedQueue<string>] {
      const dead = clients.two.queue<string>(fresh('dead'));
      return [clients.one.queue<string>(fresh('queue'), { ...options, deadLetter: { queue: dead.name, maxDeliveries } }), dead];
    }

    async function fail(queue: SharedQueue<string>, times: number): Promise<void> {
      for (let time = 0; time < times; time++) await (await queue.get({ ack: true })).nak();
    }

    it('an item that comes back after its last permitted delivery goes to the other queue', async () => {
      const [queue, dead] = make(3);
      await queue.putMany(['a', 'b']);
      await fail(queue, 2);
      expect(await dead.exists()).toBe(false);
      expect(await queue.peek(9)).toEqual(['a', 'b']);
      await fail(queue, 1);
      expect(await queue.peek(9)).toEqual(['b']);
      expect(await dead.getMany(9)).toEqual(['a']);
    });

    it('it is a new item there, with its own attempts and unfinished work of that queue', async () => {
      const [queue, dead] = make(1);
      await queue.put('a');
      await fail(queue, 1);
      const delivery = await dead.get({ ack: true });
      expect(delivery.attempts).toBe(1);
      const joined = await queued(clients.two, dead.join());
      await expectWaiting(joined, clients.one, clients.two);
      await delivery.ack();
      await joined.promise;
    });

    it('it counts as done in its first queue', async () => {
      const [queue] = make(1);
      await queue.put('a');
      const joined = await queued(clients.two, clients.two.queue<string>(queue.name).join());
      await fail(queue, 1);
      await joined.promise;
    });

    it('serves consumers that wait for dead letters', async () => {
      const [queue, dead] = make(1);
      const got = await queued(clients.two, dead.get());
      await queue.put('a');
      await fail(queue, 1);
      expect(await got.promise).toBe('a');
    });

    it('the end of a lease and of a session count, acknowledged items do not', async () => {
      const [queue, dead] = make(2);
      await queue.putMany(['a', 'b']);
      const leased = await queue.get({ ack: true, lease: 20 });
      await aborted(leased.signal);
      const session = await clients.more();
      await session.manager.queue<string>(queue.name).get({ ack: true });
      await session.manager.stats();
      await session.close();
      expect(await dead.get()).toBe('a');
      await fail(queue, 1);
      await (await queue.get({ ack: true })).ack();
      expect(await dead.size()).toBe(0);
      await queue.join();
    });

    it('the last nak(delay) does not wait for its delay', async () => {
      const [queue, dead] = make(1);
      await queue.put('a');
      await (await queue.get({ ack: true })).nak(600_000);
      expect(await dead.get()).toBe('a');
    });

    it('an item that a loop did not reach does not count as delivered', async () => {
      const [queue, dead] = make(1);
      await queue.putMany(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']);
      for await (const delivery of queue.deliveries()) {
        await delivery.ack();
        if (delivery.value === 'd') break;
      }
      expect(await queue.getMany(9)).toEqual(['e', 'f', 'g', 'h']);
      expect(await dead.size()).toBe(0);
    });

    it('the capacity of the other queue does not hold them up', async () => {
      const [queue, dead] = make(1);
      const bounded = clients.two.queue<string>(dead.name, { capacity: 1 });
      await bounded.put('x');
      const put = await queued(clients.two, bounded.put('y'));
      await queue.putMany(['a', 'b']);
      await fail(queue, 2);
      expect(await bounded.peek(9)).toEqual(['x', 'a', 'b']);
      await expectWaiting(put, clients.one, clients.two);
      expect(await bounded.getMany(3)).toEqual(['x', 'a', 'b']);
      await put.promise;
    });

    it('keep their priorities', async () => {
      const [queue, dead] = make(1, { order: 'priority' });
      const other = clients.two.queue<string>(dead.name, { order: 'priority' });
      await other.create();
      await queue.put('b', { priority: 2 });
      await fail(queue, 1);
      await queue.put('a', { priority: 1 });
      await fail(queue, 1);
      expect(await other.getMany(9)).toEqual(['a', 'b']);
    });

    it('a dead letter may die again: a chain of queues', async () => {
      const [second, dead] = make(1);
      const first = clients.one.queue<string>(fresh('queue'), { deadLetter: { queue: second, maxDeliveries: 1 } });
      await second.create();
      await first.put('a');
      await fail(first, 1);
      await fail(second, 1);
      expect(await dead.get()).toBe('a');
    });

    it('if the other queue is shut down or no queue, items are delivered again: nothing is lost', async () => {
      const [queue, dead] = make(1);
      await queue.put('a');
      await dead.shutdown();
      await fail(queue, 2);
      await dead.destroy();
      const list = clients.two.list<string>(dead.name);
      await list.push('x');
      await fail(queue, 2);
      expect((await queue.get({ ack: true })).attempts).toBe(5);
      expect(await list.toArray()).toEqual(['x']);
    });

    it('still go there when their queue is shut down, which ends it', async () => {
      const [queue, dead] = make(1);
      await queue.put('a');
      const delivery = await queue.get({ ack: true });
      const got = await queued(clients.one, queue.get());
      await queue.shutdown();
      await delivery.nak();
      await expect(got.promise).rejects.toBeInstanceOf(QueueShutDownError);
      expect(await dead.get()).toBe('a');
    });

    it('a proxy by name alone does not change the option', async () => {
      const [queue, dead] = make(1);
      await queue.create();
      const there = clients.two.queue<string>(queue.name);
      await there.put('a');
      await fail(there, 1);
      expect(await dead.get()).toBe('a');
    });

    it('other ones than the queue has are an OptionsConflictError', async () => {
      const [queue, dead] = make(2);
      await queue.create();
      const wrong: QueueOptions['deadLetter'][] = [
        { queue: fresh('other'), maxDeliveries: 2 },
        { queue: dead.name, maxDeliveries: 3 },
      ];
      for (const deadLetter of wrong) {
        await expect(clients.two.queue(queue.name, { deadLetter }).size()).rejects.toBeInstanceOf(OptionsConflictError);
      }
      await clients.two.queue(queue.name, { deadLetter: { queue: dead, maxDeliveries: 2 } }).size();
      const plain = clients.one.queue(fresh('queue'));
      await plain.put(1);
      const deadLetter = { queue: dead.name, maxDeliveries: 2 };
      await expect(clients.two.queue(plain.name, { deadLetter }).size()).rejects.toBeInstanceOf(OptionsConflictError);
    });

    it('invalid ones are refused, and no queue is made', async () => {
      const name = fresh('queue');
      const open = (deadLetter: QueueOptions['deadLetter']): Promise<number> => clients.one.queue(name, { deadLetter }).size();
      for (const maxDeliveries of [0, -1, 1.5]) expect(() => open({ queue: 'dead', maxDeliveries })).toThrow(InvalidArgumentError);
      expect(() => open({ queue: clients.one.list(fresh('list')), maxDeliveries: 1 })).toThrow(InvalidArgumentError);
      await expect(open({ queue: name, maxDeliveries: 1 })).rejects.toBeInstanceOf(InvalidArgumentError);
      await expect(open({ queue: '', maxDeliveries: 1 })).rejects.toBeInstanceOf(InvalidArgumentError);
      const list = clients.two.list(fresh('list'));
      await list.push(1);
      await expect(open({ queue: list.name, maxDeliveries: 1 })).rejects.toBeInstanceOf(KindMismatchError);
      expect(await clients.one.queue(name).exists()).toBe(false);
    });
  });
}
