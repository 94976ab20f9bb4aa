import { expect, it } from '@jest/globals';
import { ManagerError, NotFoundError, NotOwnerError, TimeoutError, type Held, type Lock } from '../../client/index.js';
import { expectLate, expectWaiting, fresh, queued, range, suite } from './support.js';
import type { Target } from './target.js';

/** A lock: acquire, release, and its holder. */
export function lockSuite(target: Target): void {
  suite(target, 'lock: acquire and release', (clients) => {
    /** The same lock as two clients see it. */
    function pair(): [Lock, Lock] {
      const name = fresh('lock');
      return [clients.one.lock(name), clients.two.lock(name)];
    }

    it('is free at first', async () => {
      const [lock] = pair();
      expect(await lock.locked()).toBe(false);
      expect(await lock.holder()).toBeUndefined();
    });

    it('is held after acquire() and free after release() (Python: test_lock)', async () => {
      const [lock] = pair();
      const held = await lock.acquire();
      expect(await lock.locked()).toBe(true);
      expect(await lock.tryAcquire()).toBeUndefined();
      await held.release();
      expect(await lock.locked()).toBe(false);
    });

    it('tryAcquire() takes it if it is free, and does not wait if not (Python: test_lock)', async () => {
      const [one, two] = pair();
      const held = await one.tryAcquire();
      expect(held).toBeDefined();
      expect(await two.tryAcquire()).toBeUndefined();
      await held?.release();
      const next = await two.tryAcquire();
      expect(next).toBeDefined();
      await next?.release();
    });

    it('that one client holds is held to the other (Python: test_lock_locked_2processes)', async () => {
      const [one, two] = pair();
      const held = await one.acquire();
      expect(await two.locked()).toBe(true);
      expect(await two.tryAcquire()).toBeUndefined();
      await held.release();
      expect(await two.locked()).toBe(false);
    });

    it('does not re-enter: a second acquire of the same client waits', async () => {
      const [lock] = pair();
      const held = await lock.acquire();
      const second = await queued(clients.one, lock.acquire());
      await expectWaiting(second, clients.one);
      await held.release();
      await (await second.promise).release();
    });

    it('a second release is a NotOwnerError (Python: test_lock)', async () => {
      const [lock] = pair();
      const held = await lock.acquire();
      await held.release();
      await expect(held.release()).rejects.toBeInstanceOf(NotOwnerError);
    });

    it('a second release does not free the next hold', async () => {
      const [one, two] = pair();
      const first = await one.acquire();
      await first.release();
      const second = await two.acquire();
      await expect(first.release()).rejects.toBeInstanceOf(NotOwnerError);
      expect(await one.locked()).toBe(true);
      await second.release();
    });

    it('one of two concurrent releases succeeds', async () => {
      const [lock] = pair();
      const held = await lock.acquire();
      const outcomes = await Promise.allSettled([held.release(), held.release()]);
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    });

    it('is released by disposal (Python: test_lock_context)', async () => {
      const [one, two] = pair();
      {
        await using held = await one.acquire();
        expect(held.token).toBeDefined();
        expect(await two.locked()).toBe(true);
      }
      expect(await two.locked()).toBe(false);
    });

    it('is released by disposal when the block throws', async () => {
      const [one, two] = pair();
      const failing = async (): Promise<void> => {
        await using held = await one.acquire();
        expect(held.signal.aborted).toBe(false);
        throw new Error('in the block');
      };
      await expect(failing()).rejects.toThrow('in the block');
      expect(await two.locked()).toBe(false);
    });

    it('disposing after a release is silent', async () => {
      const [one, two] = pair();
      const held = await one.acquire();
      await held.release();
      const next = await two.acquire();
      await held[Symbol.asyncDispose]();
      await held[Symbol.asyncDispose]();
      expect(await one.locked()).toBe(true);
      await next.release();
    });

    it('has tokens that only grow, over all holders', async () => {
      const [one, two] = pair();
      const tokens: bigint[] = [];
      for (const lock of [one, two, two, one, two]) {
        const held = await lock.acquire();
        tokens.push(held.token);
        await held.release();
      }
      for (const [index, token] of tokens.slice(1).entries()) expect(token).toBeGreaterThan(tokens[index] ?? token);
    });

    it('run() whose session ends fails with the error of its task', async () => {
      const { manager, close } = await clients.more();
      const failure = new Error('of the task');
      const run = manager.lock(fresh('lock')).run(async () => {
        await close();
        throw failure;
      });
      await expect(run).rejects.toBe(failure);
    });

    it('is not abandoned after a release', async () => {
      const [one, two] = pair();
      await (await one.acquire()).release();
      const held = await two.acquire();
      expect(held.abandoned).toBe(false);
      await held.release();
    });

    it('has a signal that does not abort while it is held', async () => {
      const [lock] = pair();
      const held = await lock.acquire();
      await clients.one.stats();
      expect(held.signal.aborted).toBe(false);
      await held.release();
    });

    it('throws TimeoutError when it is not free in time, and not before', async () => {
      const [one, two] = pair();
      const held = await one.acquire();
      await expect(two.acquire({ timeout: 0 })).rejects.toBeInstanceOf(TimeoutError);
      await expectLate(30, TimeoutError, () => two.acquire({ timeout: 30 }));
      await held.release();
      expect(await one.locked()).toBe(false);
    });

    it('keeps two clients out of one section', async () => {
      const [one, two] = pair();
      let inside = 0;
      let most = 0;
      const enter = async (lock: Lock): Promise<void> => {
        const held = await lock.acquire();
        most = Math.max(most, ++inside);
        await clients.one.stats();
        inside--;
        await held.release();
      };
      await Promise.all(range(0, 40).map((index) => enter(index % 2 === 0 ? one : two)));
      expect(most).toBe(1);
      expect(await one.locked()).toBe(false);
    });

    it('of another name is another lock', async () => {
      const [one] = pair();
      const [other] = pair();
      const held = await one.acquire();
      const second = await other.acquire({ timeout: 0 });
      await Promise.all([held.release(), second.release()]);
    });
  });

  suite(target, 'lock: run', (clients) => {
    const make = (): Lock => clients.one.lock(fresh('lock'));

    it('returns the result of the task, and holds the lock meanwhile', async () => {
      const lock = make();
      const answer = await lock.run(async () => {
        expect(await lock.locked()).toBe(true);
        return 42;
      });
      expect(answer).toBe(42);
      expect(await lock.locked()).toBe(false);
    });

    it('takes a task that is not async', async () => {
      expect(await make().run(() => 'done')).toBe('done');
    });

    it('gives the task the signal and the handle', async () => {
      await make().run((signal, held) => {
        expect(signal.aborted).toBe(false);
        expect(held.signal).toBe(signal);
        expect(typeof held.token).toBe('bigint');
      });
    });

    it('frees the lock when the task throws, and rejects with its error', async () => {
      const lock = make();
      const failure = new Error('task failed');
      await expect(
        lock.run(() => {
          throw failure;
        }),
      ).rejects.toBe(failure);
      await expect(lock.run(() => Promise.reject(failure))).rejects.toBe(failure);
      expect(await lock.locked()).toBe(false);
    });

    it('runs one task at a time, in the order they came', async () => {
      const lock = make();
      const log: string[] = [];
      await Promise.all(
        range(0, 5).map((index) =>
          lock.run(async () => {
            log.push(`begin ${index}`);
            await clients.one.stats();
            log.push(`end ${index}`);
          }),
        ),
      );
      expect(log).toEqual(range(0, 5).flatMap((index) => [`begin ${index}`, `end ${index}`]));
    });

    it('does not run the task when it does not get the lock in time', async () => {
      const lock = make();
      const held = await lock.acquire();
      let ran = false;
      const task = (): void => {
        ran = true;
      };
      await expect(lock.run(task, { timeout: 20 })).rejects.toBeInstanceOf(TimeoutError);
      await held.release();
      await lock.run(() => undefined);
      expect(ran).toBe(false);
    });

    it('accepts a task that released the hold itself', async () => {
      const lock = make();
      expect(await lock.run((_, held) => held.release().then(() => 'released'))).toBe('released');
      expect(await lock.locked()).toBe(false);
    });
  });

  suite(target, 'lock: destroy', (clients) => {
    it('of a held lock wakes waiters with NotFoundError', async () => {
      const lock = clients.one.lock(fresh('lock'));
      const there = clients.two.lock(lock.name);
      await lock.acquire();
      const waiting = [await queued(clients.one, lock.acquire()), await queued(clients.two, there.acquire())];
      expect(await there.destroy()).toBe(true);
      for (const call of waiting) await expect(call.promise).rejects.toBeInstanceOf(NotFoundError);
    });

    it('of a held lock leaves a free one of the name, which the old hold cannot release', async () => {
      const lock = clients.one.lock(fresh('lock'));
      const old = await lock.acquire();
      await lock.destroy();
      const held: Held = await clients.two.lock(lock.name).acquire({ timeout: 0 });
      await expect(old.release()).rejects.toBeInstanceOf(ManagerError);
      expect(await lock.locked()).toBe(true);
      await held.release();
    });
  });
}
