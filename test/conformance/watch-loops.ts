import { expect, it } from '@jest/globals';
import type { SharedDict } from '../../client/index.js';
import { collect, fresh, queued, range, roundTrip, suite } from './support.js';
import type { Target } from './target.js';
import { begun, one, take } from './watching.js';

/** Several loops beside each other, and the steps of one. */
export function watchLoopSuite(target: Target): void {
  suite(target, 'dict: loops of watches', (clients) => {
    /** The same dict as two clients see it. */
    function pair(): [SharedDict<string, number>, SharedDict<string, number>] {
      const name = fresh('dict');
      return [clients.one.dict(name), clients.two.dict(name)];
    }

    /** Makes many changes, each of a key of its own. */
    function fill(dict: SharedDict<string, number>, count: number): Promise<void> {
      return dict.setMany(range(0, count).map((number): [string, number] => [`key ${number}`, number]));
    }

    it('reports the same to 50 loops of two clients', async () => {
      const [here, there] = pair();
      const all = range(0, 50).map((number) => (number % 2 === 0 ? here : there).watch());
      await roundTrip(clients.one, clients.two);
      await Promise.all(range(0, 100).map((number) => (number % 3 === 0 ? here : there).set(`key ${number % 7}`, number)));
      await here.destroy();
      const [first, ...others] = await Promise.all(all.map((changes) => collect(changes)));
      expect(first).toHaveLength(101);
      for (const other of others) expect(other).toEqual(first);
    });

    it('continues when another loop of the same client is left', async () => {
      const [here, there] = pair();
      const [left, lasting] = [here.watch(), here.watch()];
      await roundTrip(clients.one);
      const waiting = await queued(clients.one, lasting.next());
      await left.return!();
      await roundTrip(clients.one);
      await there.set('a', 1);
      expect((await waiting.promise).value).toMatchObject({ key: 'a' });
      await there.set('b', 2);
      expect(await one(lasting)).toMatchObject({ key: 'b' });
      await lasting.return!();
    });

    it('continues when another session ends', async () => {
      const [here] = pair();
      const session = await clients.more();
      const leaving = session.manager.dict<string, number>(here.name).watch();
      const next = leaving.next().catch((error: unknown) => error);
      const changes = await begun(clients.one, here.watch());
      await session.close();
      await here.set('a', 1);
      expect(await one(changes)).toMatchObject({ key: 'a' });
      expect(await next).toMatchObject({ code: 'CLOSED' });
      await changes.return!();
    });

    it('leaving it ends the call under way, and all its next() calls', async () => {
      const [here] = pair();
      const changes = await begun(clients.one, here.watch());
      const next = await queued(clients.one, changes.next());
      const waiters = async (): Promise<number | undefined> => (await collect(clients.two.objects({ match: here.name })))[0]?.waiters;
      expect(await waiters()).toBe(1);
      expect(await changes.return!()).toEqual({ done: true, value: undefined });
      expect(await next.promise).toEqual({ done: true, value: undefined });
      expect(await changes.next()).toEqual({ done: true, value: undefined });
      await roundTrip(clients.one);
      expect(await waiters()).toBe(0);
    });

    it('left before its first step, or among received changes, reports no more', async () => {
      const [here, there] = pair();
      const [unused, used] = [here.watch(), here.watch()];
      await roundTrip(clients.one);
      await fill(there, 10);
      await take(used, 3);
      for (const changes of [unused, used]) {
        await changes.return!();
        expect(await changes.next()).toEqual({ done: true, value: undefined });
      }
    });

    it('serves concurrent next() calls one after the other', async () => {
      const [here, there] = pair();
      const changes = await begun(clients.one, here.watch());
      const turns = Promise.all(range(0, 5).map(() => changes.next()));
      for (const number of range(0, 5)) await there.set('a', number);
      expect((await turns).map(({ value }) => value?.value)).toEqual(range(0, 5));
      await changes.return!();
    });

    it('sends no call before the loop has read all received changes', async () => {
      const [here, there] = pair();
      const changes = await begun(clients.one, here.watch());
      await roundTrip(clients.one);
      const before = (await clients.two.stats()).callsTotal;
      for (const number of range(0, 50)) await there.set('a', number);
      await roundTrip(clients.one, clients.two);
      await take(changes, 50);
      const after = (await clients.two.stats()).callsTotal;
      // The writes, the calls of stats(), and one call of the watch, not one for each change. A collected proxy may make a call, too.
      if (after > 0) expect(after - before).toBeLessThan(50 + 4 + 1 + 50);
      await changes.return!();
    });
  });
}
