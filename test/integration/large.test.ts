import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Manager, type WorkerHandle } from 'commonhold';
import { fresh, range } from '../conformance/support.js';
import { COLLECTS_GARBAGE, Daemon } from '../support/daemon.js';
import { stress } from '../support/stress.js';
import { until } from '../support/until.js';
import { AT_ONCE, comesAndGoes, isRewritten, type Work } from './programs/changers.js';

// Large containers, iterated page by page while other processes change them; and a large array of numbers.

const CHANGERS = new URL('./programs/changers.js', import.meta.url);
const SUMMER = new URL('./programs/summer.js', import.meta.url);

const SIZE = stress(100_000, 1_000_000);
const CHUNK = 20_000;
const MIB = 1024 * 1024;
const ARRAY_BYTES = stress(4, 100) * MIB;

let daemon: Daemon;
let manager: Manager;

beforeAll(async () => {
  daemon = await Daemon.serve(undefined, COLLECTS_GARBAGE);
  manager = await Manager.connect(daemon.address);
});

afterAll(async () => {
  await manager.close();
  await daemon.stop();
});

/** The numbers below the size, in parts that fit a message each. */
const chunks = range(0, SIZE / CHUNK).map((chunk) => range(chunk * CHUNK, (chunk + 1) * CHUNK));

describe('a large container that others change', () => {
  let work: Work;
  let changers: WorkerHandle<void>[];

  beforeEach(() => {
    work = { over: manager.event(), changes: manager.dict(), added: manager.value(undefined, 0) };
    changers = [];
  });

  type Module = typeof import('./programs/changers.js');
  const change = async (...[how, container, size]: Parameters<Module['default']> extends [...infer A, Work] ? A : never): Promise<void> => {
    changers.push(manager.fork<Module>(CHANGERS, how, container, size, work));
    await until(`changes by ${how}`, async () => ((await work.changes.get(how)) ?? 0) > 0);
  };

  /** Waits until each process has changed the container this many times more. */
  const untilChanged = async (times: number): Promise<void> => {
    const before = await work.changes.toMap();
    await until('others change it', async () => {
      const now = await work.changes.toMap();
      return [...before].every(([how, count]) => now.get(how)! >= count + times);
    });
  };

  /** Iterates over the container, which others change behind its first page. Returns all items, and the number of things added by then. */
  const goOver = async <T>(container: AsyncIterable<T>): Promise<{ all: T[]; added: number }> => {
    const all: T[] = [];
    let added = 0;
    for await (const each of container) {
      if (all.push(each) > 1) continue;
      added = await work.added.get();
      await untilChanged(10);
    }
    await work.over.set();
    await Promise.all(changers.map(({ result }) => result));
    return { all, added };
  };

  test('a dict: each entry that stays is yielded once, in order, and no other twice', async () => {
    const dict = manager.dict<number, number>(fresh('dict'));
    for (const keys of chunks) await dict.setMany(keys.map((key) => [key, key]));
    expect(await dict.size()).toBe(SIZE);
    await change('remove', dict, SIZE);
    await change('write', dict, SIZE);

    const addedBefore = await work.added.get();
    const { all, added } = await goOver(dict);

    const keys = all.map(([key]) => key);
    expect(new Set(keys).size).toBe(keys.length);
    const lasting = keys.filter((key) => key < SIZE && !comesAndGoes(key));
    expect(lasting.length).toBe(SIZE * 0.9);
    expect(lasting.every((key, index) => index === 0 || key > lasting[index - 1]!)).toBe(true);
    // The new ones include all from before the iteration, without a gap; a few may not have been counted then.
    const newer = keys.filter((key) => key >= SIZE);
    expect(newer).toEqual(range(SIZE, SIZE + newer.length));
    expect(newer.length).toBeGreaterThanOrEqual(addedBefore);
    expect(newer.length).toBeLessThanOrEqual(added + AT_ONCE);
    expect(await work.added.get()).toBeGreaterThan(added + AT_ONCE);
    // Each had a value that it had at some time.
    const wrong = all.filter(([key, value]) => key < SIZE && value !== key && !(isRewritten(key) && value === -key));
    expect(wrong).toEqual([]);
    await dict.destroy();
  });

  test('a list: is yielded as it was when the iteration began', async () => {
    const list = manager.list<number>(fresh('list'));
    for (const items of chunks) await list.extend(items);
    expect(await list.length()).toBe(SIZE);
    await change('shift', list, SIZE);
    await change('insert', list, SIZE);

    const { all } = await goOver(list);

    expect(new Set(all).size).toBe(all.length);
    // Items were taken from the front only, and the ones added in the middle stand there.
    const old = all.filter((item) => item < SIZE);
    const first = old[0]!;
    expect(first).toBeGreaterThan(0);
    expect(old.length).toBe(SIZE - first);
    expect(old.every((item, index) => item === first + index)).toBe(true);

    // A loop that is left frees its copy, which would be 8 bytes an item.
    const { heap } = (await manager.stats()).memory;
    for (const _ of range(0, 100)) for await (const item of list) if (item >= 0) break;
    expect((await manager.stats()).memory.heap - heap).toBeLessThan(10 * 8 * SIZE);
    await list.destroy();
  });
});

test('a large array is written and summed up by four processes', async () => {
  const LENGTH = ARRAY_BYTES / Float64Array.BYTES_PER_ELEMENT;
  const PARTS = 4;
  const array = manager.array(fresh('array'), 'f64', LENGTH);
  const written = manager.barrier(fresh('written'), PARTS);
  const sums = range(0, PARTS).map(
    (part) => manager.fork<typeof import('./programs/summer.js')>(SUMMER, array, written, part, PARTS).result,
  );
  // Whole numbers below 2^53: sums of doubles are exact.
  const part = LENGTH / PARTS;
  const sumOf = (number: number): number => part * part * number + (part * (part - 1)) / 2;
  expect(await Promise.all(sums)).toEqual([1, 2, 3, 0].map(sumOf));
  expect(range(0, PARTS).reduce((sum, number) => sum + sumOf(number), 0)).toBe((LENGTH * (LENGTH - 1)) / 2);
  expect([await array.get(0), await array.get(-1)]).toEqual([0, LENGTH - 1]);
});
