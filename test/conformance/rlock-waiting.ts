import { expect, it } from '@jest/globals';
import { LockLostError, TimeoutError } from '../../client/index.js';
import { aborted, expectWaiting, fresh, queued, range, suite } from './support.js';
import type { Target } from './target.js';

/** Waiters of a lock that re-enters, and holders that are lost. */
export function rlockWaitingSuite(target: Target): void {
  suite(target, 'rlock: waiting', (clients) => {
    it('serves first come, first served, across sessions', async () => {
      const one = clients.one.rlock(fresh('rlock'));
      const there = clients.two.rlock(one.name);
      let held = await one.acquire();
      const line = [
        await queued(clients.two, there.acquire()),
        await queued(clients.one, one.acquire()),
        await queued(clients.two, there.acquire()),
      ];
      for (const next of line) {
        await expectWaiting(next, clients.one, clients.two);
        await held.release();
        held = await next.promise;
      }
      await held.release();
    });

    it('grants all waiting acquisitions of the owner whose turn comes, before other owners', async () => {
      const lock = clients.one.rlock(fresh('rlock'));
      const owner = clients.two.owner();
      const there = clients.two.rlock(lock.name);
      const first = await lock.acquire();
      const mine = await queued(clients.two, there.acquire({ owner }));
      const other = await queued(clients.one, lock.acquire());
      const mineToo = await queued(clients.two, there.acquire({ owner }));
      await first.release();
      const levels = await Promise.all([mine.promise, mineToo.promise]);
      await expectWaiting(other, clients.one, clients.two);
      for (const level of levels) await level.release();
      await (await other.promise).release();
      expect(await lock.locked()).toBe(false);
    });

    it('a waiter that aborts or times out makes way for the waiters behind it', async () => {
      const lock = clients.one.rlock(fresh('rlock'));
      const there = clients.two.rlock(lock.name);
      const held = await lock.acquire();
      const owner = clients.two.owner();
      const controller = new AbortController();
      const first = await queued(clients.two, there.acquire({ owner, signal: controller.signal }));
      const second = await queued(clients.two, there.acquire({ owner, timeout: 20 }));
      const third = await queued(clients.two, there.acquire({ owner }));
      controller.abort(new Error('out'));
      await expect(first.promise).rejects.toThrow('out');
      await expect(second.promise).rejects.toBeInstanceOf(TimeoutError);
      await expectWaiting(third, clients.one, clients.two);
      await held.release();
      await (await third.promise).release();
      expect(await lock.locked()).toBe(false);
    });
  });

  suite(target, 'rlock: lost holders', (clients) => {
    it('the death of a session ends all levels, and the next is told (a gap in Python: no one can ever release it)', async () => {
      const lock = clients.one.rlock(fresh('rlock'));
      const session = await clients.more();
      const there = session.manager.rlock(lock.name);
      const owner = session.manager.owner();
      for (let count = 0; count < 3; count++) await there.acquire({ owner });
      const next = await queued(clients.one, lock.acquire());
      await expectWaiting(next, clients.one, session.manager);
      await session.close();
      const held = await next.promise;
      expect(held.abandoned).toBe(true);
      expect(await lock.holder()).toMatchObject({ levels: 1 });
      await held.release();
      const after = await lock.acquire();
      expect(after.abandoned).toBe(false);
      await after.release();
    });

    it('does not go to a session that closed while it waited (a gap in Python)', async () => {
      const lock = clients.one.rlock(fresh('rlock'));
      const held = await lock.acquire();
      const session = await clients.more();
      const gone = await queued(session.manager, session.manager.rlock(lock.name).acquire());
      const next = await queued(clients.two, clients.two.rlock(lock.name).acquire());
      await session.close();
      await expect(gone.promise).rejects.toBeInstanceOf(Error);
      await held.release();
      expect((await next.promise).abandoned).toBe(false);
      await (await next.promise).release();
    });

    it('a lease ends its level alone', async () => {
      const lock = clients.one.rlock(fresh('rlock'));
      const outer = await lock.acquire();
      const inner = await lock.acquire({ owner: outer, lease: 20 });
      await aborted(inner.signal);
      expect(await lock.holder()).toMatchObject({ levels: 1 });
      await expect(inner.release()).rejects.toBeInstanceOf(LockLostError);
      expect(outer.signal.aborted).toBe(false);
      await outer.release();
      const next = await clients.two.rlock(lock.name).acquire();
      expect(next.abandoned).toBe(true);
      await next.release();
    });

    it('the last lease to end frees it', async () => {
      const lock = clients.one.rlock(fresh('rlock'));
      const owner = clients.one.owner();
      const levels = await Promise.all(range(0, 3).map((index) => lock.acquire({ owner, lease: 20 + index * 10 })));
      const next = await clients.two.rlock(lock.name).acquire();
      expect(next.abandoned).toBe(true);
      await Promise.all(levels.map(({ signal }) => aborted(signal)));
      await next.release();
    });

    it('extend() moves the lease of its level', async () => {
      const lock = clients.one.rlock(fresh('rlock'));
      const outer = await lock.acquire({ lease: 60_000 });
      const inner = await lock.acquire({ owner: outer, lease: 60_000 });
      await outer.extend(20);
      await aborted(outer.signal);
      expect(inner.signal.aborted).toBe(false);
      expect(await lock.holder()).toMatchObject({ token: inner.token, levels: 1 });
      await inner.release();
    });
  });
}
