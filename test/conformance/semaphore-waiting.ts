import { expect, it } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import {
  InvalidArgumentError,
  LockLostError,
  ManagerError,
  NotFoundError,
  TimeoutError,
  type Held,
  type Semaphore,
} from '../../client/index.js';
import { aborted, expectWaiting, fresh, queued, range, suite } from './support.js';
import type { Target } from './target.js';

/** Waiters for permits, and holders that are lost. */
export function semaphoreWaitingSuite(target: Target): void {
  suite(target, 'semaphore: waiting', (clients) => {
    /** The same semaphore as two clients see it. */
    function pair(permits: number): [Semaphore, Semaphore] {
      const name = fresh('semaphore');
      return [clients.one.semaphore(name, permits), clients.two.semaphore(name, permits)];
    }

    it('goes to the next at release, first come, first served, across sessions', async () => {
      const [one, two] = pair(1);
      let held = await one.acquire();
      const line = [
        await queued(clients.two, two.acquire()),
        await queued(clients.one, one.acquire()),
        await queued(clients.two, two.acquire({ timeout: 60_000 })),
      ];
      for (const next of line) {
        await expectWaiting(next, clients.one, clients.two);
        await held.release();
        held = await next.promise;
      }
      await held.release();
    });

    it('a large request at the head is not overtaken by small ones', async () => {
      const [one, two] = pair(3);
      const held = [await one.acquire(), await one.acquire()];
      const large = await queued(clients.one, one.acquire({ permits: 3 }));
      const small = await queued(clients.two, two.acquire());
      expect(await two.tryAcquire()).toBeUndefined();
      expect(await two.available()).toBe(1);
      await held[0]?.release();
      await expectWaiting(large, clients.one, clients.two);
      await expectWaiting(small, clients.one, clients.two);
      await held[1]?.release();
      const all = await large.promise;
      await expectWaiting(small, clients.one, clients.two);
      await all.release();
      await (await small.promise).release();
      expect(await one.available()).toBe(3);
    });

    it('a large request that gives up lets the requests behind it through', async () => {
      const [one, two] = pair(2);
      const held = await one.acquire();
      const controller = new AbortController();
      const given = await queued(clients.one, one.acquire({ permits: 2, signal: controller.signal }));
      const behind = await queued(clients.two, two.acquire());
      const reason = new Error('no longer wanted');
      controller.abort(reason);
      await expect(given.promise).rejects.toBe(reason);
      const next = await behind.promise;
      const late = one.acquire({ permits: 2, timeout: 20 });
      await expect(late).rejects.toBeInstanceOf(TimeoutError);
      await Promise.all([held.release(), next.release()]);
      expect(await one.available()).toBe(2);
    });

    it('a large request that times out lets the requests behind it through', async () => {
      const [one, two] = pair(2);
      const held = await one.acquire();
      const late = await queued(clients.one, one.acquire({ permits: 2, timeout: 40 }));
      const behind = two.acquire();
      await expect(late.promise).rejects.toBeInstanceOf(TimeoutError);
      await (await behind).release();
      await held.release();
    });

    it('a large request of a session that closes lets the requests behind it through', async () => {
      const [one, two] = pair(2);
      const held = await one.acquire();
      const session = await clients.more();
      const gone = await queued(session.manager, session.manager.semaphore(one.name, 2).acquire({ permits: 2 }));
      const behind = await queued(clients.two, two.acquire());
      await session.close();
      await expect(gone.promise).rejects.toBeInstanceOf(ManagerError);
      await (await behind.promise).release();
      await held.release();
    });

    it('release() of several permits serves as many requests as it can', async () => {
      const [one, two] = pair(0);
      const calls = [
        await queued(clients.one, one.acquire({ permits: 2 })),
        await queued(clients.two, two.acquire()),
        await queued(clients.one, one.acquire()),
      ];
      await two.release(3);
      const [first, second] = [await calls[0]?.promise, await calls[1]?.promise];
      await expectWaiting(calls[2]!, clients.one, clients.two);
      await second?.release();
      await (await calls[2]?.promise)?.release();
      await first?.release();
      expect(await one.available()).toBe(3);
    });

    it('an abort that crosses with the grant leaves the permit free', async () => {
      const [one, two] = pair(1);
      for (const round of range(0, 40)) {
        const held = await one.acquire();
        const controller = new AbortController();
        const waiting = two.acquire({ signal: controller.signal }).catch((error: unknown) => error as Error);
        if (round % 2 === 0) await turn();
        const released = held.release();
        for (let turns = round % 7; turns > 0; turns--) await turn();
        controller.abort(new Error('crossing'));
        const outcome: Held | Error = await waiting;
        await released;
        if (!(outcome instanceof Error)) await outcome.release();
        // Waits until a permit whose grant crossed with the abort is back.
        await (await one.acquire()).release();
      }
      expect(await one.available()).toBe(1);
    });

    it('destroy() wakes waiters with NotFoundError, and ends holds', async () => {
      const [one, two] = pair(1);
      const held = await one.acquire();
      const waiting = await queued(clients.two, two.acquire());
      expect(await one.destroy()).toBe(true);
      await expect(waiting.promise).rejects.toBeInstanceOf(NotFoundError);
      await aborted(held.signal);
      await expect(held.release()).rejects.toBeInstanceOf(LockLostError);
      expect(await clients.two.semaphore(one.name, 4).available()).toBe(4);
    });
  });

  suite(target, 'semaphore: lost holders', (clients) => {
    it('gets all permits back from a session that closes, and serves waiters (a gap in Python)', async () => {
      const semaphore = clients.one.semaphore(fresh('semaphore'), 4);
      const session = await clients.more();
      const there = session.manager.semaphore(semaphore.name, 4);
      await there.acquire({ permits: 2 });
      await there.acquire();
      await (await there.acquire()).release();
      const waiting = await queued(clients.one, semaphore.acquire({ permits: 4 }));
      await session.close();
      const held = await waiting.promise;
      expect(held.abandoned).toBe(false);
      await held.release();
      expect(await semaphore.available()).toBe(4);
    });

    it('keeps the permits that a session added before it closed', async () => {
      const semaphore = clients.one.semaphore(fresh('semaphore'), 1);
      const session = await clients.more();
      await session.manager.semaphore(semaphore.name, 1).release(2);
      await session.close();
      expect(await semaphore.available()).toBe(3);
    });

    it('does not give a permit to a session that closed while it waited (a gap in Python)', async () => {
      const semaphore = clients.one.semaphore(fresh('semaphore'), 1);
      const held = await semaphore.acquire();
      const session = await clients.more();
      const gone = await queued(session.manager, session.manager.semaphore(semaphore.name, 1).acquire());
      await session.close();
      await expect(gone.promise).rejects.toBeInstanceOf(ManagerError);
      await held.release();
      expect(await semaphore.available()).toBe(1);
    });

    it('gets permits back when their lease ends: the signal aborts, release() is a LockLostError, disposal silent', async () => {
      const semaphore = clients.one.semaphore(fresh('semaphore'), 2);
      const held = await semaphore.acquire({ permits: 2, lease: 30 });
      const next = await clients.two.semaphore(semaphore.name, 2).acquire({ permits: 2 });
      await aborted(held.signal);
      await expect(held.release()).rejects.toBeInstanceOf(LockLostError);
      await expect(held.extend(1000)).rejects.toBeInstanceOf(LockLostError);
      await held[Symbol.asyncDispose]();
      expect(await semaphore.available()).toBe(0);
      await next.release();
    });

    it('keeps permits whose lease is extended, and ends them at the new time', async () => {
      const semaphore = clients.one.semaphore(fresh('semaphore'), 1);
      const held = await semaphore.acquire({ lease: 60_000 });
      await Promise.all([held.extend(30), held.extend(60_000)]);
      await expect(semaphore.acquire({ timeout: 60 })).rejects.toBeInstanceOf(TimeoutError);
      expect(held.signal.aborted).toBe(false);
      await held.extend(20);
      await aborted(held.signal);
      await (await semaphore.acquire()).release();
    });

    it('refuses an invalid lease, and takes nothing', async () => {
      const semaphore = clients.one.semaphore(fresh('semaphore'), 1);
      for (const lease of [-1, NaN]) await expect(semaphore.acquire({ lease })).rejects.toBeInstanceOf(InvalidArgumentError);
      expect(await semaphore.available()).toBe(1);
    });
  });
}
