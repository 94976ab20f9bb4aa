import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { InvalidArgumentError, Manager, ManagerUnavailableError, UnauthenticatedError } from 'commonhold';
import { Temporary } from '../support/daemon.js';
import { Program } from '../support/program.js';
import { until } from '../support/until.js';
import type { Counter } from './programs/types/counter.js';

// Manager.embed(): a manager on a thread of its program, for that program and for others.

const PROGRAM = new URL('./programs/embedded.js', import.meta.url);
const VISIT = new URL('./programs/visit.js', import.meta.url);
const TASKS = new URL('./programs/tasks.js', import.meta.url);
const modeOf = (path: string): number => statSync(path).mode & 0o777;
const pathOf = (address: string): string => address.slice('unix:'.length);

describe('an embedded manager', () => {
  test('holds objects, in this process, on a socket for its owner alone', async () => {
    await using manager = await Manager.embed();
    await manager.dict<string, number>('scores').set('alice', 3);
    expect(await manager.dict<string, number>('scores').get('alice')).toBe(3);
    expect(manager.daemonPid).toBeUndefined();
    expect(manager.state).toBe('connected');
    expect([modeOf(pathOf(manager.address)), modeOf(dirname(pathOf(manager.address)))]).toEqual([0o600, 0o700]);
  });

  test('serves other processes, and workers', async () => {
    await using manager = await Manager.embed();
    await manager.dict('d').set('a', 1);
    const { stdout } = await Program.node(VISIT, [manager.address]).exited;
    expect(JSON.parse(stdout)).toEqual({ address: manager.address, objects: 1 });
    for (const how of ['fork', 'thread'] as const) {
      expect(await manager[how]<{ default: (task: string, value: unknown) => unknown }>(TASKS, 'echo', how).result).toBe(how);
    }
  });

  test('takes the options of start()', async () => {
    using directory = new Temporary();
    const path = directory.join('own', 'manager.sock');
    await using manager = await Manager.embed({ listen: ['127.0.0.1:0', `unix:${path}`], token: 'secret', maxPayload: 1000, label: 'me' });
    expect(manager.token).toBe('secret');
    expect([modeOf(path), modeOf(dirname(path))]).toEqual([0o600, 0o700]);
    await using other = await Manager.connect(`unix:${path}`, { token: 'secret' });
    await expect(other.dict('d').set('a', 'x'.repeat(2000))).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    await expect(Manager.connect(manager.address, { token: 'wrong' })).rejects.toBeInstanceOf(UnauthenticatedError);
    const held = await manager.lock('l').acquire();
    expect(await other.lock('l').holder()).toMatchObject({ label: 'me', pid: process.pid });
    await held.release();
  });

  test('refuses wrong options with their error, and leaves nothing behind', async () => {
    await expect(Manager.embed({ maxPayload: -1 })).rejects.toBeInstanceOf(InvalidArgumentError);
    await expect(Manager.embed({ listen: '0.0.0.0:0' })).rejects.toThrow(/other hosts can reach 0\.0\.0\.0:0/);
    using directory = new Temporary();
    mkdirSync(directory.join('open'), { mode: 0o755 });
    await expect(Manager.embed({ listen: `unix:${directory.join('open', 'manager.sock')}` })).rejects.toThrow(/chmod 700/);
    expect(existsSync(directory.join('open', 'manager.sock'))).toBe(false);
  });

  test('ends with its close(): waiting calls are told, no new call is answered, and its directory is gone', async () => {
    const manager = await Manager.embed();
    const { address } = manager;
    const other = await Manager.connect(address, { reconnect: false });
    const waiting = expect(other.queue('q').get()).rejects.toBeInstanceOf(ManagerUnavailableError);
    await other.stats();
    await manager.close();
    await waiting;
    expect(existsSync(dirname(pathOf(address)))).toBe(false);
    await expect(Manager.connect(address)).rejects.toBeInstanceOf(ManagerUnavailableError);
    await other.close();
    await manager.close();
  });

  test('is independent of others in the same program', async () => {
    const managers = await Promise.all([Manager.embed(), Manager.embed(), Manager.embed()]);
    await Promise.all(managers.map((manager, index) => manager.value('v', index).create()));
    expect(await Promise.all(managers.map((manager) => manager.value('v', -1).get()))).toEqual([0, 1, 2]);
    await Promise.all(managers.map((manager) => manager.close()));
  });
});

describe('a program with an embedded manager', () => {
  test('continues after close(), without leftovers of it', async () => {
    const { code, stdout, stderr } = await Program.node(PROGRAM, ['closes']).exited;
    const [address, ...rest] = stdout.split('\n');
    expect({ code, stderr, rest }).toEqual({ code: 0, stderr: '', rest: ['closed', ''] });
    expect(existsSync(dirname(pathOf(address!)))).toBe(false);
  });

  test('ends by itself when it never closes the manager, and the manager with it', async () => {
    const { code, stdout, stderr } = await Program.node(PROGRAM, ['forgets']).exited;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(existsSync(dirname(pathOf(stdout.trim())))).toBe(false);
  });

  test('that is killed takes the manager along', async () => {
    await using program = Program.node(PROGRAM, ['stays']);
    const [address] = await program.said(/^unix:\S+/m);
    await using manager = await Manager.connect(address, { reconnect: false });
    const held = await manager.lock('l').acquire();
    await program.kill('SIGKILL');
    await until('the lock is lost', () => held.signal.aborted);
    await expect(Manager.connect(address)).rejects.toBeInstanceOf(ManagerUnavailableError);
  });

  test('that keeps its own thread busy holds up no other client', async () => {
    await using program = Program.node(PROGRAM, ['isBusy']);
    const [address] = await program.said(/^unix:\S+/m);
    await using manager = await Manager.connect(address);
    await using other = await Manager.connect(address);
    const counter = manager.object<Counter>('Counter', 'c');
    expect(await counter.increment()).toBe(2);
    const got = other.queue<string>('q').get();
    await manager.queue<string>('q').put('through');
    expect(await got).toBe('through');
    expect(await counter.where()).toBe(program.pid);
  });

  test('outlives a manager that the code of a type ends, and reports it', async () => {
    const { code, stdout, stderr } = await Program.node(PROGRAM, ['explodes']).exited;
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'ManagerUnavailableError\n' });
    expect(stderr).toMatch(/^commonhold: the embedded manager ends: Error: exploded\n/);
  });
});
