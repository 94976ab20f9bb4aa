import { expect, it } from '@jest/globals';
import {
  InvalidArgumentError,
  ManagerError,
  NotOwnerError,
  OutOfRangeError,
  TimeoutError,
  type HeldValue,
  type SharedValue,
} from '../../client/index.js';
import { expectLate, expectWaiting, fresh, queued, range, roundTrip, suite } from './support.js';
import type { Target } from './target.js';

/** The lock of a value. */
export function valueLockSuite(target: Target): void {
  suite(target, 'value: lock', (clients) => {
    /** The same value as two clients see it. */
    function pair<T>(initial: T) {
      const name = fresh('value');
      return [clients.one.value<T>(name, initial), clients.two.value<T>(name, initial)] as const;
    }

    it('returns the value with the hold (Python: test_getobj_getlock)', async () => {
      const [one, two] = pair(1);
      await two.set(5);
      const held = await one.lock();
      expect(held.value).toBe(5);
      await held.release();
    });

    it('writes the value at release, in one step', async () => {
      const [one, two] = pair({ a: 1, b: 1 });
      const held = await one.lock();
      held.value = { a: 2, b: 1 };
      held.value = { ...held.value, b: 2 };
      expect(held.value).toEqual({ a: 2, b: 2 });
      await roundTrip(clients.one);
      expect(await two.get()).toEqual({ a: 1, b: 1 });
      await held.release();
      expect(await two.get()).toEqual({ a: 2, b: 2 });
    });

    it('lets its holder write under it, and every client read that at once', async () => {
      const [one, two] = pair<number>(1);
      const held = await one.lock();
      await one.set(2, { held });
      expect(await two.get()).toBe(2);
      expect(await one.add(3, { held })).toBe(5);
      expect(await one.compareAndSet(5, 6, { held })).toBe(true);
      expect(await one.compareAndSet(5, 7, { held })).toBe(false);
      expect(await two.get()).toBe(6);
      // Only a value that was assigned to the hold is written at its release.
      await held.release();
      expect(await two.get()).toBe(6);
    });

    it('refuses a write under a hold that is over, or of another value', async () => {
      const [one] = pair<number>(1);
      const [other] = pair<number>(1);
      const over = await one.lock();
      await over.release();
      await using of = await other.lock();
      for (const held of [over, of]) {
        await expect(one.set(2, { held })).rejects.toBeInstanceOf(NotOwnerError);
        await expect(one.add(1, { held })).rejects.toBeInstanceOf(NotOwnerError);
        await expect(one.compareAndSet(1, 2, { held })).rejects.toBeInstanceOf(NotOwnerError);
      }
      await expect(one.set(2, { held: {} as HeldValue<number> })).rejects.toBeInstanceOf(InvalidArgumentError);
      expect(await one.get()).toBe(1);
    });

    it('released without a change leaves the value as it was', async () => {
      const [one, two] = pair('same');
      await (await one.lock()).release();
      expect(await two.get()).toBe('same');
    });

    it('gives the next holder the value that the one before wrote', async () => {
      const [one, two] = pair(1);
      const first = await one.lock();
      const next = await queued(clients.two, two.lock());
      first.value = 2;
      await first.release();
      const second = await next.promise;
      expect(second.value).toBe(2);
      await second.release();
    });

    it('makes the writes of others wait', async () => {
      const [one, two] = pair(0);
      const held = await one.lock();
      const writes = [
        await queued(clients.two, two.set(10)),
        await queued(clients.two, two.add(1)),
        await queued(clients.two, two.compareAndSet(11, 12)),
      ];
      for (const write of writes) await expectWaiting(write, clients.one, clients.two);
      held.value = 5;
      await held.release();
      expect(await Promise.all(writes.map((write): Promise<unknown> => write.promise))).toEqual([undefined, 11, true]);
      expect(await one.get()).toBe(12);
    });

    it('makes update() of others wait, and then change the value that the holder wrote', async () => {
      const [one, two] = pair(0);
      const held = await one.lock();
      const updated = await queued(
        clients.two,
        two.update((old) => old + 1),
      );
      await expectWaiting(updated, clients.one, clients.two);
      held.value = 5;
      await held.release();
      expect(await updated.promise).toBe(6);
    });

    it('lets others read the last written value meanwhile', async () => {
      const [one, two] = pair('before');
      const held = await one.lock();
      held.value = 'after';
      expect(await two.get()).toBe('before');
      expect(await one.get()).toBe('before');
      await held.release();
      expect(await two.get()).toBe('after');
    });

    it('makes a plain write of the same client wait like a write of another', async () => {
      const [one] = pair(0);
      const held = await one.lock();
      await expect(one.set(1, { timeout: 20 })).rejects.toBeInstanceOf(TimeoutError);
      await held.release();
      await one.set(1, { timeout: 0 });
    });

    it('writes that time out or are aborted while they wait change nothing', async () => {
      const [one, two] = pair(0);
      const held = await one.lock();
      const controller = new AbortController();
      const reason = new Error('no longer wanted');
      const set = await queued(clients.two, two.set(7, { signal: controller.signal }));
      const add = await queued(clients.two, two.add(7, { signal: controller.signal }));
      await expectLate(30, TimeoutError, () => two.set(8, { timeout: 30 }));
      await expect(two.add(8, { timeout: 0 })).rejects.toBeInstanceOf(TimeoutError);
      await expect(two.compareAndSet(0, 8, { timeout: 0 })).rejects.toBeInstanceOf(TimeoutError);
      await expect(two.update(() => 8, { timeout: 20 })).rejects.toBeInstanceOf(TimeoutError);
      controller.abort(reason);
      await expect(set.promise).rejects.toBe(reason);
      await expect(add.promise).rejects.toBe(reason);
      await held.release();
      expect(await two.add(0)).toBe(0);
    });

    it('is released by disposal, which writes the value', async () => {
      const [one, two] = pair(1);
      {
        await using held = await one.lock();
        held.value += 1;
      }
      expect(await two.get()).toBe(2);
      await (await two.lock({ timeout: 0 })).release();
    });

    it('is released by disposal when the block throws', async () => {
      const [one, two] = pair(1);
      const failing = async (): Promise<void> => {
        await using held = await one.lock();
        expect(held.value).toBe(1);
        throw new Error('in the block');
      };
      await expect(failing()).rejects.toThrow('in the block');
      await (await two.lock({ timeout: 0 })).release();
    });

    it('a second release is a NotOwnerError, and disposing after a release is silent', async () => {
      const [one, two] = pair(1);
      const held = await one.lock();
      held.value = 2;
      await held.release();
      await two.set(3);
      await expect(held.release()).rejects.toBeInstanceOf(NotOwnerError);
      await held[Symbol.asyncDispose]();
      expect(await two.get()).toBe(3);
    });

    it('a second release does not free the next hold', async () => {
      const [one, two] = pair(1);
      const first = await one.lock();
      await first.release();
      const second = await two.lock();
      await expect(first.release()).rejects.toBeInstanceOf(NotOwnerError);
      await expect(one.lock({ timeout: 0 })).rejects.toBeInstanceOf(TimeoutError);
      await second.release();
    });

    it('throws TimeoutError when it is not free in time, and not before', async () => {
      const [one, two] = pair(1);
      const held = await one.lock();
      await expect(two.lock({ timeout: 0 })).rejects.toBeInstanceOf(TimeoutError);
      await expectLate(30, TimeoutError, () => two.lock({ timeout: 30 }));
      await held.release();
      await (await one.lock({ timeout: 0 })).release();
    });

    it('a wait for it ends with the reason of the signal, and holds nothing', async () => {
      const [one, two] = pair(1);
      const held = await one.lock();
      const controller = new AbortController();
      const waiting = await queued(clients.two, two.lock({ signal: controller.signal }));
      const reason = new Error('no longer wanted');
      controller.abort(reason);
      await expect(waiting.promise).rejects.toBe(reason);
      await held.release();
      await (await one.lock({ timeout: 0 })).release();
    });

    it('serves waiting locks and writes in one queue, first come, first served', async () => {
      const [one, two] = pair<string[]>([]);
      const held = await one.lock();
      const second = await queued(clients.two, two.lock());
      const write = await queued(clients.one, one.set(['written']));
      const third = await queued(clients.two, two.lock());
      await held.release();
      const next = await second.promise;
      await expectWaiting(write, clients.one, clients.two);
      next.value = ['second'];
      await next.release();
      await write.promise;
      const last = await third.promise;
      expect(last.value).toEqual(['written']);
      await last.release();
    });

    it('has tokens that only grow, and is not abandoned after a release', async () => {
      const [one, two] = pair(1);
      const tokens: bigint[] = [];
      for (const value of [one, two, one, two]) {
        const held = await value.lock();
        tokens.push(held.token);
        expect(held.abandoned).toBe(false);
        await held.release();
      }
      for (const [index, token] of tokens.slice(1).entries()) expect(token).toBeGreaterThan(tokens[index] ?? token);
    });

    it('writes no value that does not fit its type (Python wraps)', async () => {
      const value = clients.one.value<number>(fresh('value'), 1, { type: 'u8' });
      const held = await value.lock();
      // The assignment may refuse, or the release.
      const write = async (): Promise<void> => {
        held.value = 256;
        await held.release();
      };
      await expect(write()).rejects.toBeInstanceOf(OutOfRangeError);
      expect(await value.get()).toBe(1);
    });

    it('counts 4 clients × 50 locked increments without losing one', async () => {
      const [one] = pair(0);
      const managers = [clients.one, clients.two, (await clients.more()).manager, (await clients.more()).manager];
      await Promise.all(
        managers.map(async (manager) => {
          const value = manager.value<number>(one.name, 0);
          for (let count = 0; count < 50; count++) {
            await using held = await value.lock();
            held.value += 1;
          }
        }),
      );
      expect(await one.get()).toBe(200);
    });

    it('update() whose session ends fails with the ManagerError that says so', async () => {
      const { manager, close } = await clients.more();
      let closed: Promise<void> | undefined;
      const update = manager.value<number>(fresh('value'), 0).update((value) => {
        closed = close();
        return value + 1;
      });
      await expect(update).rejects.toBeInstanceOf(ManagerError);
      await closed;
    });

    it('update() whose session ends fails with the error of the change, if that throws', async () => {
      const { manager, close } = await clients.more();
      const failure = new Error('of the change');
      let closed: Promise<void> | undefined;
      const update = manager.value<number>(fresh('value'), 0).update(() => {
        closed = close();
        throw failure;
      });
      await expect(update).rejects.toBe(failure);
      await closed;
    });

    it('a loss that release() reported is not reported again by disposal', async () => {
      const { manager, close } = await clients.more();
      const held = await manager.value<number>(fresh('value'), 0).lock();
      held.value = 1;
      await close();
      await expect(held.release()).rejects.toBeInstanceOf(ManagerError);
      await held[Symbol.asyncDispose]();
    });

    it('counts locked and plain increments at once without losing one', async () => {
      const [one, two] = pair(0);
      const locked = async (value: SharedValue<number>): Promise<void> => {
        const held: HeldValue<number> = await value.lock();
        held.value += 1;
        await held.release();
      };
      await Promise.all(range(0, 50).flatMap(() => [locked(one), two.add(1), two.update((old) => old + 1), locked(two)]));
      expect(await one.get()).toBe(200);
    });
  });
}
