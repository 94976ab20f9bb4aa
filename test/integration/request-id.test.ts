import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { create, fromBinary, toBinary, type MessageInitShape } from '@bufbuild/protobuf';
import { Manager } from 'commonhold';
import {
  LockServiceAcquireRequestSchema,
  LockServiceAcquireResponseSchema,
  LockServiceReleaseRequestSchema,
  QueueServiceGetRequestSchema,
  QueueServiceGetResponseSchema,
  QueueServicePutRequestSchema,
  ValueServiceAddRequestSchema,
} from 'commonhold/proto';
import { randomUUID } from 'node:crypto';
import type { ClientHttp2Session } from 'node:http2';
import { fresh } from '../conformance/support.js';
import { Daemon } from '../support/daemon.js';
import { connectHttp2, framed, RawCall } from '../support/grpc.js';
import { until } from '../support/until.js';

// Unary calls with the metadata `commonhold-request-id`, which a program in another language may make again.

let daemon: Daemon;
let manager: Manager;
let connection: ClientHttp2Session;

beforeAll(async () => {
  daemon = await Daemon.serve();
  manager = await Manager.connect(daemon.address);
  connection = connectHttp2(daemon.address);
});

afterAll(async () => {
  connection.destroy();
  await manager.close();
  await daemon[Symbol.asyncDispose]();
});

function begin(method: string, request: Uint8Array, id: string): RawCall {
  const call = new RawCall(connection, `commonhold.v1.${method}`, undefined, { 'commonhold-request-id': id });
  call.stream.end(framed(request));
  return call;
}

async function answer(call: RawCall): Promise<{ response: Buffer | undefined; status: number | undefined; message: string }> {
  const response = await call.message();
  const { status, message } = await call.ended;
  return { response, status, message };
}

const add = (name: string, delta = 1): Uint8Array =>
  toBinary(ValueServiceAddRequestSchema, create(ValueServiceAddRequestSchema, { name, delta: { kind: { case: 'number', value: delta } } }));

const acquire = (init: MessageInitShape<typeof LockServiceAcquireRequestSchema>): Uint8Array =>
  toBinary(LockServiceAcquireRequestSchema, create(LockServiceAcquireRequestSchema, init));

const release = (init: MessageInitShape<typeof LockServiceReleaseRequestSchema>): Uint8Array =>
  toBinary(LockServiceReleaseRequestSchema, create(LockServiceReleaseRequestSchema, init));

const tokenOf = (response: Buffer | undefined): bigint => fromBinary(LockServiceAcquireResponseSchema, response!).token;

async function untilWaiting(name: string, waiters: number): Promise<void> {
  await until(`${waiters} calls wait`, async () => {
    for await (const object of manager.objects({ match: name })) return object.waiters === waiters;
    return false;
  });
}

test('a request that is sent again is not executed again, and has the same answer', async () => {
  const value = await manager.value<number>(fresh('value'), 0).create();
  const id = randomUUID();
  const first = await answer(begin('ValueService/Add', add(value.name), id));
  expect(first.status).toBe(0);
  expect(await answer(begin('ValueService/Add', add(value.name), id))).toEqual(first);
  expect(await value.get()).toBe(1);
  expect((await answer(begin('ValueService/Add', add(value.name), randomUUID()))).status).toBe(0);
  expect(await value.get()).toBe(2);
});

test('an item that a request took is answered again', async () => {
  const queue = manager.queue<string>(fresh('queue'));
  await queue.putMany(['one', 'two']);
  const get = toBinary(QueueServiceGetRequestSchema, create(QueueServiceGetRequestSchema, { name: queue.name }));
  const id = randomUUID();
  const first = await answer(begin('QueueService/Get', get, id));
  const again = await answer(begin('QueueService/Get', get, id));
  expect(again).toEqual(first);
  expect(fromBinary(QueueServiceGetResponseSchema, again.response!).value!.kind).toEqual({ case: 'text', value: 'one' });
  expect(await queue.get()).toBe('two');
});

test('a failure is answered again', async () => {
  const lock = manager.lock(fresh('lock'));
  const request = acquire({ name: lock.name, timeoutMs: 0n });
  const held = await lock.acquire();
  const id = randomUUID();
  const first = await answer(begin('LockService/Acquire', request, id));
  expect(first.status).not.toBe(0);
  await held.release();
  expect(await answer(begin('LockService/Acquire', request, id))).toEqual(first);
});

test('calls with the id of a request that waits get its answer', async () => {
  const lock = manager.lock(fresh('lock'));
  const held = await lock.acquire();
  const id = randomUUID();
  const calls = [1, 2, 3].map(() => begin('LockService/Acquire', acquire({ name: lock.name }), id));
  await untilWaiting(lock.name, 1);
  await held.release();
  const tokens = (await Promise.all(calls.map(answer))).map(({ response }) => tokenOf(response));
  expect(new Set(tokens).size).toBe(1);
});

test('a request whose caller is cut off keeps its place in line for the next call with its id', async () => {
  const lock = manager.lock(fresh('lock'));
  const held = await lock.acquire();
  const id = randomUUID();
  const request = acquire({ name: lock.name, leaseMs: 60_000n });
  const own = connectHttp2(daemon.address);
  const call = new RawCall(own, 'commonhold.v1.LockService/Acquire', undefined, { 'commonhold-request-id': id });
  call.stream.end(framed(request));
  await untilWaiting(lock.name, 1);
  const later = lock.acquire();
  await untilWaiting(lock.name, 2);
  own.destroy();
  await call.ended;
  const again = begin('LockService/Acquire', request, id);
  await held.release();
  const { response } = await answer(again);
  const token = tokenOf(response);
  await answer(begin('LockService/Release', release({ name: lock.name, token }), randomUUID()));
  const next = await later;
  expect(next.token).toBeGreaterThan(Number(token));
  await next.release();
});

test('an id that stands for another request is refused', async () => {
  const value = await manager.value<number>(fresh('value'), 0).create();
  const queue = manager.queue<string>(fresh('queue'));
  const id = randomUUID();
  await answer(begin('ValueService/Add', add(value.name), id));
  const put = toBinary(
    QueueServicePutRequestSchema,
    create(QueueServicePutRequestSchema, { name: queue.name, value: { kind: { case: 'text', value: 'item' } } }),
  );
  for (const [method, request] of [
    ['ValueService/Add', add(value.name, 2)],
    ['QueueService/Put', put],
  ] as const) {
    expect(await answer(begin(method, request, id))).toMatchObject({
      status: 3,
      message: expect.stringContaining('another request') as unknown,
    });
  }
  expect(await value.get()).toBe(1);
  expect(await queue.size()).toBe(0);
});

test.each(['', 'x'.repeat(129)])('an id of the wrong length is refused: "%s"', async (id) => {
  const value = await manager.value<number>(fresh('value'), 0).create();
  expect(await answer(begin('ValueService/Add', add(value.name), id))).toMatchObject({ status: 3 });
  expect(await value.get()).toBe(0);
});
