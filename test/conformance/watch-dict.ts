import { expect, it } from '@jest/globals';
import { InvalidArgumentError, KindMismatchError, type SharedList, type DictWatchOptions, type SharedDict } from '../../client/index.js';
import { collect, expectWaiting, fresh, queued, suite } from './support.js';
import type { Target } from './target.js';
import { begun, grow, one, plain, take } from './watching.js';

/** The changes that a watch of a dict reports. */
export function watchDictSuite(target: Target): void {
  suite(target, 'dict: watch', (clients) => {
    /** The same dict as two clients see it. */
    function pair<V = number>(): [SharedDict<string, V>, SharedDict<string, V>] {
      const name = fresh('dict');
      return [clients.one.dict(name), clients.two.dict(name)];
    }

    it('reports every kind of change, in order, with revisions that grow', async () => {
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

    it('waits for changes, and reports them as they come', async () => {
      const [here, there] = pair();
      const changes = await begun(clients.one, here.watch());
      const next = await queued(clients.one, changes.next());
      await expectWaiting(next, clients.one, clients.two);
      await there.set('a', 1);
      expect(await next.promise).toMatchObject({ done: false, value: { type: 'set', key: 'a', value: 1 } });
      await expectWaiting(await queued(clients.one, changes.next()), clients.two);
      await changes.return!();
    });

    it('reports nothing if nothing changed', async () => {
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

    it('reports the operations of an atomic batch, and none of one that failed', async () => {
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

    it('returns values as reads do: copies, of any kind, with working proxies in them', async () => {
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

    it('reports keys of all types as they are', async () => {
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

    it('of one key reports its changes, clear() and destroy(), and not changes of a like key of another type', async () => {
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

    it('refuses a wrong option at once', () => {
      const [here] = pair();
      for (const options of [{ from: -1 }, { from: 0.5 }, { from: NaN }, { from: '1' }, { timeout: -1 }, { timeout: NaN }, { key: {} }]) {
        expect(() => here.watch(options as DictWatchOptions<string>)).toThrow(InvalidArgumentError);
      }
    });

    it('of an object of another kind throws in the loop', async () => {
      const list = clients.one.list<number>(fresh('list'));
      await list.push(1);
      await expect(one(clients.two.dict(list.name).watch())).rejects.toBeInstanceOf(KindMismatchError);
    });
  });
}
