import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  HistoryLostError,
  InvalidArgumentError,
  KindMismatchError,
  SharedList,
  type DictChange,
  type DictWatchOptions,
  type SharedDict,
} from '../../client/index.js';
import { collect, expectWaiting, fresh, queued, range, roundTrip, suite } from './support.js';
import type { Target } from './target.js';
import { begun, grow, one, plain, take } from './watching.js';

/** How many changes a manager keeps. */
const KEPT = 10_000;

/** The changes of a dict, as those who watch it are told of them. */
export function watchDictSuite(target: Target): void {
  suite(target, 'dict: watch', (clients) => {
    /** One dict as two clients see it. */
    function pair<V = number>(): [SharedDict<string, V>, SharedDict<string, V>] {
      const name = fresh('dict');
      return [clients.one.dict(name), clients.two.dict(name)];
    }

    /** Makes many changes, each of a key of its own. */
    function fill(dict: SharedDict<string, number>, count: number): Promise<void> {
      return dict.setMany(range(0, count).map((number): [string, number] => [`key ${number}`, number]));
    }

    it('tells every kind of change, in order, with revisions that grow', async () => {
      const [here, there] = pair();
      const changes = await begun(clients.one, here.watch());
      await there.set('a', 1);
      await there.setMany({ b: 2, c: 3 });
      await there.add('a', 4);
      await there.getOrInsert('d', 5);
      await there.compareAndSet('a', 5, 6);
      await there.compareAndSet('a', 6, undefined);
      await there.update('b', (value) => value! * 10);
      await there.delete('b');
      await there.pop('c');
      await there.popItem();
      await there.setMany({ e: 6, f: 7, g: 8 });
      await there.deleteMany(['f', 'none', 'e']);
      await there.clear();
      await there.destroy();
      const told = await collect(changes);
      expect(plain(told)).toEqual([
        { type: 'set', key: 'a', value: 1 },
        { type: 'set', key: 'b', value: 2 },
        { type: 'set', key: 'c', value: 3 },
        { type: 'set', key: 'a', value: 5 },
        { type: 'set', key: 'd', value: 5 },
        { type: 'set', key: 'a', value: 6 },
        { type: 'delete', key: 'a' },
        { type: 'set', key: 'b', value: 20 },
        { type: 'delete', key: 'b' },
        { type: 'delete', key: 'c' },
        { type: 'delete', key: 'd' },
        { type: 'set', key: 'e', value: 6 },
        { type: 'set', key: 'f', value: 7 },
        { type: 'set', key: 'g', value: 8 },
        { type: 'delete', key: 'f' },
        { type: 'delete', key: 'e' },
        { type: 'clear' },
        { type: 'destroy' },
      ]);
      expect(grow(told)).toBe(true);
    });

    it('begins at its call, not with the loop', async () => {
      const [here, there] = pair();
      await here.set('before', 1);
      const changes = here.watch();
      await here.set('one', 2);
      await there.set('two', 3);
      expect(plain(await take(changes, 2))).toEqual([
        { type: 'set', key: 'one', value: 2 },
        { type: 'set', key: 'two', value: 3 },
      ]);
      await changes.return!();
    });

    it('waits for changes, and tells them as they come', async () => {
      const [here, there] = pair();
      const changes = await begun(clients.one, here.watch());
      const next = await queued(clients.one, changes.next());
      await expectWaiting(next, clients.one, clients.two);
      await there.set('a', 1);
      expect(await next.promise).toMatchObject({ done: false, value: { type: 'set', key: 'a', value: 1 } });
      await expectWaiting(await queued(clients.one, changes.next()), clients.two);
      await changes.return!();
    });

    it('tells nothing where nothing changed', async () => {
      const [here, there] = pair();
      await here.set('a', 1);
      const changes = await begun(clients.one, here.watch());
      await there.delete('none');
      await there.pop('none');
      await there.deleteMany(['none', 'neither']);
      await there.compareAndSet('a', 2, 3);
      await there.getOrInsert('a', 4);
      await expect(there.set('a', undefined as never)).rejects.toBeInstanceOf(InvalidArgumentError);
      await there.set('end', 0);
      expect(await one(changes)).toMatchObject({ key: 'end' });
      await changes.return!();
    });

    it('tells what an atomic batch did, and nothing of one that failed', async () => {
      const [here, there] = pair();
      await here.set('a', 1);
      const changes = await begun(clients.one, here.watch());
      const batch = clients.two.atomic();
      await batch.check(there, 'a', 1).set(there, 'b', 2).add(there, 'b', 3).delete(there, 'a').commit();
      expect(await clients.two.atomic().check(there, 'a', 1).set(there, 'c', 1).commit()).toMatchObject({ ok: false });
      await there.destroy();
      expect(plain(await collect(changes))).toEqual([
        { type: 'set', key: 'b', value: 2 },
        { type: 'set', key: 'b', value: 5 },
        { type: 'delete', key: 'a' },
        { type: 'destroy' },
      ]);
    });

    it('gives values as reads do: copies, of any kind, with working proxies in them', async () => {
      const [here, there] = pair<unknown>();
      const changes = await begun(clients.one, here.watch());
      const list = clients.two.list<number>(fresh('list'));
      await there.set('deep', { of: [1n, new Date(5), new Map([['x', list]])] });
      await there.set('bytes', new Uint8Array(10_000).fill(7));
      const [deep, bytes] = await take(changes, 2);
      const { of } = deep!.value as { of: [bigint, Date, Map<string, SharedList<number>>] };
      expect(of.slice(0, 2)).toEqual([1n, new Date(5)]);
      await of[2].get('x')!.push(1);
      expect(await list.toArray()).toEqual([1]);
      expect(bytes!.value).toEqual(new Uint8Array(10_000).fill(7));
      await changes.return!();
    });

    it('tells keys of all types as they are', async () => {
      const dict = clients.one.dict<number | bigint | boolean | string | Uint8Array, number>(fresh('dict'));
      const keys = ['text', '', '\0b', 1, NaN, 0, 1n, true, Uint8Array.of(0, 1)];
      const changes = await begun(clients.one, dict.watch());
      for (const key of keys) await dict.set(key, 1);
      await dict.set(-0, 2);
      await dict.delete(Uint8Array.of(0, 1));
      const told = await take(changes, keys.length + 2);
      expect(told.map(({ key }) => key)).toEqual([...keys, 0, Uint8Array.of(0, 1)]);
      await changes.return!();
    });

    it('of one key tells what happens to that one, to its like in no other type, and to all', async () => {
      const name = fresh('dict');
      const dict = clients.one.dict<number | bigint | string, number>(name);
      const there = clients.two.dict<number | bigint | string, number>(name);
      const changes = await begun(clients.one, dict.watch({ key: 1 }));
      await there.setMany([
        ['1', 0],
        [1n, 0],
        [1, 5],
        [2, 0],
      ]);
      await there.delete(2);
      await there.delete(1);
      await there.clear();
      await there.set(NaN, 1);
      await there.destroy();
      expect(plain(await collect(changes))).toEqual([
        { type: 'set', key: 1, value: 5 },
        { type: 'delete', key: 1 },
        { type: 'clear' },
        { type: 'destroy' },
      ]);
    });

    it.each([NaN, 0, -0, 7n, 'k', '', true, Uint8Array.of(1, 2)])('of the key %p finds it', async (key) => {
      const dict = clients.one.dict<number | bigint | boolean | string | Uint8Array, number>(fresh('dict'));
      const changes = await begun(clients.one, dict.watch({ key }));
      await dict.setMany([
        ['other', 1],
        [key, 2],
      ]);
      expect(await one(changes)).toMatchObject({ type: 'set', value: 2 });
      await changes.return!();
    });

    it('of one key waits through any number of changes of others', async () => {
      const [here, there] = pair();
      const changes = await begun(clients.one, here.watch({ key: 'rare' }));
      const next = await queued(clients.one, changes.next());
      for (const round of range(0, 3)) await fill(there, KEPT - round);
      await expectWaiting(next, clients.one, clients.two);
      await there.set('rare', 1);
      expect(await next.promise).toMatchObject({ value: { key: 'rare', value: 1 } });
      await changes.return!();
    });

    it('goes on from a revision, also in another client', async () => {
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

    it('goes on from the latest revision where nobody watched since and nothing happened', async () => {
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

    it('tells a slow loop all that the manager keeps, in order', async () => {
      const [here, there] = pair();
      const changes = await begun(clients.one, here.watch());
      await fill(there, KEPT);
      const told = await take(changes, KEPT);
      expect(told.map(({ value }) => value)).toEqual(range(0, KEPT));
      expect(grow(told)).toBe(true);
      await changes.return!();
    });

    it('throws HistoryLostError where there was more, and begins anew', async () => {
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

    it('tells 50 loops of two clients the same', async () => {
      const [here, there] = pair();
      const all = range(0, 50).map((number) => (number % 2 === 0 ? here : there).watch());
      await roundTrip(clients.one, clients.two);
      await Promise.all(range(0, 100).map((number) => (number % 3 === 0 ? here : there).set(`key ${number % 7}`, number)));
      await here.destroy();
      const [first, ...others] = await Promise.all(all.map((changes) => collect(changes)));
      expect(first).toHaveLength(101);
      for (const other of others) expect(other).toEqual(first);
    });

    it('goes on beside one of the same client that is left', async () => {
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

    it('goes on beside a session that ends', async () => {
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

    it('that is left ends the call under way, and all turns of the loop', async () => {
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

    it('that is left before its first turn, or in the middle of what it was told, tells no more', async () => {
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

    it('tells turns that are asked for at once one after the other', async () => {
      const [here, there] = pair();
      const changes = await begun(clients.one, here.watch());
      const turns = Promise.all(range(0, 5).map(() => changes.next()));
      for (const number of range(0, 5)) await there.set('a', number);
      expect((await turns).map(({ value }) => value?.value)).toEqual(range(0, 5));
      await changes.return!();
    });

    it('asks for nothing before what it was told is worked off', async () => {
      const [here, there] = pair();
      const changes = await begun(clients.one, here.watch());
      await roundTrip(clients.one);
      const before = (await clients.two.stats()).callsTotal;
      for (const number of range(0, 50)) await there.set('a', number);
      await roundTrip(clients.one, clients.two);
      await take(changes, 50);
      const after = (await clients.two.stats()).callsTotal;
      // The writes, the calls of stats(), and one call of the watch; an engine in this process does not count.
      if (after > 0) expect(after - before).toBe(50 + 4 + 1 + 1);
      await changes.return!();
    });

    it('refuses a wrong option at once', () => {
      const [here] = pair();
      for (const options of [{ from: -1 }, { from: 0.5 }, { from: NaN }, { from: '1' }, { timeout: -1 }, { timeout: NaN }, { key: {} }]) {
        expect(() => here.watch(options as DictWatchOptions<string>)).toThrow(InvalidArgumentError);
      }
    });

    it('of a name that is another kind throws in the loop', async () => {
      const list = clients.one.list<number>(fresh('list'));
      await list.push(1);
      await expect(one(clients.two.dict(list.name).watch())).rejects.toBeInstanceOf(KindMismatchError);
    });
  });

  suite(target, 'dict: watch of one that is destroyed', (clients) => {
    function pair(): [SharedDict<string, number>, SharedDict<string, number>] {
      const name = fresh('dict');
      return [clients.one.dict(name), clients.two.dict(name)];
    }

    it('tells a slow loop all that happened before', async () => {
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

    it('tells nothing of the next one of its name', async () => {
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

    it('tells the next one of its name revisions that are higher', async () => {
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

    it('from an old revision says so, and makes no new one', async () => {
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

    it('from an old revision has lost its history where there is a new one', async () => {
      const [here, there] = pair();
      const changes = await begun(clients.one, here.watch());
      await there.set('a', 1);
      await there.destroy();
      const told = await collect(changes);
      await there.set('a', 2);
      for (const { revision } of told) await expect(one(there.watch({ from: revision }))).rejects.toBeInstanceOf(HistoryLostError);
    });

    it('that is left later makes no new one', async () => {
      const [here, there] = pair();
      const changes = await begun(clients.one, here.watch());
      await there.set('a', 1);
      expect(await one(changes)).toMatchObject({ key: 'a' });
      await there.destroy();
      await changes.return!();
      await roundTrip(clients.one);
      expect(await there.exists()).toBe(false);
    });

    it('ends where its name became another kind', async () => {
      const [here, there] = pair();
      const changes = await begun(clients.one, here.watch());
      await there.set('a', 1);
      expect(await one(changes)).toMatchObject({ key: 'a' });
      await there.destroy();
      await clients.two.list<number>(here.name).push(1);
      expect(plain(await collect(changes))).toEqual([{ type: 'destroy' }]);
    });
  });

  suite(target, 'dict: watch as a copy', (clients) => {
    const key = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    const value = fc.integer({ min: 0, max: 9 });
    type Step = (dict: SharedDict<string, number>) => Promise<unknown>;
    const step: fc.Arbitrary<Step> = fc.oneof(
      fc.tuple(key, value).map(
        ([k, v]): Step =>
          (dict) =>
            dict.set(k, v),
      ),
      fc.array(fc.tuple(key, value), { maxLength: 4 }).map(
        (entries): Step =>
          (dict) =>
            dict.setMany(entries),
      ),
      fc.tuple(key, value).map(
        ([k, v]): Step =>
          (dict) =>
            dict.add(k, v),
      ),
      fc.tuple(key, value).map(
        ([k, v]): Step =>
          (dict) =>
            dict.getOrInsert(k, v),
      ),
      fc.tuple(key, fc.option(value, { nil: undefined }), fc.option(value, { nil: undefined })).map(
        ([k, expected, next]): Step =>
          (dict) =>
            dict.compareAndSet(k, expected, next),
      ),
      key.map(
        (k): Step =>
          (dict) =>
            dict.delete(k),
      ),
      key.map(
        (k): Step =>
          (dict) =>
            dict.pop(k),
      ),
      fc.array(key, { maxLength: 3 }).map(
        (keys): Step =>
          (dict) =>
            dict.deleteMany(keys),
      ),
      fc.constant<Step>((dict) => dict.popItem()),
      fc.constant<Step>((dict) => dict.clear()),
    );

    function apply(copy: Map<string, number>, change: DictChange<string, number>): void {
      if (change.type === 'set') copy.set(change.key, change.value);
      else if (change.type === 'clear') copy.clear();
      else copy.delete(change.key!);
    }

    it('makes exactly the dict, in its order, of any changes by two clients', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(fc.tuple(fc.boolean(), step), { maxLength: 60 }), async (steps) => {
          const name = fresh('dict');
          const dicts = [clients.one.dict<string, number>(name), clients.two.dict<string, number>(name)] as const;
          const changes = await begun(clients.one, dicts[0].watch());
          await Promise.all(steps.map(([first, change]) => change(first ? dicts[0] : dicts[1])));
          const content = [...(await dicts[1].toMap())];
          await dicts[1].set('end', 0);
          const copy = new Map<string, number>();
          for await (const change of changes) {
            if (change.key === 'end') break;
            apply(copy, change);
          }
          expect([...copy]).toEqual(content);
        }),
        { numRuns: 60 },
      );
    });
  });
}
