import { spawn } from 'node:child_process';
import { connect as connectTls } from 'node:tls';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { Manager, UnauthenticatedError } from 'commonhold';
import {
  ManagerServiceListSlowCallsRequestSchema,
  ManagerServiceListSlowCallsResponseSchema,
  type ManagerServiceListSlowCallsResponse,
} from '../../proto/gen/commonhold/v1/manager_pb.js';
import {
  HealthCheckRequestSchema,
  HealthCheckResponse_ServingStatus as Serving,
  HealthCheckResponseSchema,
} from '../../proto/gen/grpc/health/v1/health_pb.js';
import { commonhold, Daemon, MAIN, Temporary } from '../support/daemon.js';
import { connectHttp2, framed, RawCall, unaryCall } from '../support/grpc.js';
import { environment, Program } from '../support/program.js';
import { RawSession } from '../support/raw-session.js';
import { as, closeClients, PRODUCER, READER, writeTokens } from '../support/tokens.js';
import { Proxy } from '../support/proxy.js';

// The log of a daemon on standard error, and the calls that take long.

const TOKEN = 'the token of this test';

/** A line of a log in JSON. */
interface LogLine {
  readonly time: string;
  readonly level: string;
  readonly pid: number;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** Resolves with a line of the log of a daemon, as soon as it is there. */
async function logged({ program }: Daemon, event: string, level: string): Promise<LogLine> {
  const [line] = await program.complained(new RegExp(`^\\{"level":"${level}"[^\\n]*"msg":"${event}[^\\n]*\\}$`, 'm'));
  return JSON.parse(line) as LogLine;
}

function linesOf(stderr: string): LogLine[] {
  return stderr
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LogLine);
}

describe('a log in JSON', () => {
  let daemon: Daemon;
  let manager: Manager;

  beforeAll(async () => {
    const flags = [
      '--listen',
      '127.0.0.1:0',
      '--http',
      '127.0.0.1:0',
      '--log-format',
      'json',
      '--log-level',
      'debug',
      '--slow-call',
      '0.5',
    ];
    daemon = await Daemon.serve(flags, { COMMONHOLD_TOKEN: TOKEN });
    manager = await Manager.connect(daemon.address, { token: TOKEN, label: 'the test' });
  });
  afterAll(() => daemon[Symbol.asyncDispose]());

  test('tells of the start, with addresses', async () => {
    expect(await logged(daemon, 'the manager started', 'info')).toMatchObject({ pid: daemon.pid, addresses: [daemon.address] });
  });

  test('tells of sessions, with label and client', async () => {
    const passing = await Manager.connect(daemon.address, { token: TOKEN, label: 'passing by' });
    const { sessionId: session } = passing;
    await passing.close();
    expect(await logged(daemon, 'a session ended', 'debug')).toMatchObject({ session, label: 'passing by' });
    expect(await logged(daemon, 'a session opened', 'debug')).toMatchObject({
      label: 'the test',
      session: manager.sessionId,
      client: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      process: process.pid,
    });
  });

  test('tells of refused tokens ten times a minute', async () => {
    for (let i = 0; i < 15; i++) {
      expect(await unaryCall(daemon.address, 'commonhold.v1.ManagerService/Info', new Uint8Array(), 'wrong')).toMatchObject({ status: 16 });
    }
    await expect(Manager.connect(daemon.address, { token: 'wrong' })).rejects.toThrow(UnauthenticatedError);
    expect(await logged(daemon, 'a call was refused', 'warn')).toMatchObject({
      reason: expect.stringContaining('a valid token is needed'),
      client: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      method: '/commonhold.v1.ManagerService/Info',
    });
  });

  test('tells of deadlocks', async () => {
    const [a, b] = [manager.lock('a'), manager.lock('b')];
    await using first = await a.acquire();
    await using second = await b.acquire();
    const waits = b.acquire({ owner: first });
    await expect(a.acquire({ owner: second })).rejects.toMatchObject({ code: 'DEADLOCK' });
    await second.release();
    await (await waits).release();
    expect(await logged(daemon, 'a deadlock was found', 'warn')).toMatchObject({ label: 'the test', session: manager.sessionId });
  });

  test('tells of calls that take long, which clients, the command line and metrics show too', async () => {
    const list = manager.list<number>('long');
    await list.extend(Array.from({ length: 100_000 }, (_, i) => i));
    expect(await list.indexOf(-1)).toBe(-1);
    const method = 'commonhold.v1.ListService/IndexOf';
    const slow = (await manager.slowCalls()).find((call) => call.method === method);
    expect(slow).toMatchObject({ object: 'long', label: 'the test', sessionId: manager.sessionId, token: undefined });
    expect(slow!.took).toBeGreaterThanOrEqual(0.5);
    expect(slow!.requestBytes).toBeLessThan(100);
    expect(Date.now() - slow!.at.getTime()).toBeLessThan(60_000);
    expect(await logged(daemon, `a call took long`, 'warn')).toMatchObject({ label: 'the test', ms: expect.any(Number) });

    const variables = { COMMONHOLD_ADDRESS: daemon.address, COMMONHOLD_TOKEN: TOKEN };
    const { stdout } = await commonhold(['slow', '--json'], variables);
    expect(
      stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as unknown),
    ).toContainEqual(expect.objectContaining({ number: slow!.number, method, object: 'long', took: slow!.took }));
    expect((await commonhold(['slow'], variables)).stdout).toMatch(/^AT .* OBJECT .*\n(.*\n)*.*ListService\/IndexOf +long /);

    const [, url] = await daemon.program.said(/serves metrics and health at (\S+)\n/);
    const metrics = await (await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${TOKEN}` } })).text();
    expect(Number(/^commonhold_slow_calls_total (\d+)$/m.exec(metrics)![1])).toBeGreaterThan(0);
    const labels = 'service="commonhold.v1.ListService",method="IndexOf"';
    expect(metrics).toContain(`commonhold_calls_total{${labels}} 1\n`);
    expect(metrics).toContain(`commonhold_call_duration_seconds_bucket{${labels},le="0.0001"} 0\n`);
    expect(metrics).toContain(`commonhold_call_duration_seconds_bucket{${labels},le="+Inf"} 1\n`);
    expect(metrics).toContain(`commonhold_call_duration_seconds_count{${labels}} 1\n`);
    expect(metrics).toContain('commonhold_call_failures_total{code="DEADLOCK"} 1\n');
  });

  test('tells of the stop, has an object with time, level and text in each line, and ten lines of what clients can repeat', async () => {
    await manager.close();
    const { code, stderr } = await daemon.stop();
    expect(code).toBe(0);
    const lines = linesOf(stderr);
    for (const { time, level, msg } of lines) {
      expect(Date.parse(time)).toBeLessThanOrEqual(Date.now());
      expect(['debug', 'info', 'warn']).toContain(level);
      expect(msg).not.toBe('');
    }
    expect(lines).toContainEqual(expect.objectContaining({ level: 'info', msg: 'the manager stops', signal: 'SIGTERM' }));
    expect(lines.filter(({ msg }) => msg === 'a call was refused')).toHaveLength(10);
  });
});

test('sessions that resume and expire, clients without TLS, and snapshots are told of', async () => {
  using directory = new Temporary();
  const flags = ['--listen', '127.0.0.1:0', '--data-dir', directory.join('data'), '--snapshot-after', '100', '--log-format', 'json'];
  await using daemon = await Daemon.serve([...flags, '--log-level', 'debug']);
  await using proxy = await Proxy.to(daemon.address);
  await using manager = await Manager.connect(proxy.address, { label: 'cut off' });
  await manager.dict('dict').set('key', 'x'.repeat(200));
  proxy.cut();
  expect(await manager.dict('dict').get('key')).toHaveLength(200);
  await logged(daemon, 'a snapshot was written', 'debug');
  expect(await logged(daemon, 'a session resumed', 'debug')).toMatchObject({ label: 'cut off', session: manager.sessionId });

  const watching = Program.node(MAIN, ['watch', 'dict'], { COMMONHOLD_ADDRESS: daemon.address });
  await daemon.program.complained(/"label":"commonhold watch"[^\n]*a session opened/);
  await watching.kill();
  expect(await logged(daemon, 'a session expired', 'info')).toMatchObject({ label: 'commonhold watch', reason: expect.any(String) });

  const { port } = new URL(`http://${daemon.address}`);
  const encrypted = connectTls({ host: '127.0.0.1', port: Number(port) });
  await once(encrypted, 'error');
  expect(await logged(daemon, 'a connection was refused', 'warn')).toMatchObject({ reason: 'this address speaks no TLS' });
});

test('slow calls are shown page by page, to each token its own and calls on objects that it may read', async () => {
  using directory = new Temporary();
  const tokens = writeTokens(directory, [READER, PRODUCER]);
  await using daemon = await Daemon.serve(['--listen', '127.0.0.1:0', '--tokens', tokens, '--slow-call', '0'], { COMMONHOLD_TOKEN: TOKEN });
  await using admin = await Manager.connect(daemon.address, { token: TOKEN });
  await admin.dict('own').set('key', 1);
  const [reader, producer] = [await as(READER, daemon.address), await as(PRODUCER, daemon.address)];
  await producer.queue('shared.queue').put(1);
  await reader.stats();
  const shown = async (manager: Manager): Promise<string[]> =>
    (await manager.slowCalls()).map(({ method, object = '' }) => `${method.slice('commonhold.v1.'.length)} ${object}`);
  expect(await shown(reader)).toEqual(['ManagerService/Stats ', 'QueueService/Put shared.queue']);
  expect(await shown(producer)).toEqual(['QueueService/Put shared.queue']);
  expect(await shown(admin)).toEqual(expect.arrayContaining(['DictService/Set own', 'QueueService/Put shared.queue']));
  await closeClients();

  const page = async (pageToken: string): Promise<ManagerServiceListSlowCallsResponse> => {
    const request = toBinary(
      ManagerServiceListSlowCallsRequestSchema,
      create(ManagerServiceListSlowCallsRequestSchema, { pageToken, pageSize: 2 }),
    );
    const { response } = await unaryCall(daemon.address, 'commonhold.v1.ManagerService/ListSlowCalls', request, TOKEN);
    return fromBinary(ManagerServiceListSlowCallsResponseSchema, response!);
  };
  const first = await page('');
  expect(first.calls).toHaveLength(2);
  const second = await page(first.nextPageToken);
  expect(second.calls[0]!.number).toBe(first.calls[1]!.number - 1);
  expect(await page('1')).toMatchObject({ calls: [], nextPageToken: '' });
});

test('a limit that refuses is told of', async () => {
  await using daemon = await Daemon.serve(['--listen', '127.0.0.1:0', '--max-objects', '1']);
  await using manager = await Manager.connect(daemon.address, { label: 'two words' });
  await manager.dict('one').set('key', 1);
  await expect(manager.dict('two').set('key', 1)).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
  const [, details] = await daemon.program.complained(/^commonhold: a limit refused a call (.*)$/m);
  expect(details).toMatch(/^reason="there are 1 objects, .*" session=\S+ label="two words"$/);
});

test('a wrong level is refused, and a silent manager says nothing', async () => {
  expect(await commonhold(['serve', '--log-level', 'loud'])).toMatchObject({
    code: 64,
    stderr: expect.stringContaining('fatal, error, warn'),
  });
  expect(await commonhold(['serve', '--listen', '127.0.0.1:0', '--slow-call', '-1'])).toMatchObject({
    code: 1,
    stderr: 'commonhold: slowCall is -1: give milliseconds, 0 or more\n',
  });
  await using daemon = await Daemon.serve(['--listen', '127.0.0.1:0', '--log-level', 'silent', '--slow-call', '0']);
  await using manager = await Manager.connect(daemon.address);
  await manager.dict('dict').set('key', 1);
  expect(await manager.slowCalls()).toMatchObject([{ method: 'commonhold.v1.DictService/Set', object: 'dict' }]);
  expect((await daemon.stop()).stderr).toBe('');
});

test('a slow request that is malformed fails alone', async () => {
  await using daemon = await Daemon.serve(['--listen', '127.0.0.1:0', '--slow-call', '0', '--log-level', 'silent']);
  const malformed = Uint8Array.of(10, 200);
  expect(await unaryCall(daemon.address, 'commonhold.v1.DictService/Get', malformed)).toMatchObject({ status: 3 });
  await using session = await RawSession.open(daemon.address);
  session.send({ calls: [{ id: 1, method: session.index('DictService/Get'), request: malformed }] });
  expect((await session.answer(1)).outcome).toMatchObject({ case: 'error' });
  await using manager = await Manager.connect(daemon.address);
  const method = 'commonhold.v1.DictService/Get';
  expect((await manager.slowCalls()).slice(-2)).toMatchObject([
    { method, object: undefined, requestBytes: 2, label: 'raw' },
    { method, object: undefined, requestBytes: 2, sessionId: undefined },
  ]);
});

test('a manager of a program writes the log that it was asked for, on a thread too', async () => {
  const code = `
    import { Manager } from 'commonhold';
    for (const start of ['start', 'embed']) {
      const logs = { logLevel: 'debug', logFormat: 'json', label: start };
      for (const options of [{ label: 'quiet' }, logs]) {
        const manager = await Manager[start](options);
        await manager.value('value', 1).get();
        await manager.close();
      }
    }`;
  const { stderr } = await new Program(process.execPath, ['--input-type=module', '--eval', code]).exited;
  const events = ['a session opened', 'a session ended'];
  expect(linesOf(stderr).map(({ label, msg }) => `${String(label)}: ${msg}`)).toEqual(
    ['start', 'embed'].flatMap((label) => events.map((event) => `${label}: ${event}`)),
  );
});

test('a manager goes on without the reader of its log', async () => {
  const flags = ['serve', '--listen', '127.0.0.1:0', '--log-format', 'json', '--log-level', 'debug'];
  const child = spawn(process.execPath, [fileURLToPath(MAIN), ...flags], { env: environment(), stdio: ['ignore', 'pipe', 'pipe'] });
  const [said] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
  child.stderr.destroy();
  const address = /listens on (\S+)/.exec(said)![1]!;
  for (let i = 0; i < 20; i++) await (await Manager.connect(address)).close();
  await using manager = await Manager.connect(address);
  expect(await manager.value('value', 1).get()).toBe(1);
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
});

test('a log that fails and recovers is told of, and health says so at each step', async () => {
  using directory = new Temporary();
  const flags = ['--listen', '127.0.0.1:0', '--data-dir', directory.join('data'), '--log-format', 'json'];
  await using daemon = await Daemon.serve(flags, { COMMONHOLD_FAILPOINTS: 'log.flush=EIO@3' });
  const connection = connectHttp2(daemon.address);
  const health = new RawCall(connection, 'grpc.health.v1.Health/Watch');
  health.stream.end(framed(toBinary(HealthCheckRequestSchema, create(HealthCheckRequestSchema))));
  const status = async (): Promise<Serving> => fromBinary(HealthCheckResponseSchema, (await health.message())!).status;
  expect(await status()).toBe(Serving.SERVING);

  const manager = await Manager.connect(daemon.address);
  const fill = async (): Promise<never> => {
    for (let key = 0; ; key++) await manager.dict('dict').set(String(key), key);
  };
  await expect(fill()).rejects.toMatchObject({ code: 'LOG_FAILED' });
  await manager.close();
  expect(await status()).toBe(Serving.NOT_SERVING);
  expect(await logged(daemon, '.*EIO', 'error')).toMatchObject({ pid: daemon.pid });
  expect(await status()).toBe(Serving.SERVING);
  expect(await logged(daemon, 'the log can be written again', 'error')).toMatchObject({ pid: daemon.pid });
  const stopped = daemon.stop();
  expect(await status()).toBe(Serving.NOT_SERVING);
  expect((await stopped).code).toBe(0);
  connection.destroy();
});
