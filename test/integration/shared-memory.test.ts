import { Worker } from 'node:worker_threads';
import { once } from 'node:events';
import { isSharedArrayBuffer } from 'node:util/types';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Arena, InvalidArgumentError, Manager, share } from 'commonhold';
import { until } from '../support/until.js';
import type { Given } from './programs/shared-memory.js';

// SharedArrayBuffers and views over them: threads share the memory; values and processes do not get it.

interface Module {
  default: (task: string, ...args: unknown[]) => unknown;
  initialize: (counts?: Int32Array) => void;
}
const MODULE = new URL('./programs/shared-memory.js', import.meta.url);
const RAW = new URL('./programs/raw-memory.js', import.meta.url);

const words = (length = 4): Int32Array => new Int32Array(new SharedArrayBuffer(4 * length));

let manager: Manager;
let arena: Arena;
beforeAll(async () => {
  manager = await Manager.start();
  arena = Arena.create({ maxSize: 64 * 2 ** 20 });
});
afterAll(async () => {
  await arena.close();
  await manager.close();
});

describe.each(['manager', 'arena'] as const)('a thread of the %s', (whose) => {
  const run = (task: string, ...args: unknown[]): Promise<unknown> =>
    (whose === 'manager' ? manager : arena).thread<Module>(MODULE, task, ...args).result;

  test('counts by Atomics in a view that it was given', async () => {
    const counts = words();
    await Promise.all([run('add', counts, 1000), run('add', counts, 1000)]);
    expect(counts[0]).toBe(2000);
  });

  test('is woken by Atomics.notify of its parent', async () => {
    const counts = words();
    const result = run('wait', counts);
    const started = Atomics.waitAsync(counts, 1, 0);
    await started.value;
    await until('it was woken', () => Atomics.notify(counts, 0) > 0);
    expect(await result).toBe('ok');
  });

  test('gets views inside objects, Maps and arrays; views over one buffer stay over one, and one view stays one', async () => {
    const counts = words();
    const buffer = counts.buffer as SharedArrayBuffer;
    const places = new Map([['here', [counts.subarray(1), new DataView(buffer, 8, 4)]]]);
    const given: Given = { counts, nested: { places }, buffer, again: counts };
    expect(await run('everywhere', given)).toEqual({ oneBuffer: true, oneView: true });
    expect([...counts]).toEqual([1, 1, 7, 9]);
  });

  test('returns memory, its own and its argument', async () => {
    const counts = words();
    const { own, given, list } = (await run('make', counts)) as { own: Int32Array; given: Int32Array; list: SharedArrayBuffer[] };
    expect([own[1], own.buffer === list[0], given.length]).toEqual([5, true, 3]);
    Atomics.add(given, 0, 4);
    expect(counts[1]).toBe(4);
    expect(isSharedArrayBuffer(((await run('view', counts)) as Int32Array).buffer)).toBe(true);
  });

  test('gets a Buffer over shared memory as a Uint8Array over it, and other bytes as a copy', async () => {
    const counts = words();
    expect(await run('isShared', Buffer.from(counts.buffer as SharedArrayBuffer))).toBe(true);
    expect(await run('isShared', new Int32Array(2))).toBe(false);
  });

  test('throws an error without the memory that it has as a property', async () => {
    const error = await run('fail', words()).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ message: 'with memory' });
    expect(error).not.toHaveProperty('counts');
  });

  test('refuses a view of a class of the program', () => {
    class Counts extends Int32Array {}
    const counts = Reflect.construct(Counts, [new SharedArrayBuffer(4)]) as Counts;
    expect(() => run('view', counts)).toThrow(InvalidArgumentError);
  });
});

test('the view of an array in an arena is its memory in a thread too', async () => {
  const array = arena.array('array', 'i32', 2);
  const { result } = arena.thread<Module>(MODULE, 'both', array.sync.view, array);
  expect([await result, array.sync.get(0)]).toEqual([3, 3]);
});

describe('a pool of threads', () => {
  test('counts in the memory of its initializer, and of its tasks', async () => {
    const [initial, counts] = [words(), words()];
    await using pool = manager.pool<Module>(MODULE, { threads: 2, initializer: [initial] });
    const inputs = Array.from({ length: 20 }, () => ['add', counts, 10] as [string, ...unknown[]]);
    await Promise.all([pool.starmap(inputs), pool.apply('add', counts, 10), pool.map(Array<string>(5).fill('addInitial'))]);
    expect(await pool.imap(['addInitial']).next()).toEqual({ done: false, value: 5 });
    expect([counts[0], initial[0]]).toEqual([210, 6]);
    expect(initial[1]).toBeGreaterThanOrEqual(1);
    const back = (await pool.apply('view', counts)) as Int32Array;
    Atomics.add(back, 0, 1);
    expect(counts[0]).toBe(211);
  });
});

describe('processes get no shared memory', () => {
  const says = /an Int32Array over a SharedArrayBuffer at \$\[1\]\.deep: .*Int32Array\.from\(view\).* a thread/;

  test('fork refuses it at once', () => {
    const start = (): unknown => manager.fork<Module>(MODULE, 'view', { deep: words() });
    expect(start).toThrow(InvalidArgumentError);
    expect(start).toThrow(says);
  });

  test('a result of a process is refused', async () => {
    await expect(manager.fork<Module>(MODULE, 'make', new Int32Array(2)).result).rejects.toThrow(
      /the result cannot be sent back: .*SharedArrayBuffer/,
    );
  });

  test('a pool of processes refuses it in a task and in its initializer, and continues', async () => {
    await using pool = manager.pool<Module>(MODULE, { processes: 1 });
    await expect(pool.apply('view', { deep: words() })).rejects.toThrow(says);
    expect(await pool.apply('isShared', new Int32Array(1))).toBe(false);
    expect(() => manager.pool<Module>(MODULE, { processes: 1, initializer: [words()] })).toThrow(InvalidArgumentError);
  });
});

test('a raw worker shares the memory it receives', async () => {
  const counts = words();
  const worker = new Worker(RAW, { workerData: share({ deep: [counts] }) });
  await once(worker, 'exit');
  expect(counts[0]).toBe(1);
});

describe('values that an arena stores by sync are no shared memory', () => {
  const SHARED = new SharedArrayBuffer(1024);
  /** The main thread must not block without a limit. */
  const LIMITED = { timeout: 60_000 };
  const VALUES: [string, unknown][] = [
    ['bytes', new Uint8Array(SHARED)],
    ['a few bytes', new Uint8Array(SHARED, 8, 2)],
    ['a Buffer', Buffer.from(SHARED, 3, 100)],
    ['words', new Int32Array(SHARED)],
    ['words inside an object', { a: [new Int32Array(SHARED)] }],
    ['the buffer', SHARED],
  ];
  test.each(VALUES)('%s', (_, shared) => {
    const [dict, list, queue] = [arena.dict<string, unknown>(), arena.list<unknown>(), arena.queue<unknown>()];
    const value = arena.value<unknown>(undefined, 'before');
    dict.sync.set('key', 'before');
    const calls: (() => unknown)[] = [
      () => dict.sync.set('key', shared),
      () => dict.sync.setMany({ a: 1, b: shared }),
      () => dict.sync.update('key', () => shared),
      () => dict.sync.compareAndSet('key', 'before', shared),
      () => list.sync.push(shared),
      () => queue.sync.put(shared, LIMITED),
      () => value.sync.set(shared, LIMITED),
    ];
    for (const call of calls) {
      expect(call).toThrow(InvalidArgumentError);
      expect(call).toThrow(/SharedArrayBuffer at \$/);
    }
    expect([dict.sync.get('key'), value.sync.get()]).toEqual(['before', 'before']);
    expect([dict.sync.size(), list.sync.length(), queue.sync.size()]).toEqual([1, 0, 0]);
  });

  test('as a key', () => {
    const dict = arena.dict<Uint8Array, number>();
    expect(() => dict.sync.set(new Uint8Array(SHARED), 1)).toThrow(/SharedArrayBuffer/);
    expect(dict.sync.size()).toBe(0);
  });
});
