/** Requests of one client that could hold up the others: one attack a row of `holdup`. */
import { Manager } from 'commonhold';
import { DictServiceDefinition } from 'commonhold/proto';
import { createChannel, createClientFactory, Metadata } from 'nice-grpc';
import { collidingIntegers } from './collisions.js';

/** The request, ready to be made. */
type Attack = () => Promise<unknown>;

/** Prepares an attack.  */
type Prepare = (manager: Manager) => Promise<Attack>;

/** Calls in flight while an object is filled. */
const PORTION = 20_000;

export const ATTACKS: Readonly<Record<string, { readonly work: string; readonly prepare: Prepare }>> = {
  'sort-objects': {
    work: 'sort() of a list of 200,000 objects',
    prepare: async (manager) => {
      const list = await filledList(manager, 200_000, (n) => ({ id: shuffled(n), name: `item ${n}` }));
      return () => list.sort();
    },
  },
  'sort-by': {
    work: 'sort({ by }) of a list of 200,000 objects',
    prepare: async (manager) => {
      const list = await filledList(manager, 200_000, (n) => ({ id: shuffled(n), name: `item ${n}` }));
      return () => list.sort({ by: 'id' });
    },
  },
  'sort-numbers': {
    work: 'sort() of a list of 1,000,000 numbers',
    prepare: async (manager) => {
      const list = await filledList(manager, 1_000_000, shuffled);
      return () => list.sort();
    },
  },
  'sort-texts': {
    work: 'sort() of a list of 1,000,000 texts',
    prepare: async (manager) => {
      const list = await filledList(manager, 1_000_000, (n) => `text ${shuffled(n)}`);
      return () => list.sort();
    },
  },
  reverse: {
    work: 'reverse() of a list of 1,000,000 numbers',
    prepare: async (manager) => {
      const list = await filledList(manager, 1_000_000, shuffled);
      return () => list.reverse();
    },
  },
  'index-of': {
    work: 'indexOf() in a list of 200,000 objects',
    prepare: async (manager) => {
      const list = await filledList(manager, 200_000, (n) => ({ id: n, name: `item ${n}` }));
      return () => list.indexOf({ id: -1, name: '' });
    },
  },
  'list-insert': {
    work: '100 times insert() in the middle of a list of 1,000,000 numbers',
    prepare: async (manager) => {
      const list = await filledList(manager, 1_000_000, shuffled);
      return () => Promise.all(Array.from({ length: 100 }, () => list.insert(500_000, 1)));
    },
  },
  'colliding-keys': {
    work: 'setMany() of 60,000 integers with one hash',
    prepare: async (manager) => {
      const dict = await manager.dict<number, null>('attacked').create();
      const entries = collidingIntegers(60_000).map((key): [number, null] => [key, null]);
      return () => dict.setMany(entries);
    },
  },
  'set-many': {
    work: 'setMany() of 250,000 entries',
    prepare: async (manager) => {
      const dict = await manager.dict<string, number>('attacked').create();
      const entries = Array.from({ length: 250_000 }, (_, n): [string, number] => [`key:${n}`, n]);
      return () => dict.setMany(entries);
    },
  },
  extend: {
    work: 'extend() of a list by 250,000 numbers',
    prepare: async (manager) => {
      const list = await manager.list<number>('attacked').create();
      const items = Array.from({ length: 250_000 }, (_, n) => n);
      return () => list.extend(items);
    },
  },
  'add-many': {
    work: 'addMany() of 250,000 deltas',
    prepare: async (manager) => {
      const dict = await manager.dict<string, number>('attacked').create();
      const deltas = Array.from({ length: 250_000 }, (_, n): [string, number] => [`key:${n}`, n]);
      return () => dict.addMany(deltas);
    },
  },
  'compare-and-set': {
    work: 'compareAndSet() of an equal value of 10 MB',
    prepare: async (manager) => {
      const dict = await manager.dict<string, object>('attacked').create();
      const value = largeValue(10_000_000);
      await dict.set('key', value);
      return () => dict.compareAndSet('key', value, 1 as unknown as object);
    },
  },
  'compare-and-set-other': {
    work: 'compareAndSet() of an equal value of 10 MB with its keys in another order',
    prepare: async (manager) => {
      const dict = await manager.dict<string, object>('attacked').create();
      await dict.set('key', largeValue(10_000_000));
      const other = Object.fromEntries(Object.entries(largeValue(10_000_000)).reverse());
      return () => dict.compareAndSet('key', other, 1 as unknown as object);
    },
  },
  'path-push': {
    work: 'push() at a path in a value of 4 MB',
    prepare: async (manager) => {
      const dict = await manager.dict<string, { list: number[] }>('attacked').create();
      await dict.set('key', { ...largeValue(3_900_000), list: [] });
      return () => dict.path('key', 'list').push(1);
    },
  },
  'path-get': {
    work: 'get() at a path in a value of 4 MB',
    prepare: async (manager) => {
      const dict = await manager.dict<string, { list: number[] }>('attacked').create();
      await dict.set('key', { ...largeValue(3_900_000), list: [1] });
      return () => dict.path('key', 'list').get();
    },
  },
  union: {
    work: 'union() of two sets of 1,000,000 numbers',
    prepare: async (manager) => {
      const [one, other] = await Promise.all([filledSet(manager, 'attacked', 0), filledSet(manager, 'attacked too', 500_000)]);
      return async () => {
        await other.size();
        await one.union(other);
      };
    },
  },
  intersection: {
    work: 'intersection() of two sets of 1,000,000 numbers',
    prepare: async (manager) => {
      const [one, other] = await Promise.all([filledSet(manager, 'attacked', 0), filledSet(manager, 'attacked too', 500_000)]);
      return async () => {
        await other.size();
        await one.intersection(other);
      };
    },
  },
  'set-add': {
    work: 'addAll() of 200,000 objects to a set',
    prepare: async (manager) => {
      const set = await manager.set<object>('attacked').create();
      const values = Array.from({ length: 200_000 }, (_, n) => ({ id: n }));
      return () => set.addAll(values);
    },
  },
  'to-map': {
    work: 'toMap() of a dict of 600,000 entries',
    prepare: async (manager) => {
      const dict = await filledDict(manager, 600_000);
      return () => dict.toMap();
    },
  },
  'to-array': {
    work: 'slice() of a list of 1,000,000 numbers',
    prepare: async (manager) => {
      const list = await filledList(manager, 1_000_000, shuffled);
      return () => list.slice();
    },
  },
  clear: {
    work: 'clear() of a dict of 1,000,000 entries',
    prepare: async (manager) => {
      const dict = await filledDict(manager, 1_000_000);
      return () => dict.clear();
    },
  },
  destroy: {
    work: 'destroy() of a dict of 1,000,000 entries',
    prepare: async (manager) => {
      const dict = await filledDict(manager, 1_000_000);
      return () => dict.destroy();
    },
  },
  expiry: {
    work: 'the end of the time to live of 300,000 entries at once',
    prepare: async (manager) => {
      const dict = await manager.dict<string, number>('attacked').create();
      const end = Date.now() + 20_000;
      await inPortions(300_000, (from, to) =>
        Promise.all(Array.from({ length: to - from }, (_, n) => dict.set(`key:${from + n}`, 1, { ttl: Math.max(1, end - Date.now()) }))),
      );
      return async () => {
        while ((await dict.size()) > 0) await new Promise((resolve) => setTimeout(resolve, 50));
      };
    },
  },
  'priority-peek': {
    work: 'clear() of a queue of 500,000 items with priorities',
    prepare: async (manager) => {
      const queue = await manager.queue<number>('attacked', { order: 'priority' }).create();
      await inPortions(500_000, (from, to) =>
        Promise.all(Array.from({ length: to - from }, (_, n) => queue.put(n, { priority: shuffled(from + n) }))),
      );
      return () => queue.clear();
    },
  },
  'list-objects': {
    work: 'a page of objects({ match }) of 100,000 objects with long names and a pattern of 400 parts',
    prepare: async (manager) => {
      await inPortions(100_000, (from, to) =>
        Promise.all(Array.from({ length: to - from }, (_, n) => manager.event(`${'a'.repeat(900)}${from + n}`).set())),
      );
      return async () => {
        const objects = manager.objects({ match: `${'*a'.repeat(400)}*b*` })[Symbol.asyncIterator]();
        await objects.next();
      };
    },
  },
  stats: {
    work: 'stats() of 100,000 objects',
    prepare: async (manager) => {
      await inPortions(100_000, (from, to) =>
        Promise.all(Array.from({ length: to - from }, (_, n) => manager.event(`event ${from + n}`).set())),
      );
      return () => manager.stats();
    },
  },
  'list-all-objects': {
    work: 'objects() of 100,000 objects',
    prepare: async (manager) => {
      await inPortions(100_000, (from, to) =>
        Promise.all(Array.from({ length: to - from }, (_, n) => manager.event(`event ${shuffled(from + n)}`).set())),
      );
      return async () => {
        for await (const _ of manager.objects());
      };
    },
  },
  'frame-of-calls': {
    work: '500,000 calls of has() at once',
    prepare: async (manager) => {
      const dict = await manager.dict<number, number>('attacked').create();
      return () => Promise.all(Array.from({ length: 500_000 }, (_, n) => dict.has(n)));
    },
  },
  'end-of-session': {
    work: 'the end of a session with 100,000 permits',
    prepare: async (manager) => {
      const semaphore = await manager.semaphore('attacked', 1_000_000).create();
      const other = await Manager.connect(manager.address);
      const theirs = other.semaphore('attacked', 1_000_000);
      await inPortions(100_000, (from, to) => Promise.all(Array.from({ length: to - from }, () => theirs.acquire())));
      return async () => {
        await other.close();
        await semaphore.destroy();
      };
    },
  },
  regexp: {
    work: 'indexOf() in a list of a RegExp of 15,000 characters',
    prepare: async (manager) => {
      const list = await manager.list<RegExp>('attacked').create();
      const regexp = /x/iu;
      Object.defineProperty(regexp, 'source', { value: String.raw`\p{L}`.repeat(3_000) });
      return async () => {
        await list.push(regexp);
        await list.indexOf(/y/);
      };
    },
  },
  'json-of-graph': {
    work: 'get() over gRPC, which answers JSON, of arrays that lead to each other 20 levels deep',
    prepare: async (manager) => {
      const dict = await manager.dict<string, unknown[]>('attacked').create();
      await dict.set('key', sharedArrays(20));
      const channel = createChannel(manager.address.replace(/^unix:(?!\/\/)/, 'unix://'));
      const metadata = Metadata({ authorization: `Bearer ${manager.token ?? ''}` });
      const client = createClientFactory().create(DictServiceDefinition, channel, { '*': { metadata } });
      return async () => {
        await client.get({ name: 'attacked', key: { kind: { case: 'text', value: 'key' } } });
        channel.close();
      };
    },
  },
};

async function inPortions(count: number, fill: (from: number, to: number) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < count; from += PORTION) await fill(from, Math.min(count, from + PORTION));
}

async function filledList<T>(manager: Manager, count: number, item: (n: number) => T) {
  const list = await manager.list<T>('attacked').create();
  await inPortions(count, (from, to) => list.extend(Array.from({ length: to - from }, (_, n) => item(from + n))));
  return list;
}

async function filledDict(manager: Manager, count: number) {
  const dict = await manager.dict<string, number>('attacked').create();
  await inPortions(count, (from, to) => dict.setMany(Array.from({ length: to - from }, (_, n) => [`key:${from + n}`, n])));
  return dict;
}

async function filledSet(manager: Manager, name: string, first: number) {
  const set = await manager.set<number>(name).create();
  await inPortions(1_000_000, (from, to) => set.addAll(Array.from({ length: to - from }, (_, n) => first + from + n)));
  return set;
}

/** Returns other numbers in no order. */
function shuffled(n: number): number {
  return Math.imul(n, 0x9e3779b1) >>> 0;
}

/** Returns a value of many small parts of about this size. */
function largeValue(bytes: number): Record<string, { id: number; name: string }> {
  return Object.fromEntries(Array.from({ length: bytes / 40 }, (_, n) => [`entry ${n}`, { id: n, name: `the name of ${n}` }]));
}

/** Returns arrays that all lead to the next one many times. */
function sharedArrays(levels: number): unknown[] {
  let array: unknown[] = ['x'.repeat(1_000)];
  for (let level = 1; level < levels; level++) array = new Array<unknown>(300).fill(array);
  return array;
}
