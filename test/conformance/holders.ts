import { expect, it } from '@jest/globals';
import { NotFoundError } from '../../client/index.js';
import { aborted, expectWaiting, fresh, queued, range, suite, watch, type Watched } from './support.js';
import type { Target } from './target.js';

/** Information about the holds of other clients, and its effect on holders. */
export function holderSuite(target: Target): void {
  suite(target, 'lock: holder', (clients) => {
    it('holder() returns the holder (Python: test_repr_lock)', async () => {
      const one = clients.one.lock(fresh('lock'));
      const two = clients.two.lock(one.name);
      const held = await one.acquire();
      expect(await two.holder()).toMatchObject({ token: held.token, sessionId: clients.one.sessionId });
      await held.release();
      expect(await two.holder()).toBeUndefined();
    });
  });

  suite(target, 'rlock: holder', (clients) => {
    it('holder() returns owner, session and levels (Python: test_repr_rlock)', async () => {
      const one = clients.one.rlock(fresh('rlock'));
      const two = clients.two.rlock(one.name);
      const owner = clients.one.owner('the writer');
      const outer = await one.acquire({ owner });
      expect(await two.holder()).toMatchObject({ token: outer.token, sessionId: clients.one.sessionId, levels: 1 });
      const inner = await one.acquire({ owner });
      const holder = await two.holder();
      expect(holder).toMatchObject({ token: outer.token, levels: 2 });
      expect(holder?.owner).toMatch(/the writer$/);
      await inner.release();
      await outer.release();
      expect(await two.holder()).toBeUndefined();
    });

    it('is released by disposal, level by level (Python: test_rlock_context)', async () => {
      const one = clients.one.rlock(fresh('rlock'));
      const two = clients.two.rlock(one.name);
      {
        await using outer = await one.acquire();
        {
          await using inner = await one.acquire({ owner: outer });
          expect(await two.holder()).toMatchObject({ levels: 2 });
          expect(inner.token).toBeGreaterThan(outer.token);
        }
        expect(await two.holder()).toMatchObject({ levels: 1 });
      }
      expect(await two.locked()).toBe(false);
    });
  });

  suite(target, 'semaphore: holders', (clients) => {
    it('the list of objects names the holders', async () => {
      const one = clients.one.semaphore(fresh('semaphore'), 2);
      const held = await one.acquire();
      for await (const info of clients.two.objects({ kind: 'semaphore', match: one.name })) {
        expect(info.holders).toMatchObject([{ token: held.token, sessionId: clients.one.sessionId }]);
      }
      await held.release();
    });
  });

  suite(target, 'array: destroyed while it is locked', (clients) => {
    it('destroying the array wakes waiting locks and writes with NotFoundError', async () => {
      const one = clients.one.array(fresh('array'), 'i32', 4);
      const two = clients.two.array(one.name, 'i32', 4);
      const held = await one.lock();
      const calls = await Promise.all([
        queued(clients.one, one.lock()),
        queued(clients.one, one.set(0, 1)),
        queued(clients.one, one.write(0, [1])),
        queued(clients.one, one.fill(1)),
      ]);
      await two.destroy();
      for (const call of calls) await expect(call.promise).rejects.toBeInstanceOf(NotFoundError);
      await aborted(held.signal);
    });
  });

  suite(target, 'rlock: destroyed while it is held', (clients) => {
    it('destroy() of a held lock wakes waiters, and ends all levels', async () => {
      const lock = clients.one.rlock(fresh('rlock'));
      const outer = await lock.acquire();
      const inner = await lock.acquire({ owner: outer });
      const waiting = await queued(clients.two, clients.two.rlock(lock.name).acquire());
      expect(await clients.two.rlock(lock.name).destroy()).toBe(true);
      await expect(waiting.promise).rejects.toBeInstanceOf(NotFoundError);
      await Promise.all([aborted(outer.signal), aborted(inner.signal)]);
      expect(await lock.locked()).toBe(false);
    });
  });

  suite(target, 'condition: order of notified sessions', (clients) => {
    it('wakes notified waiters only when the notifier gives the lock up, in order', async () => {
      const condition = clients.one.condition(fresh('condition'));
      const order: number[] = [];
      const waits: Watched<void>[] = [];
      for (const index of range(0, 4)) {
        const there = (index % 2 ? clients.one : clients.two).condition(condition.name);
        const begun = there.run(async (_, held) => {
          await there.wait(held);
          order.push(index);
        });
        waits.push(watch(begun));
        await (await there.acquire()).release();
      }
      await condition.run(async (_, held) => {
        await condition.notifyAll(held);
        for (const wait of waits) await expectWaiting(wait, clients.one, clients.two);
      });
      await Promise.all(waits.map(({ promise }) => promise));
      expect(order).toEqual([0, 1, 2, 3]);
    });
  });
}
