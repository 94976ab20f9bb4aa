import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  ClosedError,
  InvalidArgumentError,
  Manager,
  TimeoutError,
  WorkerDiedError,
  type Pool,
  type PoolOptions,
  type SharedDict,
  type WorkerModule,
} from 'commonhold';
import { collect, range } from '../conformance/support.js';
import { Numbers } from '../support/numbers.js';
import { works } from '../support/processes.js';
import { Program } from '../support/program.js';
import { stress } from '../support/stress.js';
import { until } from '../support/until.js';
import type jobsModule from './programs/jobs.js';
import type { Job } from './programs/jobs.js';
import type squareModule from './programs/square.js';

// Features of a pool beyond Python's: cancellation, deaths of workers, and its end.

interface Square {
  default: typeof squareModule;
}
interface Jobs {
  default: typeof jobsModule;
}
const moduleAt = (name: string): URL => new URL(`./programs/${name}.js`, import.meta.url);
const [SQUARE, JOBS, PROGRAM] = [moduleAt('square'), moduleAt('jobs'), moduleAt('pools')];

let manager: Manager;

beforeAll(async () => {
  manager = await Manager.start();
});

afterAll(() => manager.close());

describe.each(['processes', 'threads'] as const)('a pool of %s', (kind) => {
  let squares: Pool<Square>;
  let jobs: Pool<Jobs>;
  const make = (size: number, options: PoolOptions = {}): Pool<Jobs> => manager.pool<Jobs>(JOBS, { [kind]: size, ...options });
  const workersOf = (pool: Pool<Jobs>): string[] => pool.stats.workers.map(({ name }) => name);

  beforeAll(() => {
    squares = manager.pool<Square>(SQUARE, { [kind]: 2 });
    jobs = make(2);
  });

  afterAll(async () => {
    await squares.terminate();
    await jobs.terminate();
  });

  test('two tasks run at the same time, and one worker runs one at a time', async () => {
    const barrier = manager.barrier(undefined, 2);
    expect(
      (await jobs.starmap([
        ['meet', barrier],
        ['meet', barrier],
      ])) as number[],
    ).toEqual(expect.arrayContaining([0, 1]));
    await using alone = make(1);
    const begin = performance.now();
    await alone.starmap(range(0, 3).map((): ['sleep', number] => ['sleep', 40]));
    expect(performance.now() - begin).toBeGreaterThanOrEqual(110);
  });

  test('proxies travel in arguments and results, also unused ones', async () => {
    const queue = manager.queue<number>(undefined, { capacity: 1 });
    const back = (await jobs.apply('echo', { deep: [queue] })) as { deep: [typeof queue] };
    expect([await back.deep[0].tryPut(1), await back.deep[0].tryPut(2), await queue.get()]).toEqual([true, false, 1]);
    const dict = manager.dict<string, number>();
    const [same] = (await jobs.map(['nothing'])).concat([dict]) as [undefined, SharedDict<string, number>];
    expect(same).toBeUndefined();
  });

  test('arguments and results are copies, undefined and bytes among them', async () => {
    const values = [undefined, null, new Uint8Array([1, 2, 3]), new Map([[1, new Set(['a'])]]), 2n ** 80n];
    expect(await jobs.starmap(values.map((value): ['echo', unknown] => ['echo', value]))).toStrictEqual(values);
    const shared = { n: 1 };
    const [a, b] = (await jobs.starmap(
      [
        ['echo', shared],
        ['echo', shared],
      ],
      { chunkSize: 2 },
    )) as [object, object];
    expect([a, a === b, Object.isFrozen(a)]).toEqual([shared, false, false]);
  });

  describe('a signal', () => {
    const reason = new Error('no longer wanted');

    test('that has aborted: no task runs', async () => {
      const signal = AbortSignal.abort(reason);
      const { completed } = jobs.stats;
      await expect(jobs.submit(['nothing'], { signal })).rejects.toBe(reason);
      await expect(jobs.map(['nothing'], { signal })).rejects.toBe(reason);
      expect(() => jobs.imap(['nothing'], { signal })).toThrow(reason);
      expect(jobs.stats.completed).toBe(completed);
    });

    test('that aborts: waiting tasks are dropped, running ones are signalled, and their workers continue', async () => {
      await using pool = make(2);
      const said = manager.queue<unknown>();
      const value = manager.value(undefined, 0);
      const controller = new AbortController();
      const inputs: [Job, ...unknown[]][] = [
        ['listen', said],
        ['listen', said],
        ...range(0, 10).map((): [Job, ...unknown[]] => ['add', value, 1]),
      ];
      const call = pool.starmap(inputs, { chunkSize: 1, signal: controller.signal });
      const names = [await said.get(), await said.get()];
      controller.abort(reason);
      await expect(call).rejects.toBe(reason);
      for (const _ of names) expect(await said.get()).toMatchObject({ message: 'no longer wanted' });
      expect(await pool.apply('signal')).toBe(false);
      expect([await value.get(), workersOf(pool).sort(), pool.stats.replaced]).toEqual([0, names.sort(), 0]);
    });

    test('that aborts an iteration: it ends with the reason, and its inputs are closed', async () => {
      const numbers = new Numbers();
      const controller = new AbortController();
      const loop = async (): Promise<void> => {
        for await (const result of squares.imap(numbers.sync(), { signal: controller.signal }))
          if (result === 100) controller.abort(reason);
      };
      await expect(loop()).rejects.toBe(reason);
      expect(numbers.closed).toBe(true);
    });

    test('shared by many calls warns of nothing, and ends them all', async () => {
      const warnings: Error[] = [];
      const warned = (warning: Error): unknown => warnings.push(warning);
      process.on('warning', warned);
      const controller = new AbortController();
      const said = manager.queue<unknown>();
      const calls = range(0, 30).map(() => jobs.submit(['listen', said], { signal: controller.signal }));
      const outcomes = Promise.allSettled(calls);
      await until('some run', () => jobs.stats.running > 0);
      controller.abort(reason);
      expect((await outcomes).every((outcome) => outcome.status === 'rejected' && outcome.reason === reason)).toBe(true);
      process.off('warning', warned);
      expect(warnings).toEqual([]);
    });

    test('that aborts a task that does not listen: its worker is replaced after the grace period, others do not wait', async () => {
      await using pool = make(2);
      const said = manager.queue<unknown>();
      const calls = [new AbortController(), new AbortController()].map((controller) => ({
        controller,
        promise: pool.submit(['deaf', said], { signal: controller.signal }),
      }));
      const deaf = [await said.get(), await said.get()];
      const begin = performance.now();
      for (const { controller, promise } of calls) {
        controller.abort(reason);
        await expect(promise).rejects.toBe(reason);
      }
      // Both workers ignore their signals: this waits for their replacements.
      expect(deaf).not.toContain(await pool.apply('who'));
      expect(performance.now() - begin).toBeGreaterThan(4900);
      await until(
        'it is at full strength',
        () => pool.stats.workers.length === 2 && pool.stats.workers.every(({ state }) => state === 'idle'),
      );
      expect(pool.stats.replaced).toBe(2);
    });
  });

  describe('a timeout', () => {
    test('ends the task that takes too long, and no other', async () => {
      await using pool = make(2, { taskTimeout: 1000 });
      const said = manager.queue<unknown>();
      const results = await Promise.allSettled([
        pool.apply('listen', said),
        pool.submit(['echo', 1], { timeout: 60_000 }),
        pool.submit(['sleep', 1200], { timeout: 60_000 }),
      ]);
      expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
      expect((results[0] as PromiseRejectedResult).reason).toBeInstanceOf(TimeoutError);
      expect([await said.get(), (await said.get()) as Error]).toEqual([expect.any(String), expect.any(TimeoutError)]);
    });

    test('counts from the start of the task, not from its call', async () => {
      await using pool = make(1);
      const sleeping = range(0, 4).map((): [Job, number] => ['sleep', 600]);
      expect(await pool.starmap(sleeping, { timeout: 2000, chunkSize: 4 })).toHaveLength(4);
    });

    test('lets the others of its chunk continue with another worker', async () => {
      await using pool = make(2);
      const said = manager.queue<unknown>();
      await pool.starmap([['nothing'], ['nothing']]);
      const results = await Promise.allSettled([
        pool.starmap(
          [
            ['deaf', said],
            ['echo', 1],
            ['echo', 2],
          ],
          { chunkSize: 3, timeout: 1000 },
        ),
      ]);
      expect((results[0] as PromiseRejectedResult).reason).toBeInstanceOf(TimeoutError);
      expect(pool.stats).toMatchObject({ failed: 1, completed: 4 });
    });

    test('an invalid one is refused', async () => {
      for (const timeout of [0, -1, Number.NaN])
        await expect(jobs.submit(['nothing'], { timeout })).rejects.toBeInstanceOf(InvalidArgumentError);
      expect(() => make(1, { taskTimeout: 0 })).toThrow(InvalidArgumentError);
    });
  });

  describe('a worker that dies', () => {
    test('fails its task with WorkerDiedError, and is replaced', async () => {
      await using pool = make(2);
      const before = workersOf(pool);
      const error = await pool.apply('exit', 3).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(WorkerDiedError);
      expect(error).toMatchObject({ code: 'WORKER_DIED', mayHaveExecuted: true, message: expect.stringContaining('code 3') });
      expect((error as Error).stack).toMatch(/pool\.test\./);
      await until(
        'it is at full strength',
        () => pool.stats.workers.length === 2 && pool.stats.workers.every(({ state }) => state === 'idle'),
      );
      expect(workersOf(pool).filter((name) => before.includes(name))).toHaveLength(1);
      expect(await pool.apply('echo', 1)).toBe(1);
    });

    test('by an uncaught error gives the reason, if it is known', async () => {
      const error = await jobs.apply('crash').catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(WorkerDiedError);
      if (kind === 'threads') expect(error).toMatchObject({ cause: { message: 'behind its back' } });
    });

    test('during a chunk fails the task that it runs, and others do the rest', async () => {
      await using pool = make(2);
      const inputs = range(0, 30).map((index): [Job, ...unknown[]] => (index === 12 ? ['exit', 1, 120] : ['echo', index]));
      await expect(pool.starmap(inputs, { chunkSize: 30 })).rejects.toBeInstanceOf(WorkerDiedError);
      expect(pool.stats).toMatchObject({ completed: 29, failed: 1 });
    });

    test('while it is idle is replaced, and costs no task', async () => {
      await using pool = make(2);
      await pool.starmap([['nothing'], ['nothing']]);
      await until('both are idle', () => pool.stats.workers.every(({ state }) => state === 'idle'));
      if (kind === 'processes') for (const { pid } of pool.stats.workers) process.kill(pid!, 'SIGKILL');
      else await Promise.allSettled([pool.apply('exit', 0), pool.apply('exit', 0)]);
      await until('both are new', () => pool.stats.replaced === 2 && pool.stats.workers.every(({ state }) => state === 'idle'));
      expect(await pool.starmap(range(0, 8).map((index): [Job, number] => ['echo', index]))).toEqual(range(0, 8));
    });
  });

  describe('workers that cannot start', () => {
    const cases: [
      what: string,
      module: string,
      type: typeof InvalidArgumentError | typeof WorkerDiedError,
      message: RegExp,
      options: object | undefined,
    ][] = [
      ['for want of a module', 'nowhere', InvalidArgumentError, /no module .*nowhere\.js/, undefined],
      ['for want of a function', 'no-default', InvalidArgumentError, /no-default\.js has no function as its default export/, undefined],
      ['as its module throws', 'throws-at-import', WorkerDiedError, /throws-at-import\.js threw TypeError: no good morning/, undefined],
      ['as its module ends the worker', 'exits-at-import', WorkerDiedError, /10 workers in a row ended before they were ready/, undefined],
      ['as its initializer throws', 'initialized', WorkerDiedError, /threw RangeError: the base is negative/, { initializer: [-1, null] }],
      [
        'as it has no initialize() for its initializer',
        'square',
        InvalidArgumentError,
        /exports no function "initialize"/,
        { initializer: [1] },
      ],
    ];
    // Here ten workers start and end, which the pool counts alike for both kinds.
    const many = stress(kind === 'threads' ? 1 : 0, 1) === 1;
    test.each(cases.filter(([, module]) => many || module !== 'exits-at-import'))(
      '%s: all its calls fail, and no worker is left',
      async (_, module, type, message, options) => {
        await using pool = manager.pool<WorkerModule>(moduleAt(module), { [kind]: stress(1, 2), ...options });
        const outcomes = await Promise.allSettled([
          pool.apply(),
          pool.starmap([[], []]),
          pool.starmap([[]]),
          collect(pool.imap([undefined as never])),
        ]);
        for (const outcome of outcomes) {
          expect((outcome as PromiseRejectedResult).reason).toBeInstanceOf(type);
          expect((outcome as PromiseRejectedResult).reason).toMatchObject({ message: expect.stringMatching(message) });
        }
        await expect(pool.apply()).rejects.toThrow(message);
        await pool.join();
        expect(pool.stats.workers).toEqual([]);
      },
    );

    test('the error gives the reason, with the stack of the worker', async () => {
      await using pool = manager.pool<WorkerModule>(moduleAt('throws-at-import'), { [kind]: 1 });
      const error = (await pool.apply().catch((caught: unknown) => caught)) as Error;
      expect(error.cause).toMatchObject({
        name: 'TypeError',
        message: 'no good morning',
        stack: expect.stringContaining('throws-at-import.js'),
      });
    });

    test('invalid options are refused at once', () => {
      expect(() => manager.pool<Jobs>(JOBS, { [kind]: 1, initializer: 3 as never })).toThrow(InvalidArgumentError);
      expect(() => manager.pool<Jobs>(JOBS, { [kind]: 1, initializer: [() => 1] as never })).toThrow(InvalidArgumentError);
      expect(() => make(1, { execArgv: '--flag' as never })).toThrow(InvalidArgumentError);
      expect(() => manager.pool<Jobs>(new URL('http://localhost/jobs.js'), { [kind]: 1 })).toThrow(InvalidArgumentError);
    });
  });

  describe('its end', () => {
    test('join() waits for calls under way when it was closed, and is refused before', async () => {
      const pool = make(1);
      await expect(pool.join()).rejects.toBeInstanceOf(InvalidArgumentError);
      const barrier = manager.barrier(undefined, 2);
      const result = pool.apply('meet', barrier);
      await pool.close();
      await expect(pool.join({ timeout: 20 })).rejects.toBeInstanceOf(TimeoutError);
      await expect(pool.join({ signal: AbortSignal.abort('enough') })).rejects.toBe('enough');
      await expect(pool.apply('nothing')).rejects.toBeInstanceOf(ClosedError);
      const place = await barrier.wait();
      await pool.join();
      expect(await result).toBe(1 - place);
      expect(pool.stats.workers).toEqual([]);
    });

    test('an iteration that was begun continues to its end after close()', async () => {
      const pool = manager.pool<Square>(SQUARE, { [kind]: 2 });
      const results = pool.imap(range(0, 200));
      await pool.close();
      expect(await collect(results)).toHaveLength(200);
      await pool.join();
    });

    test('terminate() ends calls and iterations with ClosedError, and closes the inputs', async () => {
      const pool = manager.pool<Square>(SQUARE, { [kind]: 1 });
      const numbers = new Numbers();
      const results = pool.imap(numbers.sync());
      await results.next();
      const call = pool.apply(1, 60_000);
      const ended = expect(call).rejects.toMatchObject({ code: 'CLOSED', mayHaveExecuted: true });
      await pool.terminate();
      await ended;
      await expect(results.next()).rejects.toBeInstanceOf(ClosedError);
      expect([await results.next(), numbers.closed]).toEqual([{ done: true, value: undefined }, true]);
    });

    test('a program waits for its tasks, and not for an idle pool', async () => {
      const { code, stdout } = await Program.node(PROGRAM, ['waits', kind]).exited;
      expect({ code, stdout }).toEqual({ code: 0, stdout: '9\n' });
    });
  });

  test('its workers have its options', async () => {
    await using pool = make(1, { name: 'heaters', env: { HEAT: 'full' }, execArgv: ['--no-warnings'] });
    expect(await pool.apply('variable', 'HEAT')).toBe('full');
    expect(await pool.apply('variable', 'COMMONHOLD_ADDRESS')).toBe(manager.address);
    expect(await pool.apply('flags')).toEqual(['--no-warnings']);
    const name = expect.stringMatching(/^heaters:\d+$/);
    expect(await pool.apply('worker')).toEqual({ name, daemonic: true, parent: { pid: process.pid, name: 'main' } });
    const [worker] = pool.stats.workers;
    const id = kind === 'processes' ? { pid: expect.any(Number), threadId: undefined } : { pid: undefined, threadId: expect.any(Number) };
    expect(worker).toEqual({ name, ...id, state: 'idle', done: 4 });
  });

  test('a task can have a pool of its own', async () => {
    expect(await jobs.apply('nested', manager.address, SQUARE.href)).toEqual([1, 4, 9]);
  });
});

test('a pool has by default as many processes as the machine runs at once', async () => {
  const { availableParallelism } = await import('node:os');
  await using pool = manager.pool<Jobs>(JOBS);
  expect(pool.stats).toMatchObject({ size: availableParallelism(), queued: 0, running: 0, completed: 0, failed: 0, replaced: 0 });
  expect(await pool.apply('pid')).not.toBe(process.pid);
});

test('the workers of a killed program end with it, also busy ones that ignore signals', async () => {
  await using program = Program.node(PROGRAM, ['stays']);
  const [line] = await program.said(/\{.*\}/);
  const { manager: daemon, pids } = JSON.parse(line) as { manager: number; pids: number[] };
  expect(pids.every(works)).toBe(true);
  await program.kill('SIGKILL');
  await until('no process is left', () => ![daemon, ...pids].some(works));
});
