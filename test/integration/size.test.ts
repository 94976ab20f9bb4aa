import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { InvalidArgumentError, Manager, PayloadTooLargeError, type SharedList } from 'commonhold';
import { ErrorCode, ListServiceSliceRequestSchema, ListServiceSliceResponseSchema } from 'commonhold/proto';
import { fresh, range } from '../conformance/support.js';
import { commonhold, Daemon, Temporary } from '../support/daemon.js';
import { errorOf } from '../support/errors.js';
import { unaryCall } from '../support/grpc.js';
import { stress } from '../support/stress.js';

// The limit of the size of a message, and larger messages.

const MB = 1_000_000;
/** Number of large messages that are under way at once. */
const AT_ONCE = stress(8, 40);
/** Size of each call and answer that cross, in bytes. */
const CROSSING = stress(2, 8) * MB;
/** Size of each of the large messages, in bytes. */
const LARGE = stress(2, 10) * MB;
const DEFAULT_LIMIT = 64 * 1024 * 1024;
/** The limit of most tests, in bytes; in `make stress` the default one. */
const LIMIT = stress(8, 64) * 1024 * 1024;
/** Size of a large value, in bytes: six of these fit into a message, seven do not. */
const PART = (LIMIT / 64 / 1024 / 1024) * 10 * MB;

/** Expects that the session is the same after a failed call, and works. */
async function expectSame(manager: Manager, sessionId: string): Promise<void> {
  await manager.dict<string, number>('after').set('alice', 3);
  expect(await manager.dict<string, number>('after').get('alice')).toBe(3);
  expect(manager.sessionId).toBe(sessionId);
}

test('the default limit is 64 MiB: 60 MB come back, and a larger call is refused', async () => {
  await using manager = await Manager.start();
  const dict = manager.dict<string, Uint8Array>('dict');
  const bytes = new Uint8Array(60 * MB).fill(7);
  await dict.set('bytes', bytes);
  expect(Buffer.compare((await dict.get('bytes'))!, bytes)).toBe(0);
  const refused = dict.set('bytes', new Uint8Array(DEFAULT_LIMIT + 1));
  await expect(refused).rejects.toMatchObject({ code: 'PAYLOAD_TOO_LARGE', message: expect.stringContaining(String(DEFAULT_LIMIT)) });
});

describe('under a limit', () => {
  let manager: Manager;
  beforeAll(async () => {
    manager = await Manager.start({ maxPayload: LIMIT });
  });
  afterAll(() => manager.close());

  /** The manager with an open session, whatever state the test before left. */
  async function connected(): Promise<Manager> {
    await manager.stats();
    return manager;
  }

  test('large bytes come back unchanged, in every container', async () => {
    const bytes = new Uint8Array(PART).map((_, index) => index * 31 + (index >> 8));
    const same = (got: Uint8Array | undefined): boolean => got !== undefined && Buffer.compare(got, bytes) === 0;
    const dict = manager.dict<string, Uint8Array>(fresh('dict'));
    await dict.set('bytes', bytes);
    expect(same(await dict.get('bytes'))).toBe(true);
    const list = manager.list<Uint8Array>(fresh('list'));
    await list.push(bytes, bytes);
    expect((await list.toArray()).map(same)).toEqual([true, true]);
    const queue = manager.queue<Uint8Array>(fresh('queue'));
    await queue.putMany([bytes, bytes]);
    expect(same(await queue.get())).toBe(true);
    expect((await queue.getMany(1)).map(same)).toEqual([true]);
    const value = manager.value(fresh('value'), bytes);
    expect(same(await value.get())).toBe(true);
  });

  test('large values come back unchanged, as text and as objects', async () => {
    const dict = manager.dict<string, unknown>(fresh('dict'));
    const text = 'straße 数据 '.repeat(0.06 * PART);
    await dict.set('text', text);
    expect((await dict.get('text')) === text).toBe(true);
    const objects = range(0, PART / 100).map((index) => ({ index, name: `object number ${index}`, tags: ['a', 'b', { deep: index / 3 }] }));
    await dict.set('objects', objects);
    expect(JSON.stringify(await dict.get('objects')) === JSON.stringify(objects)).toBe(true);
  });

  test('a larger call is refused before it is sent, by every method, and the session continues', async () => {
    const { sessionId } = await connected();
    const large = new Uint8Array(LIMIT + 1);
    const before = (await manager.stats()).callsTotal;
    const name = fresh('name');
    for (const call of [
      () => manager.dict<string, Uint8Array>(name).set('key', large),
      () =>
        manager.dict<string, Uint8Array>(name).setMany([
          ['a', large.subarray(0, 4 * PART)],
          ['b', large.subarray(0, 4 * PART)],
        ]),
      () => manager.list<Uint8Array>(name).push(large),
      () => manager.queue<Uint8Array>(name).put(large),
      () => manager.value<Uint8Array>(name, large).get(),
    ]) {
      const error = await call().catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(PayloadTooLargeError);
      expect(error).toMatchObject({
        code: 'PAYLOAD_TOO_LARGE',
        mayHaveExecuted: false,
        message: expect.stringContaining(String(LIMIT)),
      });
    }
    expect((await manager.stats()).callsTotal).toBe(before + 1);
    await expectSame(manager, sessionId);
  });

  test('calls of the same turn as one too large are carried out', async () => {
    const dict = manager.dict<string, Uint8Array>(fresh('dict'));
    const calls = ['a', 'large', 'b'].map((key) => dict.set(key, new Uint8Array(key === 'large' ? LIMIT : 10)));
    expect((await Promise.allSettled(calls)).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(new Set((await dict.toMap()).keys())).toEqual(new Set(['a', 'b']));
  });

  describe('an answer that would be too large', () => {
    let list: SharedList<Uint8Array>;
    beforeAll(async () => {
      list = manager.list(fresh('list'));
      for (const index of range(0, 8)) await list.push(new Uint8Array(PART).fill(index));
    });

    test('is PayloadTooLargeError, and the session continues', async () => {
      const { sessionId } = await connected();
      await expect(list.toArray()).rejects.toBeInstanceOf(PayloadTooLargeError);
      expect((await list.slice(2, 5)).map((item) => item[0])).toEqual([2, 3, 4]);
      await expectSame(manager, sessionId);
    });

    test('is divided by a queue, which hands out fewer items if they are large', async () => {
      const queue = manager.queue<Uint8Array>(fresh('queue'));
      for (const index of range(0, 8)) await queue.put(new Uint8Array(PART).fill(index));
      await expect(queue.peek(8)).rejects.toBeInstanceOf(PayloadTooLargeError);
      expect(await queue.size()).toBe(8);
      const got: number[] = [];
      while (got.length < 8) got.push(...(await queue.getMany(8 - got.length)).map((item) => item[0]!));
      expect(got).toEqual(range(0, 8));
    });

    test('takes nothing out of a list', async () => {
      await expect(list.splice(0)).rejects.toBeInstanceOf(PayloadTooLargeError);
      expect(await list.length()).toBe(8);
      expect((await list.splice(-1, 1, new Uint8Array(PART).fill(7))).map((item) => item[0])).toEqual([7]);
    });

    test('is available by iteration', async () => {
      const seen: number[] = [];
      for await (const item of list) seen.push(item[0]!);
      expect(seen).toEqual(range(0, 8));
    });

    test('is RESOURCE_EXHAUSTED to a unary call, with the typed error', async () => {
      const slice = (start: number): Uint8Array =>
        toBinary(ListServiceSliceRequestSchema, create(ListServiceSliceRequestSchema, { name: list.name, start }));
      const { address } = manager;
      const end = await unaryCall(address, 'commonhold.v1.ListService/Slice', slice(0));
      expect({ status: end.status, bytes: end.response?.length }).toEqual({ status: 8, bytes: undefined });
      expect(errorOf(end)).toMatchObject({ code: ErrorCode.PAYLOAD_TOO_LARGE, method: 'commonhold.v1.ListService/Slice' });
      const { response } = await unaryCall(address, 'commonhold.v1.ListService/Slice', slice(6));
      expect(fromBinary(ListServiceSliceResponseSchema, response!).values).toHaveLength(2);
    });
  });

  test('many large answers asked for at once all come', async () => {
    const dict = manager.dict<string, Uint8Array>(fresh('dict'));
    await dict.set('bytes', new Uint8Array(LARGE).fill(7));
    const { sessionId } = await connected();
    const lengths = await Promise.all(range(0, AT_ONCE).map(async () => (await dict.get('bytes'))?.length));
    expect(lengths).toEqual(range(0, AT_ONCE).map(() => LARGE));
    expect(manager.sessionId).toBe(sessionId);
  });

  test('many large answers to waiting calls all come', async () => {
    await using other = await Manager.connect(manager.address);
    const queue = manager.queue<Uint8Array>(fresh('queue'));
    const { sessionId } = await connected();
    const gets = range(0, AT_ONCE).map(() => queue.get());
    await manager.stats();
    await Promise.all(range(0, AT_ONCE).map((index) => other.queue<Uint8Array>(queue.name).put(new Uint8Array(LARGE).fill(index))));
    expect((await Promise.all(gets)).map((item) => item[0])).toEqual(range(0, AT_ONCE));
    expect(manager.sessionId).toBe(sessionId);
  });

  test('a large value reaches all calls that wait for it', async () => {
    await using other = await Manager.connect(manager.address);
    const value = manager.value<Uint8Array>(fresh('value'), new Uint8Array(LARGE).fill(7));
    const { sessionId } = await connected();
    await value.get();
    const held = await other.value<Uint8Array>(value.name, new Uint8Array()).lock();
    const lengths = range(0, AT_ONCE).map(async () => {
      await using mine = await value.lock();
      return mine.value.length;
    });
    await manager.stats();
    await held.release();
    expect(await Promise.all(lengths)).toEqual(range(0, AT_ONCE).map(() => LARGE));
    expect(manager.sessionId).toBe(sessionId);
  });

  test('many large calls made at once all arrive', async () => {
    const list = manager.list<Uint8Array>(fresh('list'));
    const { sessionId } = await connected();
    await Promise.all(range(0, AT_ONCE).map((index) => list.push(new Uint8Array(LARGE).fill(index))));
    expect((await list.at(-1))![0]).toBe(AT_ONCE - 1);
    expect(await list.length()).toBe(AT_ONCE);
    expect(manager.sessionId).toBe(sessionId);
    await list.destroy();
  });
});

test.each([
  ['a unix socket', (directory: Temporary) => `unix:${directory.join('manager.sock')}`],
  ['TCP', () => '127.0.0.1:0'],
] as const)('large calls and large answers that cross on %s do not block each other', async (_, addressIn) => {
  // More is under way in each direction than a socket holds: neither end may wait to write before it reads.
  using directory = new Temporary();
  await using daemon = await Daemon.serve(['--listen', addressIn(directory)]);
  await using manager = await Manager.connect(daemon.address);
  const dict = manager.dict<string, Uint8Array>('dict');
  await dict.set('read', new Uint8Array(CROSSING).fill(1));
  const work = async (id: number): Promise<void> => {
    const written = new Uint8Array(CROSSING).fill(id);
    for (const round of range(0, stress(4, 12))) {
      if (round % 2 === id % 2) await dict.set(`written by ${id}`, written);
      else expect((await dict.get('read'))!.length).toBe(CROSSING);
      await dict.add(`rounds of ${id}`);
    }
  };
  await Promise.all(range(0, 6).map(work));
  expect(await dict.size()).toBe(13);
});

describe('with a limit of its own', () => {
  test('a started manager takes messages up to it, and no larger ones', async () => {
    await using manager = await Manager.start({ maxPayload: 10_000 });
    const dict = manager.dict<string, Uint8Array>('dict');
    await dict.set('small', new Uint8Array(9_900));
    await expect(dict.set('large', new Uint8Array(10_000))).rejects.toThrow(/10000/);
    await expect(dict.set('large', new Uint8Array(10_000))).rejects.toBeInstanceOf(PayloadTooLargeError);
    await dict.set('other', new Uint8Array(9_900));
    await expect(dict.toMap()).rejects.toBeInstanceOf(PayloadTooLargeError);
    expect([...(await dict.get('small'))!]).toHaveLength(9_900);
  });

  test('a larger one than the default carries more', async () => {
    const large = stress(70, 150) * MB;
    await using manager = await Manager.start({ maxPayload: 200 * MB });
    const dict = manager.dict<string, Uint8Array>('dict');
    await dict.set('bytes', new Uint8Array(large).fill(7));
    expect((await dict.get('bytes'))?.length).toBe(large);
  });

  test('serve takes it as a flag, and a unary call over it is RESOURCE_EXHAUSTED', async () => {
    await using daemon = await Daemon.serve(['--listen', '127.0.0.1:0', '--max-payload', '10000']);
    for (const bytes of [11_000, 5 * MB]) {
      const end = await unaryCall(daemon.address, 'commonhold.v1.DictService/Set', new Uint8Array(bytes));
      expect(end.status).toBe(8);
    }
    await using manager = await Manager.connect(daemon.address);
    await expect(manager.list().push('x'.repeat(20_000))).rejects.toBeInstanceOf(PayloadTooLargeError);
  });

  test.each([0, -1, 1.5, NaN])('an invalid limit (%p) is refused', async (maxPayload) => {
    const outcome: unknown = await Manager.start({ maxPayload }).then(
      (manager) => manager.close(),
      (error: unknown) => error,
    );
    expect(outcome).toBeInstanceOf(InvalidArgumentError);
    expect(outcome).toMatchObject({ message: expect.stringContaining('maxPayload') });
  });

  test('a limit that is no number is refused by serve', async () => {
    const { code, stderr } = await commonhold(['serve', '--listen', '127.0.0.1:0', '--max-payload', 'much']);
    expect({ code, stderr }).toEqual({ code: 64, stderr: expect.stringContaining('--max-payload') });
  });
});
