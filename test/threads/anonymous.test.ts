import { afterEach, describe, expect, it } from '@jest/globals';
import { Arena, ClosedError, type SharedDict, type SharedList, type SharedValue } from 'commonhold';
import { until } from '../support/until.js';

const program = (name: string): URL => new URL(`./programs/${name}.js`, import.meta.url);

let arena: Arena | undefined;
const make = (): Arena => (arena = Arena.create());
afterEach(() => arena?.close());
const objects = (): number => arena!.stats().objects;

describe('an anonymous object in shared memory', () => {
  it('ends with the last proxy, and leaves no memory', async () => {
    make();
    await arena!.value(undefined, 0).get();
    const { used } = arena!.stats();
    for (let i = 0; i < 1000; i++) {
      await using value: SharedValue<string> = arena!.value(undefined, 'a text that is too long for a cell');
      await value.get();
    }
    expect(objects()).toBe(1);
    expect(arena!.stats().used - used).toBeLessThan(10_000);
  });

  it('is closed for the sync of a disposed proxy, and not for that of another one', async () => {
    const list = make().list<number>();
    const same = arena!.list<number>(list.name);
    const [before, { sync }] = [arena!.list<number>(), list];
    sync.push(1);
    const held = arena!.lock();
    const hold = held.sync.acquire({ timeout: 0 });
    for (const proxy of [list, before, held]) await proxy[Symbol.asyncDispose]();
    for (const call of [
      () => sync.push(2),
      () => list.sync.length(),
      () => [...sync],
      () => before.sync.length(),
      () => held.sync.tryAcquire(),
    ])
      expect(call).toThrow(ClosedError);
    expect(same.sync.toArray()).toEqual([1]);
    hold.release();
    await same[Symbol.asyncDispose]();
    expect(() => same.sync.length()).toThrow(ClosedError);
  });

  it('stays while another thread has a proxy of it, and ends with that thread', async () => {
    const value = make().value(undefined, 0, { type: 'i32' });
    const waiting = arena!.event('go');
    const worker = arena!.thread<typeof import('./programs/keeping.js')>(program('keeping'), value, waiting);
    await until('the thread has it', async () => (await value.get()) === 1);
    // The event is made by the wait of the thread.
    await until('the thread waits', () => objects() === 2);
    await value[Symbol.asyncDispose]();
    expect(objects()).toBe(2);
    await worker.terminate();
    await until('the thread is cleared away', () => objects() === 1);
  });

  it('stays while another object refers to it, until that is destroyed', async () => {
    const outer = make().list<SharedList<number>>('outer');
    {
      await using inner = arena!.list<number>();
      await inner.push(1, 2);
      await outer.push(inner);
    }
    expect(objects()).toBe(2);
    const again = (await outer.at(0))!;
    expect(again.sync.toArray()).toEqual([1, 2]);
    expect(await again.destroy()).toBe(true);
    expect(objects()).toBe(1);
  });

  const KEY = 'a-key-of-some-length';
  const WAYS: Readonly<Record<string, (dict: SharedDict<string, unknown>, value: unknown) => unknown>> = {
    'sync.set': (dict, value) => dict.sync.set(KEY, value),
    set: (dict, value) => dict.set(KEY, value),
    'sync.getOrInsert': (dict, value) => dict.sync.getOrInsert(KEY, value),
    getOrInsert: (dict, value) => dict.getOrInsert(KEY, value),
    'sync.compareAndSet': (dict, value) => dict.sync.compareAndSet(KEY, undefined, value),
    compareAndSet: (dict, value) => dict.compareAndSet(KEY, undefined, value),
    'sync.update': (dict, value) => dict.sync.update(KEY, () => value),
    update: (dict, value) => dict.update(KEY, () => value),
    'sync.setMany': (dict, value) => dict.sync.setMany([[KEY, value]]),
    setMany: (dict, value) => dict.setMany([[KEY, value]]),
  };
  const SHAPES: readonly (readonly [string, (list: SharedList<number>) => unknown])[] = [
    ['itself', (list) => list],
    ['within another value', (list) => ({ a: [list, list] })],
  ];

  describe.each(Object.keys(WAYS))('is stored by %s', (way) => {
    it.each(SHAPES)('%s, under the given key', async (_what, shape) => {
      const dict = make().dict<string, unknown>('dict');
      await WAYS[way]!(dict, shape(arena!.list<number>()));
      expect([...dict.sync.keys()]).toEqual([KEY]);
      expect(dict.sync.has(KEY)).toBe(true);
      // Two keys of one length are told apart.
      dict.sync.set('another-key-as-long!', shape(arena!.list<number>()));
      expect([...dict.sync.keys()]).toEqual([KEY, 'another-key-as-long!']);
    });
  });
});
