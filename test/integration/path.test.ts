import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { create, fromBinary, toBinary, type DescMessage, type MessageInitShape } from '@bufbuild/protobuf';
import { Manager, PayloadTooLargeError } from 'commonhold';
import {
  ErrorCode,
  PathServiceAddRequestSchema,
  PathServiceGetRequestSchema,
  PathServiceGetResponseSchema,
  PathServiceInsertRequestSchema,
  PathServicePopRequestSchema,
  PathServicePushRequestSchema,
  PathServicePushResponseSchema,
  PathServiceSetRequestSchema,
} from 'commonhold/proto';
import { fresh, range } from '../conformance/support.js';
import { Daemon } from '../support/daemon.js';
import { errorOf } from '../support/errors.js';
import { unaryCall } from '../support/grpc.js';
import type worker from './programs/path-worker.js';
import type { Page } from './programs/path-worker.js';

// Paths into values, by several processes at once, and by unary calls of hostile clients.

const WORKER = new URL('./programs/path-worker.js', import.meta.url);
const SERVICE = 'commonhold.v1.PathService';

let daemon: Daemon;
let manager: Manager;

beforeAll(async () => {
  daemon = await Daemon.serve();
  manager = await Manager.connect(daemon.address);
});

afterAll(async () => {
  await manager.close();
  await daemon[Symbol.asyncDispose]();
});

test('four processes that write to one value lose nothing, without any lock', async () => {
  const pages = manager.dict<string, Page>(fresh('pages'));
  await pages.set('ada', { tags: [], stats: { hits: 0 } });
  const workers = range(0, 4).map((index) => manager.fork<{ default: typeof worker }>(WORKER, pages, index, 100));
  await Promise.all(workers.map(({ result }) => result));
  const { tags, stats } = (await pages.get('ada'))!;
  expect(stats).toEqual({ hits: 400, seen: new Set(range(0, 100)) });
  expect(tags).toHaveLength(400);
  for (const index of range(0, 4)) {
    expect(tags.filter(([of]) => of === index).map(([, round]) => round)).toEqual(range(0, 100));
  }
});

describe('a unary call', () => {
  const name = fresh('dict');
  const key = { kind: { case: 'text', value: 'ada' } } as const;
  const text = (value: string) => ({ kind: { case: 'text', value } }) as const;
  const number = (value: number) => ({ kind: { case: 'number', value } }) as const;
  const before = { list: [1, 2, 3], deep: { hits: 1 } };

  beforeAll(() => manager.dict(name).set('ada', before));

  function call<D extends DescMessage>(method: string, schema: D, request: MessageInitShape<D>): ReturnType<typeof unaryCall> {
    return unaryCall(daemon.address, `${SERVICE}/${method}`, toBinary(schema, create(schema, request)));
  }

  /** Returns the error of a call, after a check that it did nothing. */
  async function refused(answer: ReturnType<typeof unaryCall>): Promise<{ code: ErrorCode; status: number | undefined; message: string }> {
    const end = await answer;
    expect(end.response).toBeUndefined();
    const { code, message } = errorOf(end);
    return { code, status: end.status, message };
  }

  afterEach(async () => {
    expect(await manager.dict(name).get('ada')).toEqual(before);
  });

  test('with an index beyond all arrays reads nothing, and writes nothing', async () => {
    for (const index of [1e9, -1e9, 2 ** 53, 1e300, -1e300]) {
      const path = [text('list'), number(index)];
      const { response } = await call('Get', PathServiceGetRequestSchema, { name, key, path });
      expect(fromBinary(PathServiceGetResponseSchema, response!).value).toBeUndefined();
      const set = { name, key, path, value: { kind: { case: 'number' as const, value: 1 } } };
      expect(await refused(call('Set', PathServiceSetRequestSchema, set))).toMatchObject({ code: ErrorCode.OUT_OF_RANGE, status: 11 });
    }
    const pop = await call('Pop', PathServicePopRequestSchema, { name, key, path: [text('list')], index: 2 ** 31 - 1 });
    expect(pop.response).toHaveLength(0);
    const values = [{ kind: { case: 'number' as const, value: 9 } }];
    const other = { name: fresh('dict'), key, path: [], index: -(2 ** 31), values };
    const { response } = await call('Insert', PathServiceInsertRequestSchema, other);
    expect(fromBinary(PathServicePushResponseSchema, response!).length).toBe(1);
  });

  test('with a step that is no index of the list is INVALID_ARGUMENT', async () => {
    for (const step of [number(NaN), number(Infinity), number(0.5), text('0')]) {
      const path = [text('list'), step];
      expect(await refused(call('Get', PathServiceGetRequestSchema, { name, key, path }))).toMatchObject({
        code: ErrorCode.INVALID_ARGUMENT,
        status: 3,
      });
    }
  });

  test('with an empty step is INVALID_ARGUMENT', async () => {
    expect(await refused(call('Get', PathServiceGetRequestSchema, { name, key, path: [{}] }))).toMatchObject({
      code: ErrorCode.INVALID_ARGUMENT,
    });
  });

  test('with a path of 10,000 steps is INVALID_ARGUMENT, with a short message', async () => {
    const path = range(0, 10_000).map(() => text('deep'));
    const { code, message } = await refused(call('Get', PathServiceGetRequestSchema, { name, key, path }));
    expect({ code, words: message.length < 200 }).toEqual({ code: ErrorCode.INVALID_ARGUMENT, words: true });
  });

  test('with invalid values is INVALID_ARGUMENT', async () => {
    const path = [text('list')];
    const bad = [{}, { kind: { case: 'packed' as const, value: Uint8Array.of(0xdd, 255, 255, 255, 255) } }];
    for (const value of bad) {
      const values = [{ kind: { case: 'number' as const, value: 4 } }, value];
      expect(await refused(call('Push', PathServicePushRequestSchema, { name, key, path, values }))).toMatchObject({
        code: ErrorCode.INVALID_ARGUMENT,
      });
    }
    const add = { name, key, path: [text('deep'), text('hits')], delta: { kind: { case: 'text' as const, value: '1' } } };
    expect(await refused(call('Add', PathServiceAddRequestSchema, add))).toMatchObject({ code: ErrorCode.INVALID_ARGUMENT });
    expect((await unaryCall(daemon.address, `${SERVICE}/Push`, Uint8Array.of(0x12, 0xff))).status).toBe(3);
  });

  test('writing below a missing container is NOT_FOUND', async () => {
    const set = { name, key, path: [text('no'), text('where')], value: { kind: { case: 'number' as const, value: 1 } } };
    const { code, status, message } = await refused(call('Set', PathServiceSetRequestSchema, set));
    expect({ code, status, message }).toEqual({ code: ErrorCode.NOT_FOUND, status: 5, message: expect.stringContaining('["ada"].no') });
  });
});

test('a value that would outgrow the largest message is PayloadTooLargeError, and stays as it was', async () => {
  await using small = await Manager.start({ maxPayload: 10_000 });
  const dict = small.dict<string, { list: string[] }>('dict');
  await dict.set('ada', { list: [] });
  const list = dict.path('ada', 'list');
  let length = 0;
  const outcome = await (async () => {
    for (;;) length = await list.push('x'.repeat(500));
  })().catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(PayloadTooLargeError);
  expect(length).toBeGreaterThan(15);
  // The value can be read by every method.
  expect((await dict.get('ada'))?.list).toHaveLength(length);
  expect((await dict.toMap()).get('ada')?.list).toHaveLength(length);
  for await (const [, page] of dict) expect(page.list).toHaveLength(length);
  expect(await list.pop()).toHaveLength(500);
  expect(await list.push('y')).toBe(length);
});
