import { expect, it } from '@jest/globals';
import {
  DeadlockError,
  InvalidArgumentError,
  LockLostError,
  NotOwnerError,
  OutOfRangeError,
  TimeoutError,
  type SharedArray,
} from '../../client/index.js';
import { aborted, expectLate, expectWaiting, fresh, queued, range, suite } from './support.js';
import type { Target } from './target.js';

/** The lock of an array: which writes wait for it, and how a hold ends. */
export function arrayLockSuite(target: Target): void {
  suite(target, 'array: lock', (clients) => {
    /** The same array as two clients see it. */
    function pair(length = 4): [SharedArray<'i32'>, SharedArray<'i32'>] {
      const name = fresh('array');
      return [clients.one.array(name, 'i32', length), clients.two.array(name, 'i32', length)];
    }

    it('makes all writes of others wait, in their order', async () => {
      const [one, two] = pair();
      const held = await one.lock();
      const writes = [
        await queued(clients.two, two.set(0, 10)),
        await queued(clients.two, two.add(0, 1)),
        await queued(clients.two, two.compareAndSet(0, 11, 12)),
        await queued(clients.two, two.write(1, [1, 2, 3])),
        await queued(clients.two, two.fill(9, 3)),
      ];
      for (const write of writes) await expectWaiting(write, clients.one, clients.two);
      expect(await one.read()).toEqual(new Int32Array(4));
      await held.release();
      expect(await Promise.all(writes.map((write): Promise<unknown> => write.promise))).toEqual([
        undefined,
        11,
        true,
        undefined,
        undefined,
      ]);
      expect(await one.read()).toEqual(Int32Array.of(12, 1, 2, 9));
    });

    it('lets its holder write under it, and every client read (Python: test_getobj_getlock_obj)', async () => {
      const [one, two] = pair();
      const held = await one.lock();
      await one.set(0, 1, { held });
      expect(await one.add(0, 4, { held })).toBe(5);
      expect(await one.compareAndSet(0, 5, 6, { held })).toBe(true);
      await one.write(1, [7, 8], { held });
      await one.fill(9, 3, undefined, { held });
      expect(await two.read()).toEqual(Int32Array.of(6, 7, 8, 9));
      expect([await two.get(0), await two.length()]).toEqual([6, 4]);
      await held.release();
    });

    it('makes a plain write of the same client wait like a write of another', async () => {
      const [one] = pair();
      const held = await one.lock();
      await expect(one.set(0, 1, { timeout: 20 })).rejects.toBeInstanceOf(TimeoutError);
      await held.release();
      await one.set(0, 1, { timeout: 0 });
    });

    it('fails a plain write of the owner that holds it, which would wait for itself', async () => {
      const [one] = pair();
      const lock = clients.one.lock(fresh('lock'));
      await lock.run(async () => {
        await using held = await one.lock();
        await expect(one.set(0, 1)).rejects.toBeInstanceOf(DeadlockError);
        await expect(one.lock()).rejects.toBeInstanceOf(DeadlockError);
        await one.set(0, 2, { held });
      });
      expect(await one.get(0)).toBe(2);
    });

    it('refuses writes under a hold that is released, lost or of another array, and changes nothing', async () => {
      const [one, two] = pair();
      const released = await one.lock();
      await released.release();
      await expect(one.set(0, 1, { held: released })).rejects.toBeInstanceOf(NotOwnerError);
      const lost = await one.lock({ lease: 20 });
      await aborted(lost.signal);
      await expect(one.write(0, [1], { held: lost })).rejects.toBeInstanceOf(LockLostError);
      const other = await clients.two.lock(fresh('lock')).acquire();
      await expect(two.fill(1, 0, 4, { held: other })).rejects.toBeInstanceOf(NotOwnerError);
      await expect(two.add(0, 1, { held: {} as typeof other })).rejects.toBeInstanceOf(InvalidArgumentError);
      await other.release();
      expect(await one.read()).toEqual(new Int32Array(4));
    });

    it('a wrong write is refused at once, not after the wait', async () => {
      const [one, two] = pair();
      const held = await one.lock();
      await expect(two.set(4, 1)).rejects.toBeInstanceOf(OutOfRangeError);
      await expect(two.write(3, [1, 2])).rejects.toBeInstanceOf(OutOfRangeError);
      await expect(two.set(0, 2 ** 31)).rejects.toBeInstanceOf(OutOfRangeError);
      await expect(one.add(0, 2 ** 31, { held })).rejects.toBeInstanceOf(OutOfRangeError);
      await held.release();
    });

    it('writes that time out or are aborted while they wait change nothing', async () => {
      const [one, two] = pair();
      const held = await one.lock();
      const controller = new AbortController();
      const reason = new Error('no longer wanted');
      const { signal } = controller;
      const waiting = [
        await queued(clients.two, two.set(0, 7, { signal })),
        await queued(clients.two, two.write(0, [7, 7], { signal })),
        await queued(clients.two, two.fill(7, 0, undefined, { signal })),
      ];
      await expectLate(30, TimeoutError, () => two.set(0, 8, { timeout: 30 }));
      await expect(two.add(0, 8, { timeout: 0 })).rejects.toBeInstanceOf(TimeoutError);
      await expect(two.compareAndSet(0, 0, 8, { timeout: 0 })).rejects.toBeInstanceOf(TimeoutError);
      await expect(two.write(0, [8], { timeout: 0 })).rejects.toBeInstanceOf(TimeoutError);
      controller.abort(reason);
      for (const call of waiting) await expect(call.promise).rejects.toBe(reason);
      await held.release();
      await two.set(3, 1);
      expect(await two.read()).toEqual(Int32Array.of(0, 0, 0, 1));
    });

    it('a write that waits stores the values at the time of its call', async () => {
      const [one, two] = pair();
      const held = await one.lock();
      const values = Int32Array.of(1, 2, 3);
      const write = await queued(clients.two, two.write(0, values));
      values.fill(9);
      await held.release();
      await write.promise;
      expect(await one.read()).toEqual(Int32Array.of(1, 2, 3, 0));
    });

    it('is given back by disposal, and a second release is a NotOwnerError', async () => {
      const [one, two] = pair();
      {
        await using held = await one.lock();
        await one.set(0, 1, { held });
      }
      const held = await two.lock({ timeout: 0 });
      await held.release();
      await expect(held.release()).rejects.toBeInstanceOf(NotOwnerError);
      await held[Symbol.asyncDispose]();
    });

    it('throws TimeoutError when it is not free in time, and the reason of the signal on abort', async () => {
      const [one, two] = pair();
      const held = await one.lock();
      await expect(two.lock({ timeout: 0 })).rejects.toBeInstanceOf(TimeoutError);
      await expectLate(30, TimeoutError, () => two.lock({ timeout: 30 }));
      const controller = new AbortController();
      const waiting = await queued(clients.two, two.lock({ signal: controller.signal }));
      const reason = new Error('no longer wanted');
      controller.abort(reason);
      await expect(waiting.promise).rejects.toBe(reason);
      await held.release();
      await (await one.lock({ timeout: 0 })).release();
    });

    it('serves waiting locks and writes in one queue, first come, first served', async () => {
      const [one, two] = pair();
      const held = await one.lock();
      const second = await queued(clients.two, two.lock());
      const write = await queued(clients.one, one.add(0, 1));
      const third = await queued(clients.two, two.lock());
      await held.release();
      const next = await second.promise;
      await expectWaiting(write, clients.one, clients.two);
      expect(next.token).toBeGreaterThan(held.token);
      await two.set(0, 10, { held: next });
      await next.release();
      expect(await write.promise).toBe(11);
      await (await third.promise).release();
    });

    it('counts locked and plain increments of two clients without losing one (Python: test_sharedctypes)', async () => {
      const [one, two] = pair();
      const locked = async (array: SharedArray<'i32'>): Promise<void> => {
        await using held = await array.lock();
        await array.set(0, (await array.get(0)) + 1, { held });
      };
      await Promise.all(range(0, 25).flatMap(() => [locked(one), two.add(0, 1), one.add(0, 1), locked(two)]));
      expect(await one.get(0)).toBe(100);
    });

    it('goes to the next, who is told, when the session of the holder closes (a gap in Python)', async () => {
      const [one] = pair();
      const session = await clients.more();
      await session.manager.array(one.name, 'i32', 4).lock();
      const next = await queued(clients.one, one.lock());
      const write = await queued(clients.two, clients.two.array(one.name, 'i32', 4).set(0, 5));
      await expectWaiting(next, clients.one, session.manager);
      await session.close();
      const held = await next.promise;
      expect(held.abandoned).toBe(true);
      await held.release();
      await write.promise;
      expect(await one.get(0)).toBe(5);
    });

    it('does not carry out a write whose session closed while it waited', async () => {
      const [one] = pair();
      const held = await one.lock();
      const session = await clients.more();
      const gone = await queued(session.manager, session.manager.array(one.name, 'i32', 4).set(0, 5));
      await session.close();
      await expect(gone.promise).rejects.toBeInstanceOf(Error);
      await held.release();
      await one.set(1, 1);
      expect(await one.read()).toEqual(Int32Array.of(0, 1, 0, 0));
    });

    it('ends with its lease, which extend() moves', async () => {
      const [one, two] = pair();
      const held = await one.lock({ lease: 60_000 });
      await held.extend(30);
      await two.set(0, 5);
      await aborted(held.signal);
      await expect(held.release()).rejects.toBeInstanceOf(LockLostError);
      expect(await one.get(0)).toBe(5);
    });
  });
}
