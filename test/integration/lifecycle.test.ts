import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ClosedError, LockLostError, Manager, ManagerUnavailableError, SessionExpiredError, type ManagerError } from 'commonhold';
import { Daemon, Temporary } from '../support/daemon.js';
import { Program } from '../support/program.js';
import { isRunning, until } from '../support/until.js';

const PROGRAM = new URL('./programs/lifecycle.js', import.meta.url);

describe('a program with a manager', () => {
  let daemon: Daemon;
  beforeAll(async () => {
    daemon = await Daemon.serve();
  });
  afterAll(async () => {
    await daemon.stop();
  });

  it('continues after close() when nothing else keeps it alive', async () => {
    const { code, stdout } = await Program.node(PROGRAM, ['closes', daemon.address]).exited;
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'closed\n' });
  });

  it('continues after close() of a manager of its own', async () => {
    const { code, stdout } = await Program.node(PROGRAM, ['starts']).exited;
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'closed\n' });
  });

  it('ends by itself when it never closes', async () => {
    const { code, stdout } = await Program.node(PROGRAM, ['forgets', daemon.address]).exited;
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'done\n' });
  });

  it('ends by itself, and its own manager with it, when it never closes that', async () => {
    const { code, stdout } = await Program.node(PROGRAM, ['forgetsItsOwn']).exited;
    expect(code).toBe(0);
    const pid = Number(/manager (\d+)/.exec(stdout)![1]);
    await until('the manager is gone', () => !isRunning(pid));
  });

  it('stays alive while a call waits', async () => {
    await using waiting = Program.node(PROGRAM, ['waits', daemon.address]);
    await waiting.said(/waiting/);
    await using manager = await Manager.connect(daemon.address);
    await until('it waits', async () => (await manager.stats()).waiters === 1);
    await manager.queue('lifecycle').put('it');
    expect(await waiting.exited).toMatchObject({ code: 0, stdout: 'waiting\ngot it\n' });
  });
});

describe('a manager that is killed', () => {
  it('fails calls under way truthfully, and the next call finds a new one (gaps in Python: server killed, reconnect)', async () => {
    using directory = new Temporary();
    const address = `unix:${directory.join('manager.sock')}`;
    const first = await Daemon.serve(['--listen', address]);
    await using manager = await Manager.connect(address);
    const { sessionId } = manager;
    const held = await manager.lock('l').acquire();
    const waiting = manager.queue('q').get();
    const writing = manager.queue('full', { capacity: 1 }).putMany([1, 2]);
    const reading = manager
      .queue('done')
      .put(1)
      .then(() => manager.queue('done').join());
    await until('all wait', async () => (await manager.stats()).waiters === 3);

    const expired = new Promise<ManagerError>((resolve) => manager.on('expired', resolve));
    const lost = once(held.signal, 'abort');
    const outcomes = Promise.allSettled([waiting, writing, reading]);
    await first.program.kill('SIGKILL');

    const reasons = (await outcomes).map((outcome) => (outcome as PromiseRejectedResult).reason as ManagerError);
    for (const reason of reasons) expect(reason).toBeInstanceOf(SessionExpiredError);
    expect(reasons.map(({ mayHaveExecuted }) => mayHaveExecuted)).toEqual([true, true, false]);
    expect(await expired).toBeInstanceOf(ManagerUnavailableError);
    await lost;
    expect(held.signal.reason).toBeInstanceOf(LockLostError);
    await expect(held.release()).rejects.toBeInstanceOf(LockLostError);
    expect(manager.state).toBe('expired');

    const resumed = new Promise<void>((resolve) => manager.on('resumed', resolve));
    const calling = manager.dict('d').set('a', 1);
    await using second = await Daemon.serve(['--listen', address]);
    await calling;
    await resumed;
    expect(manager.state).toBe('connected');
    expect(manager.sessionId).not.toBe(sessionId);
    expect(await manager.value('fresh', 7).get()).toBe(7);
    await second.stop();
  });
});

describe('a manager handle', () => {
  it('refuses everything after its close, and closes twice (Python: SimpleQueue test_closed, test_close, test_empty_exceptions)', async () => {
    const manager = await Manager.start();
    const dict = manager.dict('d');
    const waiting = manager.queue('q').get();
    const closing = manager.close();
    await expect(waiting).rejects.toBeInstanceOf(ClosedError);
    await closing;
    expect(manager.state).toBe('closed');
    await expect(dict.get('a')).rejects.toBeInstanceOf(ClosedError);
    await expect(manager.stats()).rejects.toBeInstanceOf(ClosedError);
    await manager.close();
  });

  it('names the address at which no manager answers, and says what to do', async () => {
    using directory = new Temporary();
    const address = `unix:${directory.join('nobody.sock')}`;
    const refused = Manager.connect(address);
    await expect(refused).rejects.toBeInstanceOf(ManagerUnavailableError);
    await expect(refused).rejects.toThrow(new RegExp(`${address}.*commonhold serve`));
  });

  it('takes the first of several addresses that answers', async () => {
    using directory = new Temporary();
    await using daemon = await Daemon.serve();
    await using manager = await Manager.connect([`unix:${directory.join('nobody.sock')}`, daemon.address]);
    await manager.dict('d').set('a', 1);
    expect((await manager.stats()).objects).toBe(1);
  });

  it('hides its token when it is logged', async () => {
    await using manager = await Manager.start({ token: 'hidden-secret' });
    const { inspect } = await import('node:util');
    expect(inspect(manager)).not.toContain('hidden-secret');
    expect(JSON.stringify(manager.dict('d'))).not.toContain('hidden-secret');
    expect(manager.token).toBe('hidden-secret');
  });
});
