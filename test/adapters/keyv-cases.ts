import { beforeEach, describe, expect, it } from '@jest/globals';
import type { SharedDict } from 'commonhold';
import { KeyvStore } from 'commonhold/keyv';
import { range } from '../conformance/support.js';
import { until } from '../support/until.js';

/** The part of Keyv that its versions have in common. */
export interface AnyKeyv {
  get(key: string): Promise<unknown>;
  get(keys: string[]): Promise<unknown[]>;
  getMany(keys: string[]): Promise<unknown[]>;
  has(key: string): Promise<boolean>;
  hasMany(keys: string[]): Promise<boolean[]>;
  set(key: string, value: unknown, ttl?: number): Promise<boolean>;
  setMany(entries: { key: string; value: unknown; ttl?: number }[]): Promise<boolean[]>;
  delete(keys: string | string[]): Promise<boolean | boolean[]>;
  clear(): Promise<void>;
  iterator(): AsyncGenerator<[string, unknown]>;
  on(event: string, listener: (error: unknown) => void): unknown;
}

/** A version of Keyv, as the cases use it. */
export interface KeyvTarget {
  /** Creates an instance. Stores that are given the same dict hold the same entries. */
  create(dict: SharedDict<string>, namespace?: string): AnyKeyv;
  dict(): SharedDict<string>;
  /** True if values go through JSON. */
  json: boolean;
  version: 5 | 6;
}

const ENTRIES = range(0, 5).map((n): [string, string] => [String(n), String(n + 10)]);

/** The cases of `@keyv/test-suite` 2.1.2, and of both versions' stores that it lacks. */
export function keyvCases(target: KeyvTarget): void {
  let dict: SharedDict<string>;
  let keyv: AnyKeyv;
  beforeEach(() => {
    dict = target.dict();
    keyv = target.create(dict);
  });

  describe('api', () => {
    it('has methods that return promises', async () => {
      const promises = [keyv.set('foo', 'bar'), keyv.get('foo'), keyv.delete('foo'), keyv.delete(['foo']), keyv.clear()];
      for (const promise of promises) expect(promise).toBeInstanceOf(Promise);
      await Promise.all(promises);
    });

    it('answers true when it has set a value, and returns it', async () => {
      expect(await keyv.set('foo', 'bar')).toBe(true);
      expect(await keyv.get('foo')).toBe('bar');
    });

    it('gives the end of an entry to the key of the dict', async () => {
      await keyv.set('foo', 'bar', 3_600_000);
      expect(await keyv.get('foo')).toBe('bar');
      const [key] = await keysOf(dict);
      const left = await dict.ttl(key!);
      expect(left).toBeGreaterThan(0);
      expect(left).toBeLessThanOrEqual(3_600_000);
    });

    it('forgets an entry when its time is over', async () => {
      await keyv.set('foo', 'bar', 1);
      await until('the key has ended', async () => (await dict.size()) === 0);
      expect(await keyv.get('foo')).toBeUndefined();
      expect(await keyv.has('foo')).toBe(false);
    });

    it('keeps an entry that is set again without an end', async () => {
      await keyv.set('foo', 'bar', 3_600_000);
      await keyv.set('foo', 'bar');
      expect(await dict.ttl((await keysOf(dict))[0]!)).toBe(Infinity);
    });

    it('returns undefined for a missing key', async () => {
      expect(await keyv.get('foo')).toBeUndefined();
    });

    it('returns the values of many keys, undefined where one is missing or over', async () => {
      await keyv.set('foo', 'bar', 3_600_000);
      await keyv.set('foo1', 'bar1', 1);
      await keyv.set('foo2', 'bar2');
      await until('one key has ended', async () => (await dict.size()) === 2);
      expect(await keyv.get(['foo', 'foo1', 'foo2', 'foo3'])).toEqual(['bar', undefined, 'bar2', undefined]);
      expect(await keyv.getMany(['foo4', 'foo5'])).toEqual([undefined, undefined]);
    });

    it('sets many entries, each with its own end', async () => {
      const entries = [
        { key: 'a', value: 1 },
        { key: 'b', value: 2, ttl: 3_600_000 },
        { key: 'c', value: 3, ttl: 7_200_000 },
      ];
      expect(await keyv.setMany(entries)).toEqual([true, true, true]);
      expect(await keyv.getMany(['a', 'b', 'c'])).toEqual([1, 2, 3]);
      const [a, b, c] = await Promise.all((await keysOf(dict)).sort().map((key) => dict.ttl(key)));
      expect(a).toBe(Infinity);
      expect(b).toBeLessThanOrEqual(3_600_000);
      expect(c).toBeGreaterThan(3_600_000);
    });

    it('deletes a key, and tells if it was there', async () => {
      await keyv.set('foo', 'bar');
      expect(await keyv.delete('foo')).toBe(true);
      expect(await keyv.get('foo')).toBeUndefined();
      expect(await keyv.delete('foo')).toBe(false);
    });

    it('deletes many keys, and tells if all were there', async () => {
      const answer = (all: boolean): unknown => (target.version === 5 ? all : [all, all, all]);
      for (const key of ['foo', 'foo1', 'foo2']) await keyv.set(key, 'bar');
      expect(await keyv.delete(['foo', 'foo1', 'foo2'])).toEqual(answer(true));
      expect(await keyv.getMany(['foo', 'foo1', 'foo2'])).toEqual([undefined, undefined, undefined]);
      expect(await keyv.delete(['foo', 'foo1', 'foo2'])).toEqual(answer(false));
    });

    it('clears all entries, and resolves to undefined', async () => {
      await expect(keyv.clear()).resolves.toBeUndefined();
      await keyv.setMany([
        { key: 'foo', value: 'bar' },
        { key: 'fizz', value: 'buzz' },
      ]);
      await expect(keyv.clear()).resolves.toBeUndefined();
      expect(await keyv.getMany(['foo', 'fizz'])).toEqual([undefined, undefined]);
      expect(await dict.size()).toBe(0);
    });

    it('tells which keys are there', async () => {
      await keyv.set('foo', 'bar');
      expect(await keyv.has('foo')).toBe(true);
      expect(await keyv.has('fizz')).toBe(false);
      expect(await keyv.hasMany(['foo', 'fizz'])).toEqual([true, false]);
    });
  });

  describe('values', () => {
    it.each([
      ['false', false],
      ['null', null],
      ['undefined', undefined],
      ['a number', 0],
      ['an object', { fizz: 'buzz' }],
      ['an object with a buffer', { buff: Buffer.from('buzz') }],
      ['a text', 'bar'],
      ['a text with quotes', '"'],
      ['a text with single quotes', "''"],
    ])('can be %s', async (_, value) => {
      await keyv.set('foo', value);
      expect(await keyv.get('foo')).toEqual(value);
    });

    it('can be a buffer', async () => {
      await keyv.set('foo', Buffer.from('bar'));
      expect(Buffer.from('bar').equals((await keyv.get('foo')) as Uint8Array)).toBe(true);
    });

    it('cannot be a symbol', async () => {
      const errors: unknown[] = [];
      keyv.on('error', (error) => errors.push(error));
      const set = keyv.set('foo', Symbol('value'));
      if (target.version === 5) await expect(set).rejects.toThrow('symbol cannot be serialized');
      else expect(await set).toBe(false);
      expect(errors).toEqual(['symbol cannot be serialized']);
      expect(await keyv.has('foo')).toBe(false);
    });

    it('can have any text as their key', async () => {
      for (const key of ["'", 'a:b', ':', 'ключ']) {
        await keyv.set(key, key);
        expect(await keyv.get(key)).toBe(key);
      }
    });

    it('belong to the caller, who may change them', async () => {
      await keyv.set('foo', { list: [1] });
      const value = (await keyv.get('foo')) as { list: number[] };
      value.list.push(2);
      expect(value).toEqual({ list: [1, 2] });
      expect(await keyv.get('foo')).toEqual({ list: [1] });
    });

    if (!target.json) {
      it('come back as they were, where no JSON is in between', async () => {
        const value = { big: 9223372036854775807n, map: new Map([['at', new Date(0)]]), set: new Set([1]), bytes: new Uint8Array([1, 2]) };
        await keyv.set('foo', value);
        expect(await keyv.get('foo')).toEqual(value);
      });
    }
  });

  describe('namespaces', () => {
    let one: AnyKeyv;
    let two: AnyKeyv;
    beforeEach(async () => {
      one = target.create(dict, 'keyv1');
      two = target.create(dict, 'keyv2');
      for (const key of ['foo', 'bar']) await one.set(key, 'one');
      for (const key of ['foo', 'bar']) await two.set(key, 'two');
    });

    it('do not collide', async () => {
      expect([await one.get('foo'), await two.get('foo')]).toEqual(['one', 'two']);
    });

    it('delete only their own keys', async () => {
      expect(await one.delete('foo')).toBe(true);
      expect([await one.get('foo'), await two.get('foo')]).toEqual([undefined, 'two']);
    });

    it('clear only their own keys, also more than fit in a page', async () => {
      await one.setMany(range(0, 2500).map((n) => ({ key: `k${n}`, value: n })));
      await one.clear();
      expect(await one.getMany(['foo', 'bar', 'k0', 'k2499'])).toEqual([undefined, undefined, undefined, undefined]);
      expect(await two.getMany(['foo', 'bar'])).toEqual(['two', 'two']);
      expect(await dict.size()).toBe(2);
    });

    it('iterate over their own keys', async () => {
      expect(await entriesOf(two)).toEqual([
        ['foo', 'two'],
        ['bar', 'two'],
      ]);
    });

    it('may be the beginning of each other', async () => {
      const longer = target.create(dict, 'keyv11');
      await longer.set('foo', 'longer');
      await one.clear();
      expect(await longer.get('foo')).toBe('longer');
    });
  });

  describe('iterator', () => {
    it('is an async iterator over all entries', async () => {
      for (const [key, value] of ENTRIES) await keyv.set(key, value);
      const iterator = keyv.iterator();
      expect(typeof iterator[Symbol.asyncIterator]).toBe('function');
      const found: [string, unknown][] = [];
      for await (const entry of iterator) found.push(entry);
      expect(found).toEqual(ENTRIES);
    });

    it('leaves out entries that are over', async () => {
      for (const [key, value] of ENTRIES) await keyv.set(key, value, 1);
      await keyv.set('foo', 'bar');
      await until('only one key is left', async () => (await dict.size()) === 1);
      expect(await entriesOf(keyv)).toEqual([['foo', 'bar']]);
    });
  });
}

async function entriesOf(keyv: AnyKeyv): Promise<[string, unknown][]> {
  const entries: [string, unknown][] = [];
  for await (const entry of keyv.iterator()) entries.push(entry);
  return entries;
}

async function keysOf(dict: SharedDict<string>): Promise<string[]> {
  const keys: string[] = [];
  for await (const key of dict.keys()) keys.push(key);
  return keys;
}

/** Creates a store whose values go through the JSON of Keyv. */
export function jsonOptions(dict: SharedDict<string>): { store: KeyvStore } {
  return { store: new KeyvStore(dict) };
}
