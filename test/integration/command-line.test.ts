import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Manager } from 'commonhold';
import { commonhold, Daemon, MAIN, Temporary } from '../support/daemon.js';
import { Program } from '../support/program.js';
import { until } from '../support/until.js';

// The commands that look at a manager that runs, each in a process of its own.

let daemon: Daemon;
let manager: Manager;

beforeAll(async () => {
  daemon = await Daemon.serve();
  manager = await Manager.connect(daemon.address, { label: 'the test' });
});

afterAll(async () => {
  await manager.close();
  await daemon[Symbol.asyncDispose]();
});

function run(...parameters: string[]): ReturnType<typeof commonhold> {
  return commonhold(parameters, { COMMONHOLD_ADDRESS: daemon.address });
}

async function output(...parameters: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(...parameters);
  if (code !== 0) throw new Error(`${parameters.join(' ')} ended with ${code}: ${stderr}`);
  return stdout;
}

async function json(...parameters: string[]): Promise<unknown[]> {
  const lines = (await output(...parameters, '--json')).split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as unknown);
}

describe('objects', () => {
  test('are listed, all or some, as a table or as lines of JSON', async () => {
    await manager.dict('listed:users').set('ada', 1);
    await manager.list('listed:tasks').push('a', 'b');
    expect(await output('ls', 'listed:*')).toMatch(/^NAME +KIND +SIZE .*\nlisted:tasks +list +2 .*\nlisted:users +dict +1 /);
    expect(await json('ls', 'listed:*', '--kind', 'dict')).toMatchObject([{ name: 'listed:users', kind: 'dict', size: 1 }]);
  });

  test('are read whole, or by key, index and prefix', async () => {
    await manager.dict('read').setMany({ 'user:ada': { born: 1815 }, 'user:grace': [1906], other: null });
    await manager.list('read list').push('first', 'last');
    expect(await output('get', 'read', 'user:ada')).toBe('{ born: 1815 }\n');
    expect(await json('get', 'read', '--prefix', 'user:')).toEqual([
      { key: 'user:ada', value: { born: 1815 } },
      { key: 'user:grace', value: [1906] },
    ]);
    expect(await json('get', 'read list', '-1')).toEqual(['last']);
    expect(await output('get', 'read list', '--limit', '1')).toBe('first\n');
  });

  test('that are queues show as many items as they are asked for', async () => {
    await manager.queue('long').putMany(Array.from({ length: 150 }, (_, index) => index));
    expect(await json('get', 'long', '--limit', '200')).toHaveLength(150);
    expect(await run('get', 'long')).toMatchObject({ code: 0, stderr: 'commonhold: there are more: give --limit NUMBER\n' });
  });

  test('are not looked for by a key that is no JSON, where it has to be', async () => {
    await manager.dict('numbered').set(1, 'one');
    expect(await output('get', 'numbered', '1', '--json-key')).toBe('one\n');
    const { code, stderr } = await run('get', 'numbered', 'one', '--json-key');
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('the key one is no JSON: give a number') });
  });

  test('are written: a value is JSON, or else a text; a key is a text, or JSON where that is said', async () => {
    const dict = manager.dict('written');
    await output('set', 'written', 'count', '5', '--kind', 'dict');
    await output('set', 'written', 'word', 'five');
    await output('set', 'written', 'digits', '5', '--text');
    await output('set', 'written', '7', '{"a":[true]}', '--json-key', '--ttl', '60000');
    expect(await dict.toMap()).toEqual(
      new Map<unknown, unknown>([
        ['count', 5],
        ['word', 'five'],
        ['digits', '5'],
        [7, { a: [true] }],
      ]),
    );
    expect(await dict.ttl(7)).toBeGreaterThan(0);
  });

  test('lose keys, or are destroyed', async () => {
    await manager.dict('deleted').setMany({ a: 1, b: 2 });
    expect(await output('del', 'deleted', 'a')).toBe('deleted 1 of 1\n');
    expect(await run('del', 'deleted', 'a', 'b')).toMatchObject({ code: 3, stdout: 'deleted 1 of 2\n' });
    expect(await json('del', 'deleted')).toEqual([{ destroyed: 1 }]);
    expect(await manager.dict('deleted').exists()).toBe(false);
  });

  test('show their changes as they come', async () => {
    const dict = manager.dict<string, number>('watched');
    await dict.create();
    const watching = Program.node(MAIN, ['watch', 'watched', '--json', '--count', '2'], { COMMONHOLD_ADDRESS: daemon.address });
    // Changes before the watch are not seen, so they go on until it has enough.
    let over = false;
    const changing = (async () => {
      while (!over) await dict.add('count', 1);
    })();
    const { code, stdout } = await watching.exited;
    over = true;
    await changing;
    expect(code).toBe(0);
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toMatchObject([{ key: 'count' }, { key: 'count' }]);
  });

  test('that do not exist end a command with code 3, and are not made', async () => {
    for (const parameters of [
      ['get', 'absent'],
      ['set', 'absent', 'a', '1'],
      ['del', 'absent'],
      ['watch', 'absent'],
      ['queue', 'peek', 'absent'],
    ]) {
      const { code, stderr } = await run(...parameters);
      expect({ code, stderr }).toEqual({ code: 3, stderr: 'commonhold: there is no object "absent": commonhold ls shows all\n' });
    }
    expect(await manager.dict('absent').exists()).toBe(false);
  });

  test('with control characters do not reach the terminal with them', async () => {
    await manager.dict('\u001b[31mred').set('\u0007', '\u001b]0;title\u0007');
    expect(await output('ls', '*red')).toContain('\\u001b[31mred');

    expect(await output('get', '\u001b[31mred')).not.toMatch(/[\u0000-\u0009\u001b]/);
  });
});

describe('a queue', () => {
  test('shows, takes and gets items', async () => {
    expect(await output('queue', 'put', 'jobs', '{"n":1}', '--id', 'one')).toBe('put\n');
    expect(await json('queue', 'put', 'jobs', '{"n":1}', '--id', 'one')).toEqual([{ put: false }]);
    await output('queue', 'put', 'jobs', 'urgent', '--head');
    await output('queue', 'put', 'jobs', 'later', '--delay', '60000');
    expect(await json('queue', 'peek', 'jobs')).toMatchObject([{ value: 'urgent' }, { value: { n: 1 }, id: 'one' }]);
    expect(await json('queue', 'peek', 'jobs', '--state', 'delayed')).toMatchObject([{ value: 'later' }]);
    expect(await output('queue', 'get', 'jobs')).toBe('urgent\n');
    expect(await output('queue', 'drop', 'jobs', 'one', 'two')).toBe('dropped 1\n');
    expect(await output('queue', 'drop', 'jobs', '--all')).toBe('dropped 1\n');
    expect((await run('queue', 'get', 'jobs')).code).toBe(3);
  });

  test('shows its dead letters with their reasons, and sends them back', async () => {
    const work = manager.queue('work', { deadLetter: { queue: 'dead', maxDeliveries: 1 } });
    await work.put('broken', { id: 'b' });
    const delivery = await work.get({ ack: true });
    await delivery.nak({ reason: 'it has no name' });
    expect(await output('queue', 'dead', 'dead')).toMatch(/work +\S+ ago +it has no name +broken\n$/);
    expect(await output('queue', 'requeue', 'dead', 'b')).toBe('sent back 1\n');
    expect(await work.size()).toBe(1);
  });
});

test('locks show the sessions that wait for each other in a circle', async () => {
  await using other = await Manager.connect(daemon.address);
  const [a, b] = ['circle a', 'circle b'] as const;
  const held = [await manager.lock(a).acquire(), await other.lock(b).acquire()];
  const waiting = [manager.lock(b).acquire(), other.lock(a).acquire()];
  await until('both wait', async () => (await manager.locks()).locks.filter(({ waiting }) => waiting === 1).length === 2);
  expect((await output('locks')).match(/wanted .*, in a circle$/gm)).toHaveLength(2);
  for (const hold of held) await hold.release();
  for (const hold of await Promise.all(waiting)) await hold.release();
});

test('locks show holders and waiters', async () => {
  const [a, b] = [manager.lock('lock a'), manager.lock('lock b')];
  const [first, second] = [manager.owner('first'), manager.owner('second')];
  const held = await a.acquire({ owner: first });
  const waiting = a.acquire({ owner: second });
  waiting.catch(() => {});
  await b.acquire({ owner: second });
  await until('one waits', async () => (await manager.locks()).locks.some(({ waiting }) => waiting === 1));
  const text = await output('locks');
  expect(text).toMatch(/lock a \(lock\)\n {2}held +by the test \(\S+ \d+, owner \S*first\) for /);
  expect(text).toMatch(/ {2}wanted +by the test \(\S+ \d+, owner \S*second\) for /);
  expect(await json('locks')).toMatchObject([{ name: 'lock a', waiting: 1 }, { name: 'lock b' }]);
  await held.release();
  await (await waiting).release();
});

test('sessions are listed with their labels, and each command has one', async () => {
  expect(await json('sessions')).toMatchObject([{ label: 'the test', pid: process.pid }, { label: 'commonhold sessions' }]);
});

test('top shows the rate of calls, the limits, and the largest objects', async () => {
  await manager.dict('large').set('a', 'x'.repeat(10_000));
  const text = await output('top', '--count', '1', '--every', '10');
  expect(text).toMatch(/calls\/s, 2 sessions/);
  expect(text).toMatch(/\nNAME .*\nlarge +dict +1 +9\.8k/);
  expect(await json('top', '--count', '1', '--every', '10')).toMatchObject([
    { callsPerSecond: expect.any(Number), objects: expect.any(Number) },
  ]);
});

describe('the exit code', () => {
  test('is 64 for a command line that is wrong', async () => {
    expect((await run('lss')).code).toBe(64);
    expect((await run('ls', '--kind', 'table')).code).toBe(64);
  });

  test('is 4 without a manager', async () => {
    expect((await run('ls', '--address', 'unix:/nowhere/manager.sock')).code).toBe(4);
  });

  test('is 5 without the token', async () => {
    await using guarded = await Daemon.serve(['--listen', '127.0.0.1:0'], { COMMONHOLD_TOKEN: 'secret' });
    expect((await run('ls', '--address', guarded.address)).code).toBe(5);
  });
});

describe('completion', () => {
  test('in bash completes commands and options', async () => {
    using directory = new Temporary();
    const script = directory.join('completion.bash');
    writeFileSync(script, await output('completion', 'bash'));
    const complete = (...words: string[]): string[] => {
      const program = `source ${script}; COMP_WORDS=(commonhold ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}; _commonhold; echo "\${COMPREPLY[@]}"`;
      return execFileSync('bash', ['-c', program], { encoding: 'utf8' }).trim().split(' ');
    };
    expect(complete('qu')).toEqual(['queue']);
    expect(complete('queue', 're')).toEqual(['requeue']);
    expect(complete('queue', 'put', 'jobs', '--pri')).toEqual(['--priority']);
  });

  test.each(['zsh', 'fish'])('has a script for %s', async (shell) => {
    expect(await output('completion', shell)).toContain('requeue');
  });
});

test('each command is in the guide, and writes JSON if it is asked to', async () => {
  const guide = readFileSync('docs/command-line.md', 'utf8');
  const words = (await output('completion', 'bash')).matchAll(/^ {4}'(.+)'\) words='(.*)' ;;$/gm);
  const commands = [...words].map(([, path, all]) => ({ path: path!, options: all!.split(' ') })).filter(({ path }) => path !== 'queue');
  expect(commands.length).toBeGreaterThan(18);
  const unknown = commands.filter(({ path }) => !guide.includes(`\`${path.replace(/^queue (?!peek|dead)/, '')}`));
  expect(unknown).toEqual([]);
  const without = commands.filter(({ options }) => !options.includes('--json')).map(({ path }) => path);
  expect(without).toEqual(['serve', 'dump', 'completion']);
});

test('a reader that has enough ends a command without an error', async () => {
  await manager.list('read in part').push(...Array.from({ length: 2_000 }, () => 'x'.repeat(1_000)));
  const line = `"$0" "$1" get 'read in part' --limit 2000 | head -n 1; echo "\${PIPESTATUS[0]}"`;
  const { stdout, stderr } = await new Program('bash', ['-c', line, process.execPath, fileURLToPath(MAIN)], {
    COMMONHOLD_ADDRESS: daemon.address,
  }).exited;
  expect({ stdout, stderr }).toEqual({ stdout: `${'x'.repeat(1_000)}\n141\n`, stderr: '' });
});

describe('the options of serve', () => {
  test('come from the command line, then the environment, then a file', async () => {
    using directory = new Temporary();
    const config = directory.join('commonhold.json');
    writeFileSync(config, JSON.stringify({ listen: ['127.0.0.1:0'], maxObjects: 7, maxSessions: 70, maxCalls: 700 }));
    const environment = { COMMONHOLD_MAX_OBJECTS: '8', COMMONHOLD_MAX_SESSIONS: '80' };
    await using served = await Daemon.serve(['--config', config, '--max-objects', '9'], environment);
    await using client = await Manager.connect(served.address);
    const most = Object.fromEntries((await client.stats()).limits.map((limit) => [limit.name, limit.most]));
    expect(most).toMatchObject({ objects: 9, sessions: 80 });
  });

  test('are not the certificate and the key of clients', async () => {
    await using served = await Daemon.serve(undefined, {
      COMMONHOLD_TLS_CERT: '/nowhere/cert.pem',
      COMMONHOLD_TLS_KEY: '/nowhere/key.pem',
    });
    await using client = await Manager.connect(served.address, { tls: undefined });
    expect(client.state).toBe('connected');
  });

  test.each([
    ['{"maxObject": 7}', 'has the unknown option "maxObject": known are '],
    ['{"maxObjects": "many"}', 'is "many": give a whole number'],
    ['{"maxObjects": [7]}', 'is [7]: give a text or a number'],
    ['[]', 'has no options: give an object'],
    ['{', 'cannot be read: '],
  ])('in a file with %s are refused', async (text, reason) => {
    using directory = new Temporary();
    const config = directory.join('commonhold.json');
    writeFileSync(config, text);
    const { code, stderr } = await commonhold(['serve', '--config', config]);
    expect(code).toBe(1);
    expect(stderr).toContain(reason);
  });
});
