import { expect, it } from '@jest/globals';
import { TimeoutError, type Held } from '../../client/index.js';
import { deadlockOf } from './deadlock.js';
import { aborted, expectWaiting, fresh, queued, range, suite, type Watched } from './support.js';
import type { Target } from './target.js';

/** Waits that are no deadlock, and cycles that close without a new wait. */
export function deadlockInnocentSuite(target: Target): void {
  suite(target, 'deadlock: waits that are none', (clients) => {
    it('two tasks of one client are not one owner', async () => {
      const [a, b] = [clients.one.lock(fresh('lock')), clients.one.lock(fresh('lock'))];
      const [heldA, heldB] = [await a.acquire(), await b.acquire()];
      await expect(Promise.all([b.acquire({ timeout: 30 }), a.acquire({ timeout: 30 })])).rejects.toBeInstanceOf(TimeoutError);
      const waiting = [await queued(clients.one, b.acquire()), await queued(clients.one, a.acquire())];
      for (const call of waiting) await expectWaiting(call, clients.one);
      await Promise.all([heldA.release(), heldB.release()]);
      for (const { promise } of waiting) await (await promise).release();
    });

    it('two concurrent tasks in one run() are none, if one waits and the other continues', async () => {
      const [outer, inner] = [clients.one.lock(fresh('lock')), clients.one.lock(fresh('lock'))];
      const gate = clients.one.event(fresh('event'));
      let other: Watched<Held> | undefined;
      await outer.run(async () => {
        const first = await queued(
          clients.one,
          inner.run(() => gate.wait()),
        );
        const second = await queued(
          clients.one,
          inner.run(() => undefined),
        );
        other = await queued(clients.two, clients.two.lock(outer.name).acquire({ owner: clients.two.owner() }));
        for (const call of [first, second, other]) await expectWaiting(call, clients.one, clients.two);
        await gate.set();
        await Promise.all([first.promise, second.promise]);
      });
      await (await other!.promise).release();
    });

    it('two concurrent tasks in one run() that wait for each other are one', async () => {
      const [outer, a, b] = range(0, 3).map(() => clients.one.lock(fresh('lock')));
      const barrier = clients.one.barrier(fresh('barrier'), 2);
      const nested = (first: typeof a, second: typeof a): Promise<unknown> =>
        first!.run(async () => {
          await barrier.wait();
          return second!.run(() => 'done');
        });
      const results = await outer!.run(() => Promise.allSettled([nested(a, b), nested(b, a)]));
      expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    });

    it('a wait for a lock that a task within run() wants is none', async () => {
      const [outer, inner] = [clients.one.lock(fresh('lock')), clients.one.lock(fresh('lock'))];
      const owner = clients.two.owner();
      const held = await clients.two.lock(inner.name).acquire({ owner });
      const waiting = await outer.run(async () => {
        const within = await queued(
          clients.one,
          inner.run(() => undefined),
        );
        // This owner holds no lock that another waits for.
        const behind = await queued(clients.two, clients.two.lock(outer.name).acquire({ owner: clients.two.owner() }));
        await deadlockOf(clients.two.lock(outer.name).acquire({ owner }));
        await held.release();
        await within.promise;
        return behind;
      });
      await (await waiting.promise).release();
    });

    it('a wait that was given up, by a timeout or a signal, is none', async () => {
      const [a, b] = [clients.one.lock(fresh('lock')), clients.two.lock(fresh('lock'))];
      const [mine, theirs] = [clients.one.owner(), clients.two.owner()];
      const [heldA, heldB] = [await a.acquire({ owner: mine }), await b.acquire({ owner: theirs })];
      const controller = new AbortController();
      const wanting = clients.one.lock(b.name);
      const aborting = await queued(clients.one, wanting.acquire({ owner: mine, signal: controller.signal }));
      await expect(wanting.acquire({ owner: mine, timeout: 10 })).rejects.toBeInstanceOf(TimeoutError);
      controller.abort(new Error('enough'));
      await expect(aborting.promise).rejects.toThrow('enough');
      const waiting = await queued(clients.two, clients.two.lock(a.name).acquire({ owner: theirs }));
      await expectWaiting(waiting, clients.one, clients.two);
      await heldA.release();
      await (await waiting.promise).release();
      await heldB.release();
    });

    it('a hold that ended by its lease is none', async () => {
      const [a, b] = [clients.one.lock(fresh('lock')), clients.two.lock(fresh('lock'))];
      const [mine, theirs] = [clients.one.owner(), clients.two.owner()];
      const leased = await a.acquire({ owner: mine, lease: 20 });
      const heldB = await b.acquire({ owner: theirs });
      const waiting = await queued(clients.one, clients.one.lock(b.name).acquire({ owner: mine }));
      await aborted(leased.signal);
      const heldA = await clients.two.lock(a.name).acquire({ owner: theirs });
      expect(heldA.abandoned).toBe(true);
      await heldB.release();
      await heldA.release();
      await (await waiting.promise).release();
    });

    it('a wait whose session ended is none', async () => {
      const [a, b] = [clients.one.lock(fresh('lock')), clients.one.lock(fresh('lock'))];
      const mine = clients.one.owner();
      const session = await clients.more();
      const theirs = session.manager.owner();
      const heldA = await a.acquire({ owner: mine });
      await session.manager.lock(b.name).acquire({ owner: theirs });
      const gone = await queued(session.manager, session.manager.lock(a.name).acquire({ owner: theirs }));
      await deadlockOf(b.acquire({ owner: mine }));
      await session.close();
      await expect(gone.promise).rejects.toBeInstanceOf(Error);
      const heldB = await b.acquire({ owner: mine });
      expect(heldB.abandoned).toBe(true);
      await heldB.release();
      await heldA.release();
    });
  });

  suite(target, 'deadlock: locks handed over', (clients) => {
    it('if the next holder waits elsewhere for one behind it, the one behind fails', async () => {
      const [a, b] = [fresh('lock'), fresh('lock')];
      const [mine, theirs] = [clients.one.owner('mine'), clients.two.owner('theirs')];
      const first = await clients.one.lock(a).acquire();
      const heldB = await clients.two.lock(b).acquire({ owner: theirs });
      const myA = await queued(clients.one, clients.one.lock(a).acquire({ owner: mine }));
      const myB = await queued(clients.one, clients.one.lock(b).acquire({ owner: mine }));
      const behind = await queued(clients.two, clients.two.lock(a).acquire({ owner: theirs }));
      const last = await queued(clients.two, clients.two.lock(a).acquire());
      await expectWaiting(behind, clients.one, clients.two);
      await first.release();
      const { cycle, object } = await deadlockOf(behind.promise);
      expect(object).toBe(a);
      expect(cycle.map((step) => [step.object, step.sessionId])).toEqual([
        [a, clients.two.sessionId],
        [b, clients.one.sessionId],
      ]);
      const heldA = await myA.promise;
      await expectWaiting(myB, clients.one, clients.two);
      await heldB.release();
      await (await myB.promise).release();
      await expectWaiting(last, clients.one, clients.two);
      await heldA.release();
      await (await last.promise).release();
    });

    it('several waits of one owner for a lock: the first gets it, the others would wait for themselves', async () => {
      const lock = clients.one.lock(fresh('lock'));
      const owner = clients.one.owner();
      const held = await clients.two.lock(lock.name).acquire();
      const mine = [];
      for (let count = 0; count < 3; count++) mine.push(await queued(clients.one, lock.acquire({ owner })));
      const other = await queued(clients.two, clients.two.lock(lock.name).acquire());
      await held.release();
      const next = await mine[0]!.promise;
      for (const call of mine.slice(1)) expect((await deadlockOf(call.promise)).cycle).toHaveLength(1);
      await expectWaiting(other, clients.one, clients.two);
      await next.release();
      await (await other.promise).release();
    });

    it('several waits of one owner for an rlock are all granted', async () => {
      const lock = clients.one.rlock(fresh('rlock'));
      const owner = clients.one.owner();
      const held = await clients.two.rlock(lock.name).acquire();
      const mine: { promise: Promise<Held> }[] = [];
      for (let count = 0; count < 3; count++) mine.push(await queued(clients.one, lock.acquire({ owner })));
      await held.release();
      for (const { promise } of mine) await (await promise).release();
      expect(await lock.locked()).toBe(false);
    });
  });
}
