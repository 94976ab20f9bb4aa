import { expect, it } from '@jest/globals';
import {
  DeadlockError,
  LockLostError,
  NotFoundError,
  NotOwnerError,
  StaleFenceError,
  TimeoutError,
  type RWLock,
} from '../../client/index.js';
import { aborted, expectLate, expectWaiting, fresh, queued, suite } from './support.js';
import type { Target } from './target.js';

/** A lock of many readers or one writer. */
export function rwlockSuite(target: Target): void {
  suite(target, 'rwlock: readers and writers', (clients) => {
    /** The same lock as two clients see it. */
    function pair(): [RWLock, RWLock] {
      const name = fresh('rwlock');
      return [clients.one.rwlock(name), clients.two.rwlock(name)];
    }

    it('has many readers, who keep a writer waiting until the last of them is gone', async () => {
      const [one, two] = pair();
      expect(await one.locked()).toBe(false);
      const [first, second] = [await one.read.acquire(), await two.read.acquire()];
      const writer = await queued(clients.two, two.write.acquire());
      await first.release();
      await expectWaiting(writer, clients.one, clients.two);
      await second.release();
      expect(await one.holders()).toMatchObject([{ mode: 'write', sessionId: clients.two.sessionId, levels: 1 }]);
      await (await writer.promise).release();
      expect(await one.locked()).toBe(false);
    });

    it('has one writer, who keeps readers and writers waiting', async () => {
      const [one, two] = pair();
      const writer = await one.write.acquire();
      expect(await two.read.tryAcquire()).toBeUndefined();
      expect(await two.write.tryAcquire()).toBeUndefined();
      await expectLate(30, TimeoutError, () => two.read.acquire({ timeout: 30 }));
      await writer.release();
      await (await two.read.acquire({ timeout: 0 })).release();
    });

    it('lets no reader overtake a writer that waits, and readers that follow each other enter together', async () => {
      const [one, two] = pair();
      const reading = await one.read.acquire();
      const writer = await queued(clients.two, two.write.acquire());
      const readers = [await queued(clients.one, one.read.acquire()), await queued(clients.two, two.read.acquire())];
      const second = await queued(clients.one, one.write.acquire());
      expect(await two.read.tryAcquire()).toBeUndefined();
      await reading.release();
      const writing = await writer.promise;
      for (const reader of readers) await expectWaiting(reader, clients.one, clients.two);
      await writing.release();
      for (const reader of readers) await (await reader.promise).release();
      await (await second.promise).release();
    });

    it.each(['timeout', 'signal', 'death'] as const)('lets readers in when the writer ahead of them gives up (%s)', async (way) => {
      const [one] = pair();
      const reading = await one.read.acquire();
      const more = await clients.more();
      const controller = new AbortController();
      const options = { timeout: { timeout: 300 }, signal: { signal: controller.signal }, death: {} }[way];
      const writer = await queued(more.manager, more.manager.rwlock(one.name).write.acquire(options));
      const reader = await queued(clients.one, one.read.acquire());
      if (way === 'signal') controller.abort(new Error('enough'));
      if (way === 'death') await more.close();
      await expect(writer.promise).rejects.toThrow();
      await (await reader.promise).release();
      await reading.release();
    });

    it('run() holds it in one mode, and releases it however the task ends', async () => {
      const [one, two] = pair();
      const result = await one.read.run(async (signal, held) => {
        expect(signal.aborted).toBe(false);
        expect(held.object).toBe(one.name);
        return two.read.run(async () => (await one.holders()).map(({ mode }) => mode));
      });
      expect(result).toEqual(['read', 'read']);
      await expect(one.write.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
      expect(await one.locked()).toBe(false);
    });

    it('a release too many is a NotOwnerError, and destroying it ends holds and waits', async () => {
      const [one, two] = pair();
      const held = await one.read.acquire();
      await held.release();
      await expect(held.release()).rejects.toBeInstanceOf(NotOwnerError);
      const readers = [await one.read.acquire(), await two.read.acquire()];
      const writer = await queued(clients.two, two.write.acquire());
      expect(await one.destroy()).toBe(true);
      await expect(writer.promise).rejects.toBeInstanceOf(NotFoundError);
      for (const { signal } of readers) await aborted(signal);
      expect(await one.locked()).toBe(false);
    });

    it('shows its holders with their modes, and its waiters with theirs, in manager.locks()', async () => {
      const [one, two] = pair();
      const owner = clients.one.owner('ann');
      const reading = await one.read.acquire({ owner });
      const again = await one.read.acquire({ owner });
      const other = await two.read.acquire();
      const writer = await queued(clients.two, two.write.acquire({ priority: -1 }));
      const reader = await queued(clients.one, one.read.acquire());
      const { locks } = await clients.two.locks();
      expect(locks.find(({ name }) => name === one.name)).toMatchObject({
        kind: 'rwlock',
        holders: [
          { mode: 'read', levels: 2, token: reading.token, owner: expect.stringMatching(/ann$/) },
          { mode: 'read', levels: 1, token: other.token, owner: undefined },
        ],
        held: 2,
        waiters: [
          { mode: 'write', sessionId: clients.two.sessionId, priority: -1 },
          { mode: 'read', sessionId: clients.one.sessionId, priority: 0 },
        ],
        waiting: 2,
      });
      for (const held of [reading, again, other]) await held.release();
      await (await writer.promise).release();
      await (await reader.promise).release();
    });
  });

  suite(target, 'rwlock: owners', (clients) => {
    it('an owner reads again while a writer waits, and writes again while it writes', async () => {
      const lock = clients.one.rwlock(fresh('rwlock'));
      const owner = clients.one.owner();
      const outer = await lock.read.acquire({ owner });
      const writer = await queued(clients.two, clients.two.rwlock(lock.name).write.acquire());
      const inner = await lock.read.acquire({ owner, timeout: 0 });
      await outer.release();
      await expectWaiting(writer, clients.one, clients.two);
      await inner.release();
      await (await writer.promise).release();
      await lock.write.run(() =>
        lock.write.run(() => lock.read.run(async () => expect(await lock.holders()).toMatchObject([{ levels: 3 }]))),
      );
      expect(await lock.locked()).toBe(false);
    });

    it('a writer that also reads goes on reading when it releases its hold for writing', async () => {
      const lock = clients.one.rwlock(fresh('rwlock'));
      const there = clients.two.rwlock(lock.name);
      const writing = await lock.write.acquire();
      const reading = await lock.read.acquire({ owner: writing });
      const [reader, writer] = [await queued(clients.two, there.read.acquire()), await queued(clients.two, there.write.acquire())];
      await writing.release();
      await (await reader.promise).release();
      expect(await lock.holders()).toMatchObject([{ mode: 'read', sessionId: clients.one.sessionId }]);
      await expectWaiting(writer, clients.one, clients.two);
      await reading.release();
      await (await writer.promise).release();
    });

    it('a reader that wants to write would wait for itself, also if it is the only one', async () => {
      const lock = clients.one.rwlock(fresh('rwlock'));
      await lock.read.run(async () => {
        const error = await lock.write.acquire().catch((error: unknown) => error);
        expect(error).toBeInstanceOf(DeadlockError);
        expect((error as Error).message).toContain('release it first, or acquire for writing from the start');
        expect(await lock.write.tryAcquire()).toBeUndefined();
        expect(await lock.holders()).toMatchObject([{ mode: 'read' }]);
      });
    });

    it('of two calls of one owner, one for reading and one for writing, the later one fails when the lock is free', async () => {
      const lock = clients.one.rwlock(fresh('rwlock'));
      const owner = clients.one.owner();
      const writing = await clients.two.rwlock(lock.name).write.acquire();
      const reader = await queued(clients.one, lock.read.acquire({ owner }));
      const writer = await queued(clients.one, lock.write.acquire({ owner }));
      const behind = await queued(clients.two, clients.two.rwlock(lock.name).read.acquire());
      await writing.release();
      await expect(writer.promise).rejects.toBeInstanceOf(DeadlockError);
      await (await behind.promise).release();
      await (await reader.promise).release();
    });
  });

  suite(target, 'rwlock: deadlocks', (clients) => {
    it('two readers of two locks that each want to write the other would wait for each other', async () => {
      const [a, b] = [clients.one.rwlock(fresh('rwlock')), clients.one.rwlock(fresh('rwlock'))];
      const [ann, bob] = [clients.one.owner('ann'), clients.one.owner('bob')];
      const held = [await a.read.acquire({ owner: ann }), await b.read.acquire({ owner: bob })];
      const waiting = await queued(clients.one, b.write.acquire({ owner: ann }));
      const error = await a.write.acquire({ owner: bob }).catch((error: unknown) => error);
      expect(error).toBeInstanceOf(DeadlockError);
      expect((error as DeadlockError).cycle.map(({ object }) => object)).toEqual([a.name, b.name]);
      await held[1]!.release();
      await (await waiting.promise).release();
      await held[0]!.release();
    });

    it('a writer that waits for many readers waits for each of them, and a reader behind it too', async () => {
      const rwlock = clients.one.rwlock(fresh('rwlock'));
      const lock = clients.one.lock(fresh('lock'));
      const readers = await Promise.all([1, 2, 3].map(() => rwlock.read.acquire()));
      const ann = clients.one.owner('ann');
      const held = await lock.acquire({ owner: ann });
      const behind = await queued(clients.one, lock.acquire({ owner: readers[1]! }));
      // Ann would wait for the second reader, who waits for her.
      await expect(rwlock.write.acquire({ owner: ann })).rejects.toBeInstanceOf(DeadlockError);
      const writer = await queued(clients.two, clients.two.rwlock(rwlock.name).write.acquire());
      await expect(rwlock.read.acquire({ owner: ann })).rejects.toBeInstanceOf(DeadlockError);
      await held.release();
      await (await behind.promise).release();
      for (const reader of readers) await reader.release();
      await (await writer.promise).release();
    });
  });

  suite(target, 'rwlock: lost holds', (clients) => {
    it('a lease that ends is a loss, and lets the next ones in', async () => {
      const lock = clients.one.rwlock(fresh('rwlock'));
      const reading = await lock.read.acquire({ lease: 20 });
      const writing = await clients.two.rwlock(lock.name).write.acquire();
      await aborted(reading.signal);
      await expect(reading.release()).rejects.toBeInstanceOf(LockLostError);
      // A reader leaves nothing half done.
      expect(writing.abandoned).toBe(false);
      await writing.release();
    });

    it('after a writer that died, readers find it abandoned, and so does the next writer, and none after it', async () => {
      const lock = clients.one.rwlock(fresh('rwlock'));
      const more = await clients.more();
      const died = await more.manager.rwlock(lock.name).write.acquire();
      const readers = [await queued(clients.one, lock.read.acquire()), await queued(clients.one, lock.read.acquire())];
      const writer = await queued(clients.one, lock.write.acquire());
      await more.close();
      await aborted(died.signal);
      for (const reader of readers) {
        const held = await reader.promise;
        expect(held.abandoned).toBe(true);
        await held.release();
      }
      const writing = await writer.promise;
      expect(writing.abandoned).toBe(true);
      await writing.release();
      await lock.read.run((_signal, held) => expect(held.abandoned).toBe(false));
      await lock.write.run((_signal, held) => expect(held.abandoned).toBe(false));
    });

    it('a hold for writing fences writes, and one for reading does not', async () => {
      const lock = clients.one.rwlock(fresh('rwlock'));
      const dict = clients.one.dict<string, number>(fresh('dict'));
      const writing = await lock.write.acquire();
      await dict.set('a', 1, { fence: writing });
      await writing.release();
      await expect(dict.set('a', 2, { fence: writing })).rejects.toBeInstanceOf(StaleFenceError);
      await lock.read.run(async (_signal, reading) => {
        await expect(dict.set('a', 3, { fence: reading })).rejects.toBeInstanceOf(StaleFenceError);
      });
      expect(await dict.get('a')).toBe(1);
    });
  });
}
