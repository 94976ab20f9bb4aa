import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { InvalidArgumentError, Manager, type Pool, type PoolOptions, type SharedList } from 'commonhold';
import { range } from '../conformance/support.js';
import { until } from '../support/until.js';
import type jobsModule from './programs/jobs.js';
import type tornDownModule from './programs/torn-down.js';

// Pools whose number of workers follows their tasks.

interface Jobs {
  default: typeof jobsModule;
}
interface TornDown {
  default: typeof tornDownModule;
  initialize: (list: SharedList<string>) => void;
}
const JOBS = new URL('./programs/jobs.js', import.meta.url);
const TORN_DOWN = new URL('./programs/torn-down.js', import.meta.url);

let manager: Manager;

beforeAll(async () => {
  manager = await Manager.start();
});

afterAll(() => manager.close());

describe.each(['processes', 'threads'] as const)('a pool of %s', (kind) => {
  const make = (most: number, options: PoolOptions): Pool<Jobs> => manager.pool<Jobs>(JOBS, { [kind]: most, ...options });

  /** Runs as many tasks at once as are given, which end only together. */
  async function together(pool: Pool<Jobs>, tasks: number): Promise<void> {
    const barrier = manager.barrier(undefined, tasks);
    await Promise.all(range(0, tasks).map(() => pool.apply('meet', barrier)));
  }

  test('starts workers as tasks wait, and ends idle ones down to the number that stays', async () => {
    await using pool = make(3, { minWorkers: 1, idleTimeout: 1 });
    expect(pool.stats).toMatchObject({ size: 3, workers: { length: 1 } });
    await together(pool, 3);
    await until('the others have ended', () => pool.stats.workers.length === 1);
    const [left] = pool.stats.workers;
    expect(await pool.apply('who')).toBe(left!.name);
    expect(pool.stats.replaced).toBe(0);
    await together(pool, 2);
  });

  test('has no worker before its first task if none stays, nor after its last, and is closed as any other', async () => {
    const pool = make(2, { minWorkers: 0, idleTimeout: 1 });
    let deaths = 0;
    pool.on('workerDied', () => deaths++);
    expect(pool.stats.workers).toEqual([]);
    for (let time = 0; time < 2; time++) {
      expect(await pool.map(range(0, 5).map(() => 'nothing' as const))).toHaveLength(5);
      await until('its workers have ended', () => pool.stats.workers.length === 0);
    }
    expect({ deaths, replaced: pool.stats.replaced }).toEqual({ deaths: 0, replaced: 0 });
    await pool.close();
    await pool.join();
  });

  test('never has more workers than it may, and starts no second one for tasks that the first can run', async () => {
    await using pool = make(2, { minWorkers: 0 });
    await pool.apply('nothing');
    for (let time = 0; time < 5; time++) await pool.apply('nothing');
    expect(pool.stats.workers).toHaveLength(1);
    await pool.starmap(
      range(0, 20).map(() => ['nothing'] as const),
      { chunkSize: 1 },
    );
    expect(pool.stats.workers.length).toBeLessThanOrEqual(2);
  });

  test('replaces a worker that dies as long as there is work for it', async () => {
    await using pool = make(2, { minWorkers: 0, idleTimeout: Infinity });
    const outcomes = await Promise.allSettled([pool.apply('exit', 1), pool.apply('exit', 1), pool.apply('echo', 7)]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
    await together(pool, 2);
  });

  test('tears an idle worker down before it ends', async () => {
    const list = manager.list<string>(`idle-${randomUUID()}`);
    await using pool = manager.pool<TornDown>(TORN_DOWN, { [kind]: 1, minWorkers: 0, idleTimeout: 1, initializer: [list] });
    expect(await pool.apply(1)).toBe(1);
    await until('it was torn down', async () => (await list.length()) === 1);
  });

  test('refuses more workers that stay than it may have, and an idle time that is none', () => {
    expect(() => make(1, { minWorkers: 2 })).toThrow(`give at most the number of ${kind}, 1`);
    for (const minWorkers of [-1, 0.5, NaN]) expect(() => make(1, { minWorkers })).toThrow(InvalidArgumentError);
    for (const idleTimeout of [-1, NaN]) expect(() => make(1, { idleTimeout })).toThrow(InvalidArgumentError);
  });
});

test('options with which no thread can start fail the first task', async () => {
  await using pool = manager.pool<Jobs>(JOBS, { threads: 1, minWorkers: 0, execArgv: ['--max-old-space-size=100'] });
  await expect(pool.apply('nothing')).rejects.toBeInstanceOf(InvalidArgumentError);
  await expect(pool.apply('nothing')).rejects.toBeInstanceOf(InvalidArgumentError);
});
