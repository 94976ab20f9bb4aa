import { expect, it } from '@jest/globals';
import {
  InvalidArgumentError,
  KindMismatchError,
  NotFoundError,
  OptionsConflictError,
  type Condition,
  type Held,
} from '../../client/index.js';
import { waiter } from './condition.js';
import { expectWaiting, fresh, suite, watch } from './support.js';
import type { Target } from './target.js';

/** Waiting for a predicate, and the lock that goes with a condition. */
export function conditionLockSuite(target: Target): void {
  suite(target, 'condition: waitFor', (clients) => {
    it('waits until the predicate is true, on both sides (Python: test_waitfor)', async () => {
      const condition = clients.one.condition(fresh('condition'));
      const there = clients.two.condition(condition.name);
      const state = clients.one.value(fresh('value'), 0);
      const child = there.run(async (_, held) => {
        expect(await there.waitFor(held, async () => (await state.get()) === 0)).toBe(true);
        await state.set(1);
        await there.notify(held);
      });
      const seen = await condition.run((_, held) => condition.waitFor(held, async () => (await state.get()) === 1));
      expect(seen).toBe(true);
      await child;
    });

    it('returns false at its timeout and not before, however often it is notified (Python: test_waitfor_timeout)', async () => {
      const condition = clients.one.condition(fresh('condition'));
      const there = clients.two.condition(condition.name);
      let asked = 0;
      const begin = performance.now();
      const waiting = condition.run((_, held) =>
        condition.waitFor(
          held,
          () => {
            asked++;
            return false;
          },
          { timeout: 80 },
        ),
      );
      for (let count = 0; count < 3; count++) {
        const before = asked;
        while (asked === before && performance.now() - begin < 80) await there.run((_, held) => there.notify(held));
      }
      expect(await waiting).toBe(false);
      // A timer may fire a little early.
      expect(performance.now() - begin).toBeGreaterThanOrEqual(75);
      expect(asked).toBeGreaterThan(1);
      expect(await condition.locked()).toBe(false);
    });

    it('does not wait if the predicate is true, nor with a timeout of 0', async () => {
      const condition = clients.one.condition(fresh('condition'));
      await condition.run(async (_, held) => {
        expect(await condition.waitFor(held, () => true)).toBe(true);
        expect(await condition.waitFor(held, () => true, { timeout: 0 })).toBe(true);
        expect(await condition.waitFor(held, () => Promise.resolve(false), { timeout: 0 })).toBe(false);
      });
    });

    it('rejects with the error of the predicate, holding the lock', async () => {
      const condition = clients.one.condition(fresh('condition'));
      const held = await condition.acquire();
      const failing = condition.waitFor(held, () => {
        throw new Error('predicate');
      });
      await expect(failing).rejects.toThrow('predicate');
      expect(await condition.locked()).toBe(true);
      await held.release();
    });
  });

  suite(target, 'condition: lock', (clients) => {
    it('is a re-entrant lock of its own, by default', async () => {
      const condition = clients.one.condition(fresh('condition'));
      await condition.run(() => condition.run(async () => expect(await condition.holder()).toMatchObject({ levels: 2 })));
      expect(await condition.locked()).toBe(false);
    });

    it('acquire(), tryAcquire() and locked() act on its lock', async () => {
      const condition = clients.one.condition(fresh('condition'));
      const there = clients.two.condition(condition.name);
      const held = await condition.tryAcquire();
      expect(await there.locked()).toBe(true);
      expect(await there.tryAcquire()).toBeUndefined();
      await held?.release();
      expect(await there.locked()).toBe(false);
    });

    for (const kind of ['lock', 'rlock'] as const) {
      it(`may be a ${kind} of the manager: a hold of either serves both`, async () => {
        const lock = clients.one[kind](fresh(kind));
        const condition = clients.one.condition(fresh('condition'), lock);
        const there = clients.two.condition(condition.name);
        const held: Held = await lock.acquire();
        expect(await condition.locked()).toBe(true);
        const wait = watch(condition.wait(held));
        const other = await there.acquire();
        expect(await lock.holder()).toMatchObject({ token: other.token });
        await there.notify(other);
        await other.release();
        expect(await wait.promise).toBe(true);
        expect(await lock.holder()).toMatchObject({ token: held.token });
        await held.release();
        expect(await lock.locked()).toBe(false);
      });
    }

    it('may be shared by several conditions, which wake their own waiters only', async () => {
      const lock = clients.one.lock(fresh('lock'));
      const [full, empty] = [clients.one.condition(fresh('condition'), lock), clients.one.condition(fresh('condition'), lock)];
      await Promise.all([full.create(), empty.create()]);
      const [waitFull, waitEmpty] = [await waiter(clients.two, full.name), await waiter(clients.two, empty.name)];
      await lock.run((_, held) => empty.notifyAll(held));
      expect(await waitEmpty.promise).toBe(true);
      await expectWaiting(waitFull, clients.one, clients.two);
      await lock.run((_, held) => full.notify(held));
      expect(await waitFull.promise).toBe(true);
    });

    it('a lock other than the one it has is an OptionsConflictError; an omitted one is not', async () => {
      const lock = clients.one.lock(fresh('lock'));
      const given = clients.one.condition(fresh('condition'), lock);
      const own = clients.one.condition(fresh('condition'));
      await given.locked();
      await own.locked();
      for (const conflicting of [
        clients.two.condition(given.name, clients.two.lock(fresh('lock'))),
        clients.two.condition(given.name, clients.two.rlock(fresh('rlock'))),
        clients.two.condition(own.name, clients.two.lock(lock.name)),
      ]) {
        await expect(conflicting.acquire()).rejects.toBeInstanceOf(OptionsConflictError);
      }
      const held = await clients.two.condition(given.name).acquire();
      expect(await lock.holder()).toMatchObject({ token: held.token });
      await held.release();
      expect(await clients.two.condition(given.name, clients.two.lock(lock.name)).locked()).toBe(false);
    });

    it('a lock of another kind is a KindMismatchError, and the condition is not made', async () => {
      const list = clients.one.list(fresh('list'));
      await list.push(1);
      const condition = clients.one.condition(fresh('condition'), clients.one.lock(list.name));
      await expect(condition.acquire()).rejects.toBeInstanceOf(KindMismatchError);
      expect(await condition.exists()).toBe(false);
    });

    it('cannot be the condition itself, nor an object that is no lock', async () => {
      const name = fresh('condition');
      await expect(clients.one.condition(name, clients.one.lock(name)).acquire()).rejects.toBeInstanceOf(InvalidArgumentError);
      expect(() => clients.one.condition(name, clients.one.list(name) as never)).toThrow(InvalidArgumentError);
    });

    it('is not made again by the condition after it was destroyed: NotFoundError', async () => {
      const lock = clients.one.lock(fresh('lock'));
      const condition = clients.one.condition(fresh('condition'), lock);
      await condition.create();
      const there = clients.two.condition(condition.name);
      const waiting = await waiter(clients.two, condition.name);
      const held = await clients.one.lock(fresh('lock')).acquire();
      await clients.two.lock(lock.name).destroy();
      await expect(waiting.promise).rejects.toBeInstanceOf(NotFoundError);
      const calls: (() => Promise<unknown>)[] = [
        () => there.acquire(),
        () => there.tryAcquire(),
        () => there.run(() => undefined),
        () => there.locked(),
        () => there.holder(),
        () => condition.wait(held, { timeout: 0 }),
        () => condition.notify(held),
        () => condition.notifyAll(held),
      ];
      for (const call of calls) await expect(call()).rejects.toBeInstanceOf(NotFoundError);
      expect(await lock.exists()).toBe(false);
      const again = await lock.acquire();
      expect(await there.holder()).toMatchObject({ token: again.token });
      await again.release();
      await held.release();
    });

    it('travels with the reference of the condition', async () => {
      const lock = clients.one.lock(fresh('lock'));
      const list = clients.one.list<Condition>(fresh('list'));
      await list.push(clients.one.condition(fresh('condition'), lock));
      const there = await clients.two.list<Condition>(list.name).at(0);
      const held = await there!.acquire();
      expect(await lock.holder()).toMatchObject({ token: held.token });
      await held.release();
    });
  });
}
