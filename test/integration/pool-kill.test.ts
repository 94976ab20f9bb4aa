import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Manager, WorkerDiedError, type Pool } from 'commonhold';
import { range } from '../conformance/support.js';
import { killed, works } from '../support/processes.js';
import { until } from '../support/until.js';
import { stress } from '../support/stress.js';
import type jobsModule from './programs/jobs.js';
import type squareModule from './programs/square.js';

// Workers that die at random under load: every task ends with its result or an error, and the pool is whole afterwards.

interface Square {
  default: typeof squareModule;
}
interface Jobs {
  default: typeof jobsModule;
}
const SQUARE = new URL('./programs/square.js', import.meta.url);
const JOBS = new URL('./programs/jobs.js', import.meta.url);
const TASKS = stress(600, 10_000);
/** Number of tasks that end between two kills. */
const EACH = stress(200, 250);
const SIZE = 4;
/** Number of workers that are killed in a row, more than may fail to start. */
const VICTIMS = stress(8, 30);

let manager: Manager;

beforeAll(async () => {
  manager = await Manager.start();
});

afterAll(() => manager.close());

/** Kills a worker, in any state, each time that number of tasks has ended; and records every process. */
class Killer {
  readonly seen = new Set<number>();
  kills = 0;
  readonly #timer: NodeJS.Timeout;

  constructor(pool: Pool<Square>, each: number) {
    this.#timer = setInterval(() => {
      const { workers, completed, failed } = pool.stats;
      for (const { pid } of workers) this.seen.add(pid!);
      const victim = workers[Math.floor(Math.random() * workers.length)];
      if (victim === undefined || completed + failed < each * (this.kills + 1)) return;
      if (killed(victim.pid!)) this.kills++;
    }, 2);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

/** Expects each outcome to be the right result, or the task's own WorkerDiedError. */
function tally(outcomes: readonly PromiseSettledResult<number>[]): { done: number; died: number } {
  let died = 0;
  outcomes.forEach((outcome, x) => {
    if (outcome.status === 'fulfilled') expect(outcome.value).toBe(x * x);
    else {
      expect(outcome.reason).toBeInstanceOf(WorkerDiedError);
      died++;
    }
  });
  return { done: outcomes.length - died, died };
}

describe('while workers are killed by SIGKILL at random', () => {
  test.each([
    ['one by one', (pool: Pool<Square>) => Promise.allSettled(range(0, TASKS).map((x) => pool.apply(x, x % 2)))],
    ['by an iteration, in chunks', (pool: Pool<Square>) => settledInOrder(pool)],
  ])('many tasks %s: each has its result or its WorkerDiedError, and no process is left', async (_, run) => {
    const pool = manager.pool<Square>(SQUARE, { processes: SIZE });
    const killer = new Killer(pool, EACH);
    const outcomes = await run(pool);
    killer.stop();
    const { done, died } = tally(outcomes);
    expect([outcomes.length, done + died]).toEqual([TASKS, TASKS]);
    expect(killer.kills).toBeGreaterThan(0);
    // A kill costs the running task, or the few that were sent to the worker together.
    expect(done).toBeGreaterThan(TASKS / 2);

    await until('it is at full strength', () => {
      const { workers } = pool.stats;
      return workers.length === SIZE && workers.every(({ state }) => state === 'idle');
    });
    expect(pool.stats).toMatchObject({ size: SIZE, queued: 0, running: 0, completed: done, failed: died });
    expect(await pool.map(range(0, 100))).toEqual(range(0, 100).map((x) => x * x));
    for (const { pid } of pool.stats.workers) killer.seen.add(pid!);
    await pool.close();
    await pool.join();
    await until('no process is left', () => ![...killer.seen].some(works));
  });

  async function settledInOrder(pool: Pool<Square>): Promise<PromiseSettledResult<number>[]> {
    const outcomes: PromiseSettledResult<number>[] = [];
    const results = pool.imap(range(0, TASKS), { chunkSize: 25 });
    for (;;) {
      const [outcome] = await Promise.allSettled([results.next()]);
      if (outcome.status === 'rejected') outcomes.push(outcome);
      else if (outcome.value.done === true) return outcomes;
      else outcomes.push({ status: 'fulfilled', value: outcome.value.value });
    }
  }
});

test('a pool whose workers are killed faster than they can start recovers', async () => {
  await using pool = manager.pool<Square>(SQUARE, { processes: 2 });
  const results = pool.map(range(0, 50));
  const victims = new Set<number>();
  await until('many are killed', () => {
    for (const { pid } of pool.stats.workers) if (!victims.has(pid!) && killed(pid!)) victims.add(pid!);
    return victims.size >= VICTIMS;
  });
  expect(await results).toEqual(range(0, 50).map((x) => x * x));
  await until('it is at full strength', () => pool.stats.workers.length === 2 && pool.stats.workers.every(({ state }) => state === 'idle'));
});

test('while threads end at random, each task has its result or its WorkerDiedError', async () => {
  const tasks = stress(300, 2_000);
  const ends = tasks / 100;
  await using pool = manager.pool<Jobs>(JOBS, { threads: SIZE });
  const outcomes = await Promise.allSettled(range(0, tasks).map((x) => (x % 100 === 50 ? pool.apply('exit', 1) : pool.apply('echo', x))));
  outcomes.forEach((outcome, x) => {
    if (x % 100 === 50) expect((outcome as PromiseRejectedResult).reason).toBeInstanceOf(WorkerDiedError);
    else expect(outcome).toEqual({ status: 'fulfilled', value: x });
  });
  await until(
    'it is at full strength',
    () => pool.stats.workers.length === SIZE && pool.stats.workers.every(({ state }) => state === 'idle'),
  );
  expect(pool.stats).toMatchObject({ completed: tasks - ends, failed: ends, replaced: ends });
});
