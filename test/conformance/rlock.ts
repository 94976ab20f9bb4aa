import { expect, it } from '@jest/globals';
import { NotOwnerError, TimeoutError, type Held, type RLock } from '../../client/index.js';
import { expectLate, expectWaiting, fresh, queued, suite } from './support.js';
import type { Target } from './target.js';

/** A lock that re-enters: its levels and their holder. */
export function rlockSuite(target: Target): void {
  suite(target, 'rlock: levels', (clients) => {
    /** The same lock as two clients see it. */
    function pair(): [RLock, RLock] {
      const name = fresh('rlock');
      return [clients.one.rlock(name), clients.two.rlock(name)];
    }

    it('is free at first', async () => {
      const [lock] = pair();
      expect(await lock.locked()).toBe(false);
      expect(await lock.holder()).toBeUndefined();
    });

    it('is locked from the first acquire to the last release of its owner (Python: test_rlock)', async () => {
      const [lock] = pair();
      const owner = clients.one.owner();
      const levels: Held[] = [];
      for (let count = 0; count < 3; count++) levels.push(await lock.acquire({ owner }));
      for (const level of levels) {
        expect(await lock.locked()).toBe(true);
        await level.release();
      }
      expect(await lock.locked()).toBe(false);
    });

    it('a release too many is a NotOwnerError (Python: test_rlock)', async () => {
      const [lock] = pair();
      const owner = clients.one.owner();
      const outer = await lock.acquire({ owner });
      const inner = await lock.acquire({ owner });
      await inner.release();
      await expect(inner.release()).rejects.toBeInstanceOf(NotOwnerError);
      expect(await lock.holder()).toMatchObject({ levels: 1 });
      await outer.release();
      await expect(outer.release()).rejects.toBeInstanceOf(NotOwnerError);
    });

    it('re-enters for the owner of a hold', async () => {
      const [lock] = pair();
      const outer = await lock.acquire();
      const inner = await lock.acquire({ owner: outer });
      const innermost = await lock.acquire({ owner: inner });
      expect(await lock.holder()).toMatchObject({ levels: 3 });
      for (const level of [innermost, inner, outer]) await level.release();
      expect(await lock.locked()).toBe(false);
    });

    it('stays with the owner of its first level when that one is released first', async () => {
      const [lock] = pair();
      const outer = await lock.acquire();
      const inner = await lock.acquire({ owner: outer });
      await outer.release();
      const again = await lock.acquire({ owner: inner, timeout: 0 });
      await inner.release();
      expect(await lock.locked()).toBe(true);
      await again.release();
      expect(await lock.locked()).toBe(false);
    });

    it('gives each level a token of its own; tokens only grow', async () => {
      const [lock] = pair();
      const owner = clients.one.owner();
      const tokens: bigint[] = [];
      const levels: Held[] = [];
      for (let count = 0; count < 4; count++) {
        const level = await lock.acquire({ owner });
        levels.push(level);
        tokens.push(level.token);
      }
      expect([...tokens].sort((a, b) => (a < b ? -1 : 1))).toEqual(tokens);
      expect(new Set(tokens).size).toBe(4);
      for (const level of levels) await level.release();
    });

    it('is held in levels by one client, and held to the other (Python: test_rlock_locked_2processes)', async () => {
      const [one, two] = pair();
      const owner = clients.one.owner();
      const outer = await one.acquire({ owner });
      const inner = await one.acquire({ owner });
      for (const level of [inner, outer]) {
        expect(await two.locked()).toBe(true);
        expect(await two.tryAcquire()).toBeUndefined();
        await level.release();
      }
      expect(await two.locked()).toBe(false);
    });

    it('does not re-enter for another acquisition of the same client', async () => {
      const [lock] = pair();
      const held = await lock.acquire();
      expect(await lock.tryAcquire()).toBeUndefined();
      const second = await queued(clients.one, lock.acquire());
      await expectWaiting(second, clients.one);
      await held.release();
      await (await second.promise).release();
    });

    it('does not re-enter for an owner of the same name in another session', async () => {
      const [one, two] = pair();
      const held = await one.acquire();
      const there = await two.tryAcquire({ owner: clients.two.owner() });
      expect(there).toBeUndefined();
      await held.release();
    });

    it('tryAcquire() takes a further level (Python: test_rlock)', async () => {
      const [lock] = pair();
      const owner = clients.one.owner();
      const outer = await lock.tryAcquire({ owner });
      const inner = await lock.tryAcquire({ owner });
      expect(inner).toBeDefined();
      await inner?.release();
      await outer?.release();
      expect(await lock.locked()).toBe(false);
    });

    it('takes further levels while others wait', async () => {
      const [one, two] = pair();
      const outer = await one.acquire();
      const waiting = await queued(clients.two, two.acquire());
      const inner = await one.acquire({ owner: outer, timeout: 0 });
      await inner.release();
      await expectWaiting(waiting, clients.one, clients.two);
      await outer.release();
      await (await waiting.promise).release();
    });

    it('throws TimeoutError for another owner that does not get it in time, and not before', async () => {
      const [one, two] = pair();
      const held = await one.acquire();
      await expect(two.acquire({ timeout: 0 })).rejects.toBeInstanceOf(TimeoutError);
      await expectLate(30, TimeoutError, () => two.acquire({ timeout: 30 }));
      await held.release();
    });
  });
}
