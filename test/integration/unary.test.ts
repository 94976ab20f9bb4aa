import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { create, fromBinary, toBinary, type DescMessage, type MessageInitShape, type MessageShape } from '@bufbuild/protobuf';
import { Manager } from 'commonhold';
import {
  DictServicePopRequestSchema,
  DictServicePopResponseSchema,
  ListServiceLengthRequestSchema,
  ListServiceLengthResponseSchema,
  QueueServiceAckRequestSchema,
  QueueServiceAckResponseSchema,
  QueueServiceDeliverRequestSchema,
  QueueServiceDeliverResponseSchema,
  ValueServiceAddRequestSchema,
  ValueServiceAddResponseSchema,
  ValueServiceLockRequestSchema,
  ValueServiceLockResponseSchema,
  ValueServiceUnlockRequestSchema,
  ValueServiceUnlockResponseSchema,
} from 'commonhold/proto';
import { fresh } from '../conformance/support.js';
import { Daemon } from '../support/daemon.js';
import { unaryCall } from '../support/grpc.js';

// Unary calls alone, as of a program in another language.

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

async function call<I extends DescMessage, O extends DescMessage>(
  method: string,
  [input, output]: readonly [I, O],
  init: MessageInitShape<I>,
): Promise<MessageShape<O>> {
  const end = await unaryCall(daemon.address, `commonhold.v1.${method}`, toBinary(input, create(input, init)));
  expect(end).toMatchObject({ status: 0 });
  return fromBinary(output, end.response!);
}

describe('a unary call', () => {
  test('that received the last reference to an anonymous object can use the object', async () => {
    const dict = manager.dict<string, unknown>(fresh('dict'));
    const list = manager.list<string>();
    await list.push('content');
    await dict.set('key', list);
    await list[Symbol.asyncDispose]();
    const popped = await call('DictService/Pop', [DictServicePopRequestSchema, DictServicePopResponseSchema], {
      name: dict.name,
      key: { kind: { case: 'text', value: 'key' } },
    });
    const { kind } = popped.value!;
    if (kind.case !== 'reference') throw new Error(`no reference: ${kind.case}`);
    // After a round trip of another client, the turn in which the reference was answered is over.
    await manager.stats();
    const length = [ListServiceLengthRequestSchema, ListServiceLengthResponseSchema] as const;
    expect(await call('ListService/Length', length, { name: kind.value.name })).toMatchObject({ length: 1 });
  });

  test('takes an item without losing it: Deliver, then Ack', async () => {
    const queue = manager.queue<string>(fresh('queue'));
    await queue.put('job');
    const deliver = [QueueServiceDeliverRequestSchema, QueueServiceDeliverResponseSchema] as const;
    const { items } = await call('QueueService/Deliver', deliver, { name: queue.name, leaseMs: 60_000n });
    expect(items).toMatchObject([{ attempts: 1, value: { kind: { case: 'text', value: 'job' } } }]);
    await call('QueueService/Ack', [QueueServiceAckRequestSchema, QueueServiceAckResponseSchema], {
      name: queue.name,
      token: items[0]!.token,
    });
    await queue.join();
  });

  test('finds the item of a Deliver without an answer again when its lease ends', async () => {
    const queue = manager.queue<string>(fresh('queue'));
    await queue.put('job');
    const deliver = [QueueServiceDeliverRequestSchema, QueueServiceDeliverResponseSchema] as const;
    await call('QueueService/Deliver', deliver, { name: queue.name, leaseMs: 50n });
    expect((await call('QueueService/Deliver', deliver, { name: queue.name })).items).toMatchObject([{ attempts: 2 }]);
  });

  test('writes a value under the token of the lock that it holds', async () => {
    const value = await manager.value<number>(fresh('value'), 1).create();
    const { name } = value;
    const { token } = await call('ValueService/Lock', [ValueServiceLockRequestSchema, ValueServiceLockResponseSchema], { name });
    const add = [ValueServiceAddRequestSchema, ValueServiceAddResponseSchema] as const;
    const sum = await call('ValueService/Add', add, { name, delta: { kind: { case: 'number', value: 4 } }, token });
    expect(sum.value!.kind).toEqual({ case: 'number', value: 5 });
    expect(await value.get()).toBe(5);
    await call('ValueService/Unlock', [ValueServiceUnlockRequestSchema, ValueServiceUnlockResponseSchema], { name, token });
    expect(await value.add(1)).toBe(6);
  });
});
