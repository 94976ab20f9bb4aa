import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { DeadlockError, Manager, PermissionDeniedError, UnauthenticatedError } from 'commonhold';
import {
  DictServiceGetRequestSchema,
  DictServiceSetRequestSchema,
  ErrorCode,
  HeartbeatRequestSchema,
  ValueServiceAddRequestSchema,
  ValueServiceAddResponseSchema,
} from 'commonhold/proto';
import { fresh, watch } from '../conformance/support.js';
import { commonhold, Daemon, Temporary } from '../support/daemon.js';
import { errorOf } from '../support/errors.js';
import { connectHttp2, framed, RawCall, unaryCall } from '../support/grpc.js';
import { PROTOCOL, RawSession } from '../support/raw-session.js';
import { writeTokens, type TokenEntry } from '../support/tokens.js';
import { until } from '../support/until.js';

// Tokens with rights: each refusal over both faces and by unary calls, and the tokens that are read again.

const [OK, PERMISSION_DENIED, ABORTED, UNAUTHENTICATED] = [0, 7, 10, 16];
const ADMIN = 'the secret of all';
const TYPES = new URL('./programs/types/counter.js', import.meta.url);

const secretOf = (name: string): string => `the secret of ${name}`;
const entry = (name: string, ...rights: TokenEntry['rights']): TokenEntry => ({ name, token: secretOf(name), rights });
const READER = entry('reader', { objects: 'shared.*', verbs: ['read'] });
const WRITER = entry('writer', { objects: 'shared.*', verbs: ['read', 'write'] });
const PRODUCER = entry('producer', { objects: 'shared.*', verbs: ['write'] });
const OWNER = entry('owner', { objects: '*', verbs: ['read', 'write', 'admin'] });
const ANONYMOUS = entry('anonymous', { objects: '~*', verbs: ['read', 'write'] });
const TOKENS = [READER, WRITER, PRODUCER, ANONYMOUS];

let folder: Temporary;
let daemon: Daemon;
/** Has all rights, by the token without a name. */
let admin: Manager;
const clients: Manager[] = [];

beforeAll(async () => {
  folder = new Temporary();
  const owner: TokenEntry = { name: 'owner', sha256: createHash('sha256').update(secretOf('owner')).digest('hex'), rights: OWNER.rights };
  const tokens = writeTokens(folder, [...TOKENS, owner]);
  daemon = await Daemon.serve(['--listen', '127.0.0.1:0', '--tokens', tokens, '--register', TYPES.href], { COMMONHOLD_TOKEN: ADMIN });
  admin = await Manager.connect(daemon.address, { token: ADMIN });
});

afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
});

afterAll(async () => {
  await admin.close();
  await daemon[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

async function as({ name }: TokenEntry, address = daemon.address): Promise<Manager> {
  const client = await Manager.connect(address, { token: secretOf(name) });
  clients.push(client);
  return client;
}

const shared = (what: string): string => `shared.${fresh(what)}`;

/** Expects that a call is denied a verb on an object. */
async function denied(call: Promise<unknown>, verb: string, object: string): Promise<void> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason as PermissionDeniedError,
  );
  expect(error).toBeInstanceOf(PermissionDeniedError);
  expect(error).toMatchObject({ object, mayHaveExecuted: false, message: expect.stringContaining(`no right to ${verb} "${object}"`) });
}

async function namesOf(manager: Manager, match = '*'): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of manager.objects({ match })) names.push(name);
  return names;
}

describe('a token that may read', () => {
  test('reads, and changes nothing', async () => {
    const name = shared('dict');
    const scores = admin.dict<string, number>(name);
    await scores.set('alice', 3);
    const reader = (await as(READER)).dict<string, number>(name);
    expect(await reader.get('alice')).toBe(3);
    expect(await reader.toMap()).toEqual(new Map([['alice', 3]]));
    await denied(reader.set('alice', 4), 'write', name);
    await denied(reader.add('alice', 1), 'write', name);
    await denied(reader.clear(), 'write', name);
    await denied(reader.destroy(), 'admin', name);
    await denied(reader.expire(1), 'admin', name);
    expect(await scores.get('alice')).toBe(3);
  });

  test('makes no object by reading', async () => {
    const reader = await as(READER);
    const name = shared('dict');
    await denied(reader.dict(name).get('alice'), 'write', name);
    await denied(reader.dict(name).create(), 'write', name);
    await using raw = await RawSession.open(daemon.address, { token: secretOf('reader') });
    const request = toBinary(
      DictServiceGetRequestSchema,
      create(DictServiceGetRequestSchema, { name, key: { kind: { case: 'text', value: 'a' } } }),
    );
    raw.send({ calls: [{ id: 1, method: raw.index('DictService/Get'), request }] });
    expect((await raw.answer(1)).outcome).toMatchObject({ case: 'error', value: { code: ErrorCode.PERMISSION_DENIED, object: name } });
    expect(await namesOf(admin, name)).toEqual([]);
  });

  test('takes no lock, and waits for events', async () => {
    const reader = await as(READER);
    const lock = admin.lock(shared('lock'));
    await lock.create();
    await denied(reader.lock(lock.name).acquire(), 'write', lock.name);
    expect(await reader.lock(lock.name).locked()).toBe(false);
    const event = admin.event(shared('event'));
    await event.set();
    expect(await reader.event(event.name).wait()).toBe(true);
  });

  test('sees no object that it may not read', async () => {
    const hidden = fresh('hidden');
    await admin.dict(hidden).create();
    await using held = await admin.lock(`${hidden}.lock`).acquire();
    const visible = shared('lock');
    await using other = await admin.lock(visible).acquire();
    expect(held.signal.aborted || other.signal.aborted).toBe(false);
    const reader = await as(READER);
    const names = await namesOf(reader);
    expect(names).toContain(visible);
    expect(names.filter((name) => !name.startsWith('shared.'))).toEqual([]);
    expect((await reader.locks()).locks.map(({ name }) => name)).toEqual([visible]);
    await denied(reader.dict(hidden).exists(), 'read', hidden);
    expect((await reader.stats()).objects).toBeGreaterThan(0);
    const { code, stderr } = await commonhold(['dump', daemon.address], { COMMONHOLD_TOKEN: secretOf('reader') });
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/token "reader" has no right to read and admin all objects/),
    });
  });
});

describe('a token that may write', () => {
  test('puts, and does not take what is read by taking', async () => {
    const jobs = admin.queue<string>(shared('queue'));
    const producer = (await as(PRODUCER)).queue<string>(jobs.name);
    await producer.put('job');
    await denied(producer.get(), 'read', jobs.name);
    await denied(producer.peek(), 'read', jobs.name);
    expect(await jobs.get()).toBe('job');
  });

  test('makes no object by a call that is denied', async () => {
    const name = shared('queue');
    await denied((await as(PRODUCER)).queue(name).get(), 'read', name);
    expect(await namesOf(admin, name)).toEqual([]);
  });

  test('writes no batch that has an object of others', async () => {
    const writer = await as(WRITER);
    const [own, other] = [shared('dict'), fresh('dict')];
    const batch = writer.atomic().set(writer.dict(own), 'a', 1).set(writer.dict(other), 'a', 1);
    await denied(batch.commit(), 'write', other);
    expect(await namesOf(admin, own)).toEqual([]);
    expect(await namesOf(admin, other)).toEqual([]);
  });

  test('reaches no other object by a fence, a condition, a dead letter or another set', async () => {
    const writer = await as(WRITER);
    const other = fresh('other');
    await using held = await admin.lock(other).acquire();
    await expect(writer.dict(shared('dict')).set('a', 1, { fence: held })).rejects.toBeInstanceOf(PermissionDeniedError);
    await expect(writer.condition(shared('condition'), writer.lock(other)).acquire()).rejects.toBeInstanceOf(PermissionDeniedError);
    const deadLetter = { queue: writer.queue(fresh('queue')), maxDeliveries: 1 };
    await expect(writer.queue(shared('queue'), { deadLetter }).put(1)).rejects.toBeInstanceOf(PermissionDeniedError);
    const members = admin.set<number>(fresh('set'));
    await members.add(1);
    await denied(writer.set<number>(shared('set')).union(writer.set<number>(members.name)), 'read', members.name);
  });

  test('reaches no other object by the arguments of a registered type', async () => {
    const owner = await as(OWNER);
    const counter = owner.object<{ increment(): number }>('Counter', fresh('counter'));
    expect(await counter.increment()).toBe(1);
    const writer = await as(WRITER);
    const own = writer.object<{ increment(by?: unknown): number }>('Counter', shared('counter'));
    expect(await own.increment()).toBe(1);
    await denied(own.increment(counter), 'read and write', (counter as unknown as { name: string }).name);
  });

  test('uses anonymous objects only with a right on them', async () => {
    const writer = await as(WRITER);
    await expect(writer.list<number>().push(1)).rejects.toBeInstanceOf(PermissionDeniedError);
    const anonymous = await as(ANONYMOUS);
    const list = anonymous.list<number>();
    expect(await list.push(1, 2)).toBe(2);
    expect(await list.toArray()).toEqual([1, 2]);
    await list[Symbol.asyncDispose]();
  });

  test('finds deadlocks as any other', async () => {
    const writer = await as(WRITER);
    const lock = writer.lock(shared('lock'));
    await lock.run(async () => {
      await expect(lock.acquire()).rejects.toBeInstanceOf(DeadlockError);
    });
  });

  test('is the home of no object of others', async () => {
    const writer = await as(WRITER);
    const own = writer.dict<string, number>(shared('dict'), { home: 'process' });
    await own.set('a', 1);
    expect(await admin.dict<string, number>(own.name).get('a')).toBe(1);
    await expect(writer.dict(fresh('dict'), { home: 'process' }).set('a', 1)).rejects.toBeInstanceOf(PermissionDeniedError);
  });
});

test('a token with all rights, of which the file has the hash alone, may do everything', async () => {
  const owner = await as(OWNER);
  const dict = owner.dict(fresh('dict'));
  await dict.set('a', 1);
  const { stdout } = await commonhold(['dump', daemon.address], { COMMONHOLD_TOKEN: secretOf('owner') });
  expect(stdout).toContain(dict.name);
  expect(await dict.destroy()).toBe(true);
});

test('a manager of a program has tokens for others', async () => {
  const tokens = folder.join('tokens.json');
  await expect(Manager.embed({ tokens })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', message: expect.stringContaining('give one') });
  await using manager = await Manager.embed({ token: ADMIN, tokens });
  const scores = manager.dict<string, number>('shared.scores');
  await scores.set('alice', 3);
  const reader = (await as(READER, manager.address)).dict<string, number>(scores.name);
  expect(await reader.get('alice')).toBe(3);
  await denied(reader.set('alice', 4), 'write', scores.name);
});

describe('a call that is denied', () => {
  const denial = (name: string): object => ({
    code: ErrorCode.PERMISSION_DENIED,
    object: name,
    mayHaveExecuted: false,
    message: expect.stringContaining('the token "reader" has no right to write'),
  });
  const setOf = (name: string): Uint8Array =>
    toBinary(
      DictServiceSetRequestSchema,
      create(DictServiceSetRequestSchema, {
        name,
        key: { kind: { case: 'text', value: 'a' } },
        value: { kind: { case: 'number', value: 1 } },
      }),
    );

  test.each(['grpc', 'sdk'] as const)('is an error of a session (%s), which goes on', async (face) => {
    const name = shared('dict');
    await using raw = await RawSession.open(daemon.address, { face, token: secretOf('reader') });
    raw.send({ calls: [{ id: 1, method: raw.index('DictService/Set'), request: setOf(name) }] });
    expect((await raw.answer(1)).outcome).toMatchObject({ case: 'error', value: denial(name) });
    raw.send({ calls: [{ id: 2, method: raw.index('ManagerService/Info'), request: new Uint8Array() }] });
    expect((await raw.answer(2)).outcome.case).toBe('response');
    expect(await namesOf(admin, name)).toEqual([]);
  });

  test('is the status PERMISSION_DENIED of a unary call', async () => {
    const name = shared('dict');
    const ending = await unaryCall(daemon.address, 'commonhold.v1.DictService/Set', setOf(name), secretOf('reader'));
    expect(ending.status).toBe(PERMISSION_DENIED);
    expect(errorOf(ending)).toMatchObject(denial(name));
    expect(await namesOf(admin, name)).toEqual([]);
  });

  test('is none of health and reflection, for which a valid token is enough', async () => {
    for (const [token, status] of [
      [secretOf('reader'), OK],
      ['the secret of none', UNAUTHENTICATED],
    ] as const) {
      expect(await unaryCall(daemon.address, 'grpc.health.v1.Health/Check', new Uint8Array(), token)).toMatchObject({ status });
      const session = connectHttp2(daemon.address);
      const call = new RawCall(session, 'grpc.reflection.v1.ServerReflection/ServerReflectionInfo', token);
      call.stream.end(framed(Buffer.from('3a00', 'hex')));
      expect((await call.ended).status).toBe(status);
      session.destroy();
    }
  });
});

describe('another token', () => {
  const hello = { leaseMs: 3_600_000, hostId: 'elsewhere' };

  test.each(['grpc', 'sdk'] as const)('resumes no session (%s)', async (face) => {
    await using session = await RawSession.open(daemon.address, { face, token: secretOf('writer'), hello });
    const { sessionId, secret } = session.welcome;
    const resume = { sessionId, secret, received: 0n, attempt: 0 };
    for (const [token, status] of [
      [secretOf('owner'), ABORTED],
      [ADMIN, ABORTED],
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
    expect(await other.ended).toMatchObject({ status: ABORTED });
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
      return ending.status === OK ? fromBinary(ValueServiceAddResponseSchema, ending.response!).value!.kind.value : ending.status;
    };
    expect(await add(secretOf('writer'))).toBe(2);
    expect(await add(secretOf('writer'))).toBe(2);
    expect(await add(secretOf('owner'))).toBe(3);
    expect(await add(secretOf('reader'))).toBe(PERMISSION_DENIED);
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

  test('end the sessions and calls of a token that is gone', async () => {
    await serve();
    const lock = held.lock('shared.lock');
    const writer = await as(WRITER, served.address);
    const reader = await as(READER, served.address);
    await writer.lock(lock.name).acquire();
    const next = watch(lock.acquire());
    const expired = new Promise((resolve) => writer.on('expired', resolve));
    const request = toBinary(DictServiceGetRequestSchema, create(DictServiceGetRequestSchema, { name: 'shared.queue' }));
    const waiting = unaryCall(served.address, 'commonhold.v1.QueueService/Get', request, secretOf('writer'));
    await using late = RawSession.silent(served.address, { face: 'sdk', token: secretOf('writer') });
    await once(late.stream, 'response');
    await until('the call waits', async () => (await held.stats()).waiters >= 2);
    writeTokens(directory, [READER]);
    process.kill(served.pid, 'SIGHUP');
    expect(await expired).toBeInstanceOf(UnauthenticatedError);
    expect((await waiting).status).toBe(UNAUTHENTICATED);
    // A session cannot be opened on a stream that was admitted before.
    late.send({ hello: { protocol: PROTOCOL, host: 'raw', pid: process.pid, label: 'raw' } });
    expect(await late.ended).toMatchObject({ status: UNAUTHENTICATED });
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
