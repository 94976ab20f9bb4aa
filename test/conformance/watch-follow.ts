import { expect, it } from '@jest/globals';
import { HistoryLostError, InvalidArgumentError, TimeoutError, type SharedDict, type SharedList } from '../../client/index.js';
import { expectWaiting, fresh, queued, range, roundTrip, suite } from './support.js';
import type { Target } from './target.js';
import { begun, grow, one, plain, take } from './watching.js';

/** Watches that follow a name from one object to the next. */
export function watchFollowSuite(target: Target): void {
  suite(target, 'dict: watch of a name', (clients) => {
    /** The same dict as two clients see it. */
    function pair(): [SharedDict<string, number>, SharedDict<string, number>] {
      const name = fresh('dict');
      return [clients.one.dict(name), clients.two.dict(name)];
    }

    it('goes on with the next dict, while it waits', async () => {
      const [here, there] = pair();
      const changes = await begun(clients.one, here.watch({ follow: true }));
      const told = await queued(clients.one, take(changes, 5));
      await there.set('old', 1);
      await there.destroy();
      await expectWaiting(told, clients.two);
      await there.set('new', 2);
      await there.destroy();
      await there.set('newest', 3);
      const all = await told.promise;
      expect(plain(all)).toEqual([
        { type: 'set', key: 'old', value: 1 },
        { type: 'destroy' },
        { type: 'set', key: 'new', value: 2 },
        { type: 'destroy' },
        { type: 'set', key: 'newest', value: 3 },
      ]);
      expect(grow(all)).toBe(true);
      await changes.return!();
    });

    it('misses nothing between two of its calls', async () => {
      const [here, there] = pair();
      const changes = await begun(clients.one, here.watch({ follow: true }));
      await there.set('old', 1);
      await there.destroy();
      await there.setMany({ a: 1, b: 2 });
      await there.set('c', 3);
      expect(plain(await take(changes, 5))).toEqual([
        { type: 'set', key: 'old', value: 1 },
        { type: 'destroy' },
        { type: 'set', key: 'a', value: 1 },
        { type: 'set', key: 'b', value: 2 },
        { type: 'set', key: 'c', value: 3 },
      ]);
      await changes.return!();
    });

    it('makes no dict, however long it waits', async () => {
      const [here, there] = pair();
      const changes = await begun(clients.one, here.watch({ follow: true }));
      await there.destroy();
      expect(plain([await one(changes)])).toEqual([{ type: 'destroy' }]);
      const next = await queued(clients.one, changes.next());
      await expectWaiting(next, clients.one, clients.two);
      expect(await there.exists()).toBe(false);
      await there.create();
      await expectWaiting(next, clients.one, clients.two);
      await there.set('a', 1);
      expect(await next.promise).toMatchObject({ value: { type: 'set', key: 'a' } });
      await changes.return!();
    });

    it('of a key tells its changes and the ends', async () => {
      const [here, there] = pair();
      const changes = await begun(clients.one, here.watch({ key: 'a', follow: true }));
      await there.setMany({ a: 1, b: 1 });
      await there.destroy();
      await there.setMany({ b: 2, a: 2 });
      expect(plain(await take(changes, 3))).toEqual([
        { type: 'set', key: 'a', value: 1 },
        { type: 'destroy' },
        { type: 'set', key: 'a', value: 2 },
      ]);
      await changes.return!();
    });

    it('goes on after a time to live that ended', async () => {
      const [here, there] = pair();
      const changes = await begun(clients.one, here.watch({ follow: true }));
      await there.expire(20);
      expect(plain([await one(changes)])).toEqual([{ type: 'destroy' }]);
      await there.set('a', 1);
      expect(plain([await one(changes)])).toEqual([{ type: 'set', key: 'a', value: 1 }]);
      await changes.return!();
    });

    it('does not see an object that a batch made and undid', async () => {
      const [here, there] = pair();
      const changes = await begun(clients.one, here.watch({ follow: true }));
      await there.destroy();
      expect((await one(changes)).type).toBe('destroy');
      const next = await queued(clients.one, changes.next());
      for (const _ of range(0, 3)) {
        const batch = clients.two.atomic().check(there, 'a', 1).set(there, 'a', 2);
        expect(await batch.commit()).toEqual({ ok: false });
      }
      await there.set('b', 1);
      expect(await next.promise).toMatchObject({ value: { type: 'set', key: 'b' } });
      await changes.return!();
    });

    it('has the options of every watch: from, timeout, signal, return', async () => {
      const [here, there] = pair();
      const changes = await begun(clients.one, here.watch({ follow: true }));
      await there.set('a', 1);
      await there.destroy();
      const [set, end] = await take(changes, 2);
      await expect(one(there.watch({ from: end!.revision, follow: true, timeout: 20 }))).rejects.toBeInstanceOf(TimeoutError);
      const controller = new AbortController();
      const aborted = await queued(clients.two, there.watch({ from: end!.revision, follow: true, signal: controller.signal }).next());
      controller.abort(new Error('enough'));
      await expect(aborted.promise).rejects.toThrow('enough');
      const again = there.watch({ from: set!.revision, follow: true });
      expect(plain([await one(again)])).toEqual([{ type: 'destroy' }]);
      await again.return!();
      const next = await queued(clients.one, changes.next());
      await changes.return!();
      expect(await next.promise).toEqual({ done: true, value: undefined });
      expect(await there.exists()).toBe(false);
    });

    it('waits while its name belongs to another kind', async () => {
      const [here, there] = pair();
      const changes = await begun(clients.one, here.watch({ follow: true }));
      await there.destroy();
      await clients.two.list<number>(here.name).push(1);
      expect(plain([await one(changes)])).toEqual([{ type: 'destroy' }]);
      const next = await queued(clients.one, changes.next());
      await clients.two.list(here.name).destroy();
      await expectWaiting(next, clients.one, clients.two);
      await there.set('a', 1);
      expect(await next.promise).toMatchObject({ value: { type: 'set', key: 'a' } });
      await changes.return!();
    });

    it('ends with its session, and lets go of the name', async () => {
      const [, there] = pair();
      const { manager, close } = await clients.more();
      const changes = await begun(manager, manager.dict<string, number>(there.name).watch({ follow: true }));
      await there.destroy();
      expect((await one(changes)).type).toBe('destroy');
      await close();
      await there.set('a', 1);
      await there.destroy();
      await roundTrip(clients.two);
      expect(await there.exists()).toBe(false);
    });

    it('that was too slow for two dicts has lost its history', async () => {
      const [here, there] = pair();
      const changes = await begun(clients.one, here.watch({ follow: true }));
      await there.set('a', 1);
      expect(await one(changes)).toMatchObject({ key: 'a' });
      for (const round of range(0, 2)) {
        await there.destroy();
        await there.set('b', round);
      }
      await there.destroy();
      await expect(take(changes, 10)).rejects.toBeInstanceOf(HistoryLostError);
    });

    it('refuses a dict without a name', () => {
      expect(() => clients.one.dict().watch({ follow: true })).toThrow(InvalidArgumentError);
    });
  });

  suite(target, 'list: watch of a name', (clients) => {
    it('goes on with the next list', async () => {
      const here: SharedList<number> = clients.one.list(fresh('list'));
      const there = clients.two.list<number>(here.name);
      const changes = await begun(clients.one, here.watch({ follow: true }));
      const told = await queued(clients.one, take(changes, 3));
      await there.push(1);
      await there.destroy();
      await there.push(2, 3);
      expect(plain(await told.promise)).toMatchObject([
        { type: 'insert', index: 0, values: [1] },
        { type: 'destroy' },
        { type: 'insert', index: 0, values: [2, 3] },
      ]);
      await changes.return!();
    });
  });
}
