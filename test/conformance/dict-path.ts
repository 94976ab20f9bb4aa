import { expect, it } from '@jest/globals';
import {
  InvalidArgumentError,
  KindMismatchError,
  NotFoundError,
  OutOfRangeError,
  type PathOperations,
  type SharedDict,
} from '../../client/index.js';
import { fresh, range, suite } from './support.js';
import type { Target } from './target.js';
import { stress } from '../support/stress.js';

/** Operations at a place inside a value of a dict. */
export function dictPathSuite(target: Target): void {
  suite(target, 'dict: path', (clients) => {
    async function make(value?: unknown): Promise<SharedDict<string, unknown>> {
      const dict = clients.one.dict<string, unknown>(fresh('dict'));
      if (value !== undefined) await dict.set('ada', value);
      return dict;
    }

    /** Reads the value under the key by another client. */
    const seen = (dict: SharedDict<string, unknown>): Promise<unknown> => clients.two.dict<string, unknown>(dict.name).get('ada');

    it('changes a nested value, which a change of a copy would lose', async () => {
      const dict = await make({ name: 'Ada', tags: ['first'] });
      await dict.path('ada', 'tags').push('second', 'third');
      await dict.path('ada', 'name').set('Ada Lovelace');
      expect(await seen(dict)).toEqual({ name: 'Ada Lovelace', tags: ['first', 'second', 'third'] });
    });

    it('costs nothing to make, and can be used again and again', async () => {
      const dict = await make({ hits: 0 });
      const hits = dict.path('ada', 'hits');
      expect([await hits.add(), await hits.add(2), await hits.get()]).toEqual([1, 3, 3]);
    });

    it('get and has read the value at the path', async () => {
      const dict = await make({ list: [{ deep: new Map([[1, 'one']]) }], none: undefined, nil: null });
      expect(await dict.path('ada', 'list', 0, 'deep', 1).get()).toBe('one');
      expect(await dict.path('ada', 'list', -1).get()).toEqual({ deep: new Map([[1, 'one']]) });
      expect(await dict.path('ada', 'none').get()).toBeUndefined();
      expect(await dict.path('ada', 'nil').get()).toBeNull();
      const has = (...path: (string | number)[]): Promise<boolean> => dict.path('ada', ...path).has();
      expect([await has('list', 0), await has('list', 1), await has('none'), await has('nil'), await has('other')]).toEqual([
        true,
        false,
        true,
        true,
        false,
      ]);
    });

    it('reads through absent and null steps as ?. does', async () => {
      const dict = await make({ nil: null, list: [] });
      for (const path of [['other', 'deep', 0], ['nil', 'deep'], ['list', 3, 'deep'], ['nil'], ['other']]) {
        const place = dict.path('ada', ...path);
        expect(await place.get()).toBe(path.length === 1 && path[0] === 'nil' ? null : undefined);
        expect([await place.size(), await place.keys(), await place.includes(1)]).toEqual([undefined, undefined, false]);
      }
      expect(await dict.path('nobody', 'deep', 'deeper').get()).toBeUndefined();
      expect(await dict.path('nobody').has()).toBe(false);
    });

    it('set replaces the last step in its place, or adds it at the end', async () => {
      const dict = await make({ a: 1, b: [1, 2, 3] });
      await dict.path('ada', 'a').set([true]);
      await dict.path('ada', 'c').set({});
      await dict.path('ada', 'b', 1).set('two');
      await dict.path('ada', 'b', -1).set(null);
      expect(Object.entries((await seen(dict)) as object)).toEqual([
        ['a', [true]],
        ['b', [1, 'two', null]],
        ['c', {}],
      ]);
    });

    it('set beyond the ends of an array is an OutOfRangeError, and changes nothing', async () => {
      const dict = await make([1, 2]);
      for (const index of [2, -3, 1e9, 2 ** 60, -1e300]) {
        await expect(dict.path('ada', index).set(0)).rejects.toBeInstanceOf(OutOfRangeError);
      }
      expect(await seen(dict)).toEqual([1, 2]);
    });

    it('delete removes a property, an element or an entry, and returns true if it existed', async () => {
      const dict = await make({ a: 1, list: ['x', 'y', 'z'], map: new Map([[true, 1]]) });
      const deleted = async (...path: (string | number | boolean)[]): Promise<boolean> => dict.path('ada', ...path).delete();
      expect([await deleted('a'), await deleted('a'), await deleted('list', 0), await deleted('list', -1)]).toEqual([
        true,
        false,
        true,
        true,
      ]);
      expect([await deleted('list', 5), await deleted('map', true), await deleted('map', false)]).toEqual([false, true, false]);
      expect(await seen(dict)).toEqual({ list: ['y'], map: new Map() });
    });

    it('removing operations do nothing if a step on the way is absent', async () => {
      const dict = await make({ nil: null });
      for (const path of [['other', 'deep'], ['nil', 'deep'], ['other']]) {
        const place = dict.path('ada', ...path);
        expect([await place.delete(), await place.pop(), await place.remove(1)]).toEqual([false, undefined, false]);
      }
      expect(await dict.path('nobody', 'deep').delete()).toBe(false);
      expect(await seen(dict)).toEqual({ nil: null });
      expect(await dict.size()).toBe(1);
    });

    it('getOrInsert stores only if the place is empty', async () => {
      const dict = await make({ list: [1], none: undefined });
      expect(await dict.path('ada', 'list').getOrInsert([])).toEqual([1]);
      expect(await dict.path('ada', 'stats').getOrInsert({ wins: 0 })).toEqual({ wins: 0 });
      expect(await dict.path('ada', 'none').getOrInsert(5)).toBe(5);
      expect(await dict.path('ada', 'stats', 'wins').add()).toBe(1);
      expect(await seen(dict)).toEqual({ list: [1], none: 5, stats: { wins: 1 } });
    });

    it('add counts an absent number as 0, and does not mix types', async () => {
      const dict = await make({ number: 1.5, bigint: 2n ** 62n, text: '5' });
      const at = (name: string): PathOperations => dict.path('ada', name);
      expect([await at('number').add(), await at('number').add(-2), await at('bigint').add(2n ** 62n)]).toEqual([2.5, 0.5, 2n ** 63n]);
      expect([await at('new').add(), await at('newer').add(3n)]).toEqual([1, 3n]);
      for (const call of [at('text').add(1), at('number').add(1n), at('bigint').add(1)]) {
        await expect(call).rejects.toBeInstanceOf(InvalidArgumentError);
      }
      expect(await seen(dict)).toEqual({ number: 0.5, bigint: 2n ** 63n, text: '5', new: 1, newer: 3n });
    });

    it('compareAndSet compares deeply; undefined stands for absence on either side', async () => {
      const dict = await make({ a: { x: [1], y: 2 }, none: undefined });
      const at = (name: string): PathOperations => dict.path('ada', name);
      expect(await at('a').compareAndSet({ x: [1] }, 'no')).toBe(false);
      expect(await at('a').compareAndSet(undefined, 'no')).toBe(false);
      expect(await at('a').compareAndSet({ y: 2, x: [1] }, 'yes')).toBe(true);
      expect(await at('none').compareAndSet(undefined, 'some')).toBe(true);
      expect(await at('new').compareAndSet(null, 'no')).toBe(false);
      expect(await at('new').compareAndSet(undefined, [])).toBe(true);
      expect(await at('a').compareAndSet('yes', undefined)).toBe(true);
      expect(await at('a').compareAndSet(undefined, undefined)).toBe(true);
      expect(await dict.path('ada', 'other', 'deep').compareAndSet(1, 2)).toBe(false);
      expect(await seen(dict)).toEqual({ none: 'some', new: [] });
    });

    it('update runs again if the place changed meanwhile, and not for a change elsewhere', async () => {
      const dict = await make({ a: 1, b: 1 });
      const found: unknown[] = [];
      const between: Promise<unknown>[] = [];
      const result = await dict.path('ada', 'a').update((old) => {
        found.push(old);
        if (found.length === 1) between.push(dict.path('ada', 'a').set(10), dict.path('ada', 'b').set(2));
        if (found.length === 2) between.push(dict.path('ada', 'b').set(3));
        return (old as number) + 1;
      });
      await Promise.all(between);
      expect([found, result]).toEqual([[1, 10], 11]);
      expect(await dict.path('ada', 'c').update((old) => old ?? 'made')).toBe('made');
      expect(await dict.path('ada', 'c').update(() => undefined)).toBeUndefined();
      expect(await seen(dict)).toEqual({ a: 11, b: 3 });
    });

    it('assign sets properties and entries together, and makes an object if none exists', async () => {
      const dict = await make({ map: new Map<unknown, unknown>([['a', 1]]) });
      await dict.path('ada').assign({ name: 'Ada', map2: 1 });
      await dict.path('ada', 'map').assign([
        ['a', 2],
        [3n, 'three'],
      ]);
      await dict.path('ada', 'stats').assign({ wins: 1 });
      await dict.path('grace').assign({ name: 'Grace' });
      expect(await seen(dict)).toEqual({
        map: new Map<unknown, unknown>([
          ['a', 2],
          [3n, 'three'],
        ]),
        name: 'Ada',
        map2: 1,
        stats: { wins: 1 },
      });
      expect(await dict.get('grace')).toEqual({ name: 'Grace' });
      for (const place of [dict.path('ada', 'name'), dict.path('ada', 'stats', 'wins')]) {
        await expect(place.assign({ a: 1 })).rejects.toBeInstanceOf(InvalidArgumentError);
      }
      await expect(dict.path('ada', 'stats').assign([[1, 'one']])).rejects.toThrow(/"1"/);
    });

    it('push, insert and pop act as on an array, and make one if none exists', async () => {
      const dict = await make({ list: ['b'] });
      const list = dict.path('ada', 'list');
      expect([
        await list.push('e', 'f'),
        await list.insert(1, 'c', 'd'),
        await list.insert(-99, 'a'),
        await list.insert(Infinity, 'g'),
      ]).toEqual([3, 5, 6, 7]);
      expect(await list.get()).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
      expect([await list.pop(), await list.pop(0), await list.pop(-2), await list.pop(9), await list.pop(-9)]).toEqual([
        'g',
        'a',
        'e',
        undefined,
        undefined,
      ]);
      expect([
        await dict.path('ada', 'new').push(),
        await dict.path('grace').push(1),
        await dict.path('ada', 'newer').insert(3, 1),
      ]).toEqual([0, 1, 1]);
      expect(await seen(dict)).toEqual({ list: ['b', 'c', 'd', 'f'], new: [], newer: [1] });
      expect(await dict.get('grace')).toEqual([1]);
    });

    it('takes very many values at once', async () => {
      const dict = await make({ list: [1, 3] });
      const many = range(0, 200_000);
      expect(await dict.path('ada', 'list').insert(1, ...many.slice(0, 100_000))).toBe(100_002);
      expect(await dict.path('ada', 'list').push(...many.slice(0, 100_000))).toBe(200_002);
      expect(await dict.path('ada', 'list').size()).toBe(200_002);
      expect(await dict.path('ada', 'list', 100_001).get()).toBe(3);
    });

    it('size counts the elements, properties or entries', async () => {
      const dict = await make({ list: [1, , 3], text: 'äö', map: new Map([[1, 2]]), set: new Set([1, 2]), bytes: Uint8Array.of(1, 2, 3) });
      const sizes = ['list', 'text', 'map', 'set', 'bytes', 'other'].map((name) => dict.path('ada', name).size());
      expect(await Promise.all(sizes)).toEqual([3, 2, 1, 2, 3, undefined]);
      expect(await dict.path('ada').size()).toBe(5);
      await dict.path('ada', 'number').set(1);
      await expect(dict.path('ada', 'number').size()).rejects.toBeInstanceOf(InvalidArgumentError);
    });

    it('keys returns the keys of an object or a Map, of any type', async () => {
      const keys = ['text', 1, 1n, true, Uint8Array.of(1), { an: 'object' }];
      const dict = await make({ z: 1, a: 2, map: new Map(keys.map((key) => [key, 0])) });
      expect(await dict.path('ada').keys()).toEqual(['z', 'a', 'map']);
      expect(await dict.path('ada', 'map').keys()).toEqual(keys);
      await expect(dict.path('ada', 'z').keys()).rejects.toBeInstanceOf(InvalidArgumentError);
    });

    it('includes, remove and addMembers compare deeply', async () => {
      const dict = await make({ set: new Set<unknown>([{ id: 1 }, 'a']), list: [{ id: 1 }, 2, { id: 1 }] });
      const set = dict.path('ada', 'set');
      const list = dict.path('ada', 'list');
      expect([await set.includes({ id: 1 }), await set.includes({ id: 2 }), await list.includes(2), await list.includes(3)]).toEqual([
        true,
        false,
        true,
        false,
      ]);
      expect(await set.addMembers({ id: 1 }, { id: 2 }, { id: 2 }, 'a', -0, 0)).toBe(2);
      expect([await set.remove({ id: 1 }), await set.remove({ id: 1 }), await list.remove({ id: 1 }), await list.remove('2')]).toEqual([
        true,
        false,
        true,
        false,
      ]);
      expect(await dict.path('ada', 'new').addMembers(1)).toBe(1);
      expect(await seen(dict)).toEqual({ set: new Set(['a', { id: 2 }, 0]), list: [2, { id: 1 }], new: new Set([1]) });
      await expect(list.addMembers(1)).rejects.toBeInstanceOf(InvalidArgumentError);
      await expect(set.push(1)).rejects.toBeInstanceOf(InvalidArgumentError);
    });

    it('without a path works on the value under the key', async () => {
      const dict = await make();
      const place = dict.path('ada');
      expect([await place.has(), await place.get(), await place.delete()]).toEqual([false, undefined, false]);
      expect(await place.add(2)).toBe(2);
      expect([await place.has(), await place.get(), await dict.get('ada')]).toEqual([true, 2, 2]);
      expect(await place.compareAndSet(2, [1])).toBe(true);
      expect(await place.push(2)).toBe(2);
      expect(await place.getOrInsert('other')).toEqual([1, 2]);
      await place.set(new Set([1]));
      expect(await place.addMembers(1, 2)).toBe(1);
      expect(await place.update((old) => [...(old as Set<number>)])).toEqual([1, 2]);
      expect(await place.delete()).toBe(true);
      expect(await dict.has('ada')).toBe(false);
    });

    it('a key that existed keeps its position in the dict', async () => {
      const dict = await make([1]);
      await dict.set('grace', [1]);
      await dict.path('ada').push(2);
      expect([...(await dict.toMap()).keys()]).toEqual(['ada', 'grace']);
    });

    it('on an object of another kind is a KindMismatchError', async () => {
      const list = clients.one.list(fresh('list'));
      await list.push(1);
      await expect(clients.one.dict(list.name).path('ada').push(1)).rejects.toBeInstanceOf(KindMismatchError);
    });

    it('a value that cannot be encoded is refused, and changes nothing', async () => {
      const dict = await make({ list: [1] });
      for (const call of [
        dict.path('ada', 'list').push(2, () => 3),
        dict.path('ada', 'list', 0).set(undefined),
        dict.path('ada', 'list', 0).getOrInsert(Symbol('no')),
        dict.path('ada').assign({ a: 1, b: undefined }),
        dict.path('ada', 'half \ud800').set(1),
        dict.path('ada', null as never).get(),
        dict.path({} as never, 'list').get(),
        dict.path('ada', 2n ** 70n).get(),
        dict.path('ada', 'list').insert(NaN, 1),
        dict.path('ada', 'list').pop(0.5),
      ]) {
        await expect(call).rejects.toBeInstanceOf(InvalidArgumentError);
      }
      expect(await seen(dict)).toEqual({ list: [1] });
    });
  });

  suite(target, 'dict: path, many at once', (clients) => {
    it('loses no push, add or member of several clients', async () => {
      const rounds = stress(15, 50);
      const name = fresh('dict');
      const dicts = await Promise.all(
        range(0, 4).map(async (index) =>
          (index < 2 ? [clients.one, clients.two][index]! : (await clients.more()).manager).dict<string, unknown>(name),
        ),
      );
      await dicts[0]!.set('ada', { deep: { list: [], hits: 0, seen: new Set() } });
      await Promise.all(
        dicts.flatMap((dict, client) =>
          range(0, rounds).flatMap((round) => [
            dict.path('ada', 'deep', 'list').push([client, round]),
            dict.path('ada', 'deep', 'hits').add(2),
            dict.path('ada', 'deep', 'seen').addMembers(round),
            dict.path('ada', 'deep', `of ${client}`).update((old) => ((old as number | undefined) ?? 0) + 1),
          ]),
        ),
      );
      const { deep } = (await dicts[0]!.get('ada')) as { deep: Record<string, unknown> & { list: [number, number][] } };
      expect(deep['hits']).toBe(8 * rounds);
      expect(deep['seen']).toEqual(new Set(range(0, rounds)));
      for (const client of range(0, 4)) {
        // Each client's pushes are in the order in which it made them.
        expect(deep.list.filter(([of]) => of === client).map(([, round]) => round)).toEqual(range(0, rounds));
        expect(deep[`of ${client}`]).toBe(rounds);
      }
    });

    it('gives an element to one of many that take', async () => {
      const name = fresh('dict');
      const dicts = [clients.one, clients.two].map((manager) => manager.dict<string, number[]>(name));
      await dicts[0]!.set('jobs', range(0, 40));
      const taken = await Promise.all(range(0, 60).map((index) => dicts[index % 2]!.path('jobs').pop(0)));
      expect(taken.filter((job) => job !== undefined).sort((a, b) => a - b)).toEqual(range(0, 40));
      expect(await dicts[0]!.path('jobs').size()).toBe(0);
    });

    it('writing below a missing container is a NotFoundError, which names the step where the path ended', async () => {
      const dict = clients.one.dict<string, unknown>(fresh('dict'));
      await dict.set('ada', { list: [{}] });
      const place = dict.path('ada', 'list', 0, 'stats', 'wins');
      for (const call of [place.set(1), place.add(), place.push(1), place.insert(0, 1), place.addMembers(1), place.assign({ a: 1 })]) {
        await expect(call).rejects.toBeInstanceOf(NotFoundError);
      }
      await expect(place.getOrInsert(1)).rejects.toThrow('["ada"].list[0].stats');
      await expect(place.compareAndSet(undefined, 1)).rejects.toBeInstanceOf(NotFoundError);
      await expect(place.update(() => 1)).rejects.toBeInstanceOf(NotFoundError);
      await expect(dict.path('nobody', 'x').set(1)).rejects.toBeInstanceOf(NotFoundError);
      expect(await dict.toMap()).toEqual(new Map([['ada', { list: [{}] }]]));
    });
  });
}
