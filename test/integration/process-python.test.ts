import { closeSync, openSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { currentWorker, Manager, taskSignal, TimeoutError, WorkerDiedError, type WorkerHandle } from 'commonhold';
import { range } from '../conformance/support.js';
import { Temporary } from '../support/daemon.js';
import { collectGarbage } from '../support/garbage.js';
import { works } from '../support/processes.js';
import { Program } from '../support/program.js';
import { stress } from '../support/stress.js';
import { until } from '../support/until.js';
import type run from './programs/children.js';
import type { Deed } from './programs/children.js';

// The cases of CPython's _test_multiprocessing.py for Process, each under its name there, with processes and with threads.

interface Children {
  default: typeof run;
}
const CHILDREN = new URL('./programs/children.js', import.meta.url);
const PROGRAM = new URL('./programs/workers.js', import.meta.url);

let manager: Manager;

beforeAll(async () => {
  manager = await Manager.start();
});

afterAll(() => manager.close());

const onLinux = process.platform === 'linux' ? test : test.skip;

describe.each(['fork', 'thread'] as const)('%s', (how) => {
  const start = (deed: Deed, ...args: unknown[]): WorkerHandle<unknown> => manager[how]<Children>(CHILDREN, deed, ...args);
  const call = (deed: Deed, ...args: unknown[]): Promise<unknown> => start(deed, ...args).result;

  test('test_current: a program that was not started as a worker is none', async () => {
    expect(currentWorker()).toBeUndefined();
    expect(taskSignal().aborted).toBe(false);
    expect(await call('self')).toMatchObject({
      name: expect.stringMatching(/^children\.js:\d+$/),
      daemonic: false,
      isMainThread: how === 'fork',
    });
  });

  test('test_args_argument: arguments of any number and type arrive', async () => {
    for (const args of [[], [1, [2], { three: new Map([[3, 'drei']]) }]]) expect(await call('echo', ...args)).toEqual(args);
  });

  test('test_daemon_argument: off by default, inherited, to be overridden', async () => {
    const daemonic = manager.worker({ daemonic: true })[how]<Children>(CHILDREN, 'inherits', manager.address);
    expect(daemonic.daemonic).toBe(true);
    expect(await daemonic.result).toEqual([true, false]);
    expect(start('nothing').daemonic).toBe(false);
    expect(await call('inherits', manager.address)).toEqual([false, false]);
  });

  test('test_process: before, while and after it runs', async () => {
    const said = manager.queue<string>();
    const worker = manager.worker({ name: 'the worker' })[how]<Children>(CHILDREN, 'say', said);
    expect([worker.name, worker.isAlive, worker.exitCode, worker.exitSignal]).toEqual(['the worker', true, undefined, undefined]);
    expect(await said.get()).toBe('the worker');
    expect(manager.activeWorkers()).toContain(worker);
    await worker.terminate();
    expect(manager.activeWorkers()).not.toContain(worker);
    const other = start('self');
    const self = (await other.result) as { pid: number };
    await other.join();
    expect([other.isAlive, other.exitCode, other.exitSignal]).toEqual([false, 0, undefined]);
    if (how === 'fork') expect(self.pid).toBe(other.pid);
    else expect([self.pid, other.threadId]).toEqual([process.pid, expect.any(Number)]);
  });

  test('test_parent_process_attributes: it knows its parent', async () => {
    expect(await call('self')).toMatchObject({ parent: { pid: process.pid, name: 'main' } });
  });

  test('test_terminate, test_kill: join(0) says at once that it runs; afterwards it is gone', async () => {
    for (const end of ['terminate', 'kill'] as const) {
      const said = manager.queue<string>();
      const worker = start('say', said);
      await said.get();
      await expect(worker.join({ timeout: 0 })).rejects.toBeInstanceOf(TimeoutError);
      await worker[end]();
      await worker.join({ timeout: 0 });
      if (how === 'fork') expect([worker.exitCode, worker.exitSignal]).toEqual([undefined, end === 'kill' ? 'SIGKILL' : 'SIGTERM']);
      else expect(worker.exitCode).toBe(1);
      expect(manager.activeWorkers()).not.toContain(worker);
      await expect(worker.result).rejects.toBeInstanceOf(WorkerDiedError);
    }
  });

  test('test_active_children', async () => {
    expect(manager.activeWorkers()).toEqual([]);
    const said = manager.queue<string>();
    const workers = [start('say', said), start('say', said)];
    expect(manager.activeWorkers()).toEqual(workers);
    await workers[0]!.kill();
    expect(manager.activeWorkers()).toEqual([workers[1]]);
    await workers[1]!.kill();
    expect(manager.activeWorkers()).toEqual([]);
  });

  test('test_recursion: workers that start workers, in order', async () => {
    const notes = manager.list<number[]>();
    // Threads start sooner than processes.
    const places = range(0, how === 'thread' ? 2 : stress(1, 2));
    await call('descend', manager.address, how, [], places, notes);
    expect(await notes.toArray()).toEqual([[], ...places.flatMap((place) => [[place], ...places.map((next) => [place, next])])]);
  });

  test('test_sentinel: a wait for its end resolves then, and not before', async () => {
    const said = manager.queue<string>();
    const worker = start('say', said);
    let ended = false;
    const waiting = worker.join().then(() => (ended = true));
    await said.get();
    expect(ended).toBe(false);
    await worker.kill();
    await waiting;
    expect(worker.isAlive).toBe(false);
  });

  test('test_close: a handle of an ended worker holds nothing, and can be ended again and disposed', async () => {
    const worker = start('nothing');
    await worker.join();
    await worker.terminate();
    await worker.kill();
    await worker[Symbol.asyncDispose]();
    expect(await worker.result).toBeUndefined();
  });

  test('test_many_processes: started and joined, started and terminated', async () => {
    const count = stress(2, 5);
    const joined = range(0, count).map(() => start('nothing'));
    await Promise.all(joined.map((worker) => worker.join()));
    expect(joined.map(({ exitCode }) => exitCode)).toEqual(Array(count).fill(0));
    const terminated = range(0, count).map(() => start('say', manager.queue()));
    await Promise.all(terminated.map((worker) => worker.terminate()));
    expect(terminated.every(({ isAlive }) => !isAlive)).toBe(true);
    if (how === 'fork') expect(terminated.every(({ exitSignal }) => exitSignal === 'SIGTERM')).toBe(true);
  });

  test('test_lose_target_ref: the arguments are not kept', async () => {
    const [worker, reference] = (() => {
      const argument = { large: true };
      return [start('echo', argument), new WeakRef(argument)] as const;
    })();
    expect(await worker.result).toEqual([{ large: true }]);
    await until('it is collected', () => {
      collectGarbage();
      return reference.deref() === undefined;
    });
  });

  test('test_wait_for_threads: a worker ends when its threads and timers have ended', async () => {
    using directory = new Temporary();
    const file = directory.join('notes');
    const worker = start('lingers', file);
    expect(await worker.result).toBe('ended');
    await worker.join();
    expect(linesOf(file)).toEqual(['thread', 'timer']);
  });

  test('test_subclassing: a worker with a pipe to talk to', async () => {
    const [here, there] = manager.pipe<string>();
    const worker = start('pipe', there);
    await here.send('hello');
    expect(await here.receive()).toBe('HELLO');
    await here.close();
    await worker.join();
    expect(worker.exitCode).toBe(0);
  });

  test('test_sys_exit: the codes of process.exit and process.exitCode', async () => {
    const codes = [
      [undefined, 0],
      [8, 8],
      [0, 0],
      [1, 1],
    ] as const;
    for (const [code, seen] of codes.slice(0, stress(2, 4))) {
      const worker = start('exit', code);
      await worker.join();
      expect([worker.exitCode, worker.exitSignal]).toEqual([seen, undefined]);
      await expect(worker.result).rejects.toThrow(new RegExp(`code ${seen}`));
    }
    if (how === 'thread') return;
    const worker = start('exitCode', 5);
    await worker.join();
    expect([await worker.result, worker.exitCode]).toEqual(['with a result', 5]);
  });

  test('test_default_kwargs_not_shared_between_instances', async () => {
    const shared = { list: [1] };
    const [one, two] = [start('echo', shared), start('echo', shared)];
    const [[a], [b]] = (await Promise.all([one.result, two.result])) as [[typeof shared], [typeof shared]];
    a.list.push(2);
    expect([a, b, shared]).toEqual([{ list: [1, 2] }, { list: [1] }, { list: [1] }]);
  });
});

describe('a child process', () => {
  const start = (deed: Deed, ...args: unknown[]): WorkerHandle<unknown> => manager.fork<Children>(CHILDREN, deed, ...args);

  test('test_interrupt: SIGINT ends it, or is handled by it', async () => {
    const said = manager.queue<string>();
    const [plain, handling] = [start('say', said), start('interruptible', said, 1)];
    await said.get();
    await said.get();
    for (const worker of [plain, handling]) {
      process.kill(worker.pid!, 'SIGINT');
      await worker.join();
    }
    expect([plain.exitCode, plain.exitSignal, handling.exitCode, handling.exitSignal]).toEqual([undefined, 'SIGINT', 1, undefined]);
  });

  onLinux('test_child_fd_inflation: it inherits no files that are open here', async () => {
    using directory = new Temporary();
    const file = directory.join('open');
    const opened = range(0, 20).map(() => openSync(file, 'a'));
    try {
      expect(opened.map((fd) => readlinkSync(`/proc/self/fd/${fd}`))).toEqual(opened.map(() => realpathSync(file)));
      expect(await start('files').result).not.toContain(realpathSync(file));
    } finally {
      opened.forEach((fd) => closeSync(fd));
    }
  });

  onLinux('test_error_on_stdio_flush: broken stdio does not break its end', async () => {
    const worker = start('closesStdio');
    expect(await worker.result).toBe('still here');
    await worker.join();
    expect(worker.exitCode).toBe(0);
  });

  test('test_stderr_flush: an uncaught error is written in full', async () => {
    const { code, stdout, stderr } = await Program.node(PROGRAM, ['uncaught']).exited;
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'WorkerDiedError\n' });
    expect(stderr).toContain(`RangeError: ${'uncaught '.repeat(2000)}`);
    expect(stderr).toContain('children.js');
  });

  test.each([true, false])('test_parent_process: it learns that its parent has died, and ends (daemonic: %s)', async (daemonic) => {
    using directory = new Temporary();
    const file = directory.join('notes');
    const said = manager.queue<{ pid: number; parent: { pid: number; name: string } }>();
    const parent = manager.worker({ name: 'the parent' }).fork<Children>(CHILDREN, 'parent', manager.address, daemonic, said, file);
    const grandchild = await said.get();
    expect(grandchild.parent).toEqual({ pid: parent.pid, name: 'the parent' });
    await parent.kill();
    await until('it is gone', () => !works(grandchild.pid));
    // A daemonic worker is killed; any other is told and has its grace period.
    if (!daemonic) expect(readFileSync(file, 'utf8')).toBe('the parent, which started grandchild, has ended; task true\n');
  });

  test('its end is noticed although a child process of its own lives on', async () => {
    const said = manager.queue<number>();
    const worker = start('leavesBehind', said);
    const left = await said.get();
    try {
      await worker.kill();
      await expect(worker.result).rejects.toBeInstanceOf(WorkerDiedError);
      expect(works(left)).toBe(true);
    } finally {
      process.kill(left, 'SIGKILL');
    }
  });

  test('has the options that it was started with', async () => {
    const worker = manager.worker({ env: { HEAT: 'full', HOME: undefined }, execArgv: ['--no-warnings'] });
    expect(await worker.fork<Children>(CHILDREN, 'variable', 'HEAT').result).toBe('full');
    expect(await worker.fork<Children>(CHILDREN, 'variable', 'HOME').result).toBeUndefined();
    expect(await worker.fork<Children>(CHILDREN, 'flags').result).toEqual(['--no-warnings']);
    expect(await worker.thread<Children>(CHILDREN, 'variable', 'HEAT').result).toBe('full');
    expect(await worker.thread<Children>(CHILDREN, 'variable', 'COMMONHOLD_ADDRESS').result).toBe(manager.address);
  });
});

describe('the end of the program', () => {
  test('ends its daemonic workers without waiting for them', async () => {
    const { code, stdout } = await Program.node(PROGRAM, ['daemonic']).exited;
    expect(code).toBe(0);
    const { pids } = JSON.parse(stdout) as { pids: number[] };
    await until('they are gone', () => !pids.some(works));
  });

  test('waits for daemonic workers whose results are awaited', async () => {
    const { code, stdout } = await Program.node(PROGRAM, ['awaits']).exited;
    expect({ code, stdout }).toEqual({ code: 0, stdout: '[ 1 ]\n[ 2 ]\njoined\n' });
  });

  test('waits for its other workers', async () => {
    using directory = new Temporary();
    const file = directory.join('notes');
    const { code } = await Program.node(PROGRAM, ['plain', file]).exited;
    expect([code, linesOf(file)]).toEqual([0, ['thread', 'timer']]);
  });

  test('by SIGKILL orphans none, also no busy ones that ignore SIGTERM', async () => {
    await using program = Program.node(PROGRAM, ['stays']);
    const [line] = await program.said(/\{.*\}/);
    const { manager: daemon, pids } = JSON.parse(line) as { manager: number; pids: number[] };
    expect(pids.map(works)).toEqual([true, true, true, true]);
    await program.kill('SIGKILL');
    await until('no process is left', () => ![daemon, ...pids].some(works));
  });
});

/** The lines of a file, in alphabetical order. */
function linesOf(file: string): string[] {
  return readFileSync(file, 'utf8').trim().split('\n').sort();
}
