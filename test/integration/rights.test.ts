import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { create, toBinary } from '@bufbuild/protobuf';
import { DeadlockError, Manager, PermissionDeniedError } from 'commonhold';
import { DictServiceGetRequestSchema, DictServiceSetRequestSchema, ErrorCode } from 'commonhold/proto';
import { fresh } from '../conformance/support.js';
import { commonhold, Daemon, Temporary } from '../support/daemon.js';
import { errorOf } from '../support/errors.js';
import { connectHttp2, framed, RawCall, unaryCall } from '../support/grpc.js';
import { RawSession } from '../support/raw-session.js';
import {
  ADMIN,
  ANONYMOUS,
  as,
  closeClients,
  denied,
  OWNER,
  PRODUCER,
  READER,
  secretOf,
  shared,
  STATUS,
  TOKENS,
  WRITER,
  writeTokens,
  type TokenEntry,
} from '../support/tokens.js';

// Tokens with rights: each refusal over both faces and by unary calls.

const TYPES = new URL('./programs/types/counter.js', import.meta.url);

let folder: Temporary;
let daemon: Daemon;
/** Has all rights, by the token without a name. */
let admin: Manager;

beforeAll(async () => {
  folder = new Temporary();
  const owner: TokenEntry = { name: 'owner', sha256: createHash('sha256').update(secretOf('owner')).digest('hex'), rights: OWNER.rights };
  const tokens = writeTokens(folder, [...TOKENS, owner]);
  daemon = await Daemon.serve(['--listen', '127.0.0.1:0', '--tokens', tokens, '--register', TYPES.href], { COMMONHOLD_TOKEN: ADMIN });
  admin = await Manager.connect(daemon.address, { token: ADMIN });
});

afterEach(closeClients);

afterAll(async () => {
  await admin.close();
  await daemon[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

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
    const reader = (await as(READER, daemon.address)).dict<string, number>(name);
    expect(await reader.get('alice')).toBe(3);
    expect(await reader.toMap()).toEqual(new Map([['alice', 3]]));
    await denied(reader.set('alice', 4), 'write', name);
    await denied(reader.add('alice', 1), 'write', name);
    await denied(reader.clear(), 'write', name);
    await denied(reader.destroy(), 'admin', name);
    await denied(reader.expire(1), 'admin', name);
    expect(await scores.get('alice')).toBe(3);
  });

  test('lists the sessions of its own name, and all with the token without one', async () => {
    const tokens = async (manager: Manager): Promise<(string | undefined)[]> => {
      const found: (string | undefined)[] = [];
      for await (const { token } of manager.sessions()) found.push(token);
      return found;
    };
    const reader = await as(READER, daemon.address);
    await as(WRITER, daemon.address);
    expect(await tokens(reader)).toEqual([READER.name]);
    expect(await tokens(admin)).toEqual(expect.arrayContaining([undefined, READER.name, WRITER.name]));
  });

  test('makes no object by reading', async () => {
    const reader = await as(READER, daemon.address);
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
    const reader = await as(READER, daemon.address);
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
    const reader = await as(READER, daemon.address);
    const names = await namesOf(reader);
    expect(names).toContain(visible);
    expect(names.filter((name) => !name.startsWith('shared.'))).toEqual([]);
    expect((await reader.locks()).locks.map(({ name }) => name)).toEqual([visible]);
    await denied(reader.dict(hidden).exists(), 'read', hidden);
    expect((await reader.stats()).objects).toBeGreaterThan(0);
    const { code, stderr } = await commonhold(['dump', daemon.address], { COMMONHOLD_TOKEN: secretOf('reader') });
    expect({ code, stderr }).toEqual({
      code: 5,
      stderr: expect.stringMatching(/token "reader" has no right to read and admin all objects/),
    });
  });
});

describe('a token that may write', () => {
  test('puts, and does not take what is read by taking', async () => {
    const jobs = admin.queue<string>(shared('queue'));
    const producer = (await as(PRODUCER, daemon.address)).queue<string>(jobs.name);
    await producer.put('job');
    await denied(producer.get(), 'read', jobs.name);
    await denied(producer.peek(), 'read', jobs.name);
    expect(await jobs.get()).toBe('job');
  });

  test('makes no object by a call that is denied', async () => {
    const name = shared('queue');
    await denied((await as(PRODUCER, daemon.address)).queue(name).get(), 'read', name);
    expect(await namesOf(admin, name)).toEqual([]);
  });

  test('writes no batch that has an object of others', async () => {
    const writer = await as(WRITER, daemon.address);
    const [own, other] = [shared('dict'), fresh('dict')];
    const batch = writer.atomic().set(writer.dict(own), 'a', 1).set(writer.dict(other), 'a', 1);
    await denied(batch.commit(), 'write', other);
    expect(await namesOf(admin, own)).toEqual([]);
    expect(await namesOf(admin, other)).toEqual([]);
  });

  test('reaches no other object by a fence, a condition, a dead letter or another set', async () => {
    const writer = await as(WRITER, daemon.address);
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
    const owner = await as(OWNER, daemon.address);
    const counter = owner.object<{ increment(): number }>('Counter', fresh('counter'));
    expect(await counter.increment()).toBe(1);
    const writer = await as(WRITER, daemon.address);
    const own = writer.object<{ increment(by?: unknown): number }>('Counter', shared('counter'));
    expect(await own.increment()).toBe(1);
    await denied(own.increment(counter), 'read and write', (counter as unknown as { name: string }).name);
  });

  test('uses anonymous objects only with a right on them', async () => {
    const writer = await as(WRITER, daemon.address);
    await expect(writer.list<number>().push(1)).rejects.toBeInstanceOf(PermissionDeniedError);
    const anonymous = await as(ANONYMOUS, daemon.address);
    const list = anonymous.list<number>();
    expect(await list.push(1, 2)).toBe(2);
    expect(await list.toArray()).toEqual([1, 2]);
    await list[Symbol.asyncDispose]();
  });

  test('finds deadlocks as any other', async () => {
    const writer = await as(WRITER, daemon.address);
    const lock = writer.lock(shared('lock'));
    await lock.run(async () => {
      await expect(lock.acquire()).rejects.toBeInstanceOf(DeadlockError);
    });
  });

  test('is the home of no object of others', async () => {
    const writer = await as(WRITER, daemon.address);
    const own = writer.dict<string, number>(shared('dict'), { home: 'process' });
    await own.set('a', 1);
    expect(await admin.dict<string, number>(own.name).get('a')).toBe(1);
    await expect(writer.dict(fresh('dict'), { home: 'process' }).set('a', 1)).rejects.toBeInstanceOf(PermissionDeniedError);
  });
});

test('a token with all rights, of which the file has the hash alone, may do everything', async () => {
  const owner = await as(OWNER, daemon.address);
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
    expect(ending.status).toBe(STATUS.permissionDenied);
    expect(errorOf(ending)).toMatchObject(denial(name));
    expect(await namesOf(admin, name)).toEqual([]);
  });

  test('is none of health and reflection, for which a valid token is enough', async () => {
    for (const [token, status] of [
      [secretOf('reader'), STATUS.ok],
      ['the secret of none', STATUS.unauthenticated],
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
