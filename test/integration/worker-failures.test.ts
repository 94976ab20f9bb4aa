import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { InvalidArgumentError, Manager, WorkerDiedError, type Pool, type WorkerHandle } from 'commonhold';
import { Program } from '../support/program.js';
import { stress } from '../support/stress.js';
import type { Noise } from './programs/noisy.js';

// Workers whose code writes to the channel, throws values that cannot be encoded, and fails outside of its tasks.

interface Noisy {
  default: (noise: Noise, ...args: unknown[]) => Promise<unknown>;
}
const NOISY = new URL('./programs/noisy.js', import.meta.url);

let manager: Manager;

beforeAll(async () => {
  manager = await Manager.start();
});

afterAll(() => manager.close());

const ways = ['fork', 'thread', 'processes', 'threads'] as const;
/** The ways by which many errors are tried. Each worker encodes them alike, and a pool has one worker for all. */
const waysOfMany: readonly string[] = ways.slice(stress(2, 0));

describe.each(ways)('%s', (how) => {
  let pool: Pool<Noisy> | undefined;
  const testMany = waysOfMany.includes(how) ? test : test.skip;
  const run = (noise: Noise, ...args: unknown[]): Promise<unknown> =>
    how === 'fork' || how === 'thread' ? manager[how]<Noisy>(NOISY, noise, ...args).result : pool!.apply(noise, ...args);
  const failure = (noise: Noise): Promise<unknown> => run(noise).then(
      () => 'no failure',
      (error: unknown) => error,
    ); // prettier-ignore

  beforeAll(() => {
    if (how === 'processes' || how === 'threads') pool = manager.pool<Noisy>(NOISY, { [how]: 1 });
  });

  afterAll(() => pool?.terminate());

  test('messages of its code by process.send() or parentPort are ignored', async () => {
    expect(await run('talk', 'the result')).toBe('the result');
  });

  test('an error with half an emoji in its message arrives with a replacement', async () => {
    const error = await failure('half');
    expect(error).toBeInstanceOf(RangeError);
    expect(error).toMatchObject({
      message: 'half an emoji: \ufffd',
      code: 'half an emoji: \ufffd',
      cause: { stack: expect.stringContaining('noisy.js') },
    });
  });

  testMany('an error with a getter that throws arrives without it', async () => {
    const error = await failure('getter');
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ message: 'chatty' });
    expect(error).not.toHaveProperty('info');
  });

  testMany('causes and errors of an AggregateError arrive as far as they can be encoded', async () => {
    expect(await failure('cause')).toMatchObject({
      message: 'outer',
      cause: {
        cause: {
          name: 'AggregateError',
          message: 'inner',
          errors: [{ name: 'TypeError', message: 'half an emoji: \ufffd' }, { message: expect.stringContaining('Symbol(s)') }],
        },
      },
    });
  });

  testMany('a chain of causes that is too long arrives with its beginning', async () => {
    expect(await failure('deep')).toMatchObject({ message: '299', cause: { cause: { message: '298', cause: { message: '297' } } } });
  });

  testMany('a thrown value that is no error arrives as it is, as far as it can be encoded', async () => {
    expect(await failure('instance')).toEqual({ code: 7 });
    expect(await failure('null')).toBeNull();
    expect(await failure('closure')).toMatchObject({ message: expect.stringContaining('[Function: named]') });
    expect(await failure('unreadable')).toBeInstanceOf(Error);
  });

  test('a task that replaces globalThis.process does not lose its result', async () => {
    expect(await run('replaceProcess', 3)).toBe(3);
    if (pool === undefined) return;
    expect(await run('replaceProcess', 4)).toBe(4);
    expect(pool.stats.replaced).toBe(0);
  });
});

describe.each(['fork', 'thread'] as const)('%s', (how) => {
  const ended = async (noise: Noise, ...args: unknown[]): Promise<WorkerHandle<unknown>> => {
    const worker = manager[how]<Noisy>(NOISY, noise, ...args);
    await worker.join();
    return worker;
  };

  test('its exit code is 1 when its function threw, unless that set another one (Python: exitcode)', async () => {
    expect((await ended('half')).exitCode).toBe(1);
    expect((await ended('exitCode', 5)).exitCode).toBe(5);
    expect((await ended('talk')).exitCode).toBe(0);
  });
});

test('a registered type that writes to the channel of its manager does not keep it from starting', async () => {
  const register = new URL('./programs/noisy-type.js', import.meta.url);
  for (const how of ['start', 'embed'] as const) {
    await using noisy = await Manager[how]({ register });
    expect(await noisy.object<{ talk(): string }>('Noisy').talk()).toBe('heard');
  }
});

test('node --watch, which uses the same channel, runs programs with managers and workers', async () => {
  await using program = new Program(process.execPath, [
    '--watch',
    new URL('./programs/pools.js', import.meta.url).pathname,
    'waits',
    'processes',
  ]);
  expect((await program.said(/^9$/m))[0]).toBe('9');
});

test.each(['close', 'terminate', 'tasks'])('all output of the processes of a pool is written before they end (%s)', async (how) => {
  const { code, stdout } = await Program.node(new URL('./programs/printing.js', import.meta.url), [how]).exited;
  expect(code).toBe(0);
  expect(stdout.split('!\n').map(({ length }) => length)).toEqual(how === 'tasks' ? [1_000_000, 10, 0] : [1_000_000, 0]);
});

test.each(['processes', 'threads'])(
  'an uncaught error between the tasks of a pool of %s is written to the standard error',
  async (kind) => {
    const times = stress(3, 10);
    // Several times, as the error of a thread and the result before it come by different channels.
    const { code, stdout, stderr } = await Program.node(new URL('./programs/between-tasks.js', import.meta.url), [kind, String(times)])
      .exited;
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'goes on\n' });
    expect(stderr.match(/Error: between the tasks/g)).toHaveLength(times);
    expect(stderr).toContain('noisy.js');
  },
);

describe('limits of memory', () => {
  const flags = { execArgv: ['--max-old-space-size=30'] };
  const resourceLimits = { maxOldGenerationSizeMb: 30 };

  test('end a process by its flags, and a thread by its resourceLimits', async () => {
    await expect(manager.worker({ resourceLimits }).thread<Noisy>(NOISY, 'hoard').result).rejects.toMatchObject({
      code: 'WORKER_DIED',
      cause: { code: 'ERR_WORKER_OUT_OF_MEMORY' },
    });
    await using pool = manager.pool<Noisy>(NOISY, { threads: 1, resourceLimits });
    await expect(pool.apply('hoard')).rejects.toBeInstanceOf(WorkerDiedError);
    expect(await pool.apply('talk', 1)).toBe(1);
    expect(await manager.worker(flags).fork<Noisy>(NOISY, 'talk', 1).result).toBe(1);
  });

  test('of the other backend are refused, with the option to give instead', () => {
    expect(() => manager.worker(flags).thread<Noisy>(NOISY, 'talk')).toThrow(InvalidArgumentError);
    expect(() => manager.worker(flags).thread<Noisy>(NOISY, 'talk')).toThrow(
      /max-old-space-size=30.*resourceLimits: \{ maxOldGenerationSizeMb/,
    );
    expect(() => manager.pool<Noisy>(NOISY, { threads: 1, ...flags })).toThrow(/resourceLimits/);
    expect(() => manager.worker({ resourceLimits }).fork<Noisy>(NOISY, 'talk')).toThrow(InvalidArgumentError);
    expect(() => manager.pool<Noisy>(NOISY, { processes: 1, resourceLimits })).toThrow(/execArgv/);
  });
});
