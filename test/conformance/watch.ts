import { expect, it } from '@jest/globals';
import { InvalidArgumentError, TimeoutError, type Manager } from '../../client/index.js';
import { collect, expectLate, expectWaiting, fresh, queued, range, roundTrip, suite } from './support.js';
import type { Target } from './target.js';
import { one } from './watching.js';

interface Options {
  timeout?: number;
  signal?: AbortSignal;
}

/** A watch of each kind: its first report, a change that causes another one, and an end. */
interface Subject {
  readonly watch: (options?: Options) => AsyncIterableIterator<unknown, undefined>;
  /** True if the watch reports the state at once. */
  readonly tellsState: boolean;
  readonly change: () => Promise<unknown>;
  readonly destroy: () => Promise<boolean>;
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
    let set = false;
    const change = () => ((set = !set) ? event.set() : event.clear());
    return { watch, tellsState: true, change, destroy: () => event.destroy() };
  },
  queue(manager) {
    const queue = manager.queue<number>(fresh('queue'), { capacity: 1000 });
    const watch = (options?: Options) => queue.watch(options);
    return { watch, tellsState: true, change: () => queue.put(1), destroy: () => queue.destroy() };
  },
};

/** Behaviour that watches of all kinds have in common. */
export function watchSuite(target: Target): void {
  suite(target, 'watch', (clients) => {
    const kinds = Object.keys(SUBJECTS);
    const reason = new Error('no longer wanted');

    /** A watch that has reported the state. */
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

    it.each(kinds)('of a %s throws the reason of a signal that aborts between two steps', async (kind) => {
      const controller = new AbortController();
      const { iterator, change } = await begun(kind, { signal: controller.signal });
      await Promise.all([change(), change(), change()]);
      await one(iterator);
      controller.abort(reason);
      await expect(iterator.next()).rejects.toBe(reason);
    });

    it.each(kinds)('of a %s throws TimeoutError if nothing happens within its timeout, and is over', async (kind) => {
      const { iterator, change } = await begun(kind, { timeout: 60 });
      // Sent together, so that the change comes within the timeout.
      await Promise.all([one(iterator), change()]);
      await expectLate(60, TimeoutError, () => iterator.next());
      await change();
      expect(await iterator.next()).toEqual({ done: true, value: undefined });
    });

    it.each(kinds)('of a %s counts in the statistics until it is over', async (kind) => {
      const { watches } = await clients.two.stats();
      const { iterator } = await begun(kind);
      const next = await queued(clients.one, iterator.next());
      expect((await clients.two.stats()).watches).toBe(watches + 1);
      await iterator.return!();
      await roundTrip(clients.one);
      expect((await clients.two.stats()).watches).toBe(watches);
      expect(await next.promise).toEqual({ done: true, value: undefined });
    });

    it.each(kinds)('of a %s gives each step its whole timeout', async (kind) => {
      const { iterator, change } = await begun(kind, { timeout: 10_000 });
      for (const _ of range(0, 3)) {
        const next = await queued(clients.one, iterator.next());
        await expectWaiting(next, clients.one);
        await change();
        expect(await next.promise).toMatchObject({ done: false });
      }
      await iterator.return!();
    });

    it.each(kinds)('of a %s with a timeout of 0 reports the present changes or state, and does not wait', async (kind) => {
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
}
