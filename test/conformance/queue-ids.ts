import { expect, it } from '@jest/globals';
import { InvalidArgumentError, QueueFullError, type SharedQueue } from '../../client/index.js';
import { expectWaiting, fresh, queued, suite } from './support.js';
import type { Target } from './target.js';

/** A delay longer than any test, in milliseconds. */
const LONG = 600_000;

/** Items with ids: no duplicates, and other places. */
export function queueIdSuite(target: Target): void {
  suite(target, 'queue: ids', (clients) => {
    const make = (capacity = 0): SharedQueue<string> => clients.one.queue<string>(fresh('queue'), { capacity });
    const thereOf = (queue: SharedQueue<string>): SharedQueue<string> => clients.two.queue<string>(queue.name);

    it('an item is not put while another one with its id waits', async () => {
      const queue = make();
      expect(await queue.put('a', { id: 'x' })).toBe(true);
      expect(await thereOf(queue).put('b', { id: 'x' })).toBe(false);
      expect(await queue.put('c', { id: 'y' })).toBe(true);
      expect(await queue.put('d')).toBe(true);
      expect(await queue.peek(9)).toEqual(['a', 'c', 'd']);
    });

    it('nor while that is delayed', async () => {
      const queue = make();
      await queue.put('a', { id: 'x', delay: LONG });
      expect(await queue.put('b', { id: 'x' })).toBe(false);
      expect(await queue.size()).toBe(0);
    });

    it('nor while that is delivered, until it is acknowledged', async () => {
      const queue = make();
      await queue.put('a', { id: 'x' });
      const first = await thereOf(queue).get({ ack: true });
      expect(first.id).toBe('x');
      expect(await queue.put('b', { id: 'x' })).toBe(false);
      await first.nak();
      expect(await queue.put('b', { id: 'x' })).toBe(false);
      await (await queue.get({ ack: true })).ack();
      expect(await queue.put('b', { id: 'x' })).toBe(true);
    });

    it('an item that is taken for good leaves its id', async () => {
      const queue = make();
      await queue.put('a', { id: 'x' });
      expect(await thereOf(queue).get()).toBe('a');
      expect(await queue.put('b', { id: 'x' })).toBe(true);
      await queue.clear();
      expect(await queue.put('c', { id: 'x' })).toBe(true);
    });

    it('a duplicate is no unfinished work', async () => {
      const queue = make();
      await queue.put('a', { id: 'x' });
      await queue.put('b', { id: 'x' });
      await queue.get();
      await queue.taskDone();
      await queue.join();
    });

    it('many items have ids, priorities and delays of their own', async () => {
      const queue = clients.one.queue<string>(fresh('queue'), { order: 'priority' });
      await queue.put('b', { id: 'b', priority: 9 });
      const options = {
        id: (value: string) => (value === 'none' ? undefined : value),
        priority: (_: string, index: number) => -index,
        delay: (value: string) => (value === 'late' ? LONG : undefined),
      };
      expect(await queue.putMany(['a', 'b', 'none', 'late', 'a', 'z'], options)).toBe(4);
      expect(await thereOf(queue).peek(9)).toEqual(['z', 'none', 'a', 'b']);
      const [late] = await queue.items({ state: 'delayed' });
      expect(late).toMatchObject({ value: 'late', id: 'late', priority: -3, attempts: 0 });
      expect(late!.due!.getTime()).toBeGreaterThan(Date.now());
    });

    it('a duplicate needs no room, and does not wait behind others', async () => {
      const queue = make(1);
      await queue.put('a', { id: 'x' });
      const waiting = await queued(clients.one, queue.put('b'));
      expect(await thereOf(queue).put('c', { id: 'x', timeout: 0 })).toBe(false);
      await expectWaiting(waiting, clients.one, clients.two);
      expect(await queue.get()).toBe('a');
      expect(await waiting.promise).toBe(true);
    });

    it('a put that waits for room is a duplicate if one with its id came first', async () => {
      const queue = make(1);
      await queue.put('a');
      const [first, second] = [
        await queued(clients.one, queue.put('b', { id: 'x' })),
        await queued(clients.one, queue.put('c', { id: 'x' })),
      ];
      expect(await queue.get()).toBe('a');
      expect(await first.promise).toBe(true);
      await expect(queue.put('d', { timeout: 0 })).rejects.toBeInstanceOf(QueueFullError);
      expect(await queue.get()).toBe('b');
      expect(await second.promise).toBe(true);
      expect(await queue.get()).toBe('c');
    });

    it('a put of many counts its duplicates, and waits for room for the others', async () => {
      const queue = make(2);
      await queue.put('a', { id: 'a' });
      const put = await queued(clients.two, thereOf(queue).putMany(['a', 'b', 'b', 'c'], { id: (value) => value }));
      await expectWaiting(put, clients.one, clients.two);
      expect(await queue.get()).toBe('a');
      expect(await put.promise).toBe(2);
      expect(await queue.peek(9)).toEqual(['b', 'c']);
    });

    it('an item is cancelled while no consumer has it, and counts as done', async () => {
      const queue = make(3);
      await queue.putMany(['a', 'b'], { id: (value) => value });
      await queue.put('late', { id: 'late', delay: LONG });
      const delivery = await queue.get({ ack: true });
      const waiting = await queued(clients.one, queue.putMany(['c', 'd']));
      expect(await thereOf(queue).cancel('a')).toBe(false);
      expect(await queue.cancel('none')).toBe(false);
      expect(await queue.cancel('b')).toBe(true);
      expect(await queue.cancel('late')).toBe(true);
      expect(await waiting.promise).toBe(2);
      expect(await queue.peek(9)).toEqual(['c', 'd']);
      const joined = await queued(clients.two, thereOf(queue).join());
      await delivery.ack();
      await queue.clear();
      await joined.promise;
    });

    it('an item is moved to the head, to the end, and by a delay', async () => {
      const queue = make();
      await queue.putMany(['a', 'b', 'c'], { id: (value) => value });
      expect(await thereOf(queue).move('c', { head: true })).toBe(true);
      expect(await queue.peek(9)).toEqual(['c', 'a', 'b']);
      expect(await queue.move('a')).toBe(true);
      expect(await queue.peek(9)).toEqual(['c', 'b', 'a']);
      expect(await queue.move('b', { delay: LONG })).toBe(true);
      expect(await queue.peek(9)).toEqual(['c', 'a']);
      expect(await queue.move('b')).toBe(true);
      expect(await queue.peek(9)).toEqual(['c', 'a', 'b']);
      expect(await queue.move('none')).toBe(false);
    });

    it('a delayed item that is moved is there at once, for a consumer that waits', async () => {
      const queue = make();
      await queue.put('a', { id: 'x', delay: LONG });
      const got = await queued(clients.two, thereOf(queue).get());
      await queue.move('x');
      expect(await got.promise).toBe('a');
    });

    it('an item that came back can be moved, and one that is delivered cannot', async () => {
      const queue = make();
      await queue.putMany(['a', 'b'], { id: (value) => value });
      const delivery = await queue.get({ ack: true });
      expect(await queue.move('a')).toBe(false);
      await delivery.nak();
      expect(await queue.peek(9)).toEqual(['a', 'b']);
      await queue.move('a');
      expect(await queue.peek(9)).toEqual(['b', 'a']);
      const [, moved] = await queue.items();
      expect(moved).toMatchObject({ value: 'a', attempts: 1 });
    });

    it('an item gets another priority, and keeps the one that it has', async () => {
      const queue = clients.one.queue<string>(fresh('queue'), { order: 'priority' });
      await queue.putMany(['a', 'b', 'c'], { id: (value) => value, priority: 5 });
      await queue.move('c', { priority: 1 });
      await queue.move('a');
      expect(await queue.peek(9)).toEqual(['c', 'b', 'a']);
      await queue.move('a', { head: true });
      expect(await queue.peek(9)).toEqual(['c', 'a', 'b']);
    });

    it('lists items by state, from any of them on', async () => {
      const queue = make();
      await queue.putMany(['a', 'b', 'c', 'd'], { id: (value) => `id ${value}` });
      await queue.put('late', { delay: LONG });
      const delivery = await queue.get({ ack: true });
      const waiting = { priority: 0, attempts: 0, due: undefined, letter: undefined };
      expect(await thereOf(queue).items({ start: 1, count: 2 })).toEqual([
        { value: 'c', id: 'id c', ...waiting },
        { value: 'd', id: 'id d', ...waiting },
      ]);
      expect(await queue.items({ state: 'delivered' })).toEqual([{ value: 'a', id: 'id a', ...waiting, attempts: 1 }]);
      expect((await queue.items({ state: 'delayed' })).map(({ value }) => value)).toEqual(['late']);
      expect(await queue.items({ start: 9 })).toEqual([]);
      await delivery.ack();
      expect(await queue.items({ state: 'delivered' })).toEqual([]);
    });

    it('a batch puts items with ids, priorities, delays, and at the head', async () => {
      const queue = make(3);
      await queue.put('a', { id: 'a' });
      const batch = clients.one.atomic();
      batch.put(queue, 'x', { id: 'a' }).put(queue, 'b', { id: 'b' }).put(queue, 'y', { id: 'b' });
      batch.put(queue, 'first', { head: true });
      expect(await batch.commit()).toEqual({ ok: true, results: [false, true, false, true] });
      expect(await queue.peek(9)).toEqual(['first', 'a', 'b']);
      const full = clients.one.atomic().put(queue, 'late', { delay: LONG });
      await expect(full.commit()).rejects.toBeInstanceOf(QueueFullError);
      await queue.clear();
      expect(await clients.one.atomic().put(queue, 'late', { delay: LONG }).commit()).toMatchObject({ ok: true });
      expect(await queue.size()).toBe(0);
    });

    it('refuses ids that are no texts, and items at the head with a delay', async () => {
      const queue = make();
      for (const refused of [
        queue.put('a', { id: '' }),
        queue.put('a', { id: 5 as never }),
        queue.put('a', { id: 'x'.repeat(1025) }),
        queue.put('a', { head: true, delay: 1 }),
        queue.move('a', { head: true, delay: 1 }),
        queue.move('a', { priority: 1 }),
        queue.putMany(['a'], { id: 'x' as never }),
        queue.cancel(''),
        queue.items({ state: 'done' as never }),
      ]) {
        await expect(refused).rejects.toBeInstanceOf(InvalidArgumentError);
      }
      expect(await queue.size()).toBe(0);
    });
  });

  suite(target, 'queue: head', (clients) => {
    it.each(['fifo', 'lifo'] as const)(
      'items at the head of a queue of the order %s go before all others, the last one first',
      async (order) => {
        const queue = clients.one.queue<string>(fresh('queue'), { order });
        await queue.put('back');
        await (await queue.get({ ack: true })).nak();
        await queue.put('a');
        await queue.put('first', { head: true });
        await clients.two.queue<string>(queue.name).put('before', { head: true });
        expect(await queue.getMany(9)).toEqual(['before', 'first', 'back', 'a']);
      },
    );

    it('items at the head of a queue of priorities go before the others of their priority', async () => {
      const queue = clients.one.queue<string>(fresh('queue'), { order: 'priority' });
      await queue.put('low', { priority: 9 });
      await queue.put('a', { priority: 1 });
      await queue.put('first', { priority: 1, head: true });
      await queue.put('low first', { priority: 9, head: true });
      expect(await queue.getMany(9)).toEqual(['first', 'a', 'low first', 'low']);
    });

    it('an item at the head keeps its place when it comes back', async () => {
      const queue = clients.one.queue<string>(fresh('queue'));
      await queue.put('a');
      await queue.put('first', { head: true });
      const delivery = await queue.get({ ack: true });
      await queue.put('second', { head: true });
      await delivery.nak();
      expect(await queue.getMany(9)).toEqual(['second', 'first', 'a']);
    });
  });
}
