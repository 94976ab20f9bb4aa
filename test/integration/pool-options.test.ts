import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { InvalidArgumentError, LimitExceededError, Manager, type Pool, type PoolOptions, type SharedList } from 'commonhold';
import { collect, range } from '../conformance/support.js';
import { until } from '../support/until.js';
import type jobsModule from './programs/jobs.js';
import type tornDownModule from './programs/torn-down.js';

// Options of a pool for its tasks that wait, and for the end of tasks and workers.

interface Jobs {
  default: typeof jobsModule;
}
interface TornDown {
  default: typeof tornDownModule;
  initialize: (list: SharedList<string>) => void;
}
const JOBS = new URL('./programs/jobs.js', import.meta.url);
const MIB = 2 ** 20;
const TORN_DOWN = new URL('./programs/torn-down.js', import.meta.url);

let manager: Manager;

beforeAll(async () => {
  manager = await Manager.start();
});

afterAll(() => manager.close());

describe.each(['processes', 'threads'] as const)('a pool of %s', (kind) => {
  const make = (options: PoolOptions = {}): Pool<Jobs> => manager.pool<Jobs>(JOBS, { [kind]: 1, ...options });

  /** Keeps the worker busy until the barrier is passed. */
  async function occupied(pool: Pool<Jobs>): Promise<() => Promise<unknown>> {
    const gate = manager.barrier(undefined, 2);
    const task = pool.apply('meet', gate);
    await until('the worker waits', async () => (await gate.waiting()) === 1);
    return async () => Promise.all([gate.wait(), task]);
  }

  test('runs the tasks of the lowest priority first, and equal ones first come, first served', async () => {
    await using pool = make();
    const goOn = await occupied(pool);
    const order: unknown[] = [];
    const tasks = [
      ['late', 5],
      ['usual', undefined],
      ['usual too', 0],
      ['urgent', -1],
      ['late too', 5],
    ] as const;
    const done = tasks.map(async ([name, priority]) => order.push(await pool.submit(['echo', name], { priority })));
    await until('all of them wait', () => pool.stats.queued === tasks.length);
    await goOn();
    await Promise.all(done);
    expect(order).toEqual(['urgent', 'usual', 'usual too', 'late', 'late too']);
    await expect(pool.submit(['echo', 1], { priority: NaN })).rejects.toBeInstanceOf(InvalidArgumentError);
  });

  test('refuses calls whose tasks would be more than may wait, as a whole, and takes others again once there is room', async () => {
    await using pool = make({ maxQueue: 2 });
    const goOn = await occupied(pool);
    const waiting = [pool.apply('echo', 1)];
    await expect(pool.map(range(0, 2).map(() => 'nothing' as const))).rejects.toBeInstanceOf(LimitExceededError);
    expect(pool.stats).toMatchObject({ queued: 1, running: 1, failed: 0 });
    waiting.push(pool.apply('echo', 2));
    await expect(pool.apply('echo', 3)).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED', message: expect.stringContaining('(maxQueue)') });
    await goOn();
    expect(await Promise.all(waiting)).toEqual([1, 2]);
    expect(await pool.apply('echo', 4)).toBe(4);
    expect(await collect(pool.imap(range(0, 20).map(() => 'nothing' as const)))).toHaveLength(20);
  });

  test('ends a cancelled task with its worker when its grace is over', async () => {
    await using pool = make({ abortGrace: 1 });
    const said = manager.queue<string>();
    const controller = new AbortController();
    const task = pool.submit(['say', said], { signal: controller.signal });
    await said.get();
    const [worker] = pool.stats.workers;
    controller.abort(new Error('enough'));
    await expect(task).rejects.toThrow('enough');
    await until('the worker was replaced', () => pool.stats.replaced === 1);
    expect(pool.stats.workers.map(({ name }) => name)).not.toContain(worker!.name);
    for (const wrong of [-1, NaN]) expect(() => make({ abortGrace: wrong })).toThrow(InvalidArgumentError);
  });

  test('counts the times that tasks waited and ran, each task for itself', async () => {
    await using pool = make();
    const none = { mean: 0, median: 0, p99: 0, max: 0 };
    expect(pool.stats).toMatchObject({ waitTime: none, runTime: none });
    await new Promise((resolve) => pool.on('workerStarted', resolve));
    // One message takes all of them to the worker.
    await pool.starmap(
      range(0, 4).map(() => ['busy', 20] as const),
      { chunkSize: 4 },
    );
    const { waitTime, runTime } = pool.stats;
    expect(runTime.median).toBeGreaterThan(19);
    expect(runTime.max).toBeGreaterThanOrEqual(runTime.median);
    // The last one waited for three others.
    expect(waitTime.max).toBeGreaterThan(59);
    await expect(pool.apply('fail', 'as it should')).rejects.toThrow('as it should');
    expect(pool.stats).toMatchObject({ queued: 0, running: 0, completed: 4, failed: 1 });
  });

  test('replaces a worker that has too much memory after a task, and loses none of the tasks that were sent with it', async () => {
    await using pool = make({ maxMemory: 180 * MIB });
    const deaths: unknown[] = [];
    pool.on('workerDied', (death) => deaths.push(death));
    // Short tasks travel together.
    await pool.starmap(
      range(0, 50).map(() => ['nothing'] as const),
      { chunkSize: 50 },
    );
    expect(pool.stats.replaced).toBe(0);
    const times = (await pool.starmap(
      range(0, 5).map(() => ['leak', 60 * MIB] as const),
      { chunkSize: 5 },
    )) as number[];
    expect(times).toHaveLength(5);
    // No worker can keep more than two of them, and each after the first begins again.
    expect(Math.max(...times)).toBeLessThanOrEqual(3);
    expect(times.filter((time) => time === 1).length).toBeGreaterThan(1);
    expect(pool.stats.replaced).toBeGreaterThan(0);
    expect(deaths).toEqual([]);
  });

  test('runs one task in each worker if its memory is never enough', async () => {
    await using pool = make({ maxMemory: 1 });
    const counts = await pool.starmap(
      range(0, 3).map(() => ['count'] as const),
      { chunkSize: 3 },
    );
    expect(counts).toEqual([1, 1, 1]);
    for (const maxMemory of [0, 0.5, NaN]) expect(() => make({ maxMemory })).toThrow(InvalidArgumentError);
  });

  test('gives its workers arguments of the command line, as a single worker gets them', async () => {
    const argv = ['--verbose', 'a b', ''];
    await using pool = make({ argv });
    expect(await pool.apply('argv')).toEqual(argv);
    const single = manager.worker({ argv: ['single'] });
    const start = kind === 'processes' ? single.fork.bind(single) : single.thread.bind(single);
    expect(await start<Jobs>(JOBS, 'argv').result).toEqual(['single']);
    expect(() => make({ argv: [1] as never })).toThrow('argv: give a list of strings');
  });

  test('tears each worker down that ends in order, also one that is replaced', async () => {
    const list = manager.list<string>(`torn-${randomUUID()}`);
    const pool = manager.pool<TornDown>(TORN_DOWN, { [kind]: 2, maxTasksPerChild: 2, initializer: [list] });
    expect(await pool.map([1, 2, 3, 4], { chunkSize: 1 })).toEqual([1, 2, 3, 4]);
    await pool.close();
    await pool.join();
    const { replaced } = pool.stats;
    expect(await list.length()).toBeGreaterThanOrEqual(Math.max(1, replaced));
    expect(new Set(await list.toArray())).toEqual(new Set(['torn down']));
  });

  test('ends although its teardown fails', async () => {
    const list = manager.list<string>(`failing-${randomUUID()}`);
    const pool = manager.pool<TornDown>(TORN_DOWN, { [kind]: 1, initializer: [list] });
    expect(await pool.apply(1)).toBe(1);
    await pool.close();
    await pool.join();
    expect(await list.toArray()).toEqual(['torn down']);
  });
});
