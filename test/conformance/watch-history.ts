import { expect, it } from '@jest/globals';
import { HistoryLostError, type SharedDict } from '../../client/index.js';
import { collect, expectWaiting, fresh, queued, range, roundTrip, suite } from './support.js';
import type { Target } from './target.js';
import { begun, grow, one, plain, take } from './watching.js';

/** Number of changes that a manager keeps. */
const KEPT = 10_000;

/** Watches that begin at an earlier revision, or are slow. */
export function watchHistorySuite(target: Target): void {
  suite(target, 'dict: history', (clients) => {
    /** The same dict as two clients see it. */
    function pair(): [SharedDict<string, number>, SharedDict<string, number>] {
      const name = fresh('dict');
      return [clients.one.dict(name), clients.two.dict(name)];
    }

    /** Makes many changes, each of a key of its own. */
    function fill(dict: SharedDict<string, number>, count: number): Promise<void> {
      return dict.setMany(range(0, count).map((number): [string, number] => [`key ${number}`, number]));
    }

    it('of one key waits through any number of changes of others', async () => {
      const [here, there] = pair();
      const changes = await begun(clients.one, here.watch({ key: 'rare' }));
      const next = await queued(clients.one, changes.next());
      for (const round of range(0, 3)) {
        await fill(there, KEPT - round);
        // The manager reports the revision to the watch, which asks from there.
        await roundTrip(clients.one);
      }
      await expectWaiting(next, clients.one, clients.two);
      await there.set('rare', 1);
      expect(await next.promise).toMatchObject({ value: { key: 'rare', value: 1 } });
      await changes.return!();
    });

    it('continues from a revision, also in another client', async () => {
      const [here, there] = pair();
      const lasting = await begun(clients.one, here.watch());
      await fill(there, 10);
      const told = await take(lasting, 10);
      await lasting.return!();
      await there.set('later', 1);
      for (const dict of [here, there]) {
        const changes = dict.watch({ from: told[6]!.revision });
        expect(plain(await take(changes, 4))).toEqual([
          ...range(7, 10).map((number) => ({ type: 'set', key: `key ${number}`, value: number })),
          { type: 'set', key: 'later', value: 1 },
        ]);
        const next = await queued(clients.one, changes.next());
        await there.set('last', 2);
        expect((await next.promise).value).toMatchObject({ key: 'last' });
        await changes.return!();
      }
    });

    it('continues from the latest revision, if nothing was watched or changed since', async () => {
      const [here, there] = pair();
      const changes = await begun(clients.one, here.watch());
      await there.set('a', 1);
      const { revision } = await one(changes);
      await there.set('b', 2);
      const again = there.watch({ from: revision });
      expect(await one(again)).toMatchObject({ key: 'b' });
      await again.return!();
      await changes.return!();
    });

    it('from a revision before the first watch, or of the future, has lost its history', async () => {
      const [here, there] = pair();
      const first = await begun(clients.one, here.watch());
      await there.set('a', 1);
      const { revision } = await one(first);
      for (const from of [0, 1, revision - 10, revision + 1e6]) {
        await expect(one(there.watch({ from }))).rejects.toBeInstanceOf(HistoryLostError);
      }
      await first.return!();
    });

    it('reports to a slow loop all changes that the manager keeps, in order', async () => {
      const [here, there] = pair();
      const changes = await begun(clients.one, here.watch());
      await fill(there, KEPT);
      const told = await take(changes, KEPT);
      expect(told.map(({ value }) => value)).toEqual(range(0, KEPT));
      expect(grow(told)).toBe(true);
      await changes.return!();
    });

    it('throws HistoryLostError if there were more changes, and starts from the present', async () => {
      const [here, there] = pair();
      const changes = await begun(clients.one, here.watch());
      await fill(there, KEPT + 1);
      await expect(changes.next()).rejects.toMatchObject({
        name: 'HistoryLostError',
        code: 'HISTORY_LOST',
        retryable: false,
        mayHaveExecuted: false,
        object: here.name,
      });
      expect(await changes.next()).toEqual({ done: true, value: undefined });
      const again = here.watch();
      expect(await here.size()).toBe(KEPT + 1);
      await there.set('a', 1);
      expect(await one(again)).toMatchObject({ key: 'a' });
      await again.return!();
    });

    it('throws HistoryLostError in the middle of a loop that is too slow', async () => {
      const [here, there] = pair();
      const changes = await begun(clients.one, here.watch());
      await there.set('a', 1);
      expect(await one(changes)).toMatchObject({ key: 'a' });
      await fill(there, KEPT / 2);
      await take(changes, 10);
      for (const _ of range(0, 3)) await fill(there, KEPT / 2);
      await expect(collect(changes)).rejects.toBeInstanceOf(HistoryLostError);
    });
  });

  suite(target, 'dict: history of a destroyed dict', (clients) => {
    /** The same dict as two clients see it. */
    function pair(): [SharedDict<string, number>, SharedDict<string, number>] {
      const name = fresh('dict');
      return [clients.one.dict(name), clients.two.dict(name)];
    }

    it('reports all earlier changes to a slow loop', async () => {
      const [here, there] = pair();
      const changes = await begun(clients.one, here.watch());
      await there.set('a', 0);
      expect(await one(changes)).toMatchObject({ value: 0 });
      for (const number of range(1, 2500)) void there.set('a', number);
      await there.destroy();
      const rest = await collect(changes);
      expect(rest.slice(0, -1).map(({ value }) => value)).toEqual(range(1, 2500));
      expect(rest.at(-1)).toMatchObject({ type: 'destroy' });
      expect(grow(rest)).toBe(true);
    });

    it('reports nothing of the next dict of its name', async () => {
      const [here, there] = pair();
      const [waiting, resting] = [here.watch(), here.watch()];
      await roundTrip(clients.one);
      const told = await queued(clients.one, collect(waiting));
      await there.set('old', 1);
      await there.destroy();
      await there.set('new', 2);
      for (const changes of [await told.promise, await collect(resting)]) {
        expect(plain(changes)).toEqual([{ type: 'set', key: 'old', value: 1 }, { type: 'destroy' }]);
      }
      expect(await here.toMap()).toEqual(new Map([['new', 2]]));
    });

    it('the next dict of its name has higher revisions', async () => {
      const [here, there] = pair();
      const revisions: { revision: number }[] = [];
      for (const round of range(0, 5)) {
        const changes = await begun(clients.one, here.watch());
        await there.setMany(range(0, 2000).map((number): [string, number] => [`${number}`, round]));
        await there.destroy();
        revisions.push(...(await collect(changes)));
      }
      expect(revisions).toHaveLength(5 * 2001);
      expect(grow(revisions)).toBe(true);
    });

    it('from an old revision throws, and makes no new dict', async () => {
      const [here, there] = pair();
      const changes = await begun(clients.one, here.watch());
      await there.set('a', 1);
      await there.destroy();
      const [set] = await collect(changes);
      const again = await collect(there.watch({ from: set!.revision }));
      expect(plain(again)).toEqual([{ type: 'destroy' }]);
      expect(again[0]!.revision).toBeGreaterThan(set!.revision);
      expect(await here.exists()).toBe(false);
    });

    it('from an old revision has lost its history if there is a new dict', async () => {
      const [here, there] = pair();
      const changes = await begun(clients.one, here.watch());
      await there.set('a', 1);
      await there.destroy();
      const told = await collect(changes);
      await there.set('a', 2);
      for (const { revision } of told) await expect(one(there.watch({ from: revision }))).rejects.toBeInstanceOf(HistoryLostError);
    });

    it('leaving it later makes no new dict', async () => {
      const [here, there] = pair();
      const changes = await begun(clients.one, here.watch());
      await there.set('a', 1);
      expect(await one(changes)).toMatchObject({ key: 'a' });
      await there.destroy();
      await changes.return!();
      await roundTrip(clients.one);
      expect(await there.exists()).toBe(false);
    });

    it('ends when its name became another kind', async () => {
      const [here, there] = pair();
      const changes = await begun(clients.one, here.watch());
      await there.set('a', 1);
      expect(await one(changes)).toMatchObject({ key: 'a' });
      await there.destroy();
      await clients.two.list<number>(here.name).push(1);
      expect(plain(await collect(changes))).toEqual([{ type: 'destroy' }]);
    });
  });
}
