import { expect, it } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import { InvalidArgumentError, LockLostError, OutOfRangeError, TimeoutError, type Held, type Lock } from '../../client/index.js';
import { aborted, expectLate, expectWaiting, fresh, queued, range, suite } from './support.js';
import type { Target } from './target.js';

/** Waiters of a lock, and holders that are lost. */
export function lockWaitingSuite(target: Target): void {
  suite(target, 'lock: waiting', (clients) => {
    /** The same lock as two clients see it. */
    function pair(): [Lock, Lock] {
      const name = fresh('lock');
      return [clients.one.lock(name), clients.two.lock(name)];
    }

    it('goes to the next at release', async () => {
      const [one, two] = pair();
      const held = await one.acquire();
      const next = await queued(clients.two, two.acquire());
      await expectWaiting(next, clients.one, clients.two);
      await held.release();
      await (await next.promise).release();
      expect(await one.locked()).toBe(false);
    });

    it.each([2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER, Infinity])('a lease and a timeout of %p ms last', async (ms) => {
      const [one, two] = pair();
      const held = await one.acquire({ lease: ms, timeout: ms });
      await held.extend(ms);
      const next = await queued(clients.two, two.acquire({ timeout: ms }));
      await expectWaiting(next, clients.one, clients.two);
      const left = (await one.holder())!.leaseRemaining!;
      expect(left).toBeGreaterThan(Math.min(ms, Number.MAX_SAFE_INTEGER) - 600_000);
      await held.release();
      await (await next.promise).release();
    });

    it('a lease of 0 ms is refused, and so is one beyond 2^53', async () => {
      const [one] = pair();
      await expect(one.acquire({ lease: 0 })).rejects.toBeInstanceOf(InvalidArgumentError);
      await expect(one.acquire({ lease: 2 ** 54 })).rejects.toBeInstanceOf(OutOfRangeError);
      expect(await one.locked()).toBe(false);
    });

    it('serves first come, first served, across sessions', async () => {
      const [one, two] = pair();
      let held = await one.acquire();
      const line = [
        await queued(clients.two, two.acquire()),
        await queued(clients.one, one.acquire()),
        await queued(clients.one, one.acquire({ timeout: 60_000 })),
        await queued(clients.two, two.acquire()),
      ];
      for (const next of line) {
        await expectWaiting(next, clients.one, clients.two);
        await held.release();
        held = await next.promise;
      }
      await held.release();
    });

    it('lets no later acquisition overtake', async () => {
      const [one, two] = pair();
      const held = await one.acquire();
      const next = await queued(clients.two, two.acquire());
      const [, overtaking] = await Promise.all([held.release(), one.tryAcquire()]);
      expect(overtaking).toBeUndefined();
      await (await next.promise).release();
    });

    it('a wait ends with the reason of the signal, and holds nothing', async () => {
      const [one, two] = pair();
      const held = await one.acquire();
      const controller = new AbortController();
      const waiting = await queued(clients.two, two.acquire({ signal: controller.signal }));
      const reason = new Error('no longer wanted');
      controller.abort(reason);
      await expect(waiting.promise).rejects.toBe(reason);
      await held.release();
      expect(await one.locked()).toBe(false);
    });

    it('a waiter that aborts or times out makes way for the waiters behind it', async () => {
      const [one, two] = pair();
      const held = await one.acquire();
      const controller = new AbortController();
      const first = await queued(clients.one, one.acquire({ signal: controller.signal }));
      const second = await queued(clients.two, two.acquire({ timeout: 20 }));
      const third = await queued(clients.two, two.acquire());
      controller.abort(new Error('out'));
      await expect(first.promise).rejects.toThrow('out');
      await expect(second.promise).rejects.toBeInstanceOf(TimeoutError);
      await expectWaiting(third, clients.one, clients.two);
      await held.release();
      await (await third.promise).release();
    });

    it('an abort in the turn of the release gives the lock back, and the client continues', async () => {
      const lock = clients.one.lock(fresh('lock'));
      for (const round of range(0, 20)) {
        const held = await lock.acquire();
        const controller = new AbortController();
        const next = await queued(clients.one, lock.acquire({ signal: controller.signal }));
        const released = held.release();
        controller.abort(new Error('crossing'));
        // If no time passes between the release and the grant, the abort may come too late.
        await next.promise.then(
          (got) => got.release(),
          (error: unknown) => expect(error).toMatchObject({ message: 'crossing' }),
        );
        await released;
        // Calls that reuse ids.
        expect(await Promise.all([lock.locked(), clients.one.dict<number, number>(fresh('dict')).set(round, round)])).toEqual([
          false,
          undefined,
        ]);
      }
    });

    it('an abort that crosses with the grant leaves the lock free', async () => {
      const [one, two] = pair();
      for (const round of range(0, 60)) {
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
        // Waits until a lock whose grant crossed with the abort is back.
        await (await one.acquire()).release();
      }
      expect(await one.locked()).toBe(false);
    });

    it('does not go to a session that closed while it waited (a gap in Python)', async () => {
      const [one, two] = pair();
      const held = await one.acquire();
      const session = await clients.more();
      const gone = await queued(session.manager, session.manager.lock(one.name).acquire());
      const next = await queued(clients.two, two.acquire());
      await session.close();
      await expect(gone.promise).rejects.toBeInstanceOf(Error);
      await held.release();
      expect((await next.promise).abandoned).toBe(false);
      await (await next.promise).release();
    });
  });

  suite(target, 'lock: abandoned', (clients) => {
    it('goes to the next waiter, which is told, when the session of the holder closes (a gap in Python)', async () => {
      const lock = clients.one.lock(fresh('lock'));
      const session = await clients.more();
      const lost = await session.manager.lock(lock.name).acquire();
      const next = await queued(clients.one, lock.acquire());
      await expectWaiting(next, clients.one, session.manager);
      await session.close();
      const held = await next.promise;
      expect(held.abandoned).toBe(true);
      expect(held.token).toBeGreaterThan(lost.token);
      await held.release();
    });

    it('is free if no one waits, and tells the next holder (Python: test_lock of SyncManager)', async () => {
      const lock = clients.one.lock(fresh('lock'));
      const session = await clients.more();
      await session.manager.lock(lock.name).acquire();
      await session.close();
      const held = await lock.acquire();
      expect(held.abandoned).toBe(true);
      await held.release();
    });

    it('is reported only once', async () => {
      const lock = clients.one.lock(fresh('lock'));
      const session = await clients.more();
      await session.manager.lock(lock.name).acquire();
      await session.close();
      await (await lock.acquire()).release();
      const held = await lock.acquire();
      expect(held.abandoned).toBe(false);
      await held.release();
    });

    it('concerns all locks that the session held', async () => {
      const session = await clients.more();
      const names = range(0, 5).map(() => fresh('lock'));
      for (const name of names) await session.manager.lock(name).acquire();
      await session.close();
      const next = await Promise.all(names.map((name) => clients.one.lock(name).acquire()));
      expect(next.map(({ abandoned }) => abandoned)).toEqual(Array(5).fill(true));
      await Promise.all(next.map((held) => held.release()));
    });

    it('is not reported of a lock that was released before the close', async () => {
      const lock = clients.one.lock(fresh('lock'));
      const session = await clients.more();
      await (await session.manager.lock(lock.name).acquire()).release();
      await session.close();
      const held = await lock.acquire();
      expect(held.abandoned).toBe(false);
      await held.release();
    });
  });

  suite(target, 'lock: lease', (clients) => {
    const make = (): Lock => clients.one.lock(fresh('lock'));

    it('ends the hold: the signal aborts', async () => {
      const lock = make();
      const held = await lock.acquire({ lease: 30 });
      await aborted(held.signal);
      expect(await lock.locked()).toBe(false);
    });

    it('does not end before its time', async () => {
      const lock = make();
      const begin = performance.now();
      const held = await lock.acquire({ lease: 40 });
      await aborted(held.signal);
      expect(performance.now() - begin).toBeGreaterThanOrEqual(35);
    });

    it('that ended gives the lock to the waiter, with a greater token', async () => {
      const lock = make();
      const held = await lock.acquire({ lease: 30 });
      const next = await clients.two.lock(lock.name).acquire();
      expect(next.token).toBeGreaterThan(held.token);
      await next.release();
    });

    it('that ended makes release() a LockLostError, and disposal silent', async () => {
      const held = await make().acquire({ lease: 20 });
      await aborted(held.signal);
      await expect(held.release()).rejects.toBeInstanceOf(LockLostError);
      await held[Symbol.asyncDispose]();
    });

    it('that ended makes extend() a LockLostError', async () => {
      const held = await make().acquire({ lease: 20 });
      await aborted(held.signal);
      await expect(held.extend(60_000)).rejects.toBeInstanceOf(LockLostError);
    });

    it('that ended does not affect the next hold', async () => {
      const lock = make();
      const held = await lock.acquire({ lease: 20 });
      const next = await clients.two.lock(lock.name).acquire();
      await expect(held.release()).rejects.toBeInstanceOf(LockLostError);
      expect(await lock.locked()).toBe(true);
      await next.release();
    });

    it('holds for run() too: the signal tells the task of its end', async () => {
      const lock = make();
      await lock
        .run((signal) => aborted(signal), { lease: 20 })
        .catch((error: unknown) => {
          expect(error).toBeInstanceOf(LockLostError);
        });
      expect(await lock.locked()).toBe(false);
    });

    it('has no effect once the lock is released', async () => {
      const lock = make();
      const held = await lock.acquire({ lease: 60_000 });
      // Sent together, so that the release comes before the short lease ends.
      await Promise.all([held.extend(30), held.release()]);
      const next = await lock.acquire();
      await expectLate(50, TimeoutError, () => lock.acquire({ timeout: 50 }));
      expect(held.signal.aborted).toBe(false);
      await next.release();
    });

    it('is moved by extend(): to an earlier end', async () => {
      const lock = make();
      const held = await lock.acquire({ lease: 60_000 });
      await held.extend(30);
      await aborted(held.signal);
      await (await lock.acquire()).release();
    });

    it('is moved by extend(): to a later end', async () => {
      const lock = make();
      const held = await lock.acquire({ lease: 60_000 });
      await Promise.all([held.extend(30), held.extend(60_000)]);
      await expectLate(60, TimeoutError, () => lock.acquire({ timeout: 60 }));
      expect(held.signal.aborted).toBe(false);
      await held.release();
    });

    it('refuses a negative one and NaN, and takes nothing', async () => {
      const lock = make();
      for (const lease of [-1, NaN]) {
        await expect(lock.acquire({ lease })).rejects.toBeInstanceOf(InvalidArgumentError);
        await expect(lock.tryAcquire({ lease })).rejects.toBeInstanceOf(InvalidArgumentError);
      }
      expect(await lock.locked()).toBe(false);
      const held = await lock.acquire();
      await expect(held.extend(-1)).rejects.toBeInstanceOf(InvalidArgumentError);
      await held.release();
    });
  });
}
