import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { Manager } from 'commonhold';
import { expectWaiting, fresh, queued, type Watched } from '../conformance/support.js';
import { Daemon } from '../support/daemon.js';
import { Program } from '../support/program.js';
import { Proxy } from '../support/proxy.js';
import { until } from '../support/until.js';
import type { Life, Way } from './programs/session-life.js';

// Ends of sessions whose programs end, stop or are busy: a program that has ended loses its session at once, one that is busy or stopped
// keeps it.

const PROGRAM = new URL('./programs/session-life.js', import.meta.url);
/** Longer than any test. */
const HOUR = 3_600_000;
/** Short enough that a test can wait for a few of them. */
const BRIEF = 400;

let daemon: Daemon;
/** A client whose connection stays. */
let rival: Manager;
let proxy: Proxy;
const programs: Program[] = [];

beforeAll(async () => {
  daemon = await Daemon.serve();
  rival = await Manager.connect(daemon.address);
  proxy = await Proxy.to(daemon.address);
});

afterEach(async () => {
  for (const program of programs.splice(0)) await program[Symbol.asyncDispose]();
  proxy.mend();
});

afterAll(async () => {
  await rival.close();
  await proxy[Symbol.asyncDispose]();
  await daemon[Symbol.asyncDispose]();
});

function life(way: Way, lease: number, address = proxy.address): Life {
  return { address, name: fresh('lock'), way, lease };
}

/** Starts a program, which holds a lock. */
async function start(parameters: Life): Promise<Program> {
  const program = Program.node(PROGRAM, [JSON.stringify(parameters)]);
  programs.push(program);
  await program.said(/holds\n/);
  return program;
}

/** A call of another client that waits for the lock of a program. */
function rivalOf({ name }: Life): Promise<Watched<{ readonly abandoned: boolean; release(): Promise<void> }>> {
  return queued(rival, rival.lock(name).acquire());
}

async function expectAbandoned(next: Awaited<ReturnType<typeof rivalOf>>): Promise<void> {
  const held = await next.promise;
  expect(held.abandoned).toBe(true);
  await held.release();
}

describe('a session with a lease of an hour whose connection is cut ends at once', () => {
  test('if its program is killed', async () => {
    const parameters = life('stay', HOUR);
    const program = await start(parameters);
    const next = await rivalOf(parameters);
    proxy.close();
    await expectWaiting(next, rival);
    await program.kill('SIGKILL');
    await expectAbandoned(next);
  });

  test('if its program is killed while the connection stands', async () => {
    const parameters = life('stay', HOUR);
    const program = await start(parameters);
    const next = await rivalOf(parameters);
    await program.kill('SIGKILL');
    await expectAbandoned(next);
  });

  test('if its program exits without closing it', async () => {
    const parameters = life('exit', HOUR);
    const program = await start(parameters);
    const next = await rivalOf(parameters);
    proxy.close();
    expect(await program.exited).toMatchObject({ code: 0, stderr: '' });
    await expectAbandoned(next);
  });

  test('if its thread is terminated, although the process lives', async () => {
    if (process.platform !== 'linux') return;
    const parameters = life('stay', HOUR);
    const thread = new Worker(fileURLToPath(PROGRAM), { workerData: parameters });
    expect(await once(thread, 'message')).toEqual(['holds']);
    const next = await rivalOf(parameters);
    proxy.close();
    await expectWaiting(next, rival);
    await thread.terminate();
    await expectAbandoned(next);
  });
});

describe('a session stays', () => {
  test('while its program is stopped for longer than the lease', async () => {
    const parameters = life('stay', BRIEF);
    const program = await start(parameters);
    const next = await rivalOf(parameters);
    process.kill(program.pid, 'SIGSTOP');
    await pause(3 * BRIEF);
    await expectWaiting(next, rival);
    process.kill(program.pid, 'SIGCONT');
    await program.said(/kept\n/);
    await program.kill();
    await expectAbandoned(next);
  });

  test('while the manager is stopped for longer than the lease', async () => {
    const parameters = life('stay', BRIEF);
    const program = await start(parameters);
    const next = await rivalOf(parameters);
    process.kill(daemon.pid, 'SIGSTOP');
    await pause(3 * BRIEF);
    process.kill(daemon.pid, 'SIGCONT');
    await expectWaiting(next, rival);
    // A signal for the program too, which makes it look.
    process.kill(program.pid, 'SIGCONT');
    await program.said(/kept\n/);
    await program.kill();
    await expectAbandoned(next);
  });

  test('while the event loop of its program stands still for longer than the lease', async () => {
    const parameters = life('spin', BRIEF);
    const program = await start(parameters);
    const next = await rivalOf(parameters);
    await program.said(/kept\n/);
    await program.exited;
    const held = await next.promise;
    // It was released by the end of the session in order, not lost.
    expect((await program.exited).stdout).not.toContain('lost');
    await held.release();
  });
});

test('a session that is tied to the event loop ends when the loop stands still for longer than the lease', async () => {
  const parameters = life('spin-tied', BRIEF);
  const program = await start(parameters);
  await expectAbandoned(await rivalOf(parameters));
  await program.said(/lost\n/);
});

test('a program that was stopped and cut off for longer than its lease finds its lock lost', async () => {
  const parameters = life('stay', BRIEF);
  const program = await start(parameters);
  const next = await rivalOf(parameters);
  process.kill(program.pid, 'SIGSTOP');
  proxy.close();
  await expectAbandoned(next);
  proxy.mend();
  process.kill(program.pid, 'SIGCONT');
  await program.said(/lost\n/);
});

test('a program whose event loop stood still, while it was cut off for longer than its lease, finds its lock lost', async () => {
  const parameters = life('busy', BRIEF);
  const program = await start(parameters);
  const next = await rivalOf(parameters);
  await program.said(/busy\n/);
  proxy.close();
  await expectAbandoned(next);
  expect(await program.exited).toMatchObject({ code: 0, stdout: 'holds\nbusy\nlost\n' });
});

describe('a program whose connection is cut', () => {
  test('ends by itself if it has nothing else to do', async () => {
    const parameters = life('idle', HOUR);
    const program = await start(parameters);
    proxy.close();
    expect(await program.exited).toMatchObject({ code: 0, stderr: '' });
    await (await rival.lock(parameters.name).acquire()).release();
  });

  test('keeps its session although its listeners throw', async () => {
    const program = await start(life('throw', HOUR));
    proxy.cut();
    expect(await program.exited).toMatchObject({ code: 0, stdout: 'holds\nkept\ndisconnected resumed\n' });
  });

  test('stays alive while a call is unanswered, and ends after its answer', async () => {
    const parameters = life('wait', HOUR);
    const program = await start(parameters);
    const items = rival.queue<string>(`${parameters.name}-items`);
    await until('it waits', async () => {
      for await (const object of rival.objects({ match: items.name })) return object.waiters === 1;
      return false;
    });
    proxy.close();
    await program.said(/cut off\n/);
    await pause(1_000);
    await items.put('an item');
    proxy.mend();
    expect(await program.exited).toMatchObject({ code: 0, stdout: 'holds\ncut off\ngot an item\n', stderr: '' });
    expect(await items.size()).toBe(0);
  });
});
