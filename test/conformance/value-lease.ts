import { expect, it } from '@jest/globals';
import { LockLostError, TimeoutError } from '../../client/index.js';
import { aborted, expectLate, expectWaiting, fresh, queued, suite } from './support.js';
import type { Target } from './target.js';

/** Holders of a value's lock that are lost: by the end of their session, or of their lease. */
export function valueLeaseSuite(target: Target): void {
  suite(target, 'value: abandoned lock', (clients) => {
    it('goes to the next, which is told, when the session of the holder closes (a gap in Python)', async () => {
      const value = clients.one.value<number>(fresh('value'), 1);
      const session = await clients.more();
      const lost = await session.manager.value<number>(value.name, 1).lock();
      lost.value = 99;
      const next = await queued(clients.one, value.lock());
      await expectWaiting(next, clients.one, session.manager);
      await session.close();
      const held = await next.promise;
      expect(held).toMatchObject({ abandoned: true, value: 1 });
      expect(held.token).toBeGreaterThan(lost.token);
      await held.release();
      const after = await value.lock();
      expect(after.abandoned).toBe(false);
      await after.release();
    });

    it('lets the writes of others continue', async () => {
      const value = clients.one.value<number>(fresh('value'), 1);
      const session = await clients.more();
      await session.manager.value<number>(value.name, 1).lock();
      const set = await queued(clients.one, value.set(2));
      await session.close();
      await set.promise;
      expect(await value.get()).toBe(2);
    });

    it('does not go to a session that closed while it waited', async () => {
      const value = clients.one.value<number>(fresh('value'), 1);
      const held = await value.lock();
      const session = await clients.more();
      const gone = await queued(session.manager, session.manager.value<number>(value.name, 1).lock());
      const next = await queued(clients.two, clients.two.value<number>(value.name, 1).lock());
      await session.close();
      await expect(gone.promise).rejects.toBeInstanceOf(Error);
      await held.release();
      expect((await next.promise).abandoned).toBe(false);
      await (await next.promise).release();
    });
  });

  suite(target, 'value: lease', (clients) => {
    it('ends the hold: the signal aborts, and a waiter gets it', async () => {
      const value = clients.one.value<number>(fresh('value'), 1);
      const held = await value.lock({ lease: 60_000 });
      held.value = 2;
      const next = await queued(clients.two, clients.two.value<number>(value.name, 1).lock());
      await held.extend(20);
      await aborted(held.signal);
      const other = await next.promise;
      expect(other.value).toBe(1);
      await other.release();
    });

    it('that ended makes release() a LockLostError and writes nothing', async () => {
      const value = clients.one.value<number>(fresh('value'), 1);
      const held = await value.lock({ lease: 60_000 });
      held.value = 2;
      await held.extend(20);
      await aborted(held.signal);
      await expect(held.release()).rejects.toBeInstanceOf(LockLostError);
      expect(await value.get()).toBe(1);
    });

    it('that ended makes disposal silent, unless a changed value is lost', async () => {
      const value = clients.one.value<number>(fresh('value'), 1);
      const unchanged = await value.lock({ lease: 20 });
      await aborted(unchanged.signal);
      await unchanged[Symbol.asyncDispose]();
      const changed = await value.lock({ lease: 60_000 });
      changed.value = 2;
      await changed.extend(20);
      await aborted(changed.signal);
      await expect(changed[Symbol.asyncDispose]()).rejects.toBeInstanceOf(LockLostError);
    });

    it('lets the writes of others continue when it ends', async () => {
      const value = clients.one.value<number>(fresh('value'), 1);
      await value.lock({ lease: 30 });
      await clients.two.value<number>(value.name, 1).set(5);
      expect(await value.get()).toBe(5);
    });

    it('is moved by extend()', async () => {
      const value = clients.one.value<number>(fresh('value'), 1);
      const held = await value.lock({ lease: 60_000 });
      await held.extend(30);
      await aborted(held.signal);
      await (await value.lock()).release();
    });

    it('that was extended does not end at its first end', async () => {
      const value = clients.one.value<number>(fresh('value'), 1);
      const held = await value.lock({ lease: 60_000 });
      await Promise.all([held.extend(30), held.extend(60_000)]);
      await expectLate(60, TimeoutError, () => value.lock({ timeout: 60 }));
      held.value = 2;
      await held.release();
      expect(await value.get()).toBe(2);
    });
  });
}
