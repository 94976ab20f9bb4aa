import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  ClosedError,
  InvalidArgumentError,
  Manager,
  ManagerError,
  TimeoutError,
  WorkerDiedError,
  type SharedDict,
  type WorkerHandle,
} from 'commonhold';
import { fresh, range, watch } from '../conformance/support.js';
import { Temporary } from '../support/daemon.js';
import { stress } from '../support/stress.js';
import { until } from '../support/until.js';
import type tasks from './programs/tasks.js';
import type { Task } from './programs/tasks.js';

// A module's default export, run in a child process or in a thread: its arguments, its result, and its end.

interface Tasks {
  default: typeof tasks;
}
const TASKS = new URL('./programs/tasks.js', import.meta.url);
const NO_DEFAULT = new URL('./programs/no-default.js', import.meta.url);
const NOWHERE = new URL('./programs/nowhere.js', import.meta.url);
const TOKEN = 'correct horse battery staple';

let manager: Manager;

beforeAll(async () => {
  manager = await Manager.start({ token: TOKEN });
});

afterAll(() => manager.close());

describe.each(['fork', 'thread'] as const)('%s', (how) => {
  const start = (task: Task, ...args: unknown[]): WorkerHandle<unknown> => manager[how]<Tasks>(TASKS, task, ...args);
  const run = (task: Task, ...args: unknown[]): Promise<unknown> => start(task, ...args).result;

  describe('arguments and results', () => {
    const VALUES: unknown[] = [
      undefined,
      null,
      -0.5,
      2n ** 80n,
      'straße 数据',
      new Uint8Array([1, 2, 3]),
      new Date(86_400_000),
      new Map([[{ deep: true }, new Set([1, 'one'])]]),
      { a: [{ b: undefined, c: [null, NaN] }] },
    ];
    test('come back unchanged', async () => {
      expect(await run('echo', VALUES)).toStrictEqual(VALUES);
    });

    test('are copies: a later change does not reach the worker', async () => {
      const points = [1, 2, 3];
      const { result } = start('echo', points);
      points.push(4);
      expect(await result).toEqual([1, 2, 3]);
      expect(points).toEqual([1, 2, 3, 4]);
    });

    test('undefined comes back alone, too', async () => {
      expect(await run('echo', undefined)).toBeUndefined();
    });

    test('values that cannot be encoded are refused at once, or reject the result', async () => {
      expect(() => start('echo', () => 1)).toThrow(InvalidArgumentError);
      const result = run('untransportable');
      await expect(result).rejects.toBeInstanceOf(InvalidArgumentError);
      await expect(result).rejects.toThrow(/the result cannot be sent back: .*function/);
    });

    test('an error as a value is no failure', async () => {
      const error = await run('echo', new RangeError('too far'));
      expect(error).toMatchObject({ name: 'RangeError', message: 'too far' });
    });
  });

  describe('proxies', () => {
    test('work in the worker, also unused ones, with their options', async () => {
      const dict = manager.dict<string, number>();
      const [list, queue] = [manager.list<number>(), manager.queue<number>(undefined, { capacity: 1 })];
      const [value, lock] = [manager.value(undefined, 41, { type: 'i32' }), manager.lock()];
      expect(await run('use', dict, list, queue, value, lock)).toEqual({ classes: Array(5).fill(true), full: true, value: 42 });
      expect([await dict.get('alice'), await list.toArray(), await queue.get(), await value.get()]).toEqual([1, [1], 1, 42]);
      await expect(value.set(2 ** 31)).rejects.toThrow();
    });

    test('pass at any depth, and come back as proxies of the same objects', async () => {
      const dict = manager.dict<string, number>(fresh('dict'));
      await dict.set('alice', 3);
      const back = (await run('echo', { deep: [new Map([['dict', dict]])] })) as { deep: [Map<string, SharedDict<string, number>>] };
      const there = back.deep[0].get('dict')!;
      expect(there).toMatchObject({ kind: 'dict', name: dict.name });
      expect(await there.get('alice')).toBe(3);
    });

    test('that come back unused stand for their name and options', async () => {
      const value = (await run('echo', manager.value(undefined, 7))) as ReturnType<typeof manager.value<number>>;
      expect(await value.add(1)).toBe(8);
    });
  });

  describe('a failure', () => {
    test('keeps class, message and code; its stack is that of the call, its cause has that of the worker', async () => {
      const error = await run('fail', 'own').catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(RangeError);
      const same = { name: 'RangeError', message: 'too far', code: 'E_FAR' };
      expect(error).toMatchObject({ ...same, stack: expect.stringMatching(/^RangeError: too far\n.*workers\.test\./s) });
      expect(error).toMatchObject({ cause: { ...same, stack: expect.stringContaining('tasks.js') } });
    });

    test('of commonhold is of its class again', async () => {
      const error = await run('fail', 'manager').catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(InvalidArgumentError);
      expect(error).toBeInstanceOf(ManagerError);
      expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', message: 'no good', object: 'scores' });
    });

    test('keeps its own cause as the next one', async () => {
      const inner = { name: 'RangeError', message: 'inner' };
      await expect(run('fail', 'cause')).rejects.toMatchObject({ name: 'TypeError', cause: { name: 'TypeError', cause: inner } });
    });

    test('that cannot be encoded as a whole keeps the rest', async () => {
      const error = await run('fail', 'untransportable').catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(TypeError);
      expect(error).toMatchObject({
        name: 'OwnError',
        message: 'with a function',
        code: 7,
        cause: { stack: expect.stringContaining('tasks.js') },
      });
      expect(error).not.toHaveProperty('help');
    });

    test('need not be an error', async () => {
      await expect(run('fail', 'text')).rejects.toBe('just words');
      await expect(run('fail', 'nothing')).rejects.toBeUndefined();
    });

    test('that is not awaited is no unhandled rejection; join() does not reject', async () => {
      const worker = start('fail', 'own');
      await worker.join();
      expect([worker.isAlive, worker.exitCode, worker.exitSignal]).toEqual([false, 1, undefined]);
    });

    test('of a module without a default export, or of a missing one, names it', async () => {
      for (const [module, says] of [
        [NO_DEFAULT, /no-default\.js has no function/],
        [NOWHERE, /no module .*nowhere\.js: give new URL/],
      ] as const) {
        const { result } = manager[how](module);
        await expect(result).rejects.toBeInstanceOf(InvalidArgumentError);
        await expect(result).rejects.toThrow(says);
      }
      expect(() => manager[how](new URL('http://localhost/worker.js'))).toThrow(InvalidArgumentError);
    });
  });

  describe('the end', () => {
    test('by itself: exit code 0, and joined', async () => {
      await using worker = start('nothing');
      expect([worker.isAlive, worker.exitCode]).toEqual([true, undefined]);
      await worker.join();
      expect([worker.isAlive, worker.exitCode, worker.exitSignal]).toEqual([false, 0, undefined]);
      await worker.join({ timeout: 0 });
    });

    test('by process.exit is WorkerDiedError, with the code', async () => {
      const worker = start('exit', 3);
      await expect(worker.result).rejects.toBeInstanceOf(WorkerDiedError);
      await expect(worker.result).rejects.toThrow(/3/);
      await worker.join();
      expect([worker.exitCode, worker.exitSignal]).toEqual([3, undefined]);
    });

    test.each(['kill', 'terminate'] as const)('by %s() is WorkerDiedError, and its session is over', async (end) => {
      const said = manager.queue<string>();
      const worker = start('say', said);
      expect(await said.get()).toBe('here');
      await worker[end]();
      expect(worker.isAlive).toBe(false);
      await expect(worker.result).rejects.toBeInstanceOf(WorkerDiedError);
      if (how === 'fork') expect([worker.exitCode, worker.exitSignal]).toEqual([undefined, end === 'kill' ? 'SIGKILL' : 'SIGTERM']);
      else expect([typeof worker.exitCode, worker.exitSignal]).toEqual(['number', undefined]);
      await worker[end]();
      await until('its session is over', async () => (await manager.stats()).sessions === 1);
    });

    test('by disposal', async () => {
      const said = manager.queue<string>();
      let worker: WorkerHandle<unknown>;
      {
        await using inner = start('say', said);
        worker = inner;
        await said.get();
      }
      expect(worker.isAlive).toBe(false);
    });

    test('by an uncaught error is WorkerDiedError', async () => {
      const worker = start('crash');
      await expect(worker.result).rejects.toBeInstanceOf(WorkerDiedError);
      await worker.join();
      expect(worker.exitCode).toBe(1);
    });

    test('is awaited up to the given timeout', async () => {
      const said = manager.queue<string>();
      await using worker = start('say', said);
      await said.get();
      await expect(worker.join({ timeout: 0 })).rejects.toBeInstanceOf(TimeoutError);
      await expect(worker.join({ timeout: 30 })).rejects.toBeInstanceOf(TimeoutError);
      const controller = new AbortController();
      const joining = watch(worker.join({ signal: controller.signal }));
      const reason = new Error('no longer');
      controller.abort(reason);
      await expect(joining.promise).rejects.toBe(reason);
      await expect(worker.join({ signal: controller.signal })).rejects.toBe(reason);
      expect(worker.isAlive).toBe(true);
    });
  });

  test('has a name, and the id of its process or thread', async () => {
    const worker = start('nothing');
    expect(worker.name).toMatch(/^tasks\.js:\d+$/);
    if (how === 'fork') expect([typeof worker.pid, worker.threadId]).toEqual(['number', undefined]);
    else expect([worker.pid, typeof worker.threadId]).toEqual([undefined, 'number']);
    expect(worker.pid).not.toBe(process.pid);
    // A function that returns nothing.
    expect(await worker.result).toBeUndefined();
    await worker.join();
  });

  test('connects by its environment; the token is in no argument, and in no environment of programs that it starts', async () => {
    const { address, inherited, argv } = (await run('environment')) as { address?: string; inherited: string; argv: string };
    expect(argv).not.toContain('horse');
    expect(inherited).not.toContain('horse');
    if (how === 'fork') expect(address).toBe(manager.address);
  });

  test('takes a path as well as a URL', async () => {
    expect(await manager[how]<Tasks>(TASKS.pathname, 'echo', 1).result).toBe(1);
    expect(await manager[how]<Tasks>(TASKS.href, 'echo', 2).result).toBe(2);
  });

  test('many at once each get their own', async () => {
    const numbers = range(0, stress(4, 12));
    expect(await Promise.all(numbers.map((number) => run('echo', number)))).toEqual(numbers);
  });
});

(process.platform === 'linux' ? test : test.skip)(
  'the end of a process does not overtake its result, however busy this program is',
  async () => {
    using directory = new Temporary();
    const said = manager.queue<string>();
    const [first, second] = ['first', 'second'].map((name) => manager.fork<Tasks>(TASKS, 'tell', said, directory.join(name)));
    await said.get();
    await said.get();
    // The end of the first is noticed together with that of the second, whose result came too late for this round of events.
    letEnd(directory.join('first'), first!);
    expect(await first!.result).toBe('told');
    letEnd(directory.join('second'), second!);
    expect(await second!.result).toBe('told');
  },
);

/** Lets a worker end, and blocks this thread until its process has ended, before Node takes note of it. */
function letEnd(file: string, { pid }: WorkerHandle<unknown>): void {
  writeFileSync(file, '');
  const end = performance.now() + 20_000;
  while (!readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z ')) {
    if (performance.now() > end) throw new Error(`process ${pid} does not end`);
  }
}

test('a closed manager starts no workers: ClosedError', async () => {
  const closed = await Manager.connect(manager.address, { token: TOKEN });
  await closed.close();
  const module = new URL('./programs/reply.js', import.meta.url);
  for (const start of [() => closed.fork(module), () => closed.thread(module), () => closed.pool(module)])
    expect(start).toThrow(ClosedError);
});
