import { expect, it } from '@jest/globals';
import { HistoryLostError, InvalidArgumentError, type SharedList } from '../../client/index.js';
import { collect, expectWaiting, fresh, queued, range, roundTrip, suite } from './support.js';
import type { Target } from './target.js';
import { begun, grow, one, plain, take } from './watching.js';

/** Number of changes that a manager keeps. */
const KEPT = 10_000;

/** The changes that a watch of a list reports. */
export function watchListSuite(target: Target): void {
  suite(target, 'list: watch', (clients) => {
    /** The same list as two clients see it. */
    function pair<V = number>(): [SharedList<V>, SharedList<V>] {
      const name = fresh('list');
      return [clients.one.list(name), clients.two.list(name)];
    }

    it('reports every kind of change, in order, with revisions that grow', async () => {
      const [here, there] = pair();
      const changes = await begun(clients.one, here.watch());
      await there.push(1, 2, 3);
      await there.extend([4]);
      await there.unshift(0);
      await there.insert(2, 9);
      await there.set(-1, 5);
      await there.pop();
      await there.pop(1);
      await there.shift();
      await there.splice(0, 2, 7, 8);
      await there.splice(1, 1);
      await there.splice(1, 0, 6);
      await there.remove(7);
      await there.sort();
      await there.reverse();
      await there.clear();
      await there.destroy();
      const told = await collect(changes);
      expect(plain(told)).toEqual([
        { type: 'insert', index: 0, count: 3, values: [1, 2, 3] },
        { type: 'insert', index: 3, count: 1, values: [4] },
        { type: 'insert', index: 0, count: 1, values: [0] },
        { type: 'insert', index: 2, count: 1, values: [9] },
        { type: 'set', index: 5, count: 1, values: [5] },
        { type: 'delete', index: 5, count: 1 },
        { type: 'delete', index: 1, count: 1 },
        { type: 'delete', index: 0, count: 1 },
        { type: 'delete', index: 0, count: 2 },
        { type: 'insert', index: 0, count: 2, values: [7, 8] },
        { type: 'delete', index: 1, count: 1 },
        { type: 'insert', index: 1, count: 1, values: [6] },
        { type: 'delete', index: 0, count: 1 },
        { type: 'reorder', index: 0, count: 2, order: [1, 0] },
        { type: 'reorder', index: 0, count: 2, order: [1, 0] },
        { type: 'clear', index: 0, count: 2 },
        { type: 'destroy', index: 0, count: 0 },
      ]);
      expect(grow(told)).toBe(true);
    });

    it('reports for each position of a sorted list where its item was, with a stable sort', async () => {
      const [here, there] = pair<{ id: number; size: number }>();
      const items = [3, 1, 2, 1, 3, 2].map((size, id) => ({ id, size }));
      await there.extend(items);
      const changes = await begun(clients.one, here.watch());
      await there.sort({ by: 'size' });
      await there.sort({ by: 'size', descending: true });
      const [up, down] = await take(changes, 2);
      expect(up!.order).toEqual([1, 3, 2, 5, 0, 4]);
      const sorted = up!.order!.map((place) => items[place]);
      expect(down!.order!.map((place) => sorted[place]!)).toEqual(await here.toArray());
      await changes.return!();
    });

    it('reports nothing if nothing changed', async () => {
      const [here, there] = pair();
      const changes = await begun(clients.one, here.watch());
      await there.pop();
      await there.shift();
      await there.push();
      await there.unshift();
      await there.splice(0, 3);
      await there.remove(1);
      await expect(there.set(3, 1)).rejects.toThrow();
      await there.push(1);
      expect(await one(changes)).toMatchObject({ type: 'insert', values: [1] });
      await changes.return!();
    });

    it('begins at its call, and waits', async () => {
      const [here, there] = pair();
      await there.push(0);
      const changes = here.watch();
      await here.push(1);
      expect(await one(changes)).toMatchObject({ index: 1, values: [1] });
      const next = await queued(clients.one, changes.next());
      await expectWaiting(next, clients.one, clients.two);
      await clients.two.atomic().push(there, 2).push(there, 3).commit();
      expect((await next.promise).value).toMatchObject({ index: 2, values: [2] });
      expect(await one(changes)).toMatchObject({ index: 3, values: [3] });
      await changes.return!();
    });

    it('continues from a revision, or has lost its history', async () => {
      const [here, there] = pair();
      const lasting = await begun(clients.one, here.watch());
      for (const number of range(0, 5)) await there.push(number);
      const told = await take(lasting, 5);
      const changes = there.watch({ from: told[1]!.revision });
      expect((await take(changes, 3)).map(({ values }) => values)).toEqual([[2], [3], [4]]);
      await changes.return!();
      for (const number of range(0, KEPT + 1)) void there.set(0, number);
      await there.set(0, 0);
      await expect(collect(lasting)).rejects.toBeInstanceOf(HistoryLostError);
      await expect(one(there.watch({ from: told[4]!.revision }))).rejects.toBeInstanceOf(HistoryLostError);
    });

    it('reports large changes, one by one', async () => {
      const [here, there] = pair<string>();
      const changes = await begun(clients.one, here.watch());
      const texts = range(0, 5).map((number) => String(number).repeat(700_000));
      for (const text of texts) await there.push(text);
      await there.extend(texts);
      await there.destroy();
      const told = await collect(changes);
      expect(told.slice(0, 5).map(({ values }) => values)).toEqual(texts.map((text) => [text]));
      expect(told[5]!.values).toEqual(texts);
      expect(told).toHaveLength(7);
    });

    it('of a destroyed list reports earlier changes to a slow loop, and nothing of the next one', async () => {
      const [here, there] = pair();
      const [waiting, resting] = [here.watch(), here.watch()];
      await roundTrip(clients.one);
      const told = await queued(clients.one, collect(waiting));
      await there.push(1);
      await there.destroy();
      await there.push(2);
      for (const changes of [await told.promise, await collect(resting)]) {
        expect(changes.map(({ type }) => type)).toEqual(['insert', 'destroy']);
      }
    });

    it('refuses a wrong option at once', () => {
      const [here] = pair();
      for (const options of [{ from: -1 }, { from: 1n }, { timeout: -1 }]) {
        expect(() => here.watch(options as never)).toThrow(InvalidArgumentError);
      }
    });
  });
}
