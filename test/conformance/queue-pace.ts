import { expect, it } from '@jest/globals';
import { InvalidArgumentError, OptionsConflictError, QueueEmptyError, QueueShutDownError, type SharedQueue } from '../../client/index.js';
import { collect, expectWaiting, fresh, queued, range, roundTrip, suite } from './support.js';
import type { Target } from './target.js';

/** A period longer than any test, in milliseconds. */
const LONG = 600_000;
/** Time by which a timer may fire early, in milliseconds. */
const TOLERANCE = 5;

/** Queues that hand out items slowly, or not at all for a while. */
export function queuePaceSuite(target: Target): void {
  suite(target, 'queue: pause', (clients) => {
    const make = (): SharedQueue<string> => clients.one.queue<string>(fresh('queue'));
    const thereOf = (queue: SharedQueue<string>): SharedQueue<string> => clients.two.queue<string>(queue.name);

    it('a paused queue hands out nothing, and takes items in', async () => {
      const queue = make();
      await queue.put('a');
      await queue.pause();
      const there = thereOf(queue);
      const got = await queued(clients.two, there.get());
      await queue.put('b');
      await expectWaiting(got, clients.one, clients.two);
      expect(await there.tryGet()).toBeUndefined();
      await expect(there.get({ timeout: 0 })).rejects.toThrow(/is paused/);
      await expect(there.get({ timeout: 0, ack: true })).rejects.toBeInstanceOf(QueueEmptyError);
      expect(await there.size()).toBe(2);
      await queue.resume();
      expect(await got.promise).toBe('a');
      expect(await there.get()).toBe('b');
    });

    it('consumers that waited are served in their order when it goes on', async () => {
      const queue = make();
      await queue.pause();
      await queue.pause();
      const gets = [await queued(clients.one, queue.get()), await queued(clients.two, thereOf(queue).getMany(2))];
      await queue.putMany(['a', 'b', 'c', 'd']);
      await thereOf(queue).resume();
      expect(await gets[0]!.promise).toBe('a');
      expect(await gets[1]!.promise).toEqual(['b', 'c']);
    });

    it('a pause ends no iteration, and a delivery can be settled meanwhile', async () => {
      const queue = make();
      await queue.putMany(['a', 'b']);
      const delivery = await queue.get({ ack: true });
      await queue.pause();
      await queue.shutdown();
      const rest = await queued(clients.two, collect(thereOf(queue)));
      await delivery.nak();
      await expectWaiting(rest, clients.one, clients.two);
      await queue.resume();
      expect(await rest.promise).toEqual(['a', 'b']);
    });

    it('a paused queue that is shut down with nothing in it ends its consumers', async () => {
      const queue = make();
      await queue.pause();
      const got = await queued(clients.two, thereOf(queue).get());
      await queue.shutdown();
      await expect(got.promise).rejects.toBeInstanceOf(QueueShutDownError);
    });
  });

  suite(target, 'queue: rate', (clients) => {
    const make = (max: number, per: number): SharedQueue<number> => clients.one.queue<number>(fresh('queue'), { rate: { max, per } });

    it('hands out no more than its rate permits, to all consumers together', async () => {
      const queue = make(3, LONG);
      const there = clients.two.queue<number>(queue.name);
      await queue.putMany(range(0, 9));
      expect(await queue.getMany(2)).toEqual([0, 1]);
      expect((await there.get({ ack: true })).value).toBe(2);
      const got = await queued(clients.two, there.getMany(9));
      await expectWaiting(got, clients.one, clients.two);
      await expect(queue.get({ timeout: 0 })).rejects.toThrow(/at most 3 items in 600000 ms/);
      expect(await queue.size()).toBe(6);
      await queue.destroy();
      await expect(got.promise).rejects.toThrow();
    });

    it('in any period, over consumers that come and go', async () => {
      const [max, per] = [4, 40];
      const queue = make(max, per);
      const begin = performance.now();
      await queue.putMany(range(0, 20));
      await queue.shutdown();
      const loops = [collect(queue), collect(clients.two.queue<number>(queue.name))];
      const items = (await Promise.all(loops)).flat();
      expect(items.toSorted((a, b) => a - b)).toEqual(range(0, 20));
      expect(performance.now() - begin).toBeGreaterThanOrEqual(4 * per - TOLERANCE);
    });

    it('counts an item again that comes back', async () => {
      const queue = make(2, LONG);
      await queue.put(1);
      for (let count = 0; count < 2; count++) await (await queue.get({ ack: true })).nak();
      expect(await queue.tryGet()).toBeUndefined();
      expect(await queue.size()).toBe(1);
    });

    it('hands out as many as there are where the rate permits more', async () => {
      const queue = make(1000, 1);
      await queue.putMany(range(0, 5));
      await roundTrip(clients.one);
      expect(await queue.getMany(9)).toEqual(range(0, 5));
    });

    it('refuses another rate, and rates of nothing', async () => {
      const queue = make(3, 10);
      await queue.create();
      const { name } = queue;
      await clients.two.queue(name, { rate: { max: 3, per: 10 } }).size();
      await clients.two.queue(name).size();
      await expect(clients.two.queue(name, { rate: { max: 3, per: 11 } }).size()).rejects.toBeInstanceOf(OptionsConflictError);
      const plain = clients.one.queue(fresh('queue'));
      await plain.create();
      await expect(clients.two.queue(plain.name, { rate: { max: 3, per: 10 } }).size()).rejects.toBeInstanceOf(OptionsConflictError);
      for (const rate of [
        { max: 0, per: 1 },
        { max: 1, per: 0 },
        { max: 1.5, per: 1 },
        { max: 1, per: -1 },
      ]) {
        expect(() => clients.one.queue(fresh('queue'), { rate })).toThrow(InvalidArgumentError);
      }
    });
  });
}
