import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Manager, type WorkerHandle } from 'commonhold';
import { fresh, range } from '../conformance/support.js';
import { until } from '../support/until.js';
import { AT_ONCE, comesAndGoes, isRewritten, type Work } from './programs/changers.js';

// Containers of a million, gone over page by page while other processes change them; and 100 MB of numbers.

jest.setTimeout(120_000);

const CHANGERS = new URL('./programs/changers.js', import.meta.url);
const SUMMER = new URL('./programs/summer.js', import.meta.url);

const MILLION = 1_000_000;
const CHUNK = 20_000;
const MIB = 1024 * 1024;

let manager: Manager;

beforeAll(async () => {
  manager = await Manager.start();
});

afterAll(() => manager.close());

/** Parts of the numbers below a million, which fit a message each. */
const chunks = range(0, MILLION / CHUNK).map((chunk) => range(chunk * CHUNK, (chunk + 1) * CHUNK));

describe('a container of 1,000,000 that others change', () => {
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

  /** Goes over it: what came, how many changes of each kind were made meanwhile, and how many things had been added when it had begun. */
  const goOver = async <T>(container: AsyncIterable<T>): Promise<{ all: T[]; changes: [string, number][]; added: number }> => {
    const before = await work.changes.toMap();
    const all: T[] = [];
    let added = 0;
    for await (const each of container) if (all.push(each) === 1) added = await work.added.get();
    const after = await work.changes.toMap();
    await work.over.set();
    await Promise.all(changers.map(({ result }) => result));
    return { all, changes: [...after].map(([how, count]) => [how, count - before.get(how)!]), added };
  };

  test('a dict: what is there throughout comes once, in order, and nothing comes twice', async () => {
    const dict = manager.dict<number, number>(fresh('dict'));
    for (const keys of chunks) await dict.setMany(keys.map((key) => [key, key]));
    expect(await dict.size()).toBe(MILLION);
    await change('remove', dict, MILLION);
    await change('write', dict, MILLION);

    const addedBefore = await work.added.get();
    const { all, changes, added } = await goOver(dict);
    for (const [how, count] of changes) expect([how, count > 10]).toEqual([how, true]);

    const keys = all.map(([key]) => key);
    expect(new Set(keys).size).toBe(keys.length);
    const lasting = keys.filter((key) => key < MILLION && !comesAndGoes(key));
    expect(lasting.length).toBe(MILLION * 0.9);
    expect(lasting.every((key, index) => index === 0 || key > lasting[index - 1]!)).toBe(true);
    // Of the new ones come those that were there when it began, without a gap; a few may not have been counted then.
    const newer = keys.filter((key) => key >= MILLION);
    expect(newer).toEqual(range(MILLION, MILLION + newer.length));
    expect(newer.length).toBeGreaterThanOrEqual(addedBefore);
    expect(newer.length).toBeLessThanOrEqual(added + AT_ONCE);
    expect(await work.added.get()).toBeGreaterThan(added + AT_ONCE);
    // And each had a value that it had at some time.
    const wrong = all.filter(([key, value]) => key < MILLION && value !== key && !(isRewritten(key) && value === -key));
    expect(wrong).toEqual([]);
    await dict.destroy();
  });

  test('a list: it comes as it was when the iteration began', async () => {
    const list = manager.list<number>(fresh('list'));
    for (const items of chunks) await list.extend(items);
    expect(await list.length()).toBe(MILLION);
    await change('shift', list, MILLION);
    await change('insert', list, MILLION);

    const { all, changes } = await goOver(list);
    for (const [how, count] of changes) expect([how, count > 10]).toEqual([how, true]);

    expect(new Set(all).size).toBe(all.length);
    // Taken from the front so far, none from behind that; and those added in the middle stand there.
    const old = all.filter((item) => item < MILLION);
    const first = old[0]!;
    expect(first).toBeGreaterThan(0);
    expect(old.length).toBe(MILLION - first);
    expect(old.every((item, index) => item === first + index)).toBe(true);
    expect(await list.at(0)).toBeGreaterThan(first);

    // A loop that is left leaves nothing behind: kept copies would be 8 MB each.
    const { heap } = (await manager.stats()).memory;
    for (const _ of range(0, 100)) for await (const item of list) if (item >= 0) break;
    expect((await manager.stats()).memory.heap - heap).toBeLessThan(400 * MIB);
    await list.destroy();
  });
});

test('an array of 100 MB is written and summed up by four processes', async () => {
  const LENGTH = (100 * MIB) / Float64Array.BYTES_PER_ELEMENT;
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
