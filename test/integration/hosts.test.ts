import { mkdirSync, symlinkSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { Manager } from 'commonhold';
import { expectWaiting, fresh, queued, type Watched } from '../conformance/support.js';
import { Temporary } from '../support/daemon.js';
import { Hosts, whyNoHosts } from '../support/hosts.js';
import type { Program } from '../support/program.js';
import { Proxy } from '../support/proxy.js';
import { until } from '../support/until.js';
import type { FarLife, Way } from './programs/far-client.js';

// A client on another host than its manager, with a cable between them that can be pulled: then no side is told, and each has to find out.

const MANAGER = new URL('./programs/far-manager.js', import.meta.url);
const CLIENT = new URL('./programs/far-client.js', import.meta.url);
/** Milliseconds: long enough that heartbeats get through on a busy machine, short enough that a test can wait for a few of them. */
const LEASE = 2_000;

const why = whyNoHosts();
if (why !== undefined) process.stderr.write(`The tests with two hosts are skipped: ${why}\n`);

type NextHold = Watched<{ readonly abandoned: boolean; release(): Promise<void> }>;

(why === undefined ? describe : describe.skip)('a client on another host', () => {
  let hosts: Hosts;
  let folder: Temporary;
  let daemon: Program;
  let address: string;
  /** A client that reaches the manager by its unix socket, which no cable interrupts. */
  let rival: Manager;
  const programs: Program[] = [];

  beforeAll(async () => {
    hosts = await Hosts.connected();
    folder = new Temporary();
    daemon = hosts.manager.node(MANAGER, [hosts.manager.ip, folder.join('manager.sock')]);
    address = (await daemon.said(/listens on (\S+)/))[1]!;
    rival = await Manager.connect(`unix:${folder.join('manager.sock')}`);
  });

  afterEach(async () => {
    for (const program of programs.splice(0)) await program[Symbol.asyncDispose]();
    hosts.plugIn();
  });

  afterAll(async () => {
    await rival.close();
    await daemon[Symbol.asyncDispose]();
    await hosts[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  /** Starts a client that holds a lock. */
  async function start(way: Way, lease = LEASE, name = fresh('lock')): Promise<{ program: Program; life: FarLife }> {
    const life = { address, name, way, lease };
    const program = hosts.client.node(CLIENT, [JSON.stringify(life)]);
    programs.push(program);
    await program.said(/holds/);
    return { program, life };
  }

  /** A call of the rival that waits for the client's lock. */
  function rivalOf({ name }: FarLife): Promise<NextHold> {
    return queued(rival, rival.lock(name).acquire());
  }

  /** Waits until the rival has the lock. Returns the time. */
  async function expectAbandoned(next: NextHold): Promise<bigint> {
    const held = await next.promise;
    const time = process.hrtime.bigint();
    expect(held.abandoned).toBe(true);
    await held.release();
    return time;
  }

  /** Time at which a program said something. */
  async function timeOf(program: Program, what: string): Promise<bigint> {
    return BigInt((await program.said(new RegExp(`^${what} at (\\d+)$`, 'm')))[1]!);
  }

  describe('with its cable pulled', () => {
    test.each(['manager', 'client'] as const)('for less than the lease, at the %s, goes on as if nothing had happened', async (end) => {
      const name = fresh('lock');
      const gate = await rival.lock(`${name}-gate`).acquire();
      const { program, life } = await start('count', 10_000, name);
      const next = await rivalOf(life);
      const counts = rival.dict<string, number>(`${name}-count`);
      await until('it waits at the gate', async () =>
        (await rival.locks()).locks.some(({ waiters }) => waiters.some(({ pid }) => pid === program.pid)),
      );
      hosts.pull(hosts[end]);
      await program.said(/disconnected/);
      const before = (await counts.get('count'))!;
      const behind = await queued(rival, rival.lock(`${name}-gate`).acquire());
      hosts.plugIn();
      await until('it counts on', async () => (await counts.get('count'))! > before + 10);
      await expectWaiting(next, rival);
      await gate.release();
      const passed = await behind.promise;
      expect(BigInt((await program.said(/passed under (\d+)/))[1]!)).toBeLessThan(passed.token);
      await passed.release();
      process.kill(program.pid, 'SIGUSR1');
      const [, counted] = await program.said(/counted (\d+)/);
      expect(await counts.get('count')).toBe(Number(counted));
      const held = await next.promise;
      expect(held.abandoned).toBe(false);
      await held.release();
      expect((await program.kill()).stdout).not.toMatch(/lost|expired/);
    });

    test('for more than the lease, knows that its lock is lost before another client has it', async () => {
      const { program, life } = await start('stay');
      const next = await rivalOf(life);
      hosts.pull();
      const acquired = await expectAbandoned(next);
      expect(await timeOf(program, 'lost')).toBeLessThan(acquired);
      await program.said(/disconnected.*expired/s);
    });

    test('and killed then, loses its lock after its lease', async () => {
      const { program, life } = await start('stay');
      const next = await rivalOf(life);
      hosts.pull();
      await program.kill('SIGKILL');
      await expectAbandoned(next);
    });
  });

  test('keeps its lock while its event loop stands still for three leases', async () => {
    const { program, life } = await start('spin');
    const next = await rivalOf(life);
    await program.said(/released/);
    const held = await next.promise;
    expect(held.abandoned).toBe(false);
    await held.release();
  });

  test('loses its lock while its event loop stands still for three leases, if its session is tied to it', async () => {
    const { program, life } = await start('spin-tied');
    const acquired = await expectAbandoned(await rivalOf(life));
    expect(await timeOf(program, 'spun')).toBeGreaterThan(acquired);
    expect((await program.said(/^(not )?released/m))[0]).toBe('not released');
  });

  test('that is stopped for more than its lease knows that its lock is lost as soon as it goes on', async () => {
    const { program, life } = await start('spin-stopped');
    const next = await rivalOf(life);
    process.kill(program.pid, 'SIGSTOP');
    // So that it hears nothing from its manager.
    hosts.pull();
    await expectAbandoned(next);
    process.kill(program.pid, 'SIGCONT');
    expect((await program.said(/^it is (lost|held)/m))[1]).toBe('lost');
  });

  test('that is stopped for more than its lease is not granted a lock that came meanwhile', async () => {
    const name = fresh('lock');
    const held = await rival.lock(name).acquire();
    const { program, life } = await start('wait', LEASE, name);
    await until('it waits', async () => (await rival.locks()).locks.some(({ waiters }) => waiters.some(({ pid }) => pid === program.pid)));
    process.kill(program.pid, 'SIGSTOP');
    await held.release();
    const next = await rivalOf(life);
    hosts.pull();
    await expectAbandoned(next);
    process.kill(program.pid, 'SIGCONT');
    expect((await program.said(/^(not granted: \w+|granted)/m))[1]).toBe('not granted: SESSION_EXPIRED');
  });

  test('that is stopped for less than its lease still has its lock', async () => {
    const { program, life } = await start('stay', 60_000);
    const next = await rivalOf(life);
    process.kill(program.pid, 'SIGSTOP');
    await expectWaiting(next, rival);
    process.kill(program.pid, 'SIGCONT');
    await program.said(/^it is held/m);
  });

  test('loses its lock if its thread is terminated, although the process lives', async () => {
    const { program, life } = await start('thread');
    const next = await rivalOf(life);
    process.kill(program.pid, 'SIGUSR1');
    await program.said(/terminated/);
    await expectAbandoned(next);
  });

  test('has one thread for the heartbeats of all its sessions, which ends with the last of them', async () => {
    const { program } = await start('close');
    await program.said(/^closed one.*^thread ended/ms);
    await program.said(/^closed both/m);
    expect((await program.kill()).stdout.match(/^thread \w+/gm)).toEqual(['thread started', 'thread ended']);
  });

  test('that runs beside its manager has no such thread', async () => {
    const life: FarLife = { address: `unix:${folder.join('manager.sock')}`, name: fresh('lock'), way: 'close', lease: LEASE };
    const program = hosts.manager.node(CLIENT, [JSON.stringify(life)]);
    programs.push(program);
    await program.said(/closed both/);
    expect((await program.kill()).stdout).not.toMatch(/thread/);
  });

  describe('that was bundled with the package', () => {
    /** Runs the bundled program in the folder of the bundle. */
    async function bundled(bundle: Temporary, way: Way): Promise<Program> {
      const main = bundle.join('main.mjs');
      const options = { bundle: true, platform: 'node', format: 'esm', logLevel: 'error' } as const;
      await build({ ...options, entryPoints: [fileURLToPath(CLIENT)], outfile: main });
      const life = JSON.stringify({ address, name: fresh('lock'), way, lease: LEASE } satisfies FarLife);
      const program = hosts.client.start('sh', '-c', 'cd "$1" && exec "$0" main.mjs "$2"', process.execPath, bundle.path, life);
      programs.push(program);
      return program;
    }

    test('finds the file of its thread if the package is installed', async () => {
      using bundle = new Temporary();
      mkdirSync(bundle.join('node_modules'));
      symlinkSync(resolve('.'), bundle.join('node_modules/commonhold'));
      await (await bundled(bundle, 'close')).said(/^thread started.*^closed one.*^thread ended/ms);
    });

    test('says what to do if it is not', async () => {
      using bundle = new Temporary();
      const { code, stderr } = await (await bundled(bundle, 'close')).exited;
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(/npm install commonhold.*tiedTo: 'event-loop'/s) });
    });
  });

  test('opens another connection if one carries nothing any more, before a heartbeat is due', async () => {
    await using proxy = await Proxy.at(folder.join('proxy.sock'), `unix:${folder.join('manager.sock')}`);
    const name = fresh('lock');
    const life: FarLife = { address: proxy.address, name, way: 'count', lease: 3_600_000 };
    const program = hosts.client.node(CLIENT, [JSON.stringify(life)]);
    programs.push(program);
    const counts = rival.dict<string, number>(`${name}-count`);
    await until('it counts', async () => ((await counts.get('count')) ?? 0) > 10);
    proxy.stall();
    await program.said(/disconnected.*resumed/s);
    process.kill(program.pid, 'SIGUSR1');
    const [, counted] = await program.said(/counted (\d+)/);
    expect(await counts.get('count')).toBe(Number(counted));
  });

  test('notices that its manager is stopped', async () => {
    const { program } = await start('stay');
    process.kill(daemon.pid, 'SIGSTOP');
    try {
      await program.said(/disconnected.*expired/s);
    } finally {
      process.kill(daemon.pid, 'SIGCONT');
    }
  });
});
