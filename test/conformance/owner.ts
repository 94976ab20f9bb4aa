import { expect, it } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';
import { DeadlockError, InvalidArgumentError, NotOwnerError, TimeoutError, type Held, type Owner, type RLock } from '../../client/index.js';
import { expectWaiting, fresh, queued, range, roundTrip, suite, watch } from './support.js';
import type { Target } from './target.js';

/** Owners: acquisitions that re-enter, that exclude each other, and that would wait for themselves. */
export function ownerSuite(target: Target): void {
  suite(target, 'rlock: run', (clients) => {
    const make = (): RLock => clients.one.rlock(fresh('rlock'));

    it('re-enters in the task that it runs', async () => {
      const lock = make();
      const depth = await lock.run(() => lock.run(() => lock.run(async () => (await lock.holder())?.levels)));
      expect(depth).toBe(3);
      expect(await lock.locked()).toBe(false);
    });

    it('re-enters across awaits, timers and functions in between', async () => {
      const lock = make();
      const deep = async (): Promise<number | undefined> => {
        await turn();
        return lock.run(async () => (await lock.holder())?.levels);
      };
      const levels = await lock.run(async () => {
        await clients.one.stats();
        await turn();
        return deep();
      });
      expect(levels).toBe(2);
    });

    it('re-enters by acquire(), tryAcquire() and disposal inside run()', async () => {
      const lock = make();
      await lock.run(async () => {
        const inner = await lock.acquire({ timeout: 0 });
        await using innermost = await lock.tryAcquire();
        expect(innermost).toBeDefined();
        expect(await lock.holder()).toMatchObject({ levels: 3 });
        await inner.release();
      });
      expect(await lock.locked()).toBe(false);
    });

    it('recurses to any depth', async () => {
      const lock = make();
      const recurse = (left: number): Promise<number> => lock.run(async () => (left === 0 ? 0 : (await recurse(left - 1)) + 1));
      expect(await recurse(100)).toBe(100);
      expect(await lock.locked()).toBe(false);
    });

    it('excludes independent tasks of one client from each other', async () => {
      const lock = make();
      const log: string[] = [];
      await Promise.all(
        range(0, 4).map((index) =>
          lock.run(() =>
            lock.run(async () => {
              log.push(`begin ${index}`);
              await clients.one.stats();
              log.push(`end ${index}`);
            }),
          ),
        ),
      );
      expect(log).toEqual(range(0, 4).flatMap((index) => [`begin ${index}`, `end ${index}`]));
    });

    it('excludes concurrent tasks in one run() of another lock from each other', async () => {
      const lock = make();
      let inside = 0;
      await make().run(() =>
        Promise.all(
          range(0, 4).map(() =>
            lock.run(async () => {
              expect(++inside).toBe(1);
              await clients.one.stats();
              inside--;
            }),
          ),
        ),
      );
      expect(await lock.locked()).toBe(false);
    });

    it('lets concurrent tasks in its own run() re-enter together', async () => {
      const lock = make();
      await lock.run(async () => {
        const inner = await Promise.all(range(0, 3).map(() => lock.acquire({ timeout: 0 })));
        expect(await lock.holder()).toMatchObject({ levels: 4 });
        await Promise.all(inner.map((held) => held.release()));
      });
      expect(await lock.locked()).toBe(false);
    });

    it('goes to another client only when the outermost task is over', async () => {
      const lock = make();
      const there = clients.two.rlock(lock.name);
      let next: { promise: Promise<Held> } | undefined;
      await lock.run(async () => {
        const waiting = await queued(clients.two, there.acquire());
        await lock.run(() => expectWaiting(waiting, clients.one, clients.two));
        await expectWaiting(waiting, clients.one, clients.two);
        next = waiting;
      });
      await (await next?.promise)?.release();
    });

    it('frees all levels when the task throws', async () => {
      const lock = make();
      const failing = lock.run(() => lock.run(() => Promise.reject(new Error('inside'))));
      await expect(failing).rejects.toThrow('inside');
      expect(await lock.locked()).toBe(false);
    });

    it('does not serve a task that is over: code that outlives it waits like any other', async () => {
      const lock = make();
      let detached: Promise<Held> | undefined;
      let go: () => void = () => {};
      const gone = new Promise<void>((resolve) => (go = resolve));
      await lock.run(() => {
        detached = gone.then(() => lock.acquire());
      });
      const held = await lock.acquire();
      go();
      const waiting = await queued(clients.one, detached!);
      await expectWaiting(waiting, clients.one);
      await held.release();
      await (await waiting.promise).release();
    });

    it('with { owner } runs the task as that owner', async () => {
      const lock = make();
      const owner = clients.one.owner('someone');
      const outer = await lock.acquire({ owner });
      await lock.run(
        async () => {
          const inner = await lock.acquire({ timeout: 0 });
          const holder = await lock.holder();
          expect(holder?.levels).toBe(3);
          expect(holder?.owner).toMatch(/someone$/);
          await inner.release();
        },
        { owner },
      );
      expect(await lock.holder()).toMatchObject({ levels: 1 });
      await outer.release();
    });

    it('leaves acquisitions with another { owner } to that owner', async () => {
      const lock = make();
      await lock.run(async () => {
        expect(await lock.tryAcquire({ owner: clients.one.owner() })).toBeUndefined();
      });
    });
  });

  suite(target, 'lock: owners', (clients) => {
    it('an owner that would wait for itself gets a DeadlockError at once, which names it', async () => {
      const lock = clients.one.lock(fresh('lock'));
      const owner = clients.one.owner('careless');
      const held = await lock.acquire({ owner });
      const error: unknown = await lock.acquire({ owner }).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(DeadlockError);
      expect(error).toMatchObject({ code: 'DEADLOCK', object: lock.name });
      const [step] = (error as DeadlockError).cycle;
      expect(step).toMatchObject({ object: lock.name, sessionId: clients.one.sessionId, pid: process.pid });
      expect(step?.owner).toMatch(/careless$/);
      await held.release();
    });

    it('so does the owner of a hold, with and without a timeout', async () => {
      const lock = clients.one.lock(fresh('lock'));
      const held = await lock.acquire();
      await expect(lock.acquire({ owner: held })).rejects.toBeInstanceOf(DeadlockError);
      await expect(lock.acquire({ owner: held, timeout: 60_000 })).rejects.toBeInstanceOf(DeadlockError);
      await held.release();
      await (await lock.acquire({ owner: held })).release();
    });

    it('so does the task of run(), by acquire() and by run()', async () => {
      const lock = clients.one.lock(fresh('lock'));
      await lock.run(async () => {
        await expect(lock.acquire()).rejects.toBeInstanceOf(DeadlockError);
        await expect(lock.run(() => undefined)).rejects.toBeInstanceOf(DeadlockError);
      });
      expect(await lock.locked()).toBe(false);
    });

    it('tryAcquire() and a timeout of 0 never do', async () => {
      const lock = clients.one.lock(fresh('lock'));
      const owner = clients.one.owner();
      const held = await lock.acquire({ owner });
      expect(await lock.tryAcquire({ owner })).toBeUndefined();
      await expect(lock.acquire({ owner, timeout: 0 })).rejects.toBeInstanceOf(TimeoutError);
      await held.release();
    });

    it('independent tasks wait for each other', async () => {
      const lock = clients.one.lock(fresh('lock'));
      const held = await lock.acquire({ owner: clients.one.owner() });
      const others = [
        await queued(clients.one, lock.acquire()),
        await queued(clients.one, lock.acquire({ owner: clients.one.owner() })),
        await queued(
          clients.one,
          lock.run(() => undefined),
        ),
      ];
      for (const other of others) await expectWaiting(other, clients.one);
      await held.release();
      for (const other of others) {
        const next = await other.promise;
        await next?.release();
      }
    });

    it('concurrent tasks in one run() wait for each other', async () => {
      const lock = clients.one.lock(fresh('lock'));
      const order: number[] = [];
      await clients.one.lock(fresh('lock')).run(() =>
        Promise.all(
          range(0, 3).map((index) =>
            lock.run(async () => {
              await clients.one.stats();
              order.push(index);
            }),
          ),
        ),
      );
      expect(order).toEqual([0, 1, 2]);
    });

    it('an owner of another client, or an invalid one, is an InvalidArgumentError', async () => {
      const lock = clients.one.lock(fresh('lock'));
      const foreign = await clients.two.lock(lock.name).acquire();
      for (const owner of [clients.two.owner(), foreign, 'me', {}, null] as Owner[]) {
        await expect(lock.acquire({ owner })).rejects.toBeInstanceOf(InvalidArgumentError);
        await expect(lock.run(() => undefined, { owner })).rejects.toBeInstanceOf(InvalidArgumentError);
      }
      await foreign.release();
      expect(await lock.locked()).toBe(false);
    });

    it('a hold does not release another hold of its owner', async () => {
      const lock = clients.one.lock(fresh('lock'));
      const owner = clients.one.owner();
      const first = await lock.acquire({ owner });
      await first.release();
      const second = await lock.acquire({ owner });
      await expect(first.release()).rejects.toBeInstanceOf(NotOwnerError);
      expect(await lock.locked()).toBe(true);
      await second.release();
    });
  });

  suite(target, 'value: owners', (clients) => {
    it('an owner that holds the lock and wants it gets DeadlockError', async () => {
      const value = clients.one.value(fresh('value'), 1);
      const held = await value.lock();
      await expect(value.lock({ owner: held })).rejects.toBeInstanceOf(DeadlockError);
      await expect(value.lock({ owner: held, timeout: 0 })).rejects.toBeInstanceOf(TimeoutError);
      await held.release();
    });

    it('so do its writes, which would wait for itself; writes of others wait', async () => {
      const value = clients.one.value(fresh('value'), 1);
      let other: ReturnType<typeof watch<void>> | undefined;
      await clients.one.lock(fresh('lock')).run(async () => {
        const held = await value.lock();
        await expect(value.set(2)).rejects.toBeInstanceOf(DeadlockError);
        await expect(value.add(2)).rejects.toBeInstanceOf(DeadlockError);
        await expect(value.compareAndSet(1, 2)).rejects.toBeInstanceOf(DeadlockError);
        await expect(value.update((old) => old + 1)).rejects.toBeInstanceOf(DeadlockError);
        await expect(value.set(2, { timeout: 0 })).rejects.toBeInstanceOf(TimeoutError);
        expect(await value.get()).toBe(1);
        other = watch(clients.two.value(value.name, 1).set(5));
        await roundTrip(clients.two);
        expect(other.settled).toBe(false);
        held.value = 3;
        await held.release();
      });
      await other?.promise;
      expect(await value.get()).toBe(5);
    });

    it('concurrent updates in one run() wait for each other', async () => {
      const value = clients.one.value(fresh('value'), 0);
      await clients.one.lock(fresh('lock')).run(() => Promise.all(range(0, 5).map(() => value.update((old) => old + 1))));
      expect(await value.get()).toBe(5);
    });
  });
}
