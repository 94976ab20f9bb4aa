import { expect, it } from '@jest/globals';
import { LockLostError, NotFoundError, NotOwnerError } from '../../client/index.js';
import { waiter } from './condition.js';
import { aborted, expectWaiting, fresh, queued, roundTrip, suite, watch } from './support.js';
import type { Target } from './target.js';

/** Waits on a condition that end otherwise than by a notification. */
export function conditionGapsSuite(target: Target): void {
  suite(target, 'condition: waits given up', (clients) => {
    it('an abort takes the lock back first, and rejects with its reason (Python: KeyboardInterrupt in wait)', async () => {
      const condition = clients.one.condition(fresh('condition'));
      const held = await condition.acquire();
      const controller = new AbortController();
      const wait = watch(condition.wait(held, { signal: controller.signal }));
      const other = await clients.two.condition(condition.name).acquire();
      const reason = new Error('no longer wanted');
      controller.abort(reason);
      await expectWaiting(wait, clients.one, clients.two);
      await other.release();
      await expect(wait.promise).rejects.toBe(reason);
      expect(await condition.holder()).toMatchObject({ token: held.token });
      await held.release();
      expect(await condition.locked()).toBe(false);
    });

    it('an aborted wait that gets the lock back at once leaves it held, for disposal to release', async () => {
      const condition = clients.one.condition(fresh('condition'));
      const waiting = async (): Promise<void> => {
        await using outer = await condition.acquire();
        await using inner = await condition.acquire({ owner: outer });
        await condition.wait(inner, { signal: AbortSignal.timeout(20) });
      };
      await expect(waiting()).rejects.toThrow();
      expect(await clients.two.condition(condition.name).locked()).toBe(false);
    });

    it('a signal that is aborted before the wait leaves the lock held', async () => {
      const condition = clients.one.condition(fresh('condition'));
      const held = await condition.acquire();
      const reason = new Error('before');
      const signal = AbortSignal.abort(reason);
      await expect(condition.wait(held, { signal })).rejects.toBe(reason);
      await expect(condition.waitFor(held, () => false, { signal })).rejects.toBe(reason);
      expect(await condition.holder()).toMatchObject({ token: held.token });
      await held.release();
    });

    it('a notification that crosses with an abort goes to the next waiter', async () => {
      const condition = clients.one.condition(fresh('condition'));
      const there = clients.two.condition(condition.name);
      const held = await condition.acquire();
      const controller = new AbortController();
      const first = watch(condition.wait(held, { signal: controller.signal }));
      const second = await waiter(clients.two, condition.name);
      await there.run(async (_, other) => {
        await there.notify(other);
        controller.abort(new Error('crossing'));
        await roundTrip(clients.one, clients.two);
      });
      await expect(first.promise).rejects.toThrow('crossing');
      await held.release();
      expect(await second.promise).toBe(true);
      expect(await condition.locked()).toBe(false);
    });

    it('waiters that give up make way for the waiters behind them', async () => {
      const condition = clients.one.condition(fresh('condition'));
      const held = await condition.acquire();
      const controller = new AbortController();
      const aborting = watch(condition.wait(held, { signal: controller.signal }));
      const late = await waiter(clients.two, condition.name, { timeout: 20 });
      const last = await waiter(clients.one, condition.name);
      controller.abort(new Error('out'));
      await expect(aborting.promise).rejects.toThrow('out');
      await held.release();
      expect(await late.promise).toBe(false);
      await expectWaiting(last, clients.one, clients.two);
      await condition.run((_, other) => condition.notify(other));
      expect(await last.promise).toBe(true);
    });

    it('a notified waiter returns true although its timeout ends before it has the lock', async () => {
      const condition = clients.one.condition(fresh('condition'));
      const there = clients.two.condition(condition.name);
      // On a busy machine the notification may come after a short timeout, which shows nothing: then again with a longer one.
      for (let timeout = 100, inTime = false; !inTime; timeout *= 4) {
        const begin = performance.now();
        const wait = await waiter(clients.one, condition.name, { timeout });
        await there.run(async (_, held) => {
          await there.notify(held);
          inTime = performance.now() - begin < timeout;
          expect(await there.tryAcquire({ owner: clients.two.owner() })).toBeUndefined();
          await expect(there.acquire({ owner: clients.two.owner(), timeout: timeout + 20 })).rejects.toThrow();
        });
        if (inTime) expect(await wait.promise).toBe(true);
        else await wait.promise;
      }
    });

    it('a hold that is released during its wait does not come back: the wait is a NotOwnerError', async () => {
      const condition = clients.one.condition(fresh('condition'));
      const held = await condition.acquire();
      const wait = watch(condition.wait(held));
      await held.release();
      await expect(wait.promise).rejects.toBeInstanceOf(NotOwnerError);
      expect(await condition.locked()).toBe(false);
    });

    it('a hold that waits can neither notify nor wait again', async () => {
      const condition = clients.one.condition(fresh('condition'));
      const held = await condition.acquire();
      const wait = watch(condition.wait(held));
      await expect(condition.notify(held)).rejects.toBeInstanceOf(NotOwnerError);
      await expect(condition.wait(held)).rejects.toBeInstanceOf(NotOwnerError);
      await condition.run((_, other) => condition.notify(other));
      expect(await wait.promise).toBe(true);
      await held.release();
    });
  });

  suite(target, 'condition: closed sessions', (clients) => {
    it('a session that closes while it waits is skipped: the next is woken (a gap in Python)', async () => {
      const condition = clients.one.condition(fresh('condition'));
      const session = await clients.more();
      const gone = await waiter(session.manager, condition.name);
      const next = await waiter(clients.two, condition.name);
      await session.close();
      await expect(gone.promise).rejects.toBeInstanceOf(Error);
      await condition.run((_, held) => condition.notify(held));
      expect(await next.promise).toBe(true);
    });

    it('the notification of a session that closes before it has the lock goes to the next (a gap in Python)', async () => {
      const condition = clients.one.condition(fresh('condition'));
      const session = await clients.more();
      const gone = await waiter(session.manager, condition.name);
      const next = await waiter(clients.two, condition.name);
      await condition.run(async (_, held) => {
        await condition.notify(held);
        await session.close();
        await expectWaiting(next, clients.one, clients.two);
      });
      await expect(gone.promise).rejects.toBeInstanceOf(Error);
      expect(await next.promise).toBe(true);
      expect(await condition.locked()).toBe(false);
    });

    it('notifyAll() wakes each waiter only once', async () => {
      const condition = clients.one.condition(fresh('condition'));
      const session = await clients.more();
      const gone = await waiter(session.manager, condition.name);
      const held = await condition.acquire();
      await condition.notifyAll(held);
      const late = clients.two.condition(condition.name);
      const coming = await queued(clients.two, late.acquire());
      await session.close();
      await expect(gone.promise).rejects.toBeInstanceOf(Error);
      await held.release();
      const theirs = await coming.promise;
      const later = watch(late.wait(theirs));
      await expectWaiting(later, clients.one, clients.two);
      await condition.run((_, other) => condition.notify(other));
      expect(await later.promise).toBe(true);
      await theirs.release();
    });

    it('the wait takes the lock back from a dead holder, and says so', async () => {
      const condition = clients.one.condition(fresh('condition'));
      const held = await condition.acquire();
      const wait = watch(condition.wait(held));
      const session = await clients.more();
      const there = session.manager.condition(condition.name);
      await there.notify(await there.acquire());
      await session.close();
      expect(await wait.promise).toBe(true);
      expect(held.abandoned).toBe(true);
      await held.release();
      const next = await condition.acquire();
      expect(next.abandoned).toBe(false);
      await next.release();
    });

    it('a session that closes while it waits abandons nothing: it held nothing', async () => {
      const condition = clients.one.condition(fresh('condition'));
      const session = await clients.more();
      const gone = await waiter(session.manager, condition.name);
      await session.close();
      await expect(gone.promise).rejects.toBeInstanceOf(Error);
      const held = await condition.acquire();
      expect(held.abandoned).toBe(false);
      await held.release();
    });
  });

  suite(target, 'condition: leases', (clients) => {
    it('a lease that ends during the wait ends the wait: LockLostError', async () => {
      const condition = clients.one.condition(fresh('condition'));
      const held = await condition.acquire({ lease: 60_000 });
      const wait = await queued(clients.one, condition.wait(held));
      await held.extend(20);
      await expect(wait.promise).rejects.toBeInstanceOf(LockLostError);
      await aborted(held.signal);
      expect(await condition.locked()).toBe(false);
      const next = await condition.acquire();
      expect(next.abandoned).toBe(false);
      await next.release();
    });

    it('a lease can be extended during the wait', async () => {
      const condition = clients.one.condition(fresh('condition'));
      const held = await condition.acquire({ lease: 60_000 });
      const wait = watch(condition.wait(held));
      await held.extend(20);
      await expect(wait.promise).rejects.toBeInstanceOf(LockLostError);
    });

    it('the lease of another level ends that level alone', async () => {
      const condition = clients.one.condition(fresh('condition'));
      const outer = await condition.acquire();
      const inner = await condition.acquire({ owner: outer, lease: 20 });
      const wait = watch(condition.wait(outer));
      await aborted(inner.signal);
      await expectWaiting(wait, clients.one);
      await clients.two.condition(condition.name).run((_, held) => clients.two.condition(condition.name).notify(held));
      expect(await wait.promise).toBe(true);
      expect(await condition.holder()).toMatchObject({ token: outer.token, levels: 1 });
      await outer.release();
      expect(await condition.locked()).toBe(false);
    });

    it('the lease of the waiting level ends the wait, and leaves the other levels held', async () => {
      const condition = clients.one.condition(fresh('condition'));
      const outer = await condition.acquire();
      const inner = await condition.acquire({ owner: outer, lease: 20 });
      await expect(condition.wait(inner)).rejects.toBeInstanceOf(LockLostError);
      expect(await condition.holder()).toMatchObject({ token: outer.token, levels: 1 });
      await outer.release();
      expect(await condition.locked()).toBe(false);
    });
  });

  suite(target, 'condition: destroy', (clients) => {
    it('wakes waiters with NotFoundError, and ends their holds', async () => {
      const condition = clients.one.condition(fresh('condition'));
      const held = await condition.acquire();
      const wait = watch(condition.wait(held));
      const other = await clients.two.condition(condition.name).acquire();
      expect(await clients.two.condition(condition.name).destroy()).toBe(true);
      await expect(wait.promise).rejects.toBeInstanceOf(NotFoundError);
      await Promise.all([aborted(held.signal), aborted(other.signal)]);
      expect(await condition.locked()).toBe(false);
    });

    it('of a condition over a lock: waiters get the lock back, and then fail', async () => {
      const lock = clients.one.lock(fresh('lock'));
      const condition = clients.one.condition(fresh('condition'), lock);
      const held = await lock.acquire();
      const wait = watch(condition.wait(held));
      const other = await clients.two.lock(lock.name).acquire();
      await condition.destroy();
      await expectWaiting(wait, clients.one, clients.two);
      await other.release();
      await expect(wait.promise).rejects.toBeInstanceOf(NotFoundError);
      expect(await lock.holder()).toMatchObject({ token: held.token });
      await held.release();
    });

    it('of the lock wakes waiters with NotFoundError; the condition continues once the lock is made again', async () => {
      const lock = clients.one.lock(fresh('lock'));
      const condition = clients.one.condition(fresh('condition'), lock);
      const held = await lock.acquire();
      const wait = watch(condition.wait(held));
      await roundTrip(clients.one);
      await clients.two.lock(lock.name).destroy();
      await expect(wait.promise).rejects.toBeInstanceOf(NotFoundError);
      await aborted(held.signal);
      await lock.run((_, next) => condition.notify(next));
      expect(await lock.locked()).toBe(false);
    });
  });
}
