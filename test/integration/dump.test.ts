import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, writeFileSync, writeSync } from 'node:fs';
import { Manager } from 'commonhold';
import { connected as sessionWith } from '../../cli/connection.js';
import { directorySource, managerSource } from '../../cli/dump-source.js';
import { runDump } from '../../cli/run-dump.js';
import { runLoad } from '../../cli/run-load.js';
import { ManagerService } from '../../proto/gen/commonhold/v1/manager_wire.js';
import { Program, type Exit } from '../support/program.js';
import { stress } from '../support/stress.js';
import { collect } from '../conformance/support.js';
import { until } from '../support/until.js';
import type { Station } from './programs/linked-types.js';
import { commonhold, Daemon, MAIN, Temporary } from '../support/daemon.js';

// `commonhold dump` and `commonhold load`, between daemons and directories.

const TYPES = new URL('programs/saved-types.js', import.meta.url).href;

const LINKED = new URL('programs/linked-types.js', import.meta.url).href;

/** Two daemons without modules, and two with those above, of which the first has a directory. They are empty before each test. */
let plain: readonly [Daemon, Daemon];
let typed: readonly [Daemon, Daemon];
let directory: string;
const shared = new Temporary();
let folder: Temporary;
const daemons: Daemon[] = [];
const managers: Manager[] = [];

beforeAll(async () => {
  directory = shared.join('data');
  const types = ['--register', TYPES, '--register', LINKED];
  const [a, b, c, d] = await Promise.all([served(), served(), served(...types, '--data-dir', directory), served(...types)]);
  [plain, typed] = [
    [a, b],
    [c, d],
  ];
});

afterAll(async () => {
  await Promise.all([...plain, ...typed].map((daemon) => daemon[Symbol.asyncDispose]()));
  shared[Symbol.dispose]();
});

beforeEach(() => {
  folder = new Temporary();
});

afterEach(async () => {
  await Promise.all([...plain, ...typed].map(clear));
  await Promise.all(managers.splice(0).map((manager) => manager.close()));
  await Promise.all(daemons.splice(0).map((daemon) => daemon[Symbol.asyncDispose]()));
  folder[Symbol.dispose]();
});

function served(...flags: string[]): Promise<Daemon> {
  return Daemon.serve(['--listen', '127.0.0.1:0', ...flags]);
}

/** Starts a daemon for one test. */
async function started(...flags: string[]): Promise<Daemon> {
  const daemon = await served(...flags);
  daemons.push(daemon);
  return daemon;
}

async function connected(daemon: Daemon): Promise<Manager> {
  const manager = await Manager.connect(daemon.address);
  managers.push(manager);
  return manager;
}

/** Destroys all objects. An object without a name ends with the last one that leads to it. */
async function clear(daemon: Daemon): Promise<void> {
  const session = await sessionWith(daemon.address, {}, 'clear');
  await using manager = await Manager.connect(daemon.address);
  const objects = await collect(manager.objects());
  await Promise.all(objects.map(({ name }) => session.call(ManagerService.methods.destroy, { name, kind: '' }, () => {})));
  await session.close();
}

/** Dumps, and returns the lines without the first, which has the time. */
async function dumped(...parameters: string[]): Promise<string> {
  const { code, stdout, stderr } = await commonhold(['dump', ...parameters]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/^commonhold: dumped \d+ objects in \d+ calls\n$/) });
  expect(stdout).toMatch(/^\{"dump":\{"form":1,"version":"[^"]+","time":"[^"]+"\}\}\n/);
  return withoutTimes(stdout);
}

function withoutTimes(dump: string): string {
  return dump.slice(dump.indexOf('\n') + 1).replace(/"(ttlMs|delayMs)":\d+/g, '"$1":0');
}

function load(dump: string, ...parameters: string[]): Promise<Exit> {
  return commonhold(['load', ...parameters], {}, dump);
}

const HEAD = '{"dump":{"form":1,"version":"0.1.0","time":"2026-01-31T12:00:00.000Z"}}';

/** A dump with these calls. */
function dumpOf(...calls: (readonly [method: string, request: object])[]): string {
  const lines = calls.map(([method, request]) => JSON.stringify({ call: `commonhold.v1.${method}`, request }));
  return [HEAD, ...lines, JSON.stringify({ end: { objects: 1, calls: calls.length, undumped: 0 } }), ''].join('\n');
}

/** Fills a manager with objects of all kinds. */
async function fill(manager: Manager): Promise<void> {
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  const dict = manager.dict<string | number | bigint | Uint8Array, unknown>('dict');
  await dict.set('json', { nested: [1, 'two', null], ' ': '\u2028' });
  await dict.set(NaN, [NaN, -Infinity, 2n ** 80n, new Date(0), new Map([[{}, new Set([1])]]), /a/g, undefined]);
  await dict.set(-1n, new Float32Array([1, NaN]));
  await dict.set(new Uint8Array([0, 255]), cycle);
  await dict.set('error', new TypeError('wrong', { cause: 'a cause' }));
  await dict.set('ends', -0, { ttl: 3_600_000 });
  await dict.set('last', new Uint8Array(100_000));
  await manager.list('list').push(...Array.from({ length: 250 }, (_, i) => `item ${i}`), '😀\0');
  await manager.set('set').add(3, 'a', { b: 1 });
  await manager.namespace('namespace').set('__proto__', 1);
  await manager.value('value', 2n ** 63n - 1n, { type: 'i64' }).create();
  await manager.array('array', 'f64', 20_000).set(19_999, 0.5);
  await manager.event('event').set();
  await manager.semaphore('semaphore', 2).acquire();
  await manager.barrier('barrier', 3).create();
  await manager.barrier('broken', 3).abort();
  await manager.rlock('rlock').create();
  await manager.condition('condition', manager.lock('lock')).create();
  await manager.lock('lock').acquire();
  const pipe = manager.pipe('pipe');
  await pipe[0].send('to 1');
  await pipe[1].send('to 0');
  await pipe[1].close();
  const queue = manager.queue('queue', { order: 'priority', capacity: 3, deadLetter: { queue: 'letters', maxDeliveries: 5 } });
  await queue.put('low', { priority: 2 });
  await queue.put('high', { priority: -0.5 });
  await queue.put('later', { priority: 1, delay: 3_600_000 });
  await queue.get({ ack: true });
  const down = manager.queue('down');
  await down.put('last');
  await down.shutdown();
  const anonymous = manager.list<unknown>();
  await anonymous.push('anonymous', manager.dict('dict'), manager.pipe('pipe')[0]);
  await anonymous.push({ itself: anonymous });
  await manager.dict('references').set('anonymous', anonymous);
  await manager.dict('temporary', { ttl: 3_600_000 }).create();
}

test('all kinds come through a dump, into a manager, and into a directory that a manager goes on from', async () => {
  const first = await started('--data-dir', folder.join('first'));
  const [second] = plain;
  await fill(await connected(first));
  const dump = (await commonhold(['dump', first.address])).stdout;
  expect(await load(dump, second.address)).toMatchObject({ code: 0, stderr: expect.stringMatching(/^commonhold: loaded 19 objects\n$/) });
  expect(await dumped(second.address)).toBe(withoutTimes(dump));

  await first.program.kill('SIGKILL');
  const files = readdirSync(folder.join('first'));
  expect(await dumped('--data-dir', folder.join('first'))).toBe(withoutTimes(dump));
  expect(readdirSync(folder.join('first'))).toEqual(files);

  expect(await load(dump, '--data-dir', folder.join('third'))).toMatchObject({ code: 0 });
  const third = await started('--data-dir', folder.join('third'));
  expect(await dumped(third.address)).toBe(withoutTimes(dump));
  // The first is not there any more.
  await assertFilled(await connected(second));
});

/** Looks at the objects of {@link fill} after a load: values, times to live, references, deliveries, locks. */
async function assertFilled(manager: Manager): Promise<void> {
  const dict = manager.dict<string | number | bigint | Uint8Array, unknown>('dict');
  expect(await dict.get(NaN)).toEqual([NaN, -Infinity, 2n ** 80n, new Date(0), new Map([[{}, new Set([1])]]), /a/g, undefined]);
  const cycle = (await dict.get(new Uint8Array([0, 255]))) as { self: unknown };
  expect(cycle.self).toBe(cycle);
  expect(await dict.get('ends')).toBe(-0);
  const anonymous = (await manager.dict('references').get('anonymous')) as ReturnType<Manager['list']>;
  const [text, reference, end, inner] = (await anonymous.toArray()) as [string, typeof dict, unknown, { itself: typeof anonymous }];
  expect(text).toBe('anonymous');
  expect(await reference.has('json')).toBe(true);
  expect(await inner.itself.length()).toBe(4);
  expect(String(end)).toContain('pipe');
  const { expiresIn } = (await collect(manager.objects({ match: 'temporary' })))[0]!;
  expect(expiresIn).toBeGreaterThan(3_000_000);
  expect(expiresIn).toBeLessThan(3_600_000);

  const queue = manager.queue('queue');
  const delivery = await queue.get({ ack: true });
  expect([delivery.value, delivery.attempts]).toEqual(['high', 2]);
  expect(await queue.get()).toBe('low');
  expect(await queue.size()).toBe(0);
  const held = await manager.lock('lock').acquire();
  expect(held.abandoned).toBe(true);
}

test('a time to live that is over by the time of the load ends at once', async () => {
  const [daemon] = plain;
  const dump = dumpOf(
    ['DictService/Open', { name: 'dict' }],
    ['DictService/Set', { name: 'dict', key: { text: 'k' }, value: { text: 'v' }, ttlMs: 60_000 }],
    ['ListService/Open', { name: 'list' }],
    ['ManagerService/Expire', { name: 'list', kind: 'list', ttlMs: 60_000 }],
  );
  const manager = await connected(daemon);
  const changes = manager.dict('dict').watch();
  const expired = (async () => {
    for await (const change of changes) if (change.type === 'expire') return;
  })();
  await load(dump, daemon.address, '--replace');
  await expired.catch(() => {});
  expect(await manager.dict('dict').size()).toBe(0);
});

describe('objects of registered types', () => {
  test('are made by restore(), and others are named', async () => {
    const [first, second] = typed;
    const manager = await connected(first);
    const account = manager.object<{ pay(amount: number): void; balance(): number }>('Account', 'account');
    await account.pay(5);
    await manager.object('Plain', 'plain').create();
    const { code, stdout, stderr } = await commonhold(['dump', first.address]);
    expect(stderr).toMatch(/the object "plain" is not in the dump: the class "Plain" has no save\(\) and static restore\(\)/);
    expect(stderr).toMatch(/dumped 1 objects in 1 calls; 1 objects are not in the dump/);
    expect(code).toBe(2);
    // The directory alone, without the modules that the manager has.
    const { stdout: offline } = await commonhold(['dump', '--data-dir', directory]);
    expect(offline).toMatch(/"type":"Account","saved":\{"number":5\}/);
    expect(await load(stdout, second.address)).toMatchObject({ code: 0 });
    const loaded = (await connected(second)).object<{ balance(): number }>('Account', 'account');
    expect(await loaded.balance()).toBe(5);

    const refused = await load(stdout, plain[0].address);
    expect(refused.stderr).toMatch(/line 2: no type is registered as "Account".*--register[^]*nothing was loaded/);
    expect(refused.code).toBe(1);
  });

  test('refer to each other as before, also without a name', async () => {
    const [first, second] = typed;
    const manager = await connected(first);
    const [a, z] = [manager.object<Station>('Station', 'a', 'A'), manager.object<Station>('Station', 'z', 'Z')];
    const anonymous = await z.found('anonymous');
    await z.lead(anonymous);
    await a.lead(z);
    const dump = await commonhold(['dump', first.address]);
    expect(await dumped('--data-dir', directory)).toBe(withoutTimes(dump.stdout));
    expect(await load(dump.stdout, second.address)).toMatchObject({ code: 0 });
    await clear(first);
    const loaded = (await connected(second)).object<Station>('Station', 'a');
    const next = (await loaded.next())!;
    expect([await loaded.title(), await next.title(), await (await next.next())!.title()]).toEqual(['A', 'Z', 'anonymous']);
  });
});

test('a value that no page can carry is named, and its directory has it', async () => {
  const flags = ['--max-payload', '20000'];
  const [first, second] = await Promise.all([started('--data-dir', folder.join('data'), ...flags), started(...flags)]);
  const manager = await connected(first);
  const dict = manager.dict<number, string>('dict');
  for (let key = 0; key < 50; key++) await dict.set(key, 'x'.repeat(2_000));
  await manager.array('array', 'f64', 10_000).set(9_999, 0.5);
  await manager.dict('large').set('k', 'x'.repeat(19_950));
  const { code, stdout, stderr } = await commonhold(['dump', first.address]);
  expect(stderr).toMatch(
    /^commonhold: the dict "large" is not in the dump: a value in it takes a message of .* --max-payload, or dump its /,
  );
  expect(code).toBe(2);
  expect(await load(stdout, second.address)).toMatchObject({ code: 0, stderr: 'commonhold: loaded 2 objects\n' });
  expect(await (await connected(second)).dict('dict').size()).toBe(50);
  expect(await dumped('--data-dir', folder.join('data'))).toContain('"name":"large","entries":');
});

test('an object at home in a process is named, unless it has a backup', async () => {
  const [daemon] = plain;
  const manager = await connected(daemon);
  const value = manager.value('at home', 0, { type: 'i32', home: 'process' });
  value.sync.add(1);
  await value.create();
  const { code, stderr, stdout } = await commonhold(['dump', daemon.address]);
  expect(stderr).toMatch(/the value "at home" is not in the dump: it is at home in the process \d+.*, and has no backup/);
  expect(stdout).toMatch(/\{"undumped":\{"kind":"value","name":"at home","reason":"it is at home/);
  expect(code).toBe(2);
});

describe('objects that exist', () => {
  const dump = dumpOf(
    ['ListService/Open', { name: 'new' }],
    ['DictService/Open', { name: 'there' }],
    ['DictService/SetMany', { name: 'there', entries: [{ key: { text: 'k' }, value: { text: 'loaded' } }] }],
    ['ListService/Open', { name: 'new too' }],
  );
  let daemon: Daemon;
  let manager: Manager;

  beforeEach(async () => {
    [daemon] = plain;
    manager = await connected(daemon);
    await manager.dict('there').set('k', 'old');
  });

  const names = async (): Promise<string[]> => (await collect(manager.objects())).map(({ name }) => name);

  test('are an error, after which nothing is loaded', async () => {
    const { code, stderr } = await load(dump, daemon.address);
    expect(stderr).toMatch(/^commonhold: line 3: "there" exists already: load with --replace .* --skip .*\nnothing was loaded\n$/);
    expect(code).toBe(1);
    expect(await names()).toEqual(['there']);
    expect(await manager.dict('there').get('k')).toBe('old');
  });

  test('stay with --skip', async () => {
    const { code, stderr } = await load(dump, daemon.address, '--skip');
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'commonhold: loaded 2 objects; 1 exist already, and stay as they are\n' });
    expect(await names()).toEqual(['new', 'new too', 'there']);
    expect(await manager.dict('there').get('k')).toBe('old');
  });

  test('are replaced with --replace, also by another kind', async () => {
    await manager.queue('new').put('old');
    const { code, stderr } = await load(dump, daemon.address, '--replace');
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'commonhold: loaded 3 objects\n' });
    expect(await manager.dict('there').get('k')).toBe('loaded');
    expect(await manager.list('new').length()).toBe(0);
  });
});

describe('a damaged dump', () => {
  const OPEN = JSON.stringify({ call: 'commonhold.v1.DictService/Open', request: { name: 'd' } });

  test('in a file is found before anything is changed, and in a pipe when it comes', async () => {
    const [daemon] = plain;
    const manager = await connected(daemon);
    await manager.list('d').push('old');
    const text = `${HEAD}\n${OPEN}\n`;
    writeFileSync(folder.join('dump'), text);
    const file = openSync(folder.join('dump'), 'r');
    const read = await commonhold(['load', daemon.address, '--replace'], {}, file);
    closeSync(file);
    expect(read).toMatchObject({ code: 1, stderr: expect.stringMatching(/line 2 is the last.*\nnothing was loaded\n$/) });
    expect(await manager.list('d').length()).toBe(1);
    const piped = await load(text, daemon.address, '--replace');
    const replaced = /line 2 is the last.*\n1 objects were loaded or replaced: mend the cause/;
    expect(piped).toMatchObject({ code: 1, stderr: expect.stringMatching(replaced) });
    expect(await manager.dict('d').size()).toBe(0);
  });

  test('leaves nothing behind, also in a directory', async () => {
    const text = dumpOf(
      ['DictService/Open', { name: 'd' }],
      ['DictService/Set', { name: 'd', key: { text: 'k' }, value: { packed: '/////w==' } }],
    );
    const refused = await load(text, '--data-dir', folder.join('data'));
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(/line 3: request\.value\.packed: .*\nnothing was loaded\n$/) });
    expect(await dumped('--data-dir', folder.join('data'))).toBe('{"end":{"objects":0,"calls":0,"undumped":0}}\n');
  });
});

test('a load that is interrupted leaves nothing behind', async () => {
  const [daemon] = plain;
  const manager = await connected(daemon);
  const pipe = folder.join('pipe');
  execFileSync('mkfifo', [pipe]);
  // Open at both ends, so that the load waits for more.
  const input = openSync(pipe, 'r+');
  const loading = Program.node(MAIN, ['load', daemon.address], {}, input);
  writeSync(input, `${HEAD}\n{"call":"commonhold.v1.QueueService/Open","request":{"name":"half","capacity":1}}\n`);
  // This one waits for room, since it does not have `restores`.
  const values = [{ number: 1 }, { number: 2 }];
  writeSync(input, `${JSON.stringify({ call: 'commonhold.v1.QueueService/PutMany', request: { name: 'half', values } })}\n`);
  await until('a part is loaded', async () => (await manager.queue('half').exists()) && (await manager.queue('half').size()) > 0);
  const { code, stderr } = await loading.kill('SIGINT');
  closeSync(input);
  expect({ code, stderr }).toEqual({ code: 1, stderr: 'commonhold: SIGINT came before the end of the dump\nnothing was loaded\n' });
  expect(await manager.queue('half').exists()).toBe(false);
});

describe('a wrong command', () => {
  test('is said on standard error alone', async () => {
    const { code, stdout, stderr } = await commonhold(['dump', '127.0.0.1:1', '--data-dir', 'x']);
    expect(stderr).toMatch(/^commonhold: give an address.*or --data-dir: not both\n$/);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  });

  test.each<[what: string, run: () => Promise<unknown>, error: RegExp]>([
    ['two places to dump', () => runDump('127.0.0.1:1', { dataDir: 'x' }), /give an address.*or --data-dir: not both/],
    ['modules for a manager that runs', () => runLoad(undefined, { register: ['x.js'] }), /--register goes with --data-dir/],
    ['no manager', () => managerSource('127.0.0.1:1', {}), /no manager at 127\.0\.0\.1:1/],
    ['no directory', () => directorySource('/no/such/directory'), /there is no directory \/no\/such\/directory/],
    ['both treatments', () => runLoad(undefined, { skip: true, replace: true }), /--skip and --replace contradict each other/],
  ])('with %s is refused', async (_what, run, error) => {
    await expect(run()).rejects.toThrow(error);
  });
});

test('a large dump streams, in little memory on both sides', async () => {
  const [first, second] = plain;
  const dict = (await connected(first)).dict<number, string>('large');
  const value = 'x'.repeat(5_000);
  // Each dump is larger than the heap of the two processes that pass it on. In a smaller heap they would do little but collect garbage.
  const [ENTRIES, HEAP] = [stress(12_000, 40_000), 48];
  for (let key = 0; key < ENTRIES; key += 1_000) await dict.setMany(Array.from({ length: 1_000 }, (_, i) => [key + i, value]));
  const node = `${process.execPath} --max-old-space-size=${HEAP} ${MAIN.pathname}`;
  const through = new Program('sh', ['-c', `${node} dump ${first.address} | ${node} load ${second.address}`]);
  const { code, stderr } = await through.exited;
  expect({ code, stderr: stderr.split('\n').sort() }).toEqual({
    code: 0,
    stderr: ['', expect.stringMatching(/^commonhold: dumped 1 objects in \d+ calls$/), 'commonhold: loaded 1 objects'],
  });
  expect(await (await connected(second)).dict('large').size()).toBe(ENTRIES);
});

test('a reader that leaves ends the dump', async () => {
  const [daemon] = plain;
  const list = (await connected(daemon)).list<string>('large');
  for (let i = 0; i < 40; i++) await list.push('x'.repeat(100_000));
  const { stdout, stderr } = await new Program('sh', ['-c', `${process.execPath} ${MAIN.pathname} dump ${daemon.address} | head -n 1`])
    .exited;
  expect(stdout).toMatch(/^\{"dump"/);
  expect(stderr).toBe('commonhold: standard output was closed before the dump was complete\n');
});
