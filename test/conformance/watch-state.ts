import { expect, it } from '@jest/globals';
import { InvalidArgumentError, NotFoundError, TimeoutError, type Manager } from '../../client/index.js';
import { collect, expectLate, expectWaiting, fresh, queued, range, roundTrip, suite } from './support.js';
import type { Target } from './target.js';
import { one } from './watching.js';

interface Options {
  timeout?: number;
  signal?: AbortSignal;
}

/** A watch of each kind: what it is told first, how to tell it more, and how to end it. */
interface Subject {
  readonly watch: (options?: Options) => AsyncIterableIterator<unknown, undefined>;
  /** Whether a watch says at once how things are. */
  readonly tellsState: boolean;
  change(): Promise<unknown>;
  destroy(): Promise<boolean>;
}

const SUBJECTS: Record<string, (manager: Manager) => Subject> = {
  dict(manager) {
    const dict = manager.dict<string, number>(fresh('dict'));
    const watch = (options?: Options) => dict.watch(options);
    return { watch, tellsState: false, change: () => dict.add('a'), destroy: () => dict.destroy() };
  },
  list(manager) {
    const list = manager.list<number>(fresh('list'));
    const watch = (options?: Options) => list.watch(options);
    return { watch, tellsState: false, change: () => list.push(1), destroy: () => list.destroy() };
  },
  value(manager) {
    const value = manager.value<number>(fresh('value'), 0);
    const watch = (options?: Options) => value.watch(options);
    return { watch, tellsState: true, change: () => value.add(1), destroy: () => value.destroy() };
  },
  event(manager) {
    const event = manager.event(fresh('event'));
    const watch = (options?: Options) => event.watch(options);
    const change = async () => ((await event.isSet()) ? event.clear() : event.set());
    return { watch, tellsState: true, change, destroy: () => event.destroy() };
  },
  queue(manager) {
    const queue = manager.queue<number>(fresh('queue'), { capacity: 1000 });
    const watch = (options?: Options) => queue.watch(options);
    return { watch, tellsState: true, change: () => queue.put(1), destroy: () => queue.destroy() };
  },
};

/** What watches of all kinds have in common, and those that tell how an object is: its value, its flag, its size. */
export function watchStateSuite(target: Target): void {
  suite(target, 'watch', (clients) => {
    const kinds = Object.keys(SUBJECTS);
    const reason = new Error('no longer wanted');

    /** A watch that has said how things are. */
    async function begun(kind: string, options: Options = {}): Promise<Subject & { iterator: AsyncIterableIterator<unknown, undefined> }> {
      const subject = SUBJECTS[kind]!(clients.one);
      const iterator = subject.watch(options);
      if (subject.tellsState) await one(iterator);
      return { ...subject, iterator };
    }

    it.each(kinds)('of a %s throws the reason of its signal when it aborts, and is over', async (kind) => {
      const controller = new AbortController();
      const { iterator, change } = await begun(kind, { signal: controller.signal });
      await change();
      await one(iterator);
      const next = await queued(clients.one, iterator.next());
      await expectWaiting(next, clients.one);
      controller.abort(reason);
      await expect(next.promise).rejects.toBe(reason);
      expect(await iterator.next()).toEqual({ done: true, value: undefined });
    });

    it.each(kinds)('of a %s throws the reason of a signal that aborted before, and waits for nothing', async (kind) => {
      const { watch } = SUBJECTS[kind]!(clients.one);
      await expect(watch({ signal: AbortSignal.abort(reason) }).next()).rejects.toBe(reason);
    });

    it.each(kinds)('of a %s throws the reason of a signal that aborts between two turns', async (kind) => {
      const controller = new AbortController();
      const { iterator, change } = await begun(kind, { signal: controller.signal });
      await Promise.all([change(), change(), change()]);
      await one(iterator);
      controller.abort(reason);
      await expect(iterator.next()).rejects.toBe(reason);
    });

    it.each(kinds)('of a %s throws TimeoutError where nothing happens for so long, and is over', async (kind) => {
      const { iterator, change } = await begun(kind, { timeout: 60 });
      await change();
      await one(iterator);
      await expectLate(60, TimeoutError, () => iterator.next());
      await change();
      expect(await iterator.next()).toEqual({ done: true, value: undefined });
    });

    it.each(kinds)('of a %s gives each turn its whole time', async (kind) => {
      const { iterator, change } = await begun(kind, { timeout: 10_000 });
      for (const _ of range(0, 3)) {
        const next = await queued(clients.one, iterator.next());
        await expectWaiting(next, clients.one);
        await change();
        expect(await next.promise).toMatchObject({ done: false });
      }
      await iterator.return!();
    });

    it.each(kinds)('of a %s with a timeout of 0 tells what is there, and does not wait', async (kind) => {
      const { iterator, change } = await begun(kind, { timeout: 0 });
      await change();
      await one(iterator);
      await expect(iterator.next()).rejects.toBeInstanceOf(TimeoutError);
    });

    it.each(kinds)('of a %s refuses a wrong timeout at once', (kind) => {
      const { watch } = SUBJECTS[kind]!(clients.one);
      for (const timeout of [-1, NaN]) expect(() => watch({ timeout })).toThrow(InvalidArgumentError);
    });

    it.each(kinds)('of a %s ends when it is destroyed, waiting or not', async (kind) => {
      const { iterator, watch, destroy } = await begun(kind);
      const idle = watch();
      await roundTrip(clients.one);
      const rest = await queued(clients.one, collect(iterator));
      await destroy();
      for (const told of [await rest.promise, await collect(idle)]) {
        expect(told.filter((each) => (each as { type?: string }).type !== 'destroy').length).toBeLessThanOrEqual(1);
      }
      expect(await iterator.next()).toEqual({ done: true, value: undefined });
    });

    it.each(kinds)('of a %s that is left ends its call', async (kind) => {
      const { iterator } = await begun(kind);
      const before = (await clients.two.stats()).waiters;
      const next = await queued(clients.one, iterator.next());
      expect((await clients.two.stats()).waiters).toBe(before + 1);
      await iterator.return!();
      expect(await next.promise).toEqual({ done: true, value: undefined });
      await roundTrip(clients.one);
      expect((await clients.two.stats()).waiters).toBe(before);
    });
  });

  suite(target, 'value: watch', (clients) => {
    it('tells the present value first, and each that is written', async () => {
      const value = clients.one.value(fresh('value'), { n: 1 });
      const there = clients.two.value(value.name, { n: 0 });
      const values = value.watch();
      expect(await one(values)).toEqual({ n: 1 });
      await there.set({ n: 2 });
      expect(await one(values)).toEqual({ n: 2 });
      await there.update(({ n }) => ({ n: n + 1 }));
      expect(await one(values)).toEqual({ n: 3 });
      await there.compareAndSet({ n: 3 }, { n: 4 });
      expect(await one(values)).toEqual({ n: 4 });
      const next = await queued(clients.one, values.next());
      await there.compareAndSet({ n: 3 }, { n: 5 });
      await there.get();
      await expectWaiting(next, clients.one, clients.two);
      await clients.two.atomic().set(there, { n: 6 }).commit();
      expect((await next.promise).value).toEqual({ n: 6 });
      await values.return!();
    });

    it('makes a value that does not exist, with what it begins with', async () => {
      const value = clients.one.value(fresh('value'), 7, { type: 'i32' });
      const values = value.watch();
      expect(await one(values)).toBe(7);
      await values.return!();
    });

    it('tells a locked value when it is written', async () => {
      const value = clients.one.value(fresh('value'), 1);
      const values = value.watch();
      await one(values);
      const held = await value.lock();
      held.value = 2;
      const next = await queued(clients.one, values.next());
      await expectWaiting(next, clients.one);
      await held.release();
      expect((await next.promise).value).toBe(2);
      await values.return!();
    });

    it('tells a slow loop the latest value, and once', async () => {
      const value = clients.one.value(fresh('value'), 0);
      const values = value.watch();
      await one(values);
      for (const number of range(1, 100)) await value.set(number);
      expect(await one(values)).toBe(99);
      await expectWaiting(await queued(clients.one, values.next()), clients.one);
      await values.return!();
    });

    it('tells no loop an older value after a newer one', async () => {
      const value = clients.one.value(fresh('value'), 0);
      const there = clients.two.value(value.name, 0);
      const loops = range(0, 5).map(async () => {
        const seen: number[] = [];
        for await (const number of value.watch()) {
          seen.push(number);
          if (number === 500) break;
        }
        return seen;
      });
      for (const number of range(1, 501)) await there.set(number);
      for (const seen of await Promise.all(loops)) {
        expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
        expect(seen.at(-1)).toBe(500);
      }
    });

    it('of one that is not there, by its name alone, is NotFoundError', async () => {
      const stored = clients.one.value(fresh('value'), 1);
      const dict = clients.one.dict<string, typeof stored>(fresh('dict'));
      await dict.set('value', stored);
      const found = (await dict.get('value'))!;
      await stored.destroy();
      await expect(one(found.watch())).rejects.toBeInstanceOf(NotFoundError);
    });

    it('ends with its value, and is not told of the next one of its name', async () => {
      const value = clients.one.value(fresh('value'), 1);
      const values = value.watch();
      expect(await one(values)).toBe(1);
      await value.destroy();
      await clients.two.value(value.name, 2).get();
      expect(await values.next()).toEqual({ done: true, value: undefined });
    });

    it('that goes on makes no new one', async () => {
      const value = clients.one.value(fresh('value'), 1);
      const values = value.watch();
      expect(await one(values)).toBe(1);
      await clients.two.value(value.name, 1).destroy();
      expect(await values.next()).toEqual({ done: true, value: undefined });
      expect(await value.exists()).toBe(false);
    });
  });

  suite(target, 'event: watch', (clients) => {
    it('tells whether it is set, first and whenever that changes', async () => {
      const event = clients.one.event(fresh('event'));
      const there = clients.two.event(event.name);
      await there.set();
      const states = event.watch();
      expect(await one(states)).toBe(true);
      await there.set();
      const next = await queued(clients.one, states.next());
      await expectWaiting(next, clients.one, clients.two);
      await there.clear();
      expect((await next.promise).value).toBe(false);
      await there.set();
      expect(await one(states)).toBe(true);
      await states.return!();
    });

    it('tells no state twice, however fast it changes', async () => {
      const event = clients.one.event(fresh('event'));
      const seen: boolean[] = [];
      const loop = (async () => {
        for await (const state of event.watch()) seen.push(state);
      })();
      await roundTrip(clients.one);
      for (const _ of range(0, 50)) {
        void event.set();
        await event.clear();
      }
      await event.set();
      await roundTrip(clients.one);
      await event.destroy();
      await loop;
      expect(seen).toEqual(seen.map((_, index) => index % 2 === 1));
      expect(seen.at(-1)).toBe(true);
    });

    it('that goes on makes no new one', async () => {
      const event = clients.one.event(fresh('event'));
      const states = event.watch();
      expect(await one(states)).toBe(false);
      await clients.two.event(event.name).destroy();
      expect(await states.next()).toEqual({ done: true, value: undefined });
      expect(await event.exists()).toBe(false);
    });
  });

  suite(target, 'queue: watch', (clients) => {
    it('tells how many items wait, first and whenever that changes', async () => {
      const queue = clients.one.queue<number>(fresh('queue'));
      const there = clients.two.queue<number>(queue.name);
      await there.put(1);
      const sizes = queue.watch();
      expect(await one(sizes)).toBe(1);
      await there.putMany([2, 3, 4]);
      expect(await one(sizes)).toBe(4);
      await there.get();
      expect(await one(sizes)).toBe(3);
      const delivery = await there.get({ ack: true });
      expect(await one(sizes)).toBe(2);
      await delivery.nak();
      expect(await one(sizes)).toBe(3);
      await there.getMany(2);
      expect(await one(sizes)).toBe(1);
      await there.clear();
      expect(await one(sizes)).toBe(0);
      await sizes.return!();
    });

    it('tells equal sizes that follow each other once', async () => {
      const queue = clients.one.queue<number>(fresh('queue'));
      const there = clients.two.queue<number>(queue.name);
      const sizes = queue.watch();
      expect(await one(sizes)).toBe(0);
      const next = await queued(clients.one, sizes.next());
      const got = there.get();
      await there.put(1);
      await got;
      await expectWaiting(next, clients.one, clients.two);
      await there.put(2);
      expect((await next.promise).value).toBe(1);
      await sizes.return!();
    });

    it('counts what is delayed when it is due, what comes back, and what goes in where there is room', async () => {
      const queue = clients.one.queue<number>(fresh('queue'), { capacity: 2 });
      const sizes = queue.watch();
      expect(await one(sizes)).toBe(0);
      await queue.put(1, { delay: 30 });
      expect(await one(sizes)).toBe(1);
      await queue.put(2);
      expect(await one(sizes)).toBe(2);
      const waiting = await queued(clients.one, queue.putMany([3, 4]));
      await queue.getMany(2);
      await waiting.promise;
      const next = await queued(clients.one, sizes.next());
      await expectWaiting(next, clients.one);
      await queue.get({ ack: true, lease: 40 });
      expect((await next.promise).value).toBe(1);
      expect(await one(sizes)).toBe(2);
      await sizes.return!();
    });

    it('counts dead letters', async () => {
      const dead = clients.one.queue<number>(fresh('dead'));
      const queue = clients.one.queue<number>(fresh('queue'), { deadLetter: { queue: dead, maxDeliveries: 1 } });
      const sizes = dead.watch();
      expect(await one(sizes)).toBe(0);
      await queue.put(1);
      await (await queue.get({ ack: true })).nak();
      expect(await one(sizes)).toBe(1);
      await sizes.return!();
    });

    it('tells a queue that is shut down when it is emptied, and ends when it is destroyed', async () => {
      const queue = clients.one.queue<number>(fresh('queue'));
      await queue.putMany([1, 2]);
      const sizes = queue.watch();
      expect(await one(sizes)).toBe(2);
      await queue.shutdown({ immediate: true });
      expect(await one(sizes)).toBe(0);
      await queue.destroy();
      expect(await sizes.next()).toEqual({ done: true, value: undefined });
      expect(await queue.exists()).toBe(false);
    });
  });
}
