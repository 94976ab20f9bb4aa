import { beforeEach, expect, test } from '@jest/globals';
import { ClosedError, type SharedDict } from 'commonhold';
import { unstorageDriver } from 'commonhold/unstorage';
import { createStorage, prefixStorage, restoreSnapshot, snapshot, type Storage } from 'unstorage';
import { range } from '../conformance/support.js';
import { until } from '../support/until.js';
import { Managers } from './support.js';

// The cases that unstorage runs for each of its drivers, and times to live, bases and mounts.

const managers = new Managers();
let dict: SharedDict<string>;
let storage: Storage;
beforeEach(() => {
  dict = managers.dict();
  storage = createStorage({ driver: unstorageDriver(dict) });
});

test('a snapshot is restored, and taken again', async () => {
  await restoreSnapshot(storage, { initial: 'works' });
  expect(await storage.getItem('initial')).toBe('works');
  expect(await snapshot(storage, '')).toEqual({ initial: 'works' });
});

test('nothing is there at first', async () => {
  expect(await storage.hasItem('s1:a')).toBe(false);
  expect(await storage.getItem('s2:a')).toBe(null);
  expect(await storage.getKeys()).toEqual([]);
});

test('setItem stores under the key without its query', async () => {
  for (const key of ['s1:a', 's2:a', 's3:a?q=1']) await storage.setItem(key, 'test_data');
  expect(await storage.hasItem('s1:a')).toBe(true);
  expect(await storage.getItem('s1:a')).toBe('test_data');
  expect(await storage.getItem('s3:a?q=2')).toBe('test_data');
});

test('getKeys gives all keys, or those below a base', async () => {
  for (const key of ['s1:a', 's2:a', 's3:a?q=1']) await storage.setItem(key, 'test_data');
  expect((await storage.getKeys()).sort()).toEqual(['s1:a', 's2:a', 's3:a']);
  expect(await storage.getKeys('s1')).toEqual(['s1:a']);
});

test('getKeys gives the keys down to a depth', async () => {
  const keys = ['depth0_0', 'depth0:depth1_0', 'depth0:depth1_1', 'depth0:depth1:depth2_0', 'depth0:depth1:depth2_1'];
  for (const key of keys) await storage.setItem(key, 'test_data');
  for (const [maxDepth, count] of [1, 3, 5].entries()) {
    expect(await storage.getKeys(undefined, { maxDepth })).toEqual(keys.slice(0, count));
  }
});

test.each<[string, unknown, unknown]>([
  ['an object', { json: 'works' }, { json: 'works' }],
  ['true', true, true],
  ['zero', 0, 0],
  ['false', false, false],
  ['an object that JSON makes a text', { toJSON: () => 'SERIALIZED' }, 'SERIALIZED'],
  ['an object that JSON makes another', { toJSON: () => ({ serializedObj: 'works' }) }, { serializedObj: 'works' }],
])('an item can be %s', async (_, value, read) => {
  await storage.setItem('/data/test.json', value as object);
  expect(await storage.getItem('/data/test.json')).toEqual(read);
});

test('an instance of a class is refused', async () => {
  await expect(storage.setItem('/data/bad.json', new (class Test {})())).rejects.toThrow('Cannot stringify value');
});

test('raw items are bytes, or any value, as the dict stores them', async () => {
  await storage.setItemRaw('/data/raw.bin', new Uint8Array([1, 2, 3]));
  expect(await storage.getItemRaw('/data/raw.bin')).toEqual(new Uint8Array([1, 2, 3]));
  await storage.setItemRaw('/data/raw', new Map([['at', [new Date(0)]]]));
  const value = await storage.getItemRaw<Map<string, Date[]>>('/data/raw');
  value!.get('at')!.push(new Date(1));
  expect(value).toEqual(new Map([['at', [new Date(0), new Date(1)]]]));
});

test('setItems and getItems take many items', async () => {
  await storage.setItems(range(1, 4).map((n) => ({ key: `t:${n}`, value: `data${n}` })));
  await storage.setItem('v:a?q=1', 'queried');
  expect(await storage.getItems([{ key: 't:1' }, 't:2', { key: 'v:a?q=1' }, 't:missing'])).toEqual([
    { key: 't:1', value: 'data1' },
    { key: 't:2', value: 'data2' },
    { key: 'v:a', value: 'queried' },
    { key: 't:missing', value: null },
  ]);
});

test('removeItem removes an item, and its meta data where that is asked for', async () => {
  await storage.setItem('s1:a', 'test_data');
  await storage.setMeta('s1:a', { mtime: new Date(0) });
  expect(await storage.getMeta('s1:a')).toEqual({ mtime: new Date(0) });
  await storage.removeItem('s1:a', { removeMeta: true });
  expect(await storage.hasItem('s1:a')).toBe(false);
  expect(await storage.getItem('s1:a')).toBe(null);
  expect(await dict.size()).toBe(0);
});

test('clear removes all items, and where a driver is asked for a base, those below it, also more than fit in a page', async () => {
  await storage.clear();
  await storage.setItems(range(0, 2500).map((n) => ({ key: `a:${n}`, value: 'x' })));
  await storage.setItem('b:1', 'x');
  await unstorageDriver(dict).clear('a:');
  expect(await storage.getKeys()).toEqual(['b:1']);
  await storage.clear();
  expect(await storage.getKeys()).toEqual([]);
});

test('items end after their own ttl, or that of the driver, in seconds', async () => {
  const ending = createStorage({ driver: unstorageDriver(dict, { ttl: 3600 }) });
  await ending.setItem('a', 1);
  await ending.setItem('b', 1, { ttl: 7200 });
  await ending.setItems(
    [
      { key: 'c', value: 1, options: { ttl: 60 } },
      { key: 'd', value: 1 },
    ],
    { ttl: 120 },
  );
  await storage.setItem('e', 1);
  const left = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((key) => dict.ttl(key)));
  const between: [number, number][] = [
    [120, 3600],
    [3600, 7200],
    [0, 60],
    [60, 120],
  ];
  for (const [index, [shortest, longest]] of between.entries()) {
    expect(left[index]).toBeGreaterThan(shortest * 1000);
    expect(left[index]).toBeLessThanOrEqual(longest * 1000);
  }
  expect(left[4]).toBe(Infinity);
  await ending.setItem('f', 1, { ttl: 0.001 });
  await until('the item has ended', async () => !(await storage.hasItem('f')));
});

test('drivers are mounted beside each other, and other processes see their items', async () => {
  const root = createStorage();
  root.mount('cache', unstorageDriver(dict));
  await prefixStorage(root, 'cache').setItem('a:b', 'shared');
  expect(await root.getKeys('cache')).toEqual(['cache:a:b']);
  const other = createStorage({ driver: unstorageDriver(managers.two.dict(dict.name)) });
  expect(await other.getItem('a:b')).toBe('shared');
  await root.clear('cache');
  expect(await other.getKeys()).toEqual([]);
});

test('errors of the manager arrive as they are', async () => {
  const failing = createStorage({ driver: unstorageDriver(await managers.lost()) });
  await expect(failing.getItem('a')).rejects.toThrow(ClosedError);
  await expect(failing.setItem('a', 1)).rejects.toThrow(ClosedError);
});
