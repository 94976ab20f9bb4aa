import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import {
  BrokenBarrierError,
  ClosedError,
  Manager,
  ManagerUnavailableError,
  QueueEmptyError,
  QueueFullError,
  TimeoutError,
  type ManagerError,
} from 'commonhold';
import { queued, watch } from '../conformance/support.js';
import { Daemon, Temporary } from '../support/daemon.js';
import { isRunning, until } from '../support/until.js';
import type { Busy } from './programs/types/busy.js';

// A manager that does not answer: stopped by a signal, busy with a method of a registered type, or a socket without a manager behind it.
// All time limits of a client end by its own clock.

/** A daemon that can be stopped, and is continued when the test ends. */
let daemon: Daemon;

beforeEach(async () => {
  daemon = await Daemon.serve();
});

afterEach(async () => {
  resume();
  await daemon[Symbol.asyncDispose]();
});

/** Stops the daemon's process by a signal. */
function stop(): void {
  process.kill(daemon.pid, 'SIGSTOP');
}

function resume(): void {
  process.kill(daemon.pid, 'SIGCONT');
}

/** Returns the error of a call that must fail. */
function errorOf(call: Promise<unknown>): Promise<ManagerError> {
  return call.then(
    () => Promise.reject(new Error('the call succeeded')),
    (error: unknown) => error as ManagerError,
  );
}

describe('a manager that is stopped', () => {
  it('does not keep a call waiting beyond its timeout', async () => {
    await using manager = await Manager.connect(daemon.address);
    const full = manager.queue<number>('full', { capacity: 1 });
    await full.put(1);
    const condition = manager.condition('condition');
    const held = await condition.acquire();
    const value = manager.value('value', 1);
    await value.create();
    const states = value.watch({ timeout: 50 });
    await states.next();
    const [end] = manager.pipe('pipe');
    stop();
    const timeout = 50;
    const calls: [Promise<unknown>, abstract new (...args: never[]) => Error][] = [
      [manager.queue('empty').get({ timeout }), QueueEmptyError],
      [manager.queue('empty').getMany(2, { timeout }), QueueEmptyError],
      [manager.queue('empty').get({ ack: true, timeout }), QueueEmptyError],
      [full.put(2, { timeout }), QueueFullError],
      [full.putMany([2, 3], { timeout }), QueueFullError],
      [full.join({ timeout }), TimeoutError],
      [manager.lock('lock').acquire({ timeout }), TimeoutError],
      [manager.rlock('rlock').acquire({ timeout }), TimeoutError],
      [manager.lock('lock').run(() => {}, { timeout }), TimeoutError],
      [manager.semaphore('semaphore', 1).acquire({ timeout }), TimeoutError],
      [manager.barrier('barrier', 2).wait({ timeout }), BrokenBarrierError],
      [condition.wait(held, { timeout }), TimeoutError],
      [value.set(2, { timeout }), TimeoutError],
      [value.add(1, { timeout }), TimeoutError],
      [value.lock({ timeout }), TimeoutError],
      [manager.array('array', 'i32', 2).add(0, 1, { timeout }), TimeoutError],
      [end.receive({ timeout }), TimeoutError],
      [end.send(1, { timeout }), TimeoutError],
      [states.next(), TimeoutError],
    ];
    const answers = [manager.event('event').wait({ timeout }), end.poll({ timeout })];
    const errors = await Promise.all(calls.map(([call]) => errorOf(call)));
    errors.forEach((error, index) => expect(error).toBeInstanceOf(calls[index]![1]));
    expect((errors[10] as BrokenBarrierError).reason).toBe('timeout');
    expect(await Promise.all(answers)).toEqual([false, false]);
    resume();
  });

  it('does not keep a call waiting whose signal aborts', async () => {
    await using manager = await Manager.connect(daemon.address);
    const controller = new AbortController();
    const { signal } = controller;
    const waiting = await queued(manager, manager.queue('empty').get({ signal }));
    stop();
    const acquiring = manager.lock('lock').acquire({ signal });
    const reason = new Error('no longer wanted');
    controller.abort(reason);
    expect(await errorOf(waiting.promise)).toBe(reason);
    expect(await errorOf(acquiring)).toBe(reason);
  });

  it('is unavailable to calls without a limit of their own after callTimeout', async () => {
    await using manager = await Manager.connect(daemon.address, { callTimeout: 5_000 });
    const waiting = await queued(manager, manager.queue('empty').get());
    stop();
    const calls = [
      manager.dict('d').get('a'),
      manager.dict('d').set('a', 1),
      manager.value('v', 1).add(1),
      manager.queue('q').tryGet(),
      manager.queue('q').tryPut(1),
      manager.lock('l').tryAcquire(),
      waiting.promise,
    ];
    const errors = await Promise.all(calls.map(errorOf));
    for (const error of errors) expect(error).toBeInstanceOf(ManagerUnavailableError);
    // A read changes nothing, and items and holds of abandoned calls go back.
    expect(errors.map(({ mayHaveExecuted }) => mayHaveExecuted)).toEqual([false, true, true, false, true, false, false]);
  });

  it('gets back the items of calls that were given up, once it continues', async () => {
    await using manager = await Manager.connect(daemon.address, { callTimeout: 5_000 });
    const queue = manager.queue<string>('q');
    await queue.put('a');
    const lock = manager.lock('l');
    stop();
    const calls = [queue.get({ timeout: 50 }), lock.acquire({ timeout: 50 }), lock.tryAcquire(), queue.get({ ack: true, timeout: 50 })];
    for (const error of await Promise.all(calls.map(errorOf))) expect(error.mayHaveExecuted).toBe(false);
    resume();
    await using other = await Manager.connect(daemon.address);
    expect(await other.queue('q').get()).toBe('a');
    await (await other.lock('l').acquire()).release();
    // The session of the calls that were given up still works.
    await queue.put('b');
    expect(await queue.get()).toBe('b');
  });

  it('does not hold up close(), which says of each write that it may have been done: it was', async () => {
    const manager = await Manager.connect(daemon.address);
    const queue = manager.queue<number>('q');
    const dict = manager.dict<string, number>('d');
    const list = manager.list<number>('l');
    await Promise.all([queue.size(), dict.size(), list.length()]);
    stop();
    const calls = [queue.put(1), dict.set('a', 1), list.push(1), dict.get('a')];
    const errors = Promise.all(calls.map(errorOf));
    await manager.close();
    for (const error of await errors) expect(error).toBeInstanceOf(ClosedError);
    expect((await errors).map(({ mayHaveExecuted }) => mayHaveExecuted)).toEqual([true, true, true, false]);
    resume();
    await using other = await Manager.connect(daemon.address);
    await until('the sent calls are done', async () => (await other.list('l').length()) === 1);
    expect(await Promise.all([other.queue('q').size(), other.dict('d').get('a')])).toEqual([1, 1]);
  });

  it('is noticed, and so is its return, although the connection stands', async () => {
    await using manager = await Manager.connect(daemon.address);
    const disconnected = new Promise<ManagerError>((resolve) => manager.on('disconnected', resolve));
    const resumed = new Promise<void>((resolve) => manager.on('resumed', resolve));
    const { sessionId } = manager;
    const waiting = await queued(manager, manager.queue('q').get());
    stop();
    expect(await disconnected).toBeInstanceOf(ManagerUnavailableError);
    expect(manager.state).toBe('reconnecting');
    resume();
    await resumed;
    expect(manager).toMatchObject({ state: 'connected', sessionId });
    await manager.queue('q').put('it');
    expect(await waiting.promise).toBe('it');
  });

  it('refuses a connection after callTimeout', async () => {
    stop();
    expect(await errorOf(Manager.connect(daemon.address, { callTimeout: 200 }))).toBeInstanceOf(ManagerUnavailableError);
  });
});

describe('a manager of a program that is stopped', () => {
  it('is killed by close(), also if objects are at home in the program', async () => {
    const managers = [await Manager.start(), await Manager.start()];
    await managers[1]!.dict('d', { home: 'process' }).set('a', 1);
    const closings = managers.map(async (manager) => {
      const pid = manager.daemonPid!;
      process.kill(pid, 'SIGSTOP');
      const waiting = errorOf(manager.queue('q').get());
      await manager.close();
      expect(await waiting).toBeInstanceOf(ClosedError);
      expect(isRunning(pid)).toBe(false);
    });
    await Promise.all(closings);
  });
});

describe('a manager that is busy with a method', () => {
  it.each([['start' as const], ['embed' as const]])('does not keep other calls waiting beyond their limits: %s', async (how) => {
    using directory = new Temporary();
    const goOn = directory.join('go-on');
    await using manager = await Manager[how]({ register: new URL('./programs/types/busy.js', import.meta.url) });
    await using other = await Manager.connect(manager.address);
    await other.queue('empty').size();
    const controller = new AbortController();
    const busy = watch(manager.object<Busy>('Busy').until(goOn));
    await until('the method runs', () => existsSync(`${goOn}.begun`));
    const late = errorOf(other.queue('empty').get({ timeout: 50 }));
    const given = errorOf(other.lock('lock').acquire({ signal: controller.signal }));
    controller.abort(new Error('no longer wanted'));
    expect(await late).toBeInstanceOf(QueueEmptyError);
    expect(await given).toBe(controller.signal.reason);
    expect(busy.settled).toBe(false);
    writeFileSync(goOn, '');
    expect(await busy.promise).toBe('done');
    expect(await other.lock('lock').locked()).toBe(false);
  });
});

describe('a socket without a manager behind it', () => {
  it('does not keep calls waiting that need a new session, nor close()', async () => {
    using directory = new Temporary();
    const path = directory.join('manager.sock');
    const first = await Daemon.serve(['--listen', `unix:${path}`]);
    const manager = await Manager.connect(`unix:${path}`);
    const expired = new Promise((resolve) => manager.on('expired', resolve));
    await first.program.kill('SIGKILL');
    await expired;

    const sockets: Socket[] = [];
    const mute = createServer((socket) => sockets.push(socket.on('error', () => {}).resume()));
    mute.listen(`${path}.new`);
    await once(mute, 'listening');
    renameSync(`${path}.new`, path);
    const controller = new AbortController();
    const late = errorOf(manager.queue('q').get({ timeout: 50 }));
    const given = errorOf(manager.queue('q').put(1, { signal: controller.signal }));
    const waiting = errorOf(manager.queue('q').get());
    controller.abort(new Error('no longer wanted'));
    expect(await late).toBeInstanceOf(QueueEmptyError);
    expect((await late).mayHaveExecuted).toBe(false);
    expect(await given).toBe(controller.signal.reason);
    await manager.close();
    expect(await waiting).toMatchObject({ code: 'CLOSED', mayHaveExecuted: false });
    await until('the socket is closed', () => sockets.every((socket) => socket.destroyed));
    mute.close();
  });
});
