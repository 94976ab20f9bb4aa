import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { fromBinary } from '@bufbuild/protobuf';
import { Manager, ManagerUnavailableError } from 'commonhold';
import { ManagerServiceInfoResponseSchema } from 'commonhold/proto';
import { watch } from '../conformance/support.js';
import { commonhold, Daemon, MAIN, Temporary } from '../support/daemon.js';
import { unaryCall } from '../support/grpc.js';
import { Program } from '../support/program.js';
import { stress } from '../support/stress.js';
import { isRunning, until } from '../support/until.js';

// `commonhold serve`: its addresses, access to it, and its end.

const VISIT = new URL('./programs/visit.js', import.meta.url);
const STARTER = new URL('./programs/starter.js', import.meta.url);
const modeOf = (path: string): number => statSync(path).mode & 0o777;

/** Returns the output of a program that connects by its environment alone. */
async function visit(variables: NodeJS.ProcessEnv, parameters: readonly string[] = []): Promise<unknown> {
  const { stdout, stderr, code } = await Program.node(VISIT, parameters, variables).exited;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

/** Opens connections to a socket until the daemon's backlog is full. */
async function fillBacklog(path: string): Promise<Socket[]> {
  const waiting: Socket[] = [];
  for (;;) {
    const socket = connect(path);
    const failed = await new Promise((resolve) => socket.once('connect', () => resolve(false)).once('error', () => resolve(true)));
    if (failed) return waiting;
    waiting.push(socket);
  }
}

describe('listening', () => {
  test('on TCP and on a unix socket at once, it prints both addresses, with the real port', async () => {
    using directory = new Temporary();
    const path = directory.join('deep', 'er', 'manager.sock');
    await using daemon = await Daemon.serve(['--listen', '127.0.0.1:0', '--listen', `unix:${path}`, '--listen', 'localhost:0']);
    const [tcp, unix, localhost] = daemon.addresses;
    expect(tcp).toMatch(/^127\.0\.0\.1:[1-9]\d*$/);
    expect(unix).toBe(`unix:${path}`);
    expect(localhost).toMatch(/^localhost:[1-9]\d*$/);
    await using one = await Manager.connect(tcp);
    await one.dict<string, number>('scores').set('alice', 3);
    await using two = await Manager.connect(unix);
    expect(await two.dict<string, number>('scores').get('alice')).toBe(3);
    await using three = await Manager.connect(['127.0.0.1:1', localhost!]);
    expect(await three.dict<string, number>('scores').get('alice')).toBe(3);
  });

  test('its socket and the directory of the socket are for its owner alone', async () => {
    using directory = new Temporary();
    const path = directory.join('own', 'manager.sock');
    await using daemon = await Daemon.serve(['--listen', `unix:${path}`]);
    expect(daemon.address).toBe(`unix:${path}`);
    expect([modeOf(path), modeOf(dirname(path))]).toEqual([0o600, 0o700]);
  });

  test('the socket of a killed daemon is replaced', async () => {
    using directory = new Temporary();
    const path = directory.join('manager.sock');
    const first = await Daemon.serve(['--listen', `unix:${path}`]);
    await first.program.kill('SIGKILL');
    expect(existsSync(path)).toBe(true);
    await using second = await Daemon.serve(['--listen', `unix:${path}`]);
    await using manager = await Manager.connect(second.address);
    expect((await manager.stats()).objects).toBe(0);
    expect(modeOf(path)).toBe(0o600);
  });

  test('the socket of a live daemon is kept', async () => {
    using directory = new Temporary();
    const address = `unix:${directory.join('manager.sock')}`;
    await using daemon = await Daemon.serve(['--listen', address]);
    await using manager = await Manager.connect(daemon.address);
    const { code, stdout, stderr } = await commonhold(['serve', '--listen', address]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(`another manager listens on ${address}`);
    expect((await manager.stats()).sessions).toBe(1);
  });

  test('the socket of a daemon too busy to accept is kept', async () => {
    using directory = new Temporary();
    const path = directory.join('manager.sock');
    await using daemon = await Daemon.serve(['--listen', `unix:${path}`]);
    process.kill(daemon.pid, 'SIGSTOP');
    const waiting = await fillBacklog(path);
    await using other = Program.node(MAIN, ['serve', '--listen', `unix:${path}`]);
    await expect(other.said(/listens on/)).rejects.toThrow(/another manager listens/);
    for (const socket of waiting) socket.destroy();
    process.kill(daemon.pid, 'SIGCONT');
    await until('it accepts again', () =>
      Manager.connect(daemon.address).then(
        (manager) => manager.close().then(() => true),
        () => false,
      ),
    );
    const { response } = await unaryCall(daemon.address, 'commonhold.v1.ManagerService/Info', new Uint8Array());
    expect(fromBinary(ManagerServiceInfoResponseSchema, response!).pid).toBe(daemon.pid);
  });

  test('of daemons that start in step on the socket of a dead one, one gets it', async () => {
    using directory = new Temporary();
    const path = directory.join('manager.sock');
    for (let round = 0; round < stress(1, 2); round++) {
      const first = await Daemon.serve(['--listen', `unix:${path}`]);
      await first.program.kill('SIGKILL');
      const all = Array.from({ length: 3 }, () => Program.node(MAIN, ['serve', '--listen', `unix:${path}`]));
      try {
        const said = all.map((program) => program.said(/listens on/));
        const listening = (await Promise.allSettled(said)).map(({ status }) => status === 'fulfilled');
        expect(listening.filter(Boolean)).toHaveLength(1);
        const { response } = await unaryCall(`unix:${path}`, 'commonhold.v1.ManagerService/Info', new Uint8Array());
        expect(fromBinary(ManagerServiceInfoResponseSchema, response!).pid).toBe(all[listening.indexOf(true)]!.pid);
      } finally {
        for (const program of all) await program[Symbol.asyncDispose]();
      }
    }
  });

  test('a file that is no socket is kept', async () => {
    using directory = new Temporary();
    const path = directory.join('notes.txt');
    writeFileSync(path, 'do not lose');
    const { code, stderr } = await commonhold(['serve', '--listen', `unix:${path}`]);
    expect(code).toBe(1);
    expect(stderr).toContain(path);
    expect(statSync(path).size).toBe(11);
  });

  test('a port in use is refused (Python: test_multiple_bind)', async () => {
    await using daemon = await Daemon.serve();
    const { code, stderr } = await commonhold(['serve', '--listen', daemon.address]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^commonhold: .*EADDRINUSE/);
  });

  test('a port whose daemon has just ended, with clients connected, is free for the next (Python: test_rapid_restart)', async () => {
    /** Returns false if the port is in use, which another program may have been given meanwhile. */
    const restart = async (): Promise<boolean> => {
      await using first = await Daemon.serve();
      await using manager = await Manager.connect(first.address);
      await manager.queue<string>('queue').put('lost with its manager');
      await first.stop();
      const second = await Daemon.serve(['--listen', first.address]).catch((error: unknown) => {
        if (!String(error).includes('EADDRINUSE')) throw error;
      });
      if (second === undefined) return false;
      expect(second.address).toBe(first.address);
      expect(await manager.queue<string>('queue').size()).toBe(0);
      await second.stop();
      return true;
    };
    expect((await restart()) || (await restart()) || (await restart())).toBe(true);
  });

  test.each(['0.0.0.0:0', '192.0.2.1:0', '[::]:0', 'example.com:0'])(
    'on %s, which other hosts can reach, it is refused',
    async (address) => {
      const { code, stdout, stderr } = await commonhold(['serve', '--listen', address]);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toContain(
        `other hosts can reach ${address}, which needs TLS and a token: commonhold serve --listen ${address} --tls-cert`,
      );
    },
  );

  test.each(['7420', 'unix:', 'localhost:99999', 'http://localhost:1', ''])('on "%s", which is no address, is refused', async (address) => {
    const { code, stderr } = await commonhold(['serve', '--listen', address]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^commonhold: .*(address|socket)/);
  });
});

describe('a TCP port that every user of the host can use', () => {
  test.each([
    [['--listen', '127.0.0.1:0'], {}, true],
    [['--listen', '127.0.0.1:0'], { COMMONHOLD_TOKEN: 'secret' }, false],
    [[], {}, false],
  ])('is told at the start: %j', async (flags, variables, told) => {
    using directory = new Temporary();
    await using daemon = await Daemon.serve([...flags, '--listen', `unix:${directory.join('manager.sock')}`], variables);
    const { stderr } = await daemon.stop();
    const { address } = daemon;
    const remedy = `give --token-file FILE, or listen on a socket alone with --listen unix:${directory.join('manager.sock')}`;
    expect(stderr).toBe(told ? `commonhold: every user of this host can use ${address}: ${remedy}\n` : '');
  });
});

describe('finding the daemon', () => {
  test('at COMMONHOLD_ADDRESS (Python: test_listener_client)', async () => {
    await using daemon = await Daemon.serve();
    expect(await visit({ COMMONHOLD_ADDRESS: daemon.address })).toEqual({ address: daemon.address, objects: 0 });
  });

  test("at the user's socket by default", async () => {
    using directory = new Temporary();
    const address = `unix:${directory.join('commonhold', 'manager.sock')}`;
    await using daemon = await Daemon.serve(['--listen', address]);
    expect(daemon.address).toBe(address);
    expect(await visit({ XDG_RUNTIME_DIR: directory.path })).toEqual({ address, objects: 0 });
  });

  test('if none listens: ManagerUnavailableError, which names the address and says what to do', async () => {
    using directory = new Temporary();
    const address = `unix:${directory.join('commonhold', 'manager.sock')}`;
    const refused = { code: 'MANAGER_UNAVAILABLE', address, message: expect.stringMatching(/commonhold serve/) };
    expect(await visit({ XDG_RUNTIME_DIR: directory.path })).toEqual({ ...refused, message: expect.stringContaining(address) });
    expect(await visit({ COMMONHOLD_ADDRESS: address })).toEqual(refused);
    await expect(Manager.connect('127.0.0.1:1')).rejects.toThrow(/127\.0\.0\.1:1\b.*commonhold serve/);
    await expect(Manager.connect('127.0.0.1:1')).rejects.toBeInstanceOf(ManagerUnavailableError);
  });
});

describe("a directory of the user's socket", () => {
  const byRoot = process.getuid!() === 0;
  const PREPARED: [string, (directory: string) => void][] = [
    ['is open to others', (directory) => chmodSync(directory, 0o777)],
    [
      'is a link',
      (directory) => {
        renameSync(directory, `${directory}.real`);
        symlinkSync(`${directory}.real`, directory);
      },
    ],
    ...(byRoot ? [['belongs to another user', (directory: string) => chownSync(directory, 65_534, 65_534)] as [string, () => void]] : []),
  ];

  test.each(PREPARED)('that %s is used neither by a daemon nor by a client', async (_, prepare) => {
    using temporary = new Temporary();
    const directory = temporary.join(`commonhold-${process.getuid!()}`);
    mkdirSync(directory, { mode: 0o700 });
    const surroundings = { TMPDIR: temporary.path, XDG_RUNTIME_DIR: '' };
    const path = `${directory}/manager.sock`;
    let visitors = 0;
    const server = createServer(() => visitors++).listen(path);
    prepare(directory);
    const said = expect.stringContaining(directory);
    expect(await visit({ ...surroundings, COMMONHOLD_TOKEN: 'secret' })).toMatchObject({ code: 'INVALID_ARGUMENT', message: said });
    expect(await commonhold(['serve', '--listen', `unix:${path}`], surroundings)).toMatchObject({ code: 1, stderr: said });
    expect(visitors).toBe(0);
    server.close();
  });
});

describe('ending', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('by %s: waiting calls are told, and nothing is left', async (signal) => {
    using directory = new Temporary();
    const path = directory.join('manager.sock');
    await using daemon = await Daemon.serve(['--listen', `unix:${path}`, '--listen', '127.0.0.1:0']);
    await using manager = await Manager.connect(daemon.address, { reconnect: false });
    const lock = manager.lock('lock');
    const held = await lock.acquire();
    const calls = [manager.queue('queue').get(), lock.acquire(), manager.queue('queue').join()].map((call) => watch<unknown>(call));
    await manager.stats();
    const gone = new Promise<unknown>((resolve) => manager.on('expired', resolve));
    const { code, stderr } = await daemon.program.kill(signal);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/^commonhold: every user of this host can use .*\n$/) });
    expect(existsSync(path)).toBe(false);
    for (const { promise } of calls.slice(0, 2)) await expect(promise).rejects.toBeInstanceOf(ManagerUnavailableError);
    await gone;
    expect(held.signal.aborted).toBe(true);
    await expect(manager.stats()).rejects.toBeInstanceOf(ManagerUnavailableError);
  });

  test('with answers under way: all of them arrive', async () => {
    await using daemon = await Daemon.serve();
    await using manager = await Manager.connect(daemon.address, { reconnect: false });
    const scores = manager.dict<string, number>('scores');
    const calls = Array.from({ length: 5_000 }, () => scores.add('alice', 1));
    await calls[0];
    const ended = daemon.stop();
    const outcomes = await Promise.allSettled(calls);
    const answered = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    // The answers are to the first calls, each once; the rest was refused.
    expect(answered).toEqual(answered.map((_, index) => index + 1));
    expect((await ended).code).toBe(0);
  });
});

describe('a manager started by a program', () => {
  test('ends, and cleans up, when its program is killed', async () => {
    const program = Program.node(STARTER);
    const [said] = await program.said(/^\{.*\}$/m);
    const { pid, address } = JSON.parse(said) as { pid: number; address: string };
    const directory = dirname(address.slice('unix:'.length));
    expect([isRunning(pid), modeOf(directory)]).toEqual([true, 0o700]);
    expect(await visit({}, [address])).toEqual({ address, objects: 1 });
    await program.kill('SIGKILL');
    await until('the manager is gone', () => !isRunning(pid));
    await until('its directory is gone', () => !existsSync(directory));
  });

  test('ends when its program is killed before it has started', async () => {
    using directory = new Temporary();
    const note = directory.join('pid');
    const module = directory.join('endless.mjs');
    const lines = ["import { writeFileSync } from 'node:fs';", `writeFileSync(${JSON.stringify(note)}, String(process.pid));`];
    writeFileSync(module, [...lines, 'await new Promise((resolve) => setTimeout(resolve, 600_000));'].join('\n'));
    const program = Program.node(STARTER, [module]);
    await until('it loads', () => existsSync(note) && readFileSync(note, 'utf8') !== '');
    const pid = Number(readFileSync(note, 'utf8'));
    expect(isRunning(pid)).toBe(true);
    await program.kill('SIGKILL');
    await until('the manager is gone', () => !isRunning(pid));
  });

  test('ends, and cleans up, when it is closed', async () => {
    const manager = await Manager.start();
    const { address, daemonPid } = manager;
    await manager.close();
    expect(isRunning(daemonPid!)).toBe(false);
    await until('its directory is gone', () => !existsSync(dirname(address.slice('unix:'.length))));
  });

  test('continues when Ctrl-C interrupts the whole terminal: its program decides (Python: test_shared_memory_SharedMemoryServer_ignores_sigint)', async () => {
    await using manager = await Manager.start();
    for (let interrupt = 0; interrupt < 2; interrupt++) {
      process.kill(manager.daemonPid!, 'SIGINT');
      expect(await manager.value('count', 0).add(1)).toBe(interrupt + 1);
    }
    expect(isRunning(manager.daemonPid!)).toBe(true);
  });

  test('does not end by its own clients', async () => {
    await using manager = await Manager.start();
    const client = await Manager.connect(manager.address);
    await client.close();
    expect((await manager.stats()).sessions).toBe(1);
  });
});

describe('the command line', () => {
  test('prints its version and its help', async () => {
    expect(await commonhold(['--version'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
    expect(await commonhold(['serve', '--help'])).toMatchObject({ code: 0, stdout: expect.stringContaining('--listen') });
  });

  test('refuses unknown options and commands', async () => {
    expect(await commonhold(['serve', '--lisen', '127.0.0.1:0'])).toMatchObject({ code: 64, stderr: expect.stringContaining('--lisen') });
    expect(await commonhold(['server'])).toMatchObject({ code: 64, stderr: expect.stringContaining('server') });
  });

  test('refuses a socket in a directory that is no directory', async () => {
    using directory = new Temporary();
    writeFileSync(directory.join('file'), '');
    const { code, stderr } = await commonhold(['serve', '--listen', `unix:${directory.join('file', 'manager.sock')}`]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^commonhold: /);
  });

  test('keeps the mode of an existing directory', async () => {
    using directory = new Temporary();
    mkdirSync(directory.join('shared'));
    chmodSync(directory.join('shared'), 0o755);
    await using daemon = await Daemon.serve(['--listen', `unix:${directory.join('shared', 'manager.sock')}`]);
    expect([modeOf(directory.join('shared')), modeOf(directory.join('shared', 'manager.sock'))]).toEqual([0o755, 0o600]);
    expect(daemon.addresses).toHaveLength(1);
  });
});
