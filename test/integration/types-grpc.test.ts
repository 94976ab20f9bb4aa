import { fileURLToPath } from 'node:url';
import { create, fromBinary, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Manager, type RemoteObject } from 'commonhold';
import {
  ErrorCode,
  ObjectServiceCallRequestSchema,
  ObjectServiceCallResponseSchema,
  ObjectServiceDescribeRequestSchema,
  ObjectServiceOpenRequestSchema,
} from 'commonhold/proto';
import { fresh } from '../conformance/support.js';
import type { Account, Desk, Gate } from '../conformance/types/registered.js';
import { bufCurl } from '../support/buf.js';
import { Daemon } from '../support/daemon.js';
import { errorOf } from '../support/errors.js';
import { connectHttp2, framed, RawCall, unaryCall } from '../support/grpc.js';
import { RawSession } from '../support/raw-session.js';
import { until } from '../support/until.js';

// Objects of registered types without the SDK: by hand, as a person would use them, and as an attacker would.

const TYPES = fileURLToPath(new URL('../conformance/types/registered.js', import.meta.url));
const SERVICE = 'commonhold.v1.ObjectService';

let daemon: Daemon;
let manager: Manager;

beforeAll(async () => {
  daemon = await Daemon.serve(['--listen', '127.0.0.1:0', '--register', TYPES]);
  manager = await Manager.connect(daemon.address);
});

afterEach(async () => {
  // After all requests, the daemon continues with the same code.
  expect(await manager.object<Account>('Account', undefined, 5).deposit(1)).toBe(6);
});

afterAll(async () => {
  await manager.close();
  await daemon.stop();
});

const callRequest = (init: MessageInitShape<typeof ObjectServiceCallRequestSchema>): Uint8Array =>
  toBinary(ObjectServiceCallRequestSchema, create(ObjectServiceCallRequestSchema, init));
const openRequest = (name: string, type: string): Uint8Array =>
  toBinary(ObjectServiceOpenRequestSchema, create(ObjectServiceOpenRequestSchema, { name, type }));

async function curl(method: string, request: unknown): Promise<{ code: number | null; answer: Record<string, unknown> }> {
  const { code, stdout, stderr } = await bufCurl(['-d', JSON.stringify(request)], `http://${daemon.address}/${SERVICE}/${method}`);
  return { code, answer: JSON.parse(code === 0 ? stdout : stderr) as Record<string, unknown> };
}

describe('a person with grpcurl', () => {
  test('makes an object, calls its methods and reads its getters with plain JSON', async () => {
    const name = fresh('object');
    const open = { name, type: 'Account', arguments: [{ number: 10 }, { text: 'Ada' }] };
    expect(await curl('Open', open)).toEqual({ code: 0, answer: { created: true } });
    expect(await curl('Open', open)).toEqual({ code: 0, answer: {} });
    expect(await curl('Call', { name, member: 'deposit', arguments: [{ number: 5 }] })).toEqual({
      code: 0,
      answer: { result: { number: 15 } },
    });
    expect(await curl('Call', { name, member: 'holder' })).toEqual({ code: 0, answer: { result: { text: 'Ada' } } });
    expect(await manager.object<Account>('Account', name).balance()).toBe(15);
  });

  test('gives and gets objects as JSON, undefined as nothing, and objects as references', async () => {
    const name = fresh('object');
    await curl('Open', { name, type: 'Echo' });
    const all = { name, member: 'all', arguments: [{ json: { a: [1, null] } }, {}, { text: 'b' }] };
    expect((await curl('Call', all)).answer).toEqual({ result: { json: [{ a: [1, null] }, null, 'b'] } });
    expect((await curl('Call', { name, member: 'first', arguments: [{}] })).answer).toEqual({});
    expect((await curl('Call', { name, member: 'scores', arguments: [{ text: 'x' }] })).answer).toEqual({
      result: { reference: { kind: 'dict', name: 'x' } },
    });
  });

  test('lists the types, and the members that can be called', async () => {
    const name = fresh('object');
    await curl('Open', { name, type: 'Vault' });
    const vault = {
      type: 'Vault',
      members: [
        { member: '_open', kind: 'method' },
        { member: 'level', kind: 'field' },
        { member: 'greet', kind: 'field' },
        { member: 'missing', kind: 'field' },
      ],
    };
    expect((await curl('Describe', { name })).answer).toEqual({ type: vault });
    const { types } = (await curl('ListTypes', {})).answer as { types: { type: string; members: unknown[] }[] };
    expect(types).toContainEqual(vault);
    expect(types.find(({ type }) => type === 'Account')?.members).toContainEqual({ member: 'deposit', kind: 'method', parameters: 1 });
    expect(types.map(({ type }) => type)).toEqual(types.map(({ type }) => type).sort());
  });

  test('gets the error of a method as a status with its typed detail', async () => {
    const name = fresh('object');
    await curl('Open', { name, type: 'Account' });
    const { code, answer } = await curl('Call', { name, member: 'withdraw', arguments: [{ number: 5 }] });
    expect(code).not.toBe(0);
    expect(answer).toMatchObject({ code: 'unknown', message: '5 are more than 0', details: [{ type: 'commonhold.v1.Error' }] });
  });

  test('makes no object by inspection', async () => {
    const name = fresh('nothing');
    expect((await curl('Describe', { name })).answer).toMatchObject({ code: 'not_found' });
    expect((await curl('Call', { name, member: 'balance' })).answer).toMatchObject({ code: 'not_found' });
  });
});

describe('a client without the SDK', () => {
  const call = (init: MessageInitShape<typeof ObjectServiceCallRequestSchema>) =>
    unaryCall(daemon.address, `${SERVICE}/Call`, callRequest(init));
  const open = async (type: string): Promise<string> => {
    const name = fresh('object');
    const { status } = await unaryCall(daemon.address, `${SERVICE}/Open`, openRequest(name, type));
    expect(status).toBe(0);
    return name;
  };

  test('finds name, code, stack and cause of the error in the details', async () => {
    const name = await open('Account');
    const end = await call({ name, member: 'withdraw', arguments: [{ kind: { case: 'number', value: 1 } }] });
    expect(end).toMatchObject({ status: 2, message: '1 are more than 0', response: undefined });
    expect(errorOf(end)).toMatchObject({
      code: ErrorCode.REMOTE,
      object: name,
      method: `${SERVICE}/Call`,
      mayHaveExecuted: true,
      thrown: {
        className: 'FundsError',
        message: '1 are more than 0',
        code: { kind: { case: 'text', value: 'E_FUNDS' } },
        stack: expect.stringMatching(/Account\.withdraw/),
        cause: { className: 'Error', message: 'too greedy' },
      },
    });
  });

  test('gets an error of any length, cut to what a status can carry', async () => {
    const end = await call({ name: await open('Trouble'), member: 'throwLong' });
    expect(end.status).toBe(2);
    expect(errorOf(end).thrown?.className).toBe('Error');
  });

  test.each(['throwText', 'throwNull', 'throwUnreadable', 'giveFunction', 'giveGenerator', 'later'])(
    'gets a clean status of %s',
    async (member) => {
      const end = await call({ name: await open('Trouble'), member });
      expect(end.status).toBe(2);
      expect(errorOf(end).code).toBe(ErrorCode.REMOTE);
    },
  );

  test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', '_audit', '#balance', '', '\u0000', 'x'.repeat(1_000_000)])(
    'does not reach members that are not exposed: %.20j',
    async (member) => {
      const name = await open('Account');
      const end = await call({ name, member, arguments: [{ kind: { case: 'text', value: 'x' } }] });
      expect(end.status).toBe(3);
      expect(errorOf(end)).toMatchObject({ code: ErrorCode.INVALID_ARGUMENT, object: name });
    },
  );

  test.each<[string, number[]]>([
    ['a payload of rubbish', [0xff, 0xff, 0xff]],
    ['a packed payload of rubbish', [0x42, 0x02, 0xc1, 0xc1]],
    ['a reference without an end', [0x4a, 0x7f]],
    ['an instance of a type that nobody has', [0x42, 0x06, 0xc7, 0x03, 13, 0x92, 0xa1, 0x41]],
  ])('is refused %s as an argument, with nothing called', async (_, payload) => {
    const name = await open('Echo');
    const request = Buffer.concat([
      Buffer.from([0x0a, name.length]),
      Buffer.from(name),
      Buffer.from([0x12, 4]),
      Buffer.from('keep'),
      Buffer.from([0x1a, payload.length, ...payload]),
    ]);
    const end = await unaryCall(daemon.address, `${SERVICE}/Call`, request);
    expect(end.status).toBe(3);
    const kept = await call({ name, member: 'kept' });
    expect(fromBinary(ObjectServiceCallResponseSchema, kept.response!).result?.kind).toMatchObject({
      case: 'json',
      value: { kind: { value: { values: [] } } },
    });
  });

  test('is refused a million arguments', async () => {
    const args = Array.from({ length: 1_000_000 }, () => ({}));
    const end = await call({ name: await open('Echo'), member: 'count', arguments: args });
    expect(end.status).toBe(8);
  });

  test('leaves no call running that it cancels before its turn', async () => {
    const name = await open('Desk');
    const desk = manager.object<Desk>('Desk', name);
    const gate = manager.object<Gate>('Gate', fresh('object'));
    const working = desk.work('first', gate);
    await manager.stats();
    const connection = connectHttp2(daemon.address);
    const waiting = new RawCall(connection, `${SERVICE}/Call`);
    const note = callRequest({ name, member: 'note', arguments: [{ kind: { case: 'text', value: 'never' } }] });
    waiting.stream.end(framed(note));
    const waiters = async (): Promise<number> => {
      for await (const info of manager.objects({ match: name })) return info.waiters;
      return 0;
    };
    await until('it waits', async () => (await waiters()) === 2);
    connection.destroy();
    await until('it waits no more', async () => (await waiters()) === 1);
    await gate.open();
    await working;
    expect(await desk.book()).toEqual(['first begins', 'first ends']);
  });

  test('gets the exposed members by Describe alone', async () => {
    const request = toBinary(
      ObjectServiceDescribeRequestSchema,
      create(ObjectServiceDescribeRequestSchema, { name: await open('Square') }),
    );
    expect((await unaryCall(daemon.address, `${SERVICE}/Describe`, request)).status).toBe(0);
  });
});

describe('a session by hand', () => {
  test('calls in order, and gets its answers', async () => {
    await using session = await RawSession.open(daemon.address);
    const name = fresh('object');
    const [openMethod, callMethod] = [session.index('ObjectService/Open'), session.index('ObjectService/Call')];
    const open = openRequest(name, 'Account');
    const request = callRequest({ name, member: 'deposit', arguments: [{ kind: { case: 'number', value: 2 } }] });
    session.send({
      calls: [1, 2, 3].map((id) => (id === 1 ? { id, method: openMethod, request: open } : { id, method: callMethod, request })),
    });
    await session.answer(3);
    expect(await (manager.open({ kind: 'object', name, address: '' }) as RemoteObject<Account>).balance()).toBe(4);
  });
});
