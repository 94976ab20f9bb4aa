import { expect, it } from '@jest/globals';
import { InvalidArgumentError, NotOwnerError, type Condition, type Manager } from '../../client/index.js';
import { expectWaiting, fresh, queued, range, suite, watch, type Watched } from './support.js';
import type { Target } from './target.js';

/** Takes the lock, waits for a notification, releases the lock, and returns the result of the wait. */
async function waitOnce(condition: Condition, options?: { timeout?: number }): Promise<boolean> {
  await using held = await condition.acquire();
  return await condition.wait(held, options);
}

/** Starts a waiter, and returns when it waits. */
export async function waiter(manager: Manager, name: string, options?: { timeout?: number }): Promise<Watched<boolean>> {
  const condition = manager.condition(name);
  const wait = watch(waitOnce(condition, options));
  // The lock goes first come, first served: an acquisition that gets it now was behind the waiter.
  await (await condition.acquire()).release();
  return wait;
}

/** A condition: waiting, notifying, and the lock that goes with it. */
export function conditionSuite(target: Target): void {
  suite(target, 'condition: notify', (clients) => {
    it('wakes one at a time, first come, first served (Python: test_notify)', async () => {
      const condition = clients.one.condition(fresh('condition'));
      const first = await waiter(clients.two, condition.name);
      const second = await waiter(clients.one, condition.name);
      for (const wait of [first, second]) {
        await expectWaiting(wait, clients.one, clients.two);
        await condition.run((_, held) => condition.notify(held));
        expect(await wait.promise).toBe(true);
      }
    });

    it('notifyAll() wakes all, after six timed out cleanly (Python: test_notify_all)', async () => {
      const condition = clients.one.condition(fresh('condition'));
      const late = await Promise.all(
        range(0, 6).map((index) => waitOnce(index % 2 ? condition : clients.two.condition(condition.name), { timeout: 20 })),
      );
      expect(late).toEqual(Array(6).fill(false));
      const waits: Watched<boolean>[] = [];
      for (const index of range(0, 6)) waits.push(await waiter(index % 2 ? clients.one : clients.two, condition.name));
      await condition.run((_, held) => condition.notifyAll(held));
      expect(await Promise.all(waits.map(({ promise }) => promise))).toEqual(Array(6).fill(true));
      expect(await condition.locked()).toBe(false);
    });

    it('wakes the given number: 2, then 4, then none (Python: test_notify_n)', async () => {
      const condition = clients.one.condition(fresh('condition'));
      const waits: Watched<boolean>[] = [];
      for (const index of range(0, 6)) waits.push(await waiter(index % 2 ? clients.one : clients.two, condition.name));
      await condition.run((_, held) => condition.notify(held, 2));
      await Promise.all(waits.slice(0, 2).map(({ promise }) => promise));
      for (const wait of waits.slice(2)) await expectWaiting(wait, clients.one, clients.two);
      await condition.run((_, held) => condition.notify(held, 4));
      await Promise.all(waits.map(({ promise }) => promise));
      await condition.run((_, held) => condition.notify(held, 3));
      expect(await condition.locked()).toBe(false);
    });

    it('is not stored: a later wait is not woken', async () => {
      const condition = clients.one.condition(fresh('condition'));
      await condition.run((_, held) => condition.notify(held, 5));
      const wait = await waiter(clients.two, condition.name);
      await expectWaiting(wait, clients.one, clients.two);
      await condition.run((_, held) => condition.notifyAll(held));
      expect(await wait.promise).toBe(true);
    });

    it('of 0 wakes no waiter, and an invalid number of waiters is refused', async () => {
      const condition = clients.one.condition(fresh('condition'));
      const wait = await waiter(clients.two, condition.name);
      await condition.run(async (_, held) => {
        await condition.notify(held, 0);
        for (const count of [-1, 1.5, NaN]) await expect(condition.notify(held, count)).rejects.toBeInstanceOf(InvalidArgumentError);
      });
      await expectWaiting(wait, clients.one, clients.two);
      await condition.run((_, held) => condition.notify(held));
      await wait.promise;
    });

    it('needs the lock: NotOwnerError without it (Python: notify on an un-acquired condition)', async () => {
      const condition = clients.one.condition(fresh('condition'));
      const released = await condition.acquire();
      await released.release();
      const elsewhere = await clients.one.lock(fresh('lock')).acquire();
      for (const held of [released, elsewhere]) {
        await expect(condition.notify(held)).rejects.toBeInstanceOf(NotOwnerError);
        await expect(condition.notifyAll(held)).rejects.toBeInstanceOf(NotOwnerError);
        await expect(condition.wait(held)).rejects.toBeInstanceOf(NotOwnerError);
      }
      await elsewhere.release();
      expect(await condition.locked()).toBe(false);
    });
  });

  suite(target, 'condition: wait', (clients) => {
    const make = (): Condition => clients.one.condition(fresh('condition'));

    it('returns false when the timeout ends, and not before (Python: test_timeout)', async () => {
      const condition = make();
      const held = await condition.acquire();
      const begin = performance.now();
      expect(await condition.wait(held, { timeout: 40 })).toBe(false);
      expect(performance.now() - begin).toBeGreaterThanOrEqual(35);
      expect(await condition.holder()).toMatchObject({ token: held.token });
      await held.release();
    });

    it('returns false with a timeout of 0, and true when notified (Python: test_wait_result)', async () => {
      const condition = make();
      await condition.run(async (_, held) => {
        expect(await condition.wait(held, { timeout: 0 })).toBe(false);
        expect(await condition.wait(held, { timeout: 10 })).toBe(false);
        const there = clients.two.condition(condition.name);
        const notified = there.run((_signal, other) => there.notify(other));
        expect(await condition.wait(held)).toBe(true);
        await notified;
      });
      expect(await condition.locked()).toBe(false);
    });

    it('with a timeout of 0 gives way to acquisitions that wait for the lock', async () => {
      const condition = make();
      const held = await condition.acquire();
      const next = await queued(clients.two, clients.two.condition(condition.name).acquire());
      const yielding = watch(condition.wait(held, { timeout: 0 }));
      const theirs = await next.promise;
      await expectWaiting(yielding, clients.one, clients.two);
      await theirs.release();
      expect(await yielding.promise).toBe(false);
      await held.release();
    });

    it('gives the lock up while it waits, and holds it under the same token afterwards', async () => {
      const condition = make();
      const there = clients.two.condition(condition.name);
      const held = await condition.acquire();
      const wait = watch(condition.wait(held));
      const other = await there.acquire();
      expect(await condition.holder()).toMatchObject({ token: other.token });
      await there.notify(other);
      await expectWaiting(wait, clients.one, clients.two);
      await other.release();
      expect(await wait.promise).toBe(true);
      expect(await condition.holder()).toMatchObject({ token: held.token, sessionId: clients.one.sessionId });
      await held.release();
      expect(await there.locked()).toBe(false);
    });

    it('gives up every level, and takes them all back (Python: Condition over RLock)', async () => {
      const condition = make();
      const there = clients.two.condition(condition.name);
      const outer = await condition.acquire();
      const inner = await condition.acquire({ owner: outer });
      const wait = watch(condition.wait(inner));
      await there.run((_, other) => there.notify(other));
      expect(await wait.promise).toBe(true);
      expect(await condition.holder()).toMatchObject({ levels: 2, token: outer.token });
      await inner.release();
      expect(await there.locked()).toBe(true);
      await outer.release();
      expect(await there.locked()).toBe(false);
    });

    it('can be notified again and again', async () => {
      const condition = make();
      const there = clients.two.condition(condition.name);
      const turns = clients.one.value(fresh('value'), 0);
      const play = async (mine: Condition, parity: number): Promise<void> => {
        await mine.run(async (_, held) => {
          for (const index of range(0, 10)) {
            await mine.waitFor(held, async () => (await turns.get()) === 2 * index + parity);
            await turns.add(1);
            await mine.notify(held);
          }
        });
      };
      await Promise.all([play(condition, 0), play(there, 1)]);
      expect(await turns.get()).toBe(20);
    });

    it('refuses a negative timeout and NaN, and holds the lock as before', async () => {
      const condition = make();
      const held = await condition.acquire();
      for (const timeout of [-1, NaN]) {
        await expect(condition.wait(held, { timeout })).rejects.toBeInstanceOf(InvalidArgumentError);
        await expect(condition.waitFor(held, () => false, { timeout })).rejects.toBeInstanceOf(InvalidArgumentError);
      }
      expect(await condition.locked()).toBe(true);
      await held.release();
    });
  });
}
