import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Manager, WorkerDiedError, type Pool, type PoolOptions, type PoolWorkerDeath, type PoolWorkerInfo } from 'commonhold';
import { Program } from '../support/program.js';
import { until } from '../support/until.js';
import type jobsModule from './programs/jobs.js';

// Events of a pool: starts and deaths of its workers, and the end of the last task.

interface Jobs {
  default: typeof jobsModule;
}
const JOBS = new URL('./programs/jobs.js', import.meta.url);

let manager: Manager;

beforeAll(async () => {
  manager = await Manager.start();
});

afterAll(() => manager.close());

describe.each(['processes', 'threads'] as const)('a pool of %s', (kind) => {
  const make = (options: PoolOptions = {}): Pool<Jobs> => manager.pool<Jobs>(JOBS, { [kind]: 1, ...options });

  test('tells of each worker that is ready, and of the one in the place of another', async () => {
    await using pool = make({ maxTasksPerChild: 1 });
    const started: PoolWorkerInfo[] = [];
    const deaths: PoolWorkerDeath[] = [];
    pool.on('workerStarted', (worker) => started.push(worker)).on('workerDied', (death) => deaths.push(death));
    const names = [await pool.apply('who'), await pool.apply('who')];
    expect(started.map(({ name }) => name).slice(0, 2)).toEqual(names);
    expect(deaths).toEqual([]);
  });

  test('tells of a worker that exits, with its code and the task that it had', async () => {
    await using pool = make();
    const died = new Promise<PoolWorkerDeath>((resolve) => pool.on('workerDied', resolve));
    const name = await pool.apply('who');
    await expect(pool.apply('exit', 3)).rejects.toBeInstanceOf(WorkerDiedError);
    const { worker, tasks, ...end } = await died;
    expect(worker).toMatchObject({ name, state: 'busy', done: 1 });
    expect(end).toEqual({ exitCode: 3, exitSignal: undefined, cause: undefined });
    expect(tasks.map(({ inputIndex, args }) => ({ inputIndex, args }))).toEqual([{ inputIndex: 0, args: ['exit', 3] }]);
  });

  test('tells of a worker that was ended because its cancelled task did not end, and not of one that it ends itself', async () => {
    const pool = make({ abortGrace: 1 });
    const deaths: PoolWorkerDeath[] = [];
    pool.on('workerDied', (death) => deaths.push(death));
    const said = manager.queue<unknown>();
    const controller = new AbortController();
    const task = pool.submit(['say', said], { signal: controller.signal });
    await said.get();
    controller.abort(new Error('enough'));
    await expect(task).rejects.toThrow('enough');
    await until('its worker died', () => deaths.length === 1);
    expect(deaths[0]).toMatchObject({ worker: { state: 'busy' }, tasks: [] });
    await pool.apply('nothing');
    await pool.terminate();
    expect(deaths).toHaveLength(1);
  });

  test('tells that nothing waits or runs, once, and only when cancelled tasks have ended too', async () => {
    await using pool = make({ abortGrace: Infinity });
    let drained = 0;
    const count = (): unknown => drained++;
    pool.on('drained', count);
    const gate = manager.barrier(undefined, 2);
    const controller = new AbortController();
    const cancelled = pool.submit(['meet', gate], { signal: controller.signal });
    await until('the worker waits', async () => (await gate.waiting()) === 1);
    controller.abort(new Error('enough'));
    await expect(cancelled).rejects.toThrow('enough');
    expect(drained).toBe(0);
    await gate.wait();
    await until('it was drained', () => drained === 1);
    await Promise.all([pool.apply('nothing'), pool.apply('nothing')]);
    await until('it was drained again', () => drained === 2);
    pool.off('drained', count);
    await pool.apply('nothing');
    expect(drained).toBe(2);
  });
});

test('a process that is killed died of its signal', async () => {
  await using pool = manager.pool<Jobs>(JOBS, { processes: 1 });
  const died = new Promise<PoolWorkerDeath>((resolve) => pool.on('workerDied', resolve));
  process.kill((await pool.apply('pid')) as number, 'SIGKILL');
  expect(await died).toMatchObject({ worker: { state: 'idle' }, exitCode: undefined, exitSignal: 'SIGKILL', tasks: [] });
});

test('a thread that an error ended died of it', async () => {
  await using pool = manager.pool<Jobs>(JOBS, { threads: 1 });
  const died = new Promise<PoolWorkerDeath>((resolve) => pool.on('workerDied', resolve));
  await expect(pool.apply('crash')).rejects.toBeInstanceOf(WorkerDiedError);
  const { exitCode, cause, tasks } = await died;
  expect(exitCode).toBe(1);
  expect(cause).toMatchObject({ message: 'behind its back' });
  expect(tasks.map(({ args }) => args)).toEqual([['crash']]);
});

test('a listener that throws disturbs neither the pool nor other listeners', async () => {
  await using program = Program.node(new URL('./programs/throwing-listener.js', import.meta.url));
  const { stdout, stderr, code } = await program.exited;
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  const uncaught = expect.arrayContaining(['workerDied', 'workerStarted']);
  expect(JSON.parse(stdout)).toEqual({ results: ['WorkerDiedError', 1], deaths: 1, uncaught });
});
