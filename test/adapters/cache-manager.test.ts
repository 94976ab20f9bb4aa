import { beforeEach, expect, test } from '@jest/globals';
import { createCache, type Cache } from 'cache-manager';
import { ClosedError, type SharedDict } from 'commonhold';
import { keyvOptions } from 'commonhold/keyv';
import { Keyv } from 'keyv';
import { range } from '../conformance/support.js';
import { until } from '../support/until.js';
import { Managers } from './support.js';

// The cases of cache-manager's own tests that reach the store.

const managers = new Managers();
const LIST = range(0, 3).map((n) => ({ key: `key${n}`, value: `value${n}` }));
const KEYS = LIST.map(({ key }) => key);
const VALUES = LIST.map(({ value }) => value);

let dict: SharedDict<string>;
let cache: Cache;
beforeEach(() => {
  dict = managers.dict();
  cache = createCache({ stores: [new Keyv(keyvOptions(dict))] });
});

/** Makes Keyv throw, so that the cache gets the errors. */
function strict(of: SharedDict<string>): Keyv {
  return new Keyv({ ...keyvOptions(of), throwOnErrors: true });
}

test('set, get and del', async () => {
  expect(await cache.set('key', 'value')).toBe('value');
  expect(await cache.set('key', 'value', 60_000)).toBe('value');
  expect(await cache.get('key')).toBe('value');
  expect(await cache.del('key')).toBe(true);
  expect(await cache.get('key')).toBeUndefined();
});

test('mset, mget and mdel', async () => {
  expect(await cache.mset(LIST)).toEqual(LIST);
  expect(await cache.mget([...KEYS, 'missing'])).toEqual([...VALUES, undefined]);
  await cache.mdel(KEYS.slice(0, 2));
  expect(await cache.mget(KEYS)).toEqual([undefined, undefined, VALUES[2]]);
});

test('clear removes all entries', async () => {
  await cache.mset(LIST);
  expect(await cache.clear()).toBe(true);
  expect(await cache.mget(KEYS)).toEqual([undefined, undefined, undefined]);
});

test('ttl tells the end of a key', async () => {
  const before = Date.now();
  await cache.set('key', 'value', 60_000);
  await cache.set('lasting', 'value');
  expect(await cache.ttl('key')).toBeGreaterThanOrEqual(before + 60_000);
  expect(await cache.ttl('lasting')).toBeUndefined();
  expect(await cache.ttl('missing')).toBeUndefined();
});

test('an entry is gone after its end', async () => {
  await cache.set('key', 'value', 1);
  await until('the key has ended', async () => (await dict.size()) === 0);
  expect(await cache.get('key')).toBeUndefined();
  expect(await cache.ttl('key')).toBeUndefined();
});

test('wrap calls the function once for concurrent calls, and not at all for a cached value', async () => {
  let calls = 0;
  const compute = async (): Promise<number> => ++calls;
  expect(await Promise.all(range(0, 10).map(() => cache.wrap('key', compute, 60_000)))).toEqual(Array<number>(10).fill(1));
  expect(await cache.wrap('key', compute, 60_000)).toBe(1);
  expect(await cache.wrap('key', compute, { ttl: 60_000, raw: true })).toEqual({ value: 1, expires: expect.any(Number) });
});

test('wrap gives the end that its function computes', async () => {
  await cache.wrap(
    'key',
    () => 'value',
    (value) => value.length * 10_000,
  );
  expect(await dict.ttl('keyv:key')).toBeLessThanOrEqual(50_000);
});

test('wrap gives the old value while it refreshes one that is nearly over', async () => {
  expect(await cache.wrap('key', async () => 0, 60_000)).toBe(0);
  const refreshed = new Promise((resolve) => cache.on('refresh', resolve));
  expect(await cache.wrap('key', async () => 1, 60_000, 60_001)).toBe(0);
  expect(await refreshed).toMatchObject({ key: 'key', value: 1 });
  expect(await cache.get('key')).toBe(1);
});

test('several stores are asked in turn, for the keys that are missing', async () => {
  const memory = new Keyv();
  const both = createCache({ stores: [memory, new Keyv(keyvOptions(dict))] });
  await cache.mset(LIST);
  await memory.set(KEYS[0]!, 'nearer');
  expect(await both.mget(KEYS)).toEqual(['nearer', ...VALUES.slice(1)]);
  expect(await both.wrap(KEYS[1]!, () => 'computed')).toBe(VALUES[1]);
  expect(await memory.get(KEYS[1]!)).toBe(VALUES[1]);
});

test('another process sees the entries', async () => {
  await cache.set('key', { since: new Date(0) });
  const other = createCache({ stores: [new Keyv(keyvOptions(managers.two.dict(dict.name)))] });
  expect(await other.get('key')).toEqual({ since: new Date(0) });
});

test('an error of the manager rejects set and del, and is told by the event of get', async () => {
  const failing = createCache({ stores: [strict(await managers.lost())] });
  await expect(failing.set('key', 'value')).rejects.toThrow(ClosedError);
  await expect(failing.del('key')).rejects.toThrow(ClosedError);
  const told = new Promise((resolve) => failing.on('get', resolve));
  expect(await failing.get('key')).toBeUndefined();
  expect(await told).toMatchObject({ key: 'key', error: expect.any(ClosedError) });
});
