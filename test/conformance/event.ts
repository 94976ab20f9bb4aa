import { expect, it } from '@jest/globals';
import { Event, ManagerError, NotFoundError } from '../../client/index.js';
import { collect, expectWaiting, fresh, queued, range, suite } from './support.js';
import type { Target } from './target.js';

/** An event: a flag that one client sets and many wait for. */
export function eventSuite(target: Target): void {
  suite(target, 'event: set and clear', (clients) => {
    /** The same event as two clients see it. */
    function pair(): [Event, Event] {
      const name = fresh('event');
      return [clients.one.event(name), clients.two.event(name)];
    }

    it('is unset at first (Python: test_event)', async () => {
      expect(await pair()[0].isSet()).toBe(false);
    });

    it('is set by set() and unset by clear(), for every client (Python: test_event)', async () => {
      const [one, two] = pair();
      await one.set();
      expect([await one.isSet(), await two.isSet()]).toEqual([true, true]);
      await two.clear();
      expect([await one.isSet(), await two.isSet()]).toEqual([false, false]);
    });

    it('may be set or cleared twice', async () => {
      const [one, two] = pair();
      await one.clear();
      await one.set();
      await two.set();
      expect(await one.isSet()).toBe(true);
      await one.clear();
      await two.clear();
      expect(await one.isSet()).toBe(false);
    });

    it('survives the session that set it', async () => {
      const session = await clients.more();
      const name = fresh('event');
      await session.manager.event(name).set();
      await session.close();
      expect(await clients.one.event(name).wait()).toBe(true);
    });

    it('shows in the list of objects if it is set, and how many wait (Python: test_repr)', async () => {
      const [one, two] = pair();
      const shown = async (): Promise<unknown> => (await collect(clients.two.objects({ match: one.name })))[0];
      const waiting = await queued(clients.two, two.wait());
      expect(await shown()).toMatchObject({ kind: 'event', options: { set: 'false' }, waiters: 1 });
      await one.set();
      await waiting.promise;
      expect(await shown()).toMatchObject({ options: { set: 'true' }, waiters: 0 });
    });

    it('arrives as an event from a proxy that is sent', async () => {
      const [event] = pair();
      const queue = clients.one.queue<Event>(fresh('queue'));
      await queue.put(event);
      const got = await clients.two.queue<Event>(queue.name).get();
      expect(got).toBeInstanceOf(Event);
      await got.set();
      expect(await event.isSet()).toBe(true);
    });
  });

  suite(target, 'event: waiting', (clients) => {
    function pair(): [Event, Event] {
      const name = fresh('event');
      return [clients.one.event(name), clients.two.event(name)];
    }

    it('wait() of a set event returns true at once (Python: test_event)', async () => {
      const [one, two] = pair();
      await one.set();
      expect(await two.wait()).toBe(true);
      expect(await two.wait({ timeout: 0 })).toBe(true);
    });

    it('wait() of an unset event returns false when the timeout ends, and not before (Python: test_event)', async () => {
      const [event] = pair();
      expect(await event.wait({ timeout: 0 })).toBe(false);
      const begin = performance.now();
      expect(await event.wait({ timeout: 30 })).toBe(false);
      expect(performance.now() - begin).toBeGreaterThanOrEqual(25);
    });

    it('set() of one client wakes the wait() of another (Python: test_event)', async () => {
      const [one, two] = pair();
      const waiting = await queued(clients.two, two.wait());
      await expectWaiting(waiting, clients.one, clients.two);
      await one.set();
      expect(await waiting.promise).toBe(true);
    });

    it('set() wakes all waiters, in the order they came', async () => {
      const [one, two] = pair();
      const order: number[] = [];
      const calls = range(0, 20).map((index) => (index < 10 ? one : two).wait({ timeout: 60_000 }).then(() => order.push(index)));
      const all = await queued(clients.one, Promise.all(calls));
      await expectWaiting(all, clients.two);
      await one.set();
      await all.promise;
      // The order of arrival is promised within each client, not across connections.
      expect(order.filter((index) => index < 10)).toEqual(range(0, 10));
      expect(order.filter((index) => index >= 10)).toEqual(range(10, 20));
    });

    it('a set() with a clear() behind it wakes the present waiters, and no later one', async () => {
      const [one, two] = pair();
      const waiting = await queued(clients.two, two.wait());
      await Promise.all([one.set(), one.clear()]);
      expect(await waiting.promise).toBe(true);
      expect(await two.wait({ timeout: 0 })).toBe(false);
    });

    it('a wait ends with the reason of the signal, and leaves the others waiting', async () => {
      const [one, two] = pair();
      const controller = new AbortController();
      const given = await queued(clients.one, one.wait({ signal: controller.signal }));
      const other = await queued(clients.two, two.wait());
      const reason = new Error('no longer wanted');
      controller.abort(reason);
      await expect(given.promise).rejects.toBe(reason);
      await expectWaiting(other, clients.one, clients.two);
      await one.set();
      expect(await other.promise).toBe(true);
    });

    it('a wait of a session that closes is rejected, and the others wait on', async () => {
      const [one, two] = pair();
      const session = await clients.more();
      const gone = await queued(session.manager, session.manager.event(one.name).wait());
      const other = await queued(clients.two, two.wait());
      await session.close();
      await expect(gone.promise).rejects.toBeInstanceOf(ManagerError);
      await one.set();
      expect(await other.promise).toBe(true);
    });

    it('destroy() wakes waiters with NotFoundError, and the next event of the name is unset', async () => {
      const [one, two] = pair();
      const calls = [await queued(clients.one, one.wait()), await queued(clients.two, two.wait({ timeout: 60_000 }))];
      expect(await two.destroy()).toBe(true);
      for (const call of calls) await expect(call.promise).rejects.toBeInstanceOf(NotFoundError);
      await one.set();
      await one.destroy();
      expect(await two.isSet()).toBe(false);
    });
  });
}
