import { expect, it } from '@jest/globals';
import type { LockInfo, Manager } from '../../client/index.js';
import { fresh, queued, range, suite, watch } from './support.js';
import type { Target } from './target.js';

/** Returns the manager's reports on these names. */
async function shown(manager: Manager, ...names: string[]): Promise<LockInfo[]> {
  const { locks } = await manager.locks();
  return locks.filter(({ name }) => names.includes(name));
}

/** Reports of the manager on holders and waiters. */
export function locksSuite(target: Target): void {
  suite(target, 'manager: locks', (clients) => {
    it('shows the holder of a lock, and its waiters in their order', async () => {
      const name = fresh('lock');
      const held = await clients.one.lock(name).acquire({ owner: clients.one.owner('ann'), lease: 60_000 });
      const owned = await queued(clients.two, clients.two.lock(name).acquire({ owner: clients.two.owner('bob') }));
      const plain = await queued(clients.one, clients.one.lock(name).acquire());
      const [lock] = await shown(clients.two, name);
      expect(lock).toEqual({
        kind: 'lock',
        name,
        held: 1,
        holders: [{ ...(await clients.one.lock(name).holder()), heldFor: expect.any(Number), leaseRemaining: expect.any(Number) }],
        waiters: [
          expect.objectContaining({ sessionId: clients.two.sessionId, owner: expect.stringMatching(/bob$/), pid: process.pid }),
          expect.objectContaining({ sessionId: clients.one.sessionId, owner: undefined, label: expect.any(String) }),
        ],
        waiting: 2,
      });
      const [holder] = lock!.holders;
      expect(holder).toMatchObject({ token: held.token, sessionId: clients.one.sessionId, owner: expect.stringMatching(/ann$/) });
      const [first, second] = lock!.waiters;
      expect(first!.waitingFor).toBeGreaterThanOrEqual(second!.waitingFor);
      expect(holder!.heldFor).toBeGreaterThanOrEqual(first!.waitingFor);
      await held.release();
      expect(await shown(clients.one, name)).toMatchObject([{ waiting: 1, waiters: [{ sessionId: clients.one.sessionId }] }]);
      await (await owned.promise).release();
      await (await plain.promise).release();
      expect(await shown(clients.one, name)).toEqual([]);
    });

    it('shows the holders of permits, and the calls that wait for some, also where nothing holds them', async () => {
      const semaphore = clients.one.semaphore(fresh('semaphore'), 4);
      const held = [await semaphore.acquire({ permits: 2 }), await semaphore.acquire()];
      await semaphore.consume();
      const there = clients.two.semaphore(semaphore.name, 4);
      const [hold, use] = [
        await queued(clients.two, there.acquire({ permits: 3 })),
        await queued(clients.two, there.consume(1, { priority: 2 })),
      ];
      expect(await shown(clients.two, semaphore.name)).toMatchObject([
        {
          kind: 'semaphore',
          holders: [
            { token: held[0]!.token, permits: 2, mode: undefined, sessionId: clients.one.sessionId },
            { token: held[1]!.token, permits: 1 },
          ],
          held: 2,
          waiters: [
            { permits: 3, priority: 0, sessionId: clients.two.sessionId },
            { permits: 1, priority: 2 },
          ],
          waiting: 2,
        },
      ]);
      for (const one of held) await one.release();
      await (await hold.promise).release();
      await use.promise;
      const none = await queued(clients.one, semaphore.consume(3));
      expect(await shown(clients.two, semaphore.name)).toMatchObject([{ holders: [], held: 0, waiting: 1 }]);
      await semaphore.release();
      await none.promise;
      expect(await shown(clients.two, semaphore.name)).toEqual([]);
    });

    it('shows held locks of every kind by name, and no free ones', async () => {
      const prefix = fresh('kinds');
      const name = (index: number): string => `${prefix}-${index}`;
      const held = await Promise.all([
        clients.one.value(name(3), 0).lock(),
        clients.one.lock(name(1)).acquire(),
        clients.one.condition(name(4)).acquire(),
        clients.one.array(name(5), 'i32', 1).lock(),
        clients.one.rlock(name(2)).acquire(),
      ]);
      await clients.one.lock(name(0)).locked();
      await clients.one.lock(name(6)).create();
      await clients.one.semaphore(name(7), 1).create();
      const names = range(0, 8).map(name);
      const locks = await shown(clients.two, ...names);
      expect(locks.map(({ kind, name }) => [kind, name])).toEqual([
        ['lock', name(1)],
        ['rlock', name(2)],
        ['value', name(3)],
        ['condition', name(4)],
        ['array', name(5)],
      ]);
      for (const lock of held) await lock.release();
      expect(await shown(clients.two, ...names)).toEqual([]);
    });

    it('shows writes that wait, and waiters of a condition that take the lock back', async () => {
      const [value, condition] = [clients.one.value(fresh('value'), 0), clients.one.condition(fresh('condition'))];
      const locked = await value.lock();
      const write = await queued(clients.two, clients.two.value(value.name, 0).set(1));
      const paused = await condition.acquire();
      const pause = await queued(clients.one, condition.wait(paused));
      const entered = await clients.two.condition(condition.name).acquire();
      expect(await shown(clients.one, condition.name)).toMatchObject([{ holders: [{ token: entered.token }], waiting: 0 }]);
      await clients.two.condition(condition.name).notify(entered);
      expect(await shown(clients.one, value.name, condition.name)).toMatchObject([
        { kind: 'condition', waiting: 1, waiters: [{ sessionId: clients.one.sessionId }] },
        { kind: 'value', waiting: 1, waiters: [{ sessionId: clients.two.sessionId }] },
      ]);
      await entered.release();
      await pause.promise;
      await paused.release();
      await locked.release();
      await write.promise;
    });

    it('shows the lock of a condition over another lock under the name of that lock', async () => {
      const lock = clients.one.rlock(fresh('rlock'));
      const condition = clients.one.condition(fresh('condition'), lock);
      const held = await condition.acquire();
      expect(await shown(clients.one, lock.name, condition.name)).toMatchObject([{ kind: 'rlock', name: lock.name }]);
      await held.release();
    });

    it('shows all of many locks, and the first 1,000 waiters of one', async () => {
      const prefix = fresh('many');
      const names = range(0, 1200).map((index) => `${prefix}-${String(index).padStart(4, '0')}`);
      const held = await Promise.all(names.map((name) => clients.one.lock(name).acquire()));
      const busy = clients.two.lock(names[600]);
      const waiting = watch(Promise.all(range(0, 1100).map(() => busy.acquire().then((next) => next.release()))));
      await queued(clients.two, Promise.resolve());
      const locks = await shown(clients.one, ...names);
      expect(locks.map(({ name }) => name)).toEqual(names);
      expect(locks[600]).toMatchObject({ waiting: 1100 });
      expect(locks[600]!.waiters).toHaveLength(1000);
      await Promise.all(held.map((lock) => lock.release()));
      await waiting.promise;
    });
  });
}
