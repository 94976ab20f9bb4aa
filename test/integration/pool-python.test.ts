import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ClosedError, InvalidArgumentError, Manager, TimeoutError, WorkerDiedError, type Pool, type PoolOptions } from 'commonhold';
import { collect, range } from '../conformance/support.js';
import { collectGarbage } from '../support/garbage.js';
import { works } from '../support/processes.js';
import { Program } from '../support/program.js';
import { until } from '../support/until.js';
import { stress } from '../support/stress.js';
import type initializedModule from './programs/initialized.js';
import type { initialize } from './programs/initialized.js';
import type jobsModule from './programs/jobs.js';
import type squareModule from './programs/square.js';

// The cases of CPython's _test_multiprocessing.py for Pool, each under its name there, with processes and with threads.

interface Square {
  default: typeof squareModule;
}
interface Jobs {
  default: typeof jobsModule;
}
interface Initialized {
  default: typeof initializedModule;
  initialize: typeof initialize;
}
const SQUARE = new URL('./programs/square.js', import.meta.url);
const JOBS = new URL('./programs/jobs.js', import.meta.url);
const INITIALIZED = new URL('./programs/initialized.js', import.meta.url);
const PROGRAM = new URL('./programs/pools.js', import.meta.url);

const squares = (numbers: number[]): number[] => numbers.map((x) => x * x);

let manager: Manager;

beforeAll(async () => {
  manager = await Manager.start();
});

afterAll(() => manager.close());

describe.each(['processes', 'threads'] as const)('a pool of %s', (kind) => {
  let pool: Pool<Square>;
  let jobs: Pool<Jobs>;
  const make = (size: number, options: PoolOptions = {}): Pool<Jobs> => manager.pool<Jobs>(JOBS, { [kind]: size, ...options });

  beforeAll(() => {
    pool = manager.pool<Square>(SQUARE, { [kind]: stress(2, 4) });
    jobs = make(2);
  });

  afterAll(async () => {
    await pool.terminate();
    await jobs.terminate();
  });

  test('test_apply', async () => {
    expect(await pool.apply(5)).toBe(25);
    expect(await pool.apply(3, 1)).toBe(9);
  });

  test('test_map', async () => {
    expect(await pool.map(range(0, 10))).toEqual(squares(range(0, 10)));
    expect(await pool.map(range(0, 100), { chunkSize: 20 })).toEqual(squares(range(0, 100)));
  });

  test('test_starmap, test_starmap_async', async () => {
    const tuples = range(0, 10).map((x): [number, number] => [x, x % 3]);
    expect(await pool.starmap(tuples)).toEqual(squares(range(0, 10)));
    expect(await pool.starmap(tuples, { chunkSize: 2 })).toEqual(squares(range(0, 10)));
  });

  test('test_map_async: a call returns a promise, and the program continues', async () => {
    const several = [pool.map(range(0, 10)), pool.map(range(10, 20))];
    expect(await Promise.all(several)).toEqual([squares(range(0, 10)), squares(range(10, 20))]);
  });

  test('test_map_async_callbacks: each is called once, with the list or with the error', async () => {
    const called: unknown[] = [];
    await pool.map([1]).then((values) => called.push(values));
    await pool.map([-1]).catch((error: unknown) => called.push(error));
    await pool.map(range(0, 10)).then((values) => called.push(values.length));
    expect(called).toEqual([[1], expect.objectContaining({ name: 'RangeError', message: '-1 is negative' }), 10]);
  });

  test('test_async', async () => {
    const begun = pool.apply(7, 100);
    expect(begun).toBeInstanceOf(Promise);
    expect(await begun).toBe(49);
  });

  test('test_async_timeout: a caller that waits no longer', async () => {
    await expect(pool.submit([6, 600_000], { timeout: 200 })).rejects.toBeInstanceOf(TimeoutError);
    await expect(pool.submit([6, 600_000], { signal: AbortSignal.timeout(200) })).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  test('test_imap: in order, with an end', async () => {
    const results = pool.imap(range(0, 10));
    for (const x of range(0, 10)) expect(await results.next()).toEqual({ done: false, value: x * x });
    expect(await results.next()).toEqual({ done: true, value: undefined });
    expect(await results.next()).toEqual({ done: true, value: undefined });
    expect(await collect(pool.imap(range(0, 1000), { chunkSize: 100 }))).toEqual(squares(range(0, 1000)));
  });

  test('test_imap_unordered', async () => {
    const numbers = (results: number[]): number[] => results.sort((a, b) => a - b);
    expect(numbers(await collect(pool.imapUnordered(range(0, 10))))).toEqual(squares(range(0, 10)));
    expect(numbers(await collect(pool.imapUnordered(range(0, 1000), { chunkSize: 100 })))).toEqual(squares(range(0, 1000)));
  });

  test('test_map_unplicklable: a value that cannot be encoded is an error, and nothing hangs', async () => {
    await expect(jobs.starmap([['echo', () => 1]])).rejects.toBeInstanceOf(InvalidArgumentError);
    await expect(jobs.starmap(Array(20).fill(['echo', Symbol('x')]))).rejects.toBeInstanceOf(InvalidArgumentError);
    expect(await jobs.apply('echo', 1)).toBe(1);
  });

  test('test_map_chunksize, test_empty_iterable: no tasks are done at once', async () => {
    expect(await pool.map([], { chunkSize: 1 })).toEqual([]);
    expect(await pool.map(new Set<number>())).toEqual([]);
    expect(await pool.starmap([])).toEqual([]);
    expect(await collect(pool.imap([]))).toEqual([]);
    expect(await collect(pool.imapUnordered([]))).toEqual([]);
    for (const chunkSize of [0, -1, 0.5, Number.NaN]) {
      await expect(pool.map([1], { chunkSize })).rejects.toBeInstanceOf(InvalidArgumentError);
      expect(() => pool.imap([1], { chunkSize })).toThrow(InvalidArgumentError);
    }
  });

  class SayWhen extends Error {}
  function* exceptional(total: number, when: number): Generator<number> {
    for (const x of range(0, total)) {
      if (x === when) throw new SayWhen('somebody said when');
      yield x;
    }
  }

  test('test_map_handle_iterable_exception', async () => {
    for (const when of [0, 5]) await expect(pool.map(exceptional(10, when))).rejects.toBeInstanceOf(SayWhen);
    for (const when of [0, 5]) await expect(pool.map(exceptional(10, when), { chunkSize: 4 })).rejects.toBeInstanceOf(SayWhen);
    expect(await pool.map(exceptional(3, 9))).toEqual([0, 1, 4]);
  });

  test('test_imap_handle_iterable_exception: the good ones come first', async () => {
    for (const [total, when, chunkSize] of [
      [1, 0, 1],
      [10, 3, 1],
      [20, 7, 2],
      [20, 7, 4],
    ] as const) {
      const results = pool.imap(exceptional(total, when), { chunkSize });
      for (const x of range(0, when)) expect(await results.next()).toEqual({ done: false, value: x * x });
      await expect(results.next()).rejects.toBeInstanceOf(SayWhen);
      expect(await results.next()).toEqual({ done: true, value: undefined });
    }
  });

  test('test_imap_unordered_handle_iterable_exception', async () => {
    for (const [total, when, chunkSize] of [
      [1, 0, 1],
      [10, 3, 1],
      [20, 7, 2],
    ] as const) {
      const expected = new Set(squares(range(0, when)));
      const loop = async (): Promise<void> => {
        for await (const value of pool.imapUnordered(exceptional(total, when), { chunkSize })) expected.delete(value);
      };
      await expect(loop()).rejects.toBeInstanceOf(SayWhen);
      // The error comes when the inputs end, which may be before the results of others.
      expect(expected.size).toBeLessThanOrEqual(when);
    }
    expect(await pool.apply(2)).toBe(4);
  });

  test('test_make_pool: an invalid size', () => {
    for (const size of [-1, 0, 1.5, Number.NaN, '2' as unknown as number]) expect(() => make(size)).toThrow(InvalidArgumentError);
    expect(() => manager.pool<Jobs>(JOBS, { processes: 1, threads: 1 })).toThrow(InvalidArgumentError);
  });

  test('test_terminate: 10,000 tasks that sleep end at once', async () => {
    const sleepers = make(3);
    const outcome = sleepers
      .map(Array<'nothing'>(3).fill('nothing'))
      .then(() => sleepers.starmap(range(0, 10_000).map(() => ['sleep', 600_000])));
    const ended = expect(outcome).rejects.toBeInstanceOf(ClosedError);
    await until('they sleep', () => sleepers.stats.running > 0 && sleepers.stats.queued > 0);
    await sleepers.terminate();
    await sleepers.join();
    await ended;
    expect(sleepers.stats).toMatchObject({ workers: [], queued: 0, running: 0 });
  });

  test('test_context: the end of the block terminates', async () => {
    let inner: Pool<Jobs>;
    {
      await using scoped = make(1);
      inner = scoped;
      expect(await scoped.apply('echo', 1)).toBe(1);
    }
    await expect(inner.apply('echo', 1)).rejects.toBeInstanceOf(ClosedError);
    await expect(inner.map(['nothing'])).rejects.toBeInstanceOf(ClosedError);
    expect(() => inner.imap(['nothing'])).toThrow(ClosedError);
    await inner.join();
  });

  test('test_enter: a pool that is closed stays closed', async () => {
    const closed = make(1);
    await closed.close();
    await using again = closed;
    await expect(again.apply('nothing')).rejects.toBeInstanceOf(ClosedError);
  });

  test('test_resource_warning: closing twice, and terminating after it, is fine', async () => {
    const twice = make(1);
    await twice.close();
    await twice.close();
    await twice.join();
    await twice.terminate();
    await twice.terminate();
  });

  test('test_traceback: the stack of the worker is in the cause', async () => {
    const error = (await pool.apply(-3).catch((caught: unknown) => caught)) as Error;
    expect(error).toBeInstanceOf(RangeError);
    expect(error).toMatchObject({
      message: '-3 is negative',
      stack: expect.stringMatching(/^RangeError: -3 is negative\n.*pool-python\.test\./s),
    });
    expect(error.cause).toMatchObject({ name: 'RangeError', stack: expect.stringMatching(/square/) });
    const many = (await pool.map([1, -4]).catch((caught: unknown) => caught)) as Error;
    expect(many).toMatchObject({ message: '-4 is negative', cause: { stack: expect.stringMatching(/square/) } });
  });

  test('test_wrapped_exception: its own cause and properties are kept', async () => {
    const error = await jobs.apply('fail', 'too far').catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      code: 'E_FAR',
      cause: { name: 'RangeError', code: 'E_FAR', cause: { name: 'TypeError', message: 'inner' } },
    });
  });

  test('test_map_no_failfast: all tasks are done before the error comes', async () => {
    const value = manager.value(undefined, 0);
    const large = 'x'.repeat(1 << 20);
    const tasks: ['fail' | 'add', unknown, unknown?][] = [
      ['fail', large],
      ...range(0, 20).map((): ['add', unknown, number] => ['add', value, 1]),
    ];
    await using failing = make(2);
    await expect(failing.starmap(tasks, { chunkSize: 3 })).rejects.toMatchObject({ message: large });
    expect(await value.get()).toBe(20);
    await failing.close();
    await failing.join();
  });

  test('test_release_task_refs: a pool keeps no arguments or results', async () => {
    const inputs = range(0, 10).map((index) => ({ index }));
    const references = inputs.map((input) => new WeakRef(input));
    expect(await jobs.starmap(inputs.map((input): ['echo', unknown] => ['echo', input]))).toEqual(inputs);
    inputs.length = 0;
    await until('they are collected', () => {
      collectGarbage();
      return references.every((reference) => reference.deref() === undefined);
    });
  });

  test('test_async_error_callback: an error is delivered once, as itself', async () => {
    const outcomes = await Promise.allSettled(range(0, 5).map((index) => jobs.apply('fail', `number ${index}`)));
    expect(outcomes.map((outcome) => ((outcome as PromiseRejectedResult).reason as Error).message)).toEqual(
      range(0, 5).map((index) => `number ${index}`),
    );
  });

  test('test_unpickleable_result: it fails that task alone, and names the place', async () => {
    const workers = jobs.stats.workers.map(({ name }) => name);
    for (let times = 0; times < 20; times++) {
      const error = await jobs.apply('untransportable').catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(InvalidArgumentError);
      expect(error).toMatchObject({
        message: expect.stringContaining('the result cannot be sent back: cannot store a function (run) at $.deep[0].run'),
      });
    }
    expect(jobs.stats.workers.map(({ name }) => name)).toEqual(workers);
  });

  test('test_pool_worker_lifetime: a worker is replaced after its number of tasks', async () => {
    const [size, lives] = [stress(2, 3), stress(3, 10)];
    await using mortal = make(size, { maxTasksPerChild: 10 });
    const begun = range(0, 10 * lives).map((): ['who'] => ['who']);
    const names = (await mortal.starmap(begun, { chunkSize: 1 })) as string[];
    const counts = new Map<string, number>();
    for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
    expect(Math.max(...counts.values())).toBeLessThanOrEqual(10);
    expect(counts.size).toBeGreaterThanOrEqual(lives);
    await until('it is at full strength', () => mortal.stats.workers.filter(({ state }) => state === 'idle').length === size);
    expect(mortal.stats.replaced).toBeGreaterThanOrEqual(lives - size);
  });

  test('test_pool_worker_lifetime_early_close: all results arrive', async () => {
    const [size, tasks] = [stress(2, 3), stress(4, 6)];
    await using mortal = make(size, { maxTasksPerChild: 1 });
    const results = range(0, tasks).map((index) => mortal.apply('echo', index));
    await mortal.close();
    await mortal.join();
    expect(await Promise.all(results)).toEqual(range(0, tasks));
  });

  test('test_pool_maxtasksperchild_invalid', () => {
    for (const value of [0, -1, 0.5, '12']) expect(() => make(3, { maxTasksPerChild: value as number })).toThrow(InvalidArgumentError);
  });

  test('test_worker_finalization_via_atexit_handler_of_multiprocessing: an unclosed pool does not hang the exit', async () => {
    const { code, stdout } = await Program.node(PROGRAM, ['forgets', kind]).exited;
    const { result, pids } = JSON.parse(stdout) as { result: number; pids: number[] };
    expect({ code, result }).toEqual({ code: 0, result: 81 });
    if (kind === 'processes') await until('its workers are gone', () => !pids.some(works));
  });

  test('TestPoolNotLeakOnFailure: a pool whose workers cannot start leaves none', async () => {
    const options = { execArgv: ['--no-such-flag'] };
    if (kind === 'threads') {
      expect(() => make(3, options)).toThrow(InvalidArgumentError);
      return;
    }
    const broken = make(3, options);
    await expect(broken.apply('nothing')).rejects.toBeInstanceOf(WorkerDiedError);
    await broken.join();
    expect(broken.stats.workers).toEqual([]);
  });

  test('test_large_pool', async () => {
    const size = kind === 'processes' ? stress(4, 12) : stress(6, 40);
    await using large = make(size);
    const barrier = manager.barrier(undefined, size);
    const places = await Promise.all(range(0, size).map(() => large.apply('meet', barrier)));
    expect((places as number[]).sort((a, b) => a - b)).toEqual(range(0, size));
  });

  test('test_pool_initializer: each worker runs it first', async () => {
    const times = manager.value(undefined, 0);
    await using ready = manager.pool<Initialized>(INITIALIZED, { [kind]: 2, initializer: [100, times] });
    expect(await ready.map(range(0, 5))).toEqual(range(100, 105));
    await until('all are ready', () => ready.stats.workers.every(({ state }) => state === 'idle'));
    expect(await times.get()).toBe(2);
  });

  test('TestSyncManagerTypes.test_pool: it works on shared objects', async () => {
    const [value, results] = [manager.value(undefined, 0), manager.dict<number, number>()];
    await jobs.starmap(range(1, 11).map((amount): ['add', unknown, number] => ['add', value, amount]));
    expect(await value.get()).toBe(55);
    expect(await jobs.apply('echo', results)).toMatchObject({ kind: 'dict', name: results.name });
  });
});
