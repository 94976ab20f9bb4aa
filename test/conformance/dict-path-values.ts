import { expect, it } from '@jest/globals';
import { InvalidArgumentError, OutOfRangeError, type Frozen, type Key, type SharedDict, type SharedList } from '../../client/index.js';
import { fresh, present, range, suite } from './support.js';
import type { Target } from './target.js';

/** Values that paths lead into, and the parts that they leave unchanged. */
export function dictPathValuesSuite(target: Target): void {
  suite(target, 'dict: path into values', (clients) => {
    async function make(value: unknown): Promise<SharedDict<string, unknown>> {
      const dict = clients.one.dict<string, unknown>(fresh('dict'));
      await dict.set('ada', value);
      return dict;
    }

    const seen = async <T>(dict: SharedDict<string, unknown>): Promise<Frozen<T>> =>
      present(await clients.two.dict<string, T>(dict.name).get('ada'));

    it('steps into a Map by keys of every type, and tells them apart', async () => {
      const keys: Key[] = ['1', 1, 1n, true, false, Uint8Array.of(1), Uint8Array.of(), NaN, -1, 0.5, 'ä', ''];
      const dict = await make(new Map());
      for (const [place, key] of keys.entries()) await dict.path('ada', key).set(place);
      for (const [place, key] of keys.entries()) expect(await dict.path('ada', key).get()).toBe(place);
      expect(await seen(dict)).toEqual(new Map(keys.map((key, place) => [key, place])));
      expect(await dict.path('ada', -0).has()).toBe(false);
      for (const key of keys) expect(await dict.path('ada', key).delete()).toBe(true);
      expect(await dict.path('ada').size()).toBe(0);
    });

    it('an object takes text as steps, an array whole numbers', async () => {
      const dict = await make({ list: [1], 5: 'five' });
      for (const step of [5, 5n, true, Uint8Array.of(5)]) {
        for (const call of [dict.path('ada', step).get(), dict.path('ada', step).set(1), dict.path('ada', step).delete()]) {
          await expect(call).rejects.toBeInstanceOf(InvalidArgumentError);
        }
      }
      for (const step of ['0', 'length', 0n, 0.5, NaN, Infinity, false]) {
        await expect(dict.path('ada', 'list', step).get()).rejects.toBeInstanceOf(InvalidArgumentError);
        await expect(dict.path('ada', 'list', step).set(1)).rejects.toThrow('["ada"].list is an array');
      }
      expect(await dict.path('ada', '5').get()).toBe('five');
      expect(await seen(dict)).toEqual({ list: [1], 5: 'five' });
    });

    it('dangerous names are data, and touch no prototype', async () => {
      const dict = await make({});
      const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '__defineGetter__'];
      for (const name of names) {
        expect([await dict.path('ada', name).has(), await dict.path('ada', name).get()]).toEqual([false, undefined]);
        expect(await dict.path('ada', name, 'polluted').get()).toBeUndefined();
        await dict.path('ada', name).set({});
        await dict.path('ada', name, 'polluted').set(true);
      }
      await dict.path('ada').assign(JSON.parse('{"__proto__": {"assigned": true}}') as Record<string, unknown>);
      const value = await seen<object>(dict);
      expect(Object.keys(value)).toEqual(names);
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
      expect(Object.getOwnPropertyDescriptor(value, '__proto__')?.value).toEqual({ assigned: true });
      expect([{}, Object]).not.toHaveProperty('[0].polluted');
      expect(await dict.path('ada', '__proto__').delete()).toBe(true);
      // Nor in the manager's own process.
      await dict.path('grace').set({});
      expect(await dict.path('grace', 'polluted').get()).toBeUndefined();
    });

    it('elements of typed arrays are read, written and added to within their range', async () => {
      const dict = await make({
        u8: Uint8Array.of(1, 2),
        clamped: Uint8ClampedArray.of(1),
        f32: Float32Array.of(0),
        i64: BigInt64Array.of(1n),
      });
      const at = (name: string, index: number) => dict.path('ada', name, index);
      expect([await at('u8', -1).get(), await at('u8', 2).get(), await at('u8', 1).has(), await at('i64', 0).get()]).toEqual([
        2,
        undefined,
        true,
        1n,
      ]);
      await at('u8', 0).set(255);
      expect([await at('u8', 1).add(-2), await at('f32', 0).add(0.1), await at('i64', 0).add(2n)]).toEqual([0, Math.fround(0.1), 3n]);
      for (const [name, value] of [
        ['u8', 256],
        ['u8', -1],
        ['u8', 0.5],
        ['clamped', 256],
        ['f32', 1e300],
        ['i64', 2n ** 63n],
      ] as const) {
        await expect(at(name, 0).set(value)).rejects.toBeInstanceOf(OutOfRangeError);
      }
      for (const [name, value] of [
        ['u8', '1'],
        ['u8', null],
        ['i64', 1],
      ] as const) {
        if (name === 'i64') await at(name, 0).set(3n);
        else await expect(at(name, 0).set(value)).rejects.toBeInstanceOf(InvalidArgumentError);
      }
      await expect(at('u8', 1).add(-1)).rejects.toBeInstanceOf(OutOfRangeError);
      await expect(at('u8', 2).set(1)).rejects.toBeInstanceOf(OutOfRangeError);
      await expect(at('u8', 0).delete()).rejects.toBeInstanceOf(InvalidArgumentError);
      expect(await at('u8', 5).delete()).toBe(false);
      await expect(dict.path('ada', 'u8').push(1)).rejects.toBeInstanceOf(InvalidArgumentError);
      expect(await seen(dict)).toEqual({
        u8: Uint8Array.of(255, 0),
        clamped: Uint8ClampedArray.of(1),
        f32: Float32Array.of(0.1),
        i64: BigInt64Array.of(3n),
      });
    });

    it('one object at several paths stays one, and each path changes it', async () => {
      const shared = { tags: ['a'] };
      const dict = await make({ one: shared, list: [shared, { tags: ['other'] }] });
      await dict.path('ada', 'list', 0, 'tags').push('b');
      const value = await seen<{ one: typeof shared; list: (typeof shared)[] }>(dict);
      expect(value.one.tags).toEqual(['a', 'b']);
      expect(value.list[0]).toBe(value.one);
      await dict.path('ada', 'list', 0).set({ tags: [] });
      const parted = await seen<typeof value>(dict);
      expect([parted.one.tags, parted.list[0]?.tags]).toEqual([['a', 'b'], []]);
    });

    it('steps along cycles, and keeps them', async () => {
      interface Node {
        name: string;
        self?: Node;
        others: Map<string, Node>;
      }
      const root: Node = { name: 'root', others: new Map() };
      root.self = root;
      root.others.set('root', root);
      const dict = await make(root);
      await dict
        .path('ada', ...range(0, 99).flatMap((i) => (i % 3 === 0 ? ['self'] : i % 3 === 1 ? ['others'] : ['root'])), 'name')
        .set('changed');
      const value = await seen<Node>(dict);
      expect([value.name, value.self === value, value.others.get('root') === value]).toEqual(['changed', true, true]);
      const part = (await dict.path('ada', 'others').get()) as Node['others'];
      expect(part.get('root')?.others).toBe(part);
      // Values with cycles are equal if all is at the same place.
      expect(await dict.path('ada', 'self').compareAndSet({ ...root, name: 'other' }, undefined)).toBe(false);
      expect(await dict.path('ada', 'self').compareAndSet(value, undefined)).toBe(true);
      expect(await dict.path('ada', 'others', 'root', 'self').has()).toBe(false);
    });

    it('a value with cycles is stored by a path like any other', async () => {
      const cycle: unknown[] = [];
      cycle.push(cycle);
      const dict = await make({ list: [1] });
      await dict.path('ada', 'list').push(cycle, cycle);
      const { list } = await seen<{ list: unknown[][] }>(dict);
      expect(list[1]?.[0]).toBe(list[1]);
      expect([await dict.path('ada', 'list').includes(cycle), await dict.path('ada', 'list').remove(cycle)]).toEqual([true, true]);
      expect(await dict.path('ada', 'list').size()).toBe(2);
    });

    it('holes and undefined stay as they are', async () => {
      const dict = await make({ list: [1, , undefined, 4] });
      const list = dict.path('ada', 'list');
      expect([await dict.path('ada', 'list', 1).has(), await dict.path('ada', 'list', 2).has()]).toEqual([false, true]);
      await list.insert(0, 0);
      await list.push(5);
      const value = await seen<{ list: unknown[] }>(dict);
      expect(value.list).toStrictEqual([0, 1, , undefined, 4, 5]);
      expect([await list.pop(2), await list.pop(2)]).toEqual([undefined, undefined]);
      expect(await list.get()).toStrictEqual([0, 1, 4, 5]);
    });

    it('parts beside a change stay as they are', async () => {
      const beside = {
        date: new Date(5),
        regexp: /a+/gi,
        error: new RangeError('far', { cause: 1 }),
        big: 2n ** 100n,
        special: [NaN, -Infinity, undefined],
        bytes: Uint8Array.of(1),
        buffer: Uint8Array.of(2).buffer,
        map: new Map<unknown, unknown>([[{ key: 1 }, new Set([1n])]]),
        text: '\ufeffmark',
      };
      const dict = await make({ ...beside, hits: 0 });
      await dict.path('ada', 'hits').add();
      const value = await seen<Record<string, unknown>>(dict);
      expect(value).toStrictEqual({ ...beside, hits: 1 });
    });

    it('dates and the like are replaced as a whole, not entered', async () => {
      const inside = {
        date: new Date(0),
        regexp: /a/,
        error: new Error('no'),
        buffer: new ArrayBuffer(2),
        set: new Set([1]),
      };
      const dict = await make({ ...inside, text: 'abc', number: 1, flag: true, big: 1n, nil: null });
      for (const name of [...Object.keys(inside), 'text', 'number', 'flag', 'big']) {
        for (const step of ['cents', 0]) {
          await expect(dict.path('ada', name, step).get()).rejects.toThrow(`["ada"].${name} is`);
          await expect(dict.path('ada', name, step).set(1)).rejects.toBeInstanceOf(InvalidArgumentError);
        }
      }
      await expect(dict.path('ada', 'nil', 'x').set(1)).rejects.toThrow('["ada"].nil is null');
      await dict.path('ada', 'date').set(new Date(6));
      expect(await dict.path('ada', 'date').get()).toEqual(new Date(6));
      expect(await dict.path('ada', 'date').compareAndSet(new Date(6), new Date(7))).toBe(true);
    });

    it('proxies inside work, are put at any place, and are not entered', async () => {
      const inner = clients.one.list<number>(fresh('list'));
      const dict = await make({ lists: [] });
      await dict.path('ada', 'lists').push(inner, { nested: inner });
      await expect(dict.path('ada', 'lists', 0, 0).get()).rejects.toThrow(/a reference to the list/);
      const found = (await clients.two.dict<string, unknown>(dict.name).path('ada', 'lists', 1, 'nested').get()) as SharedList<number>;
      await found.push(1);
      expect(await inner.toArray()).toEqual([1]);
      expect(await dict.path('ada', 'lists').includes(clients.two.list(inner.name))).toBe(true);
      expect(await dict.path('ada', 'lists').remove(inner)).toBe(true);
      expect(await dict.path('ada', 'lists').size()).toBe(1);
    });

    it('reads return copies, frozen if they are plain data', async () => {
      const dict = clients.one.dict<string, { tags: string[] }>(fresh('dict'));
      await dict.set('ada', { tags: ['a'] });
      const tags = present(await dict.path('ada', 'tags').get()) as string[];
      if (process.env['NODE_ENV'] === 'production') tags.push('lost');
      else expect(() => tags.push('lost')).toThrow(TypeError);
      expect(await dict.path('ada', 'tags').get()).toEqual(['a']);
    });

    it('goes as deep as values do, and no deeper', async () => {
      const nest = (levels: number): unknown => range(0, levels).reduce<unknown>((inner) => [inner], 'core');
      const dict = await make(nest(100));
      const steps = range(0, 100).map(() => 0);
      expect(await dict.path('ada', ...steps).get()).toBe('core');
      await dict.path('ada', ...steps).set('changed');
      expect(await dict.path('ada', ...steps).get()).toBe('changed');
      await expect(dict.path('ada', ...steps).set([])).rejects.toBeInstanceOf(InvalidArgumentError);
      for (const length of [101, 10_000]) {
        await expect(dict.path('ada', ...range(0, length).map(() => 0)).get()).rejects.toThrow(String(length));
      }
      expect(await dict.path('ada', ...steps).get()).toBe('changed');
    });

    it('errors name the place in few words, however long the path and its steps', async () => {
      const dict = await make({ ['x'.repeat(100_000)]: range(0, 20).reduce<unknown>((inner) => ({ in: inner }), 'core') });
      const place = dict.path('ada', 'x'.repeat(100_000), ...range(0, 20).map(() => 'in'), 'y'.repeat(100_000));
      const error = await place.get().catch((caught: unknown) => caught as Error);
      expect(error).toBeInstanceOf(InvalidArgumentError);
      expect((error as Error).message.length).toBeLessThan(300);
    });
  });
}
