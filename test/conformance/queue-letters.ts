import { expect, it } from '@jest/globals';
import {
  InvalidArgumentError,
  NotFoundError,
  QueueShutDownError,
  type Delivery,
  type NakOptions,
  type QueueOptions,
  type SharedQueue,
} from '../../client/index.js';
import { aborted, fresh, queued, suite } from './support.js';
import type { Target } from './target.js';

/** A delay longer than any test, in milliseconds. */
const LONG = 600_000;

/** Delays and letters of items that failed, and their way back. */
export function queueLetterSuite(target: Target): void {
  suite(target, 'queue: letters', (clients) => {
    function make(maxDeliveries = 1, options: QueueOptions<string> = {}): [SharedQueue<string>, SharedQueue<string>] {
      const dead = clients.two.queue<string>(fresh('dead'));
      return [clients.one.queue<string>(fresh('queue'), { ...options, deadLetter: { queue: dead.name, maxDeliveries } }), dead];
    }

    const fail = async (queue: SharedQueue<string>, options?: NakOptions): Promise<void> => {
      await (await queue.get({ ack: true })).nak(options);
    };

    it('a dead letter says where, why and when it failed', async () => {
      const begin = Date.now();
      const [queue, dead] = make(2);
      await queue.put('a', { id: 'x' });
      await fail(queue, { reason: 'the first time' });
      await fail(queue, { reason: new Error('no such file') });
      const [item] = await dead.items();
      const letter = { queue: queue.name, id: 'x', cause: 'nak', reason: 'no such file', attempts: 2 };
      expect(item).toMatchObject({ value: 'a', id: undefined, attempts: 0, letter });
      const delivery = await dead.get({ ack: true });
      expect(delivery).toMatchObject({ value: 'a', attempts: 1, id: undefined, letter });
      const { delivered, died } = delivery.letter!;
      // The manager may round ages, and run in another process.
      expect(delivered.getTime()).toBeGreaterThanOrEqual(begin - 50);
      expect(died.getTime()).toBeGreaterThanOrEqual(delivered.getTime());
      expect(died.getTime()).toBeLessThanOrEqual(Date.now() + 1);
    });

    it('a dead letter names the end of its lease or session', async () => {
      const [queue, dead] = make();
      await queue.putMany(['a', 'b']);
      await aborted((await queue.get({ ack: true, lease: 10 })).signal);
      const session = await clients.more();
      await session.manager.queue<string>(queue.name).get({ ack: true });
      await session.manager.stats();
      await session.close();
      expect((await dead.get({ ack: true })).letter).toMatchObject({ cause: 'lease', reason: undefined });
      expect((await dead.get({ ack: true })).letter).toMatchObject({ cause: 'session', reason: undefined });
    });

    it('other items have no letter', async () => {
      const [queue] = make();
      await queue.put('a');
      expect((await queue.get({ ack: true })).letter).toBeUndefined();
    });

    it('the id of a dead letter is free again, in its queue and in that of dead letters', async () => {
      const [queue, dead] = make();
      for (let time = 0; time < 2; time++) {
        expect(await queue.put('a', { id: 'x' })).toBe(true);
        await fail(queue);
      }
      expect(await dead.put('other', { id: 'x' })).toBe(true);
      expect(await dead.size()).toBe(3);
    });

    it('a long reason is cut off', async () => {
      const [queue, dead] = make();
      await queue.put('a');
      await fail(queue, { reason: 'x'.repeat(5000) });
      expect((await dead.items())[0]!.letter!.reason).toBe('x'.repeat(1024));
    });

    it('dead letters go back to their queues, with their ids and priorities, and no attempts', async () => {
      const [queue, dead] = make(1, { order: 'priority' });
      const other = clients.one.queue<string>(fresh('queue'), { deadLetter: { queue: dead, maxDeliveries: 1 } });
      await queue.put('a', { id: 'x', priority: 7 });
      await other.put('b');
      await fail(queue);
      await fail(other);
      const got = await queued(clients.one, other.get({ ack: true }));
      expect(await dead.requeue()).toBe(2);
      expect(await dead.size()).toBe(0);
      expect(await queue.items()).toMatchObject([{ value: 'a', id: 'x', priority: 7, attempts: 0, letter: undefined }]);
      expect(await got.promise).toMatchObject({ value: 'b', attempts: 1, letter: undefined });
      expect(await queue.put('again', { id: 'x' })).toBe(false);
      await dead.join();
    });

    it('some of them do, by their ids or from the first one', async () => {
      const [queue, dead] = make();
      await queue.putMany(['a', 'b', 'c', 'd'], { id: (value) => value });
      for (let count = 0; count < 4; count++) await fail(queue);
      await dead.put('no letter');
      expect(await dead.requeue({ ids: ['c', 'none'] })).toBe(1);
      expect(await queue.peek(9)).toEqual(['c']);
      expect(await dead.requeue({ max: 2 })).toBe(2);
      expect(await queue.peek(9)).toEqual(['c', 'a', 'b']);
      expect(await dead.requeue({ ids: [] })).toBe(0);
      expect(await dead.peek(9)).toEqual(['d', 'no letter']);
    });

    it('a letter stays while its queue holds its id again', async () => {
      const [queue, dead] = make();
      await queue.put('a', { id: 'x' });
      await fail(queue);
      await queue.put('b', { id: 'x' });
      expect(await dead.requeue()).toBe(0);
      expect(await dead.put('no letter')).toBe(true);
      await queue.put('c', { id: 'y' });
      expect(await queue.get()).toBe('b');
      await queue.put('b', { id: 'x' });
      await fail(queue);
      expect(await dead.requeue({ max: 1 })).toBe(1);
      expect(await dead.peek(9)).toEqual(['a', 'no letter']);
      expect(await queue.getMany(9)).toEqual(['b', 'c']);
      expect(await dead.requeue()).toBe(1);
      expect(await queue.get()).toBe('a');
    });

    it('goes past the capacity of its queue', async () => {
      const [queue, dead] = make(1, { capacity: 1 });
      await queue.put('a');
      await fail(queue);
      await queue.put('b');
      const put = await queued(clients.one, queue.put('c'));
      expect(await dead.requeue()).toBe(1);
      expect(await queue.getMany(9)).toEqual(['b', 'a']);
      await put.promise;
    });

    it('nothing goes back if one of the queues is gone or shut down', async () => {
      const [queue, dead] = make();
      const other = clients.one.queue<string>(fresh('queue'), { deadLetter: { queue: dead, maxDeliveries: 1 } });
      for (const each of [queue, other]) {
        await each.put('a');
        await fail(each);
      }
      await other.shutdown();
      await expect(dead.requeue()).rejects.toBeInstanceOf(QueueShutDownError);
      await other.destroy();
      await expect(dead.requeue()).rejects.toBeInstanceOf(NotFoundError);
      expect(await dead.size()).toBe(2);
      expect(await queue.size()).toBe(0);
      expect(await dead.requeue({ max: 1 })).toBe(1);
    });
  });

  suite(target, 'queue: backoff', (clients) => {
    const make = (): SharedQueue<string> => clients.one.queue<string>(fresh('queue'));

    /** Fails an item as many times as there are options, and returns the delays that it got, in milliseconds. */
    async function delays(options: readonly NakOptions[]): Promise<number[]> {
      const queue = make();
      await queue.put('a', { id: 'x' });
      const found: number[] = [];
      for (const each of options) {
        const delivery = await queue.get({ ack: true });
        const before = Date.now();
        await delivery.nak(each);
        const [delayed] = await queue.items({ state: 'delayed' });
        found.push(delayed === undefined ? 0 : delayed.due!.getTime() - before);
        await queue.move('x');
      }
      return found;
    }

    /** Rounds delays to multiples of a step that is longer than any test. */
    const inSteps = (found: readonly number[], step: number): number[] => found.map((ms) => Math.round(ms / step));

    it('a fixed one is the same each time, an exponential one doubles up to its maximum', async () => {
      const fixed = await delays(Array<NakOptions>(3).fill({ backoff: { type: 'fixed', delay: LONG } }));
      expect(inSteps(fixed, LONG)).toEqual([1, 1, 1]);
      const exponential = await delays(Array<NakOptions>(4).fill({ backoff: { type: 'exponential', delay: LONG, max: 6 * LONG } }));
      expect(inSteps(exponential, LONG)).toEqual([1, 2, 4, 6]);
    });

    it('a function is given the attempts', async () => {
      const found = await delays(Array<NakOptions>(3).fill({ backoff: (attempts) => (attempts - 1) * LONG }));
      expect(inSteps(found, LONG)).toEqual([0, 1, 2]);
    });

    it('leaves a share to chance', async () => {
      const found = await delays(Array<NakOptions>(9).fill({ backoff: { type: 'fixed', delay: 10 * LONG, jitter: 0.5 } }));
      for (const ms of found) expect(ms).toBeGreaterThanOrEqual(5 * LONG - 1);
      for (const ms of found) expect(ms).toBeLessThan(11 * LONG);
      expect(new Set(found).size).toBeGreaterThan(1);
    });

    it('a delay alone does as before', async () => {
      expect(inSteps(await delays([{ delay: 2 * LONG }, {}]), LONG)).toEqual([2, 0]);
    });

    it('refuses policies that it does not know, and leaves the delivery as it was', async () => {
      const queue = make();
      await queue.put('a');
      const delivery: Delivery<string> = await queue.get({ ack: true });
      const wrong: unknown[] = [
        { backoff: { type: 'random', delay: 1 } },
        { backoff: { type: 'fixed', delay: -1 } },
        { backoff: { type: 'fixed', delay: 1, jitter: 2 } },
        { backoff: { type: 'fixed', delay: 1, max: -1 } },
        { backoff: { type: 'fixed', delay: 1, retries: 1 } },
        { backoff: () => Number.NaN },
        { backoff: { type: 'fixed', delay: 1 }, delay: 1 },
        { later: 1 },
      ];
      for (const options of wrong) await expect(delivery.nak(options as NakOptions)).rejects.toBeInstanceOf(InvalidArgumentError);
      await delivery.ack();
    });
  });
}
