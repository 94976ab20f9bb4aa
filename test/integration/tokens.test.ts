import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { Manager, PermissionDeniedError, UnauthenticatedError } from 'commonhold';
import {
  DictServiceGetRequestSchema,
  HeartbeatRequestSchema,
  ValueServiceAddRequestSchema,
  ValueServiceAddResponseSchema,
} from 'commonhold/proto';
import { watch } from '../conformance/support.js';
import { Daemon, Temporary } from '../support/daemon.js';
import { connectHttp2, framed, RawCall, unaryCall } from '../support/grpc.js';
import { PROTOCOL, RawSession } from '../support/raw-session.js';
import {
  ADMIN,
  as,
  closeClients,
  denied,
  OWNER,
  READER,
  secretOf,
  shared,
  STATUS,
  TOKENS,
  WRITER,
  writeTokens,
} from '../support/tokens.js';
import { until } from '../support/until.js';

// Sessions, calls and streams belong to the token with which they began: others cannot take them over, and they end with it.

afterEach(closeClients);

describe('another token', () => {
  let folder: Temporary;
  let daemon: Daemon;
  let admin: Manager;

  beforeAll(async () => {
    folder = new Temporary();
    daemon = await Daemon.serve(['--listen', '127.0.0.1:0', '--tokens', writeTokens(folder, [...TOKENS, OWNER])], {
      COMMONHOLD_TOKEN: ADMIN,
    });
    admin = await Manager.connect(daemon.address, { token: ADMIN });
  });

  afterAll(async () => {
    await admin.close();
    await daemon[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });

  const hello = { leaseMs: 3_600_000, hostId: 'elsewhere' };

  test.each(['grpc', 'sdk'] as const)('resumes no session (%s)', async (face) => {
    await using session = await RawSession.open(daemon.address, { face, token: secretOf('writer'), hello });
    const { sessionId, secret } = session.welcome;
    const resume = { sessionId, secret, received: 0n, attempt: 0 };
    for (const [token, status] of [
      [secretOf('owner'), STATUS.aborted],
      [ADMIN, STATUS.aborted],
      [secretOf('writer'), undefined],
    ] as const) {
      await using other = RawSession.silent(daemon.address, { face, token });
      other.send({ hello: { protocol: PROTOCOL, host: 'raw', pid: process.pid, label: 'raw', ...hello, resume } });
      const welcome = (await other.receive())?.welcome;
      expect([token, welcome?.sessionId]).toEqual([token, status === undefined ? sessionId : undefined]);
      if (status !== undefined) expect(await other.ended).toMatchObject({ status });
    }
  });

  test('sends no heartbeats of a session', async () => {
    await using session = await RawSession.open(daemon.address, { token: secretOf('writer'), hello });
    const { sessionId, secret } = session.welcome;
    const connection = connectHttp2(daemon.address, 'sdk');
    const message = toBinary(HeartbeatRequestSchema, create(HeartbeatRequestSchema, { sessionId, secret }));
    const other = new RawCall(connection, 'commonhold.v1.SessionService/Heartbeat', secretOf('owner'));
    other.send(message);
    expect(await other.ended).toMatchObject({ status: STATUS.aborted });
    const own = new RawCall(connection, 'commonhold.v1.SessionService/Heartbeat', secretOf('writer'));
    own.send(message);
    expect(await own.message()).toHaveLength(0);
    connection.destroy();
  });

  test('gets no answer that is kept for a request id', async () => {
    const value = admin.value<number>(shared('value'), 1);
    await value.create();
    const request = toBinary(
      ValueServiceAddRequestSchema,
      create(ValueServiceAddRequestSchema, { name: value.name, delta: { kind: { case: 'number', value: 1 } } }),
    );
    const add = async (token: string): Promise<unknown> => {
      const ending = await unaryCall(daemon.address, 'commonhold.v1.ValueService/Add', request, token, { 'commonhold-request-id': 'one' });
      return ending.status === STATUS.ok ? fromBinary(ValueServiceAddResponseSchema, ending.response!).value!.kind.value : ending.status;
    };
    expect(await add(secretOf('writer'))).toBe(2);
    expect(await add(secretOf('writer'))).toBe(2);
    expect(await add(secretOf('owner'))).toBe(3);
    expect(await add(secretOf('reader'))).toBe(STATUS.permissionDenied);
  });
});

describe('tokens that are read again', () => {
  let directory: Temporary;
  let served: Daemon;
  let held: Manager;

  async function serve(...more: string[]): Promise<void> {
    directory = new Temporary();
    served = await Daemon.serve(['--listen', '127.0.0.1:0', '--tokens', writeTokens(directory, TOKENS), ...more], {
      COMMONHOLD_TOKEN: ADMIN,
    });
    held = await Manager.connect(served.address, { token: ADMIN });
  }

  afterEach(async () => {
    await held.close();
    await served[Symbol.asyncDispose]();
    directory[Symbol.dispose]();
  });

  test('end the sessions, calls and streams of a token that is gone', async () => {
    await serve();
    const lock = held.lock('shared.lock');
    const writer = await as(WRITER, served.address);
    const reader = await as(READER, served.address);
    await writer.lock(lock.name).acquire();
    const next = watch(lock.acquire());
    const expired = new Promise((resolve) => writer.on('expired', resolve));
    const request = toBinary(DictServiceGetRequestSchema, create(DictServiceGetRequestSchema, { name: 'shared.queue' }));
    const waiting = unaryCall(served.address, 'commonhold.v1.QueueService/Get', request, secretOf('writer'));
    const connection = connectHttp2(served.address);
    const health = new RawCall(connection, 'grpc.health.v1.Health/Watch', secretOf('writer'));
    health.stream.end(framed(new Uint8Array()));
    await health.message();
    await using late = RawSession.silent(served.address, { face: 'sdk', token: secretOf('writer') });
    await once(late.stream, 'response');
    await until('the call waits', async () => (await held.stats()).waiters >= 2);
    writeTokens(directory, [READER]);
    process.kill(served.pid, 'SIGHUP');
    expect(await expired).toBeInstanceOf(UnauthenticatedError);
    expect((await waiting).status).toBe(STATUS.unauthenticated);
    expect((await health.ended).status).toBe(STATUS.unauthenticated);
    connection.destroy();
    // A session cannot be opened on a stream that was admitted before.
    late.send({ hello: { protocol: PROTOCOL, host: 'raw', pid: process.pid, label: 'raw' } });
    expect(await late.ended).toMatchObject({ status: STATUS.unauthenticated });
    // Its lock is free, and the call took nothing.
    await next.promise;
    await held.queue<number>('shared.queue').put(1);
    expect(await held.queue<number>('shared.queue').size()).toBe(1);
    await expect(writer.stats()).rejects.toBeInstanceOf(UnauthenticatedError);
    expect(await reader.stats()).toBeDefined();
  });

  test('have other rights from the next call', async () => {
    await serve();
    const scores = (await as(READER, served.address)).dict<string, number>('shared.scores');
    await held.dict('shared.scores').create();
    await expect(scores.set('a', 1)).rejects.toBeInstanceOf(PermissionDeniedError);
    writeTokens(directory, [{ ...READER, rights: WRITER.rights }]);
    process.kill(served.pid, 'SIGHUP');
    await until('the right is there', () =>
      scores.set('a', 1).then(
        () => true,
        () => false,
      ),
    );
    writeTokens(directory, [READER]);
    process.kill(served.pid, 'SIGHUP');
    await until('the right is gone', () =>
      scores.set('a', 2).then(
        () => false,
        () => true,
      ),
    );
    expect(await scores.has('a')).toBe(true);
  });

  test('end the sessions of a token with another secret', async () => {
    await serve();
    const writer = await as(WRITER, served.address);
    const expired = new Promise((resolve) => writer.on('expired', resolve));
    writeTokens(directory, [{ ...WRITER, token: 'another secret' }]);
    process.kill(served.pid, 'SIGHUP');
    expect(await expired).toBeInstanceOf(UnauthenticatedError);
    await using other = await Manager.connect(served.address, { token: 'another secret' });
    expect(other.state).toBe('connected');
  });

  test('stay as they are if the file cannot be used', async () => {
    await serve();
    const writer = await as(WRITER, served.address);
    writeFileSync(directory.join('tokens.json'), '[{');
    process.kill(served.pid, 'SIGHUP');
    await served.program.complained(/^commonhold: the file of tokens .*tokens\.json: it is no JSON.*; everything stays as it was\n/m);
    await writer.dict('shared.dict').set('a', 1);
  });

  test('hold after a restart, also for sessions that go on', async () => {
    using data = new Temporary();
    await serve('--data-dir', data.path);
    const { address } = served;
    const writer = await as(WRITER, address);
    const reader = await as(READER, address);
    const lock = await writer.lock('shared.lock').acquire();
    await reader.lock('shared.lock').locked();
    const expired = new Promise((resolve) => reader.on('expired', resolve));
    writeTokens(directory, [WRITER]);
    await served.program.kill('SIGKILL');
    const flags = ['--listen', address, '--tokens', directory.join('tokens.json'), '--data-dir', data.path];
    served = await Daemon.serve(flags, { COMMONHOLD_TOKEN: ADMIN });
    await expired;
    await denied(writer.dict('other').set('a', 1), 'write', 'other');
    await lock.release();
    await expect(reader.stats()).rejects.toBeInstanceOf(UnauthenticatedError);
  });
});
