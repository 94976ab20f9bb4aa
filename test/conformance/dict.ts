import { expect, it } from '@jest/globals';
import { InvalidArgumentError, type Key, type SharedDict } from '../../client/index.js';
import { fresh, range, suite } from './support.js';
import type { Target } from './target.js';

/** Keys that are all different, besides text. */
const KEYS: Key[] = [
  '',
  '1',
  'true',
  'NaN',
  '0',
  'null',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'ключ 😀',
  'a\u0000b',
  1,
  0,
  -1,
  1.5,
  NaN,
  Infinity,
  -Infinity,
  1e300,
  2 ** 53,
  1n,
  0n,
  -1n,
  2n ** 63n - 1n,
  -(2n ** 63n),
  true,
  false,
  Uint8Array.of(),
  Uint8Array.of(49),
  Uint8Array.of(1, 0, 255),
];

/** Reading and writing of a dict. */
export function dictSuite(target: Target): void {
  suite(target, 'dict: entries', (clients) => {
    const make = <V = number>(): SharedDict<string, V> => clients.one.dict<string, V>(fresh('dict'));
    const keysOf = async (dict: SharedDict<string, number>): Promise<string[]> => [...(await dict.toMap()).keys()];

    it('is empty at first', async () => {
      const dict = make();
      expect(await dict.size()).toBe(0);
      expect(await dict.toMap()).toEqual(new Map());
    });

    it('get() returns the value that set() stored', async () => {
      const dict = make();
      await dict.set('a', 1);
      expect(await dict.get('a')).toBe(1);
    });

    it('get() returns undefined for a missing key', async () => {
      expect(await make().get('missing')).toBeUndefined();
    });

    it('get() tells a stored null from a missing key', async () => {
      const dict = make<null>();
      await dict.set('a', null);
      expect(await dict.get('a')).toBeNull();
    });

    it('another client sees the writes', async () => {
      const dict = make();
      await dict.set('a', 1);
      const there = clients.two.dict<string, number>(dict.name);
      expect(await there.get('a')).toBe(1);
      await there.set('a', 2);
      expect(await dict.get('a')).toBe(2);
    });

    it('set() replaces', async () => {
      const dict = make<number | string>();
      await dict.set('a', 1);
      await dict.set('a', 'two');
      expect(await dict.get('a')).toBe('two');
      expect(await dict.size()).toBe(1);
    });

    it('has() is true if the key exists', async () => {
      const dict = make<number | null>();
      await dict.setMany({ a: 0, b: null });
      expect(await Promise.all(['a', 'b', 'c'].map((key) => dict.has(key)))).toEqual([true, true, false]);
    });

    it('delete() returns true if the key existed', async () => {
      const dict = make();
      await dict.set('a', 1);
      expect(await dict.delete('a')).toBe(true);
      expect(await dict.delete('a')).toBe(false);
      expect(await dict.has('a')).toBe(false);
    });

    it('deleteMany() returns how many keys existed', async () => {
      const dict = make();
      await dict.setMany({ a: 1, b: 2, c: 3 });
      expect(await dict.deleteMany(['a', 'missing', 'c', 'a'])).toBe(2);
      expect(await keysOf(dict)).toEqual(['b']);
    });

    it('deleteMany() of no keys does nothing', async () => {
      const dict = make();
      await dict.set('a', 1);
      expect(await dict.deleteMany([])).toBe(0);
      expect(await dict.size()).toBe(1);
    });

    it('size() counts the entries', async () => {
      const dict = make();
      await dict.setMany({ a: 1, b: 2 });
      await dict.set('a', 3);
      expect(await dict.size()).toBe(2);
      await dict.delete('b');
      expect(await dict.size()).toBe(1);
    });

    it('clear() removes all entries, and the dict stays (Python: test_dict, clear)', async () => {
      const dict = make();
      await dict.setMany({ a: 1, b: 2 });
      await dict.clear();
      expect(await dict.size()).toBe(0);
      expect(await dict.exists()).toBe(true);
    });

    it('getMany() returns the entries that exist, in the order of the keys given', async () => {
      const dict = make();
      await dict.setMany({ a: 1, b: 2, c: 3 });
      expect([...(await dict.getMany(['c', 'missing', 'a']))]).toEqual([
        ['c', 3],
        ['a', 1],
      ]);
    });

    it('getMany() of no keys returns an empty Map', async () => {
      expect(await make().getMany([])).toEqual(new Map());
    });

    it('getMany() and deleteMany() take any iterable', async () => {
      const dict = make();
      await dict.setMany({ a: 1, b: 2 });
      expect((await dict.getMany(new Set(['b', 'a']))).size).toBe(2);
      expect(await dict.deleteMany(new Map([['a', 0]]).keys())).toBe(1);
    });

    it('setMany() takes an object, a Map and entries', async () => {
      const dict = make();
      await dict.setMany({ object: 1 });
      await dict.setMany(new Map([['map', 2]]));
      await dict.setMany([['entries', 3]]);
      expect([...(await dict.toMap())]).toEqual([
        ['object', 1],
        ['map', 2],
        ['entries', 3],
      ]);
    });

    it('setMany() overwrites, and the last value of a key given twice wins (Python: test_dict)', async () => {
      const dict = make();
      await dict.setMany({ a: 1, b: 2 });
      await dict.setMany([
        ['b', 3],
        ['c', 4],
        ['c', 5],
      ]);
      expect(await dict.toMap()).toEqual(
        new Map([
          ['a', 1],
          ['b', 3],
          ['c', 5],
        ]),
      );
    });

    it('setMany() gives many keys one value, and merges in another dict, whose values win (Python: test_dict, fromkeys and |=)', async () => {
      const [dict, other] = [make(), clients.two.dict<string, number>(fresh('dict'))];
      await dict.setMany(['a', 'b', 'c'].map((key) => [key, 0]));
      await other.setMany({ b: 1, d: 2 });
      await dict.setMany(await other.toMap());
      expect(Object.fromEntries(await dict.toMap())).toEqual({ a: 0, b: 1, c: 0, d: 2 });
      expect(await keysOf(dict)).toEqual(['a', 'b', 'c', 'd']);
    });

    it('toMap() returns a Map; adding to it does not change the dict (Python: test_dict, |)', async () => {
      const dict = make();
      await dict.setMany({ a: 1, b: 2 });
      const both = new Map([...(await dict.toMap()), ['b', 3], ['c', 4]] as const);
      expect(Object.fromEntries(both)).toEqual({ a: 1, b: 3, c: 4 });
      expect(Object.fromEntries(await dict.toMap())).toEqual({ a: 1, b: 2 });
    });

    it('has the methods of a Map that read and change it (Python: test_dict_isinstance)', () => {
      const dict = make();
      for (const method of ['get', 'set', 'has', 'delete', 'clear', 'keys', 'values', 'entries'] as const) {
        expect([typeof dict[method], typeof new Map()[method]]).toEqual(['function', 'function']);
      }
      expect(typeof dict[Symbol.asyncIterator]).toBe('function');
    });

    it('setMany() of no entries does nothing', async () => {
      const dict = make();
      await dict.setMany({});
      expect(await dict.size()).toBe(0);
    });

    it('setMany() takes some thousand entries', async () => {
      const dict = clients.one.dict<number, number>(fresh('dict'));
      await dict.setMany(range(0, 5000).map((number): [number, number] => [number, number * 2]));
      expect(await dict.size()).toBe(5000);
      expect(await dict.get(4999)).toBe(9998);
    });

    it('getOrInsert() stores if the key is missing, else returns the present value (Python: test_dict, setdefault)', async () => {
      const dict = make<number | null>();
      expect(await dict.getOrInsert('a', 1)).toBe(1);
      expect(await dict.getOrInsert('a', 2)).toBe(1);
      expect(await dict.get('a')).toBe(1);
      await dict.set('null', null);
      expect(await dict.getOrInsert('null', 3)).toBeNull();
    });

    it('pop() removes a key and returns its value (Python: test_dict)', async () => {
      const dict = make();
      await dict.setMany({ a: 1, b: 2 });
      expect(await dict.pop('a')).toBe(1);
      expect(await dict.pop('a')).toBeUndefined();
      expect(await keysOf(dict)).toEqual(['b']);
    });

    it('popItem() removes the newest first (Python: test_dict, popitem)', async () => {
      const dict = make();
      await dict.setMany({ a: 1, b: 2, c: 3 });
      await dict.set('a', 4);
      expect([await dict.popItem(), await dict.popItem(), await dict.popItem()]).toEqual([
        ['c', 3],
        ['b', 2],
        ['a', 4],
      ]);
      expect(await dict.popItem()).toBeUndefined();
    });

    it('toMap() is in insertion order, which an overwrite keeps (Python: test_dict, copy)', async () => {
      const dict = make();
      await dict.setMany({ z: 1, a: 2, m: 3 });
      await dict.set('z', 4);
      await dict.setMany({ a: 5 });
      await dict.add('m', 1);
      expect([...(await dict.toMap())]).toEqual([
        ['z', 4],
        ['a', 5],
        ['m', 4],
      ]);
    });

    it('a key that was deleted and set again goes to the end', async () => {
      const dict = make();
      await dict.setMany({ a: 1, b: 2, c: 3 });
      await dict.delete('a');
      await dict.set('a', 4);
      await dict.pop('b');
      await dict.getOrInsert('b', 5);
      expect(await keysOf(dict)).toEqual(['c', 'a', 'b']);
    });

    it('keeps the order through many removals', async () => {
      const dict = clients.one.dict<number, number>(fresh('dict'));
      await dict.setMany(range(0, 300).map((number): [number, number] => [number, number]));
      await dict.deleteMany(range(0, 300).filter((number) => number % 3 !== 0));
      await dict.set(1, 1);
      expect([...(await dict.toMap()).keys()]).toEqual([...range(0, 100).map((number) => number * 3), 1]);
    });
  });

  suite(target, 'dict: keys', (clients) => {
    it('text, numbers, bigints, booleans and bytes are all different keys', async () => {
      const dict = clients.one.dict<Key, number>(fresh('dict'));
      await dict.setMany(KEYS.map((key, index): [Key, number] => [key, index]));
      const there = clients.two.dict<Key, number>(dict.name);
      expect(await there.size()).toBe(KEYS.length);
      expect(await Promise.all(KEYS.map((key) => there.get(key)))).toEqual(range(0, KEYS.length));
    });

    it('come back unchanged, in order', async () => {
      const dict = clients.one.dict<Key, number>(fresh('dict'));
      await dict.setMany(KEYS.map((key, index): [Key, number] => [key, index]));
      expect([...(await dict.toMap()).keys()]).toStrictEqual(KEYS);
    });

    it('NaN equals itself', async () => {
      const dict = clients.one.dict<number, string>(fresh('dict'));
      await dict.set(NaN, 'one');
      await dict.set(0 / 0, 'two');
      expect(await dict.toMap()).toEqual(new Map([[NaN, 'two']]));
    });

    it('-0 is 0', async () => {
      const dict = clients.one.dict<number, string>(fresh('dict'));
      await dict.set(-0, 'zero');
      expect(await dict.get(0)).toBe('zero');
      expect(Object.is([...(await dict.toMap()).keys()][0], 0)).toBe(true);
    });

    it('bytes are equal by their content, in a Buffer too', async () => {
      const dict = clients.one.dict<Uint8Array, string>(fresh('dict'));
      await dict.set(Uint8Array.of(1, 2), 'bytes');
      expect(await dict.get(Uint8Array.of(0, 1, 2, 3).subarray(1, 3))).toBe('bytes');
      expect(await dict.get(Buffer.from([1, 2]))).toBe('bytes');
      expect(await dict.get(Uint8Array.of(1, 2, 0))).toBeUndefined();
    });

    it('bytes are copied at the call', async () => {
      const dict = clients.one.dict<Uint8Array, string>(fresh('dict'));
      const key = Uint8Array.of(1, 2);
      const set = dict.set(key, 'before');
      key.fill(9);
      await set;
      expect(await dict.get(Uint8Array.of(1, 2))).toBe('before');
    });

    it('names of Object.prototype are found only if they were set', async () => {
      const dict = clients.one.dict<string, number>(fresh('dict'));
      for (const key of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
        expect(await dict.get(key)).toBeUndefined();
        expect(await dict.has(key)).toBe(false);
        expect(await dict.add(key)).toBe(1);
        expect(await dict.delete(key)).toBe(true);
      }
    });

    it('anything else is refused with InvalidArgumentError', async () => {
      const dict = clients.one.dict<Key, number>(fresh('dict'));
      for (const key of [null, undefined, {}, [], new Date(0), Symbol('s')]) {
        await expect(dict.set(key as never, 1)).rejects.toBeInstanceOf(InvalidArgumentError);
        await expect(dict.get(key as never)).rejects.toBeInstanceOf(InvalidArgumentError);
      }
      expect(await dict.size()).toBe(0);
    });
  });
}
