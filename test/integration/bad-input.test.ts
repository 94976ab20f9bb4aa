import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { InvalidArgumentError, KindMismatchError, Manager, ManagerError, NotFoundError, OutOfRangeError } from 'commonhold';
import {
  DictServiceGetRequestSchema,
  DictServiceGetResponseSchema,
  DictServiceSetRequestSchema,
  ErrorCode,
  ManagerServiceInfoResponseSchema,
  ManagerServiceLocksRequestSchema,
  ManagerServiceLocksResponseSchema,
} from 'commonhold/proto';
import { parseAddress } from '../../proto/address.js';
import { methods } from '../../proto/methods.js';
import { fresh } from '../conformance/support.js';
import { Daemon } from '../support/daemon.js';
import { errorOf } from '../support/errors.js';
import { connectHttp2, framed, RawCall, unaryCall } from '../support/grpc.js';
import { RawSession } from '../support/raw-session.js';

// A client with wrong input gets an error, and the daemon continues to serve the others.

let daemon: Daemon;
let manager: Manager;
let witness: Manager;

beforeAll(async () => {
  daemon = await Daemon.serve();
  [manager, witness] = [await Manager.connect(daemon.address), await Manager.connect(daemon.address)];
});

afterEach(async () => {
  const scores = witness.dict<string, number>(fresh('witness'));
  await scores.set('alice', 3);
  expect(await scores.get('alice')).toBe(3);
  const { response } = await unaryCall(daemon.address, 'commonhold.v1.ManagerService/Info', new Uint8Array());
  expect(fromBinary(ManagerServiceInfoResponseSchema, response!).pid).toBe(daemon.pid);
});

afterAll(async () => {
  await manager.close();
  await witness.close();
  await daemon[Symbol.asyncDispose]();
});

describe('a name', () => {
  test('that is not in use is no object, and looking for it makes none', async () => {
    const name = fresh('unknown');
    expect(await manager.dict(name).exists()).toBe(false);
    expect(await manager.dict(name).destroy()).toBe(false);
    expect(await manager.lock(name).exists()).toBe(false);
  });

  test('that a unary read does not find is NOT_FOUND', async () => {
    const request = create(DictServiceGetRequestSchema, { name: 'nowhere', key: { kind: { case: 'text', value: 'alice' } } });
    const end = await unaryCall(daemon.address, 'commonhold.v1.DictService/Get', toBinary(DictServiceGetRequestSchema, request));
    expect(end).toMatchObject({ status: 5, response: undefined });
    expect(errorOf(end)).toMatchObject({ code: ErrorCode.NOT_FOUND, object: 'nowhere', method: 'commonhold.v1.DictService/Get' });
    expect(await manager.dict('nowhere').exists()).toBe(false);
  });

  test('of a missing value opened by reference is NotFoundError', async () => {
    const value = manager.open({ kind: 'value', name: fresh('unknown'), address: '' }) as ReturnType<Manager['value']>;
    await expect(value.get()).rejects.toBeInstanceOf(NotFoundError);
    await expect(value.set(1)).rejects.toBeInstanceOf(NotFoundError);
  });

  test('of another kind is KindMismatchError, which names the kind', async () => {
    const name = fresh('scores');
    await manager.dict(name).set('alice', 3);
    const error = await manager
      .queue(name)
      .put(1)
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(KindMismatchError);
    expect(error).toMatchObject({ object: name, message: expect.stringContaining('dict') });
    expect(() => manager.open({ kind: 'tree', name, address: '' })).toThrow(InvalidArgumentError);
  });

  for (const [what, name] of [
    ['empty', ''],
    ['too long', 'x'.repeat(2_000)],
  ] as const) {
    test(`that is ${what} is InvalidArgumentError`, async () => {
      await expect(manager.dict(name).set('alice', 3)).rejects.toBeInstanceOf(InvalidArgumentError);
      await expect(manager.lock(name).acquire()).rejects.toBeInstanceOf(InvalidArgumentError);
    });
  }
});

test('a pattern of names with many stars delays no other call', async () => {
  const name = `${fresh('lock')}${'a'.repeat(900)}`;
  await using _held = await manager.lock(name).acquire();
  const match = `${'*a'.repeat(100)}*b`;
  for await (const info of manager.objects({ match })) throw new Error(`${info.name} does not end with b`);
  const request = toBinary(ManagerServiceLocksRequestSchema, create(ManagerServiceLocksRequestSchema, { match }));
  const { response } = await unaryCall(daemon.address, 'commonhold.v1.ManagerService/Locks', request);
  expect(fromBinary(ManagerServiceLocksResponseSchema, response!).locks).toEqual([]);
});

describe('a wrong type', () => {
  test('for the operation is InvalidArgumentError, and nothing changes', async () => {
    const scores = manager.dict<string, unknown>(fresh('scores'));
    await scores.set('alice', 'three');
    await expect(scores.add('alice', 1)).rejects.toBeInstanceOf(InvalidArgumentError);
    await expect(scores.add('bob', 'one' as unknown as number)).rejects.toBeInstanceOf(InvalidArgumentError);
    expect(await scores.toMap()).toEqual(new Map([['alice', 'three']]));
  });

  test('for a typed value is InvalidArgumentError, a number out of its range OutOfRangeError', async () => {
    const hits = manager.value(fresh('hits'), 1, { type: 'i32' });
    await expect(hits.set('one' as unknown as number)).rejects.toBeInstanceOf(InvalidArgumentError);
    for (const wrong of [2 ** 31, 0.5, NaN]) await expect(hits.set(wrong)).rejects.toBeInstanceOf(OutOfRangeError);
    await expect(hits.add(2 ** 31 - 1)).rejects.toBeInstanceOf(OutOfRangeError);
    expect(await hits.get()).toBe(1);
  });

  for (const wrong of [-1, NaN, '1' as unknown as number]) {
    test(`for a time (${typeof wrong} ${wrong}) is InvalidArgumentError`, async () => {
      await expect(manager.queue(fresh('queue')).get({ timeout: wrong })).rejects.toBeInstanceOf(InvalidArgumentError);
      await expect(manager.lock(fresh('lock')).acquire({ lease: wrong })).rejects.toBeInstanceOf(InvalidArgumentError);
    });
  }
});

describe('a value that cannot be encoded', () => {
  const KEYS: [string, unknown][] = [
    ['an object', {}],
    ['null', null],
    ['undefined', undefined],
    ['a symbol', Symbol('key')],
    ['a function', () => 1],
    ['a bigint of more than 64 bits', 2n ** 64n],
    ['half a character', '\ud800'],
  ];
  for (const [what, key] of KEYS) {
    test(`as a key, ${what}, is InvalidArgumentError`, async () => {
      const dict = manager.dict<never, number>(fresh('dict'));
      await expect(dict.set(key as never, 1)).rejects.toBeInstanceOf(InvalidArgumentError);
      await expect(dict.get(key as never)).rejects.toBeInstanceOf(InvalidArgumentError);
      expect(await dict.size()).toBe(0);
    });
  }

  const VALUES: [string, unknown][] = [
    ['undefined', undefined],
    ['a function', () => 1],
    ['a symbol', Symbol('value')],
    ['a promise', Promise.resolve(1)],
    ['a WeakMap', new WeakMap()],
    ['an object with a function inside', { deep: [{ run: () => 1 }] }],
  ];
  for (const [what, value] of VALUES) {
    test(`as a value, ${what}, is InvalidArgumentError`, async () => {
      const dict = manager.dict<string, unknown>(fresh('dict'));
      await expect(dict.set('key', value)).rejects.toBeInstanceOf(InvalidArgumentError);
      await expect(manager.queue(fresh('queue')).putMany([1, value])).rejects.toBeInstanceOf(InvalidArgumentError);
      expect(await dict.size()).toBe(0);
    });
  }

  test('says where in the value it is', async () => {
    await expect(manager.list(fresh('list')).push({ deep: [{ run: () => 1 }] })).rejects.toThrow(/deep.*0.*run/);
  });
});

describe('bytes that are no payload', () => {
  const key = { kind: { case: 'text', value: 'bad' } } as const;
  const KINDS: [string, string][] = [
    ['no protobuf', 'ffffff'],
    ['cut short', '2a10'],
    ['an unknown field only', 'f80101'],
    ['broken packed data', '4203c1c1c1'],
    ['nothing', ''],
  ];

  for (const [what, hex] of KINDS) {
    test(`(${what}) are refused, or fail with a clear message for the reader`, async () => {
      const name = fresh('dict');
      const payload = Buffer.from(hex, 'hex');
      const head = toBinary(DictServiceSetRequestSchema, create(DictServiceSetRequestSchema, { name, key }));
      await using raw = await RawSession.open(daemon.address);
      raw.send({
        calls: [
          { id: 1, method: raw.index('DictService/Set'), request: Buffer.concat([head, Buffer.from([0x1a, payload.length]), payload]) },
        ],
      });
      const { outcome } = await raw.answer(1);
      if (outcome.case === 'error') expect(outcome.value.code).toBe(ErrorCode.INVALID_ARGUMENT);
      else await expect(manager.dict<string, unknown>(name).get('bad')).rejects.toBeInstanceOf(ManagerError);

      const request = toBinary(DictServiceGetRequestSchema, create(DictServiceGetRequestSchema, { name, key }));
      const { status, response } = await unaryCall(daemon.address, 'commonhold.v1.DictService/Get', request);
      if (outcome.case === 'error')
        expect(status === 5 || fromBinary(DictServiceGetResponseSchema, response!).value === undefined).toBe(true);
      else expect([0, 3]).toContain(status);
      expect(await manager.dict(name).size()).toBe(outcome.case === 'error' ? 0 : 1);
    });
  }
});

describe('a socket that does not speak gRPC', () => {
  const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
  const open = async (bytes: Buffer): Promise<{ socket: Socket; closed: Promise<unknown> }> => {
    const socket = connect(parseAddress(daemon.address) as { host: string; port: number });
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.on('error', () => {}).resume();
    await new Promise<void>((resolve) => socket.write(bytes, () => resolve()));
    return { socket, closed };
  };

  test.each([
    ['random bytes', randomBytes(10_000)],
    ['an HTTP/1.1 request', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
    ['a TLS hello', Buffer.from('16030100c8010000c40303', 'hex')],
    ['the HTTP/2 preface, then garbage', Buffer.concat([Buffer.from(PREFACE), randomBytes(100_000)])],
    [
      'the HTTP/2 preface, then a frame of 16 MB',
      Buffer.concat([Buffer.from(PREFACE), Buffer.from('ffffff0000000000', 'hex'), Buffer.alloc(100_000)]),
    ],
  ])('but says %s is cut off', async (_, bytes) => {
    const { closed } = await open(bytes);
    await closed;
  });

  test.each([
    ['half the HTTP/2 preface', Buffer.from(PREFACE.slice(0, 10))],
    ['the HTTP/2 preface alone', Buffer.from(PREFACE)],
    ['a frame cut short', Buffer.concat([Buffer.from(PREFACE), Buffer.from('00000604', 'hex')])],
    ['nothing', Buffer.alloc(0)],
  ])('but says %s, and disconnects, disturbs no other client', async (_, bytes) => {
    const { socket, closed } = await open(bytes);
    socket.end();
    await closed;
  });
});

describe('an HTTP/2 request', () => {
  test('of an unknown method is UNIMPLEMENTED', async () => {
    for (const method of ['commonhold.v1.DictService/Fly', 'commonhold.v1.TreeService/Get', 'x']) {
      expect((await unaryCall(daemon.address, method, new Uint8Array())).status).toBe(12);
    }
  });

  test('that is no gRPC is refused', async () => {
    const session = connectHttp2(daemon.address);
    const stream = session.request({ ':method': 'GET', ':path': '/' });
    const status = await new Promise((resolve) => stream.on('response', (headers) => resolve(headers[':status'])));
    expect(status).toBeGreaterThanOrEqual(400);
    session.destroy();
  });

  for (const [what, hex] of [
    ['no protobuf', 'ffff'],
    ['a field cut short', '0a7f'],
    ['no key', '0a0178'],
  ] as const) {
    test(`with a malformed message (${what}) is INVALID_ARGUMENT, with the typed error`, async () => {
      const end = await unaryCall(daemon.address, 'commonhold.v1.DictService/Get', Buffer.from(hex, 'hex'));
      expect(end.status).toBe(3);
      expect(errorOf(end)).toMatchObject({ code: ErrorCode.INVALID_ARGUMENT, method: 'commonhold.v1.DictService/Get' });
    });
  }

  test('with malformed bytes is refused by every method, of health and reflection too', async () => {
    const OTHERS = ['grpc.health.v1.Health/Check', 'grpc.health.v1.Health/Watch'];
    const REFLECTIONS = ['v1', 'v1alpha'].map((version) => `grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`);
    for (const method of [...methods.map(({ name }) => name), ...OTHERS, ...REFLECTIONS]) {
      expect({ method, status: (await unaryCall(daemon.address, method, Buffer.from('0affff', 'hex'))).status }).toEqual({
        method,
        status: 3,
      });
    }
  });

  test.each([
    ['an unknown symbol', '2203666f6f'],
    ['an unknown file', '1a03666f6f'],
    ['an extension of an unknown type', '2a070a03666f6f1001'],
    ['nothing', ''],
  ])('that asks reflection for %s gets an error message', async (_, hex) => {
    const method = 'grpc.reflection.v1.ServerReflection/ServerReflectionInfo';
    const { status, response } = await unaryCall(daemon.address, method, Buffer.from(hex, 'hex'));
    expect({ status, answered: response !== undefined && response.length > 0 }).toEqual({ status: 0, answered: true });
  });

  test('that announces more bytes than it has is refused or cut', async () => {
    const session = connectHttp2(daemon.address);
    const call = new RawCall(session, 'commonhold.v1.DictService/Get');
    call.stream.end(framed(Buffer.alloc(100)).subarray(0, 50));
    expect((await call.ended).status).not.toBe(0);
    session.destroy();
  });
});
