import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { Manager } from 'commonhold';
import {
  DictServiceSizeRequestSchema,
  ErrorCode,
  LockServiceAcquireRequestSchema,
  ManagerServiceInfoResponseSchema,
  QueueServiceGetRequestSchema,
} from 'commonhold/proto';
import { fresh } from '../conformance/support.js';
import { Daemon } from '../support/daemon.js';
import { unaryCall } from '../support/grpc.js';
import { PROTOCOL, RawSession } from '../support/raw-session.js';
import { until } from '../support/until.js';

// A client that violates the protocol of the session stream is cut off with a status that gives the reason; other clients are not affected.

const INVALID_ARGUMENT = 3;
const EMPTY = new Uint8Array();
/** The daemon serves connections of the SDK and of other gRPC clients by two servers. */
const FACES = [
  ['any gRPC client', 'grpc'],
  ['the SDK', 'sdk'],
] as const;

let daemon: Daemon;
let witness: Manager;
/** Streams that never send a hello, opened first, so that they time out by the last tests. */
let silent: RawSession[];

beforeAll(async () => {
  daemon = await Daemon.serve();
  witness = await Manager.connect(daemon.address);
  silent = FACES.map(([, face]) => RawSession.silent(daemon.address, { face }));
});

afterEach(async () => {
  const scores = witness.dict<string, number>(fresh('witness'));
  await scores.set('alice', 3);
  expect(await scores.get('alice')).toBe(3);
  await until('only the witness has a session', async () => (await witness.stats()).sessions === 1);
  const { response } = await unaryCall(daemon.address, 'commonhold.v1.ManagerService/Info', EMPTY);
  expect(fromBinary(ManagerServiceInfoResponseSchema, response!).pid).toBe(daemon.pid);
});

afterAll(async () => {
  await witness.close();
  await daemon[Symbol.asyncDispose]();
});

const sizeOf = (name: string): Uint8Array => toBinary(DictServiceSizeRequestSchema, create(DictServiceSizeRequestSchema, { name }));
const getOf = (name: string): Uint8Array => toBinary(QueueServiceGetRequestSchema, create(QueueServiceGetRequestSchema, { name }));
const hello = { protocol: PROTOCOL, host: 'raw', pid: 1, label: 'raw' };

describe.each(FACES)('on a connection of %s', (_, face) => {
  describe('before the welcome', () => {
    test('a call is refused', async () => {
      await using raw = RawSession.silent(daemon.address, { face });
      raw.send({ calls: [{ id: 1, method: 0, request: EMPTY }] });
      expect(await raw.ended).toMatchObject({ status: INVALID_ARGUMENT, message: expect.stringContaining('hello') });
    });

    test('another version of the protocol is refused, and both are named', async () => {
      await using raw = RawSession.silent(daemon.address, { face });
      raw.send({ hello: { ...hello, protocol: 99 } });
      expect(await raw.ended).toMatchObject({ status: INVALID_ARGUMENT, message: expect.stringMatching(/\b1\b.*\b99\b/) });
    });

    test.each(['label', 'host'])('a hello with an endless %s is refused', async (name) => {
      await using raw = RawSession.silent(daemon.address, { face });
      raw.send({ hello: { ...hello, [name]: 'x'.repeat(257) } });
      expect(await raw.ended).toMatchObject({ status: INVALID_ARGUMENT, message: expect.stringContaining(`a ${name} of 257 characters`) });
    });

    test('an invalid hello is refused', async () => {
      await using raw = RawSession.silent(daemon.address, { face });
      raw.sendMessage(Buffer.from('0a03ffffff', 'hex'));
      expect(await raw.ended).toMatchObject({ status: INVALID_ARGUMENT });
    });

    test('a stream may end without a message', async () => {
      await using raw = RawSession.silent(daemon.address, { face });
      raw.stream.end();
      await raw.ended;
    });
  });

  describe('a frame', () => {
    const BROKEN: [string, string][] = [
      ['no protobuf', 'ffffffff'],
      ['a field number 0', '0001'],
      ['a call cut short', '12ff'],
      ['a call longer than its frame', '127f0801'],
      ['a length of four thousand million', '12ffffffff0f'],
      ['an unfinished number', '18808080808080808080808001'],
    ];
    for (const [what, hex] of BROKEN) {
      test(`that is broken (${what}) ends its session`, async () => {
        await using raw = await RawSession.open(daemon.address, { face });
        raw.sendMessage(Buffer.from(hex, 'hex'));
        expect(await raw.ended).toMatchObject({ status: INVALID_ARGUMENT, message: expect.stringContaining('malformed') });
      });
    }

    test('with a second hello ends its session', async () => {
      await using raw = await RawSession.open(daemon.address, { face });
      raw.send({ hello });
      expect(await raw.ended).toMatchObject({ status: INVALID_ARGUMENT, message: expect.stringContaining('second hello') });
    });

    test('with an unknown method ends its session', async () => {
      await using raw = await RawSession.open(daemon.address, { face });
      raw.send({ calls: [{ id: 1, method: raw.welcome.methods.length, request: EMPTY }] });
      expect(await raw.ended).toMatchObject({ status: INVALID_ARGUMENT, message: expect.stringContaining('method') });
    });

    test('with the id of a call that still waits ends its session', async () => {
      await using raw = await RawSession.open(daemon.address, { face });
      const call = { id: 7, method: raw.index('QueueService/Get'), request: getOf(fresh('queue')) };
      raw.send({ calls: [call] });
      raw.send({ calls: [call] });
      expect(await raw.ended).toMatchObject({ status: INVALID_ARGUMENT, message: expect.stringContaining('7') });
    });

    test('that announces four thousand million bytes ends its session, and takes no memory', async () => {
      const before = (await witness.stats()).memory.resident;
      await using raw = await RawSession.open(daemon.address, { face });
      raw.sendBytes(Buffer.concat([Buffer.from('00ffffffff', 'hex'), Buffer.alloc(1_000_000)]));
      expect(await raw.ended).toMatchObject({ status: 8 });
      expect((await witness.stats()).memory.resident - before).toBeLessThan(200_000_000);
    });

    test('marked as compressed ends its session', async () => {
      await using raw = await RawSession.open(daemon.address, { face });
      raw.sendBytes(Buffer.from('010000000118', 'hex'));
      expect((await raw.ended).status).toBeGreaterThan(0);
    });

    test('cut short by the end of the stream does nothing', async () => {
      await using raw = await RawSession.open(daemon.address, { face });
      raw.stream.end(Buffer.from('000000006412', 'hex'));
      await raw.ended;
    });

    test('cut short by the loss of the connection does nothing', async () => {
      const raw = await RawSession.open(daemon.address, { face });
      raw.sendBytes(Buffer.from('000000006412', 'hex'));
      raw.connection.destroy();
      await raw.ended;
    });

    test('with fields of a later version is read without them', async () => {
      await using raw = await RawSession.open(daemon.address, { face });
      raw.sendMessage(Buffer.from('f80701', 'hex'));
      raw.send({ calls: [{ id: 1, method: raw.index('DictService/Size'), request: sizeOf(fresh('dict')) }] });
      expect((await raw.answer(1)).outcome.case).toBe('response');
    });
  });

  describe('a call', () => {
    const REQUESTS: [string, string][] = [
      ['no protobuf', 'ffff'],
      ['a name cut short', '0a7f'],
      ['a name that is no text', '0a02fffe'],
      ['without its key', '0a0178'],
    ];
    for (const [what, hex] of REQUESTS) {
      test(`with a malformed request (${what}) fails alone`, async () => {
        await using raw = await RawSession.open(daemon.address, { face });
        const [get, size] = [raw.index('DictService/Get'), raw.index('DictService/Size')];
        const name = fresh('dict');
        raw.send({
          calls: [
            { id: 1, method: size, request: sizeOf(name) },
            { id: 2, method: get, request: Buffer.from(hex, 'hex') },
            { id: 3, method: size, request: sizeOf(name) },
          ],
        });
        const [before, malformed, after] = [await raw.answer(1), await raw.answer(2), await raw.answer(3)];
        expect([before.outcome.case, malformed.outcome.case, after.outcome.case]).toEqual(['response', 'error', 'response']);
        expect(malformed.outcome.value).toMatchObject({ code: ErrorCode.INVALID_ARGUMENT });
      });
    }

    test('with an empty request may omit it, as generated codecs do', async () => {
      await using raw = await RawSession.open(daemon.address, { face });
      raw.send({ calls: [{ id: 1, method: raw.index('ManagerService/Stats'), request: EMPTY }] });
      expect((await raw.answer(1)).outcome.case).toBe('response');
    });

    test('with an opening in a service that has none fails alone', async () => {
      await using raw = await RawSession.open(daemon.address, { face });
      raw.send({ calls: [{ id: 1, method: raw.index('ManagerService/Stats'), request: EMPTY, open: EMPTY }] });
      expect((await raw.answer(1)).outcome.value).toMatchObject({ code: ErrorCode.INVALID_ARGUMENT });
    });

    test('with a malformed opening fails alone, and opens nothing', async () => {
      const name = fresh('queue');
      await using raw = await RawSession.open(daemon.address, { face });
      raw.send({ calls: [{ id: 1, method: raw.index('QueueService/Size'), request: sizeOf(name), open: Buffer.from('ffff', 'hex') }] });
      expect((await raw.answer(1)).outcome.value).toMatchObject({ code: ErrorCode.INVALID_ARGUMENT });
      expect(await witness.queue(name).exists()).toBe(false);
    });

    test('that does not exist can be cancelled and acknowledged', async () => {
      await using raw = await RawSession.open(daemon.address, { face });
      raw.send({ cancels: [1, 2, 0xffffffff], taken: [{ id: 1 }, { id: 5, count: 3 }] });
      raw.send({ calls: [{ id: 1, method: raw.index('DictService/Size'), request: sizeOf(fresh('dict')) }] });
      expect((await raw.answer(1)).outcome.case).toBe('response');
    });

    test('acknowledged beyond its items takes all it got', async () => {
      const queue = witness.queue<number>(fresh('queue'));
      await queue.putMany([1, 2]);
      await using raw = await RawSession.open(daemon.address, { face });
      raw.send({ calls: [{ id: 1, method: raw.index('QueueService/Get'), request: getOf(queue.name) }] });
      await raw.answer(1);
      raw.send({ taken: [{ id: 1, count: 1_000_000 }], goodbye: true });
      await raw.ended;
      expect(await queue.peek(9)).toEqual([2]);
    });
  });

  describe('a session that ends', () => {
    for (const end of ['goodbye', 'end of the stream', 'loss of the connection'] as const) {
      test(`by ${end} gives back unacknowledged items, and frees its locks`, async () => {
        const [queue, lock] = [witness.queue<number>(fresh('queue')), witness.lock(fresh('lock'))];
        await queue.putMany([1, 2, 3]);
        await using raw = await RawSession.open(daemon.address, { face });
        const acquire = toBinary(LockServiceAcquireRequestSchema, create(LockServiceAcquireRequestSchema, { name: lock.name }));
        const get = raw.index('QueueService/Get');
        raw.send({ calls: [1, 2].map((id) => ({ id, method: get, request: getOf(queue.name) })) });
        raw.send({ calls: [{ id: 3, method: raw.index('LockService/Acquire'), request: acquire }], taken: [{ id: 1 }] });
        for (const id of [1, 2, 3]) expect((await raw.answer(id)).outcome.case).toBe('response');
        raw.send({ taken: [{ id: 3 }] });
        if (end === 'goodbye') raw.send({ goodbye: true });
        else if (end === 'end of the stream') raw.stream.end();
        else raw.connection.destroy();
        await raw.ended;
        expect((await lock.acquire({ timeout: 120_000 })).abandoned).toBe(true);
        await until('item 2 is back', async () => (await queue.size()) === 2);
        expect(await queue.peek(9)).toEqual([2, 3]);
      });
    }
  });
});

test.each(FACES)('a stream of %s that never sends a hello is cut off in the end', async (_, face) => {
  const { ended } = silent[FACES.findIndex(([, one]) => one === face)]!;
  expect(await ended).toMatchObject({ status: INVALID_ARGUMENT, message: expect.stringContaining('hello') });
});
