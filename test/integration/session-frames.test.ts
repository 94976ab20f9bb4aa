import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { create, toBinary } from '@bufbuild/protobuf';
import { Manager } from 'commonhold';
import { ErrorCode, QueueServiceGetManyRequestSchema, QueueServiceGetRequestSchema, QueueServicePutRequestSchema } from 'commonhold/proto';
import { fresh } from '../conformance/support.js';
import { Daemon } from '../support/daemon.js';
import { RawSession } from '../support/raw-session.js';

// The parts of one frame: a protobuf library writes them in the order of their fields, so that their order has no meaning.

let daemon: Daemon;
let witness: Manager;

beforeAll(async () => {
  daemon = await Daemon.serve();
  witness = await Manager.connect(daemon.address);
});

afterAll(async () => {
  await witness.close();
  await daemon[Symbol.asyncDispose]();
});

const get = (name: string): Uint8Array => toBinary(QueueServiceGetRequestSchema, create(QueueServiceGetRequestSchema, { name }));
const getMany = (name: string, max: number): Uint8Array =>
  toBinary(QueueServiceGetManyRequestSchema, create(QueueServiceGetManyRequestSchema, { name, max }));
const put = (name: string, text: string): Uint8Array =>
  toBinary(QueueServicePutRequestSchema, create(QueueServicePutRequestSchema, { name, value: { kind: { case: 'text', value: text } } }));

describe.each([
  ['any gRPC client', 'grpc'],
  ['the SDK', 'sdk'],
] as const)('one frame of %s', (_, face) => {
  test('may acknowledge some items of an answer and cancel the rest: each item is taken once', async () => {
    const queue = witness.queue<string>(fresh('queue'));
    await queue.putMany(['first', 'second', 'third']);
    await using raw = await RawSession.open(daemon.address, { face });
    raw.send({ calls: [{ id: 1, method: raw.index('QueueService/GetMany'), request: getMany(queue.name, 3) }] });
    await raw.answer(1);
    raw.send({ cancels: [1], taken: [{ id: 1, count: 1 }] });
    // Calls of one session start in the order sent: this one starts when the items are back.
    raw.send({ calls: [{ id: 2, method: raw.index('QueueService/Size'), request: get(queue.name) }] });
    await raw.answer(2);
    expect(await queue.peek(9)).toEqual(['second', 'third']);
  });

  test('may acknowledge an answer and use its id for a new call', async () => {
    const queue = witness.queue<string>(fresh('queue'));
    await queue.putMany(['first', 'second']);
    await using raw = await RawSession.open(daemon.address, { face });
    const call = { id: 5, method: raw.index('QueueService/Get'), request: get(queue.name) };
    raw.send({ calls: [call] });
    expect((await raw.nextAnswer(5)).outcome.case).toBe('response');
    raw.send({ calls: [call], taken: [{ id: 5 }] });
    expect((await raw.nextAnswer(5)).outcome.case).toBe('response');
    raw.send({ taken: [{ id: 5 }], goodbye: true });
    await raw.ended;
    expect(await queue.size()).toBe(0);
  });

  test('may give an answer back and use its id for a new call, which gets the item again', async () => {
    const queue = witness.queue<string>(fresh('queue'));
    await queue.put('only');
    await using raw = await RawSession.open(daemon.address, { face });
    const call = { id: 5, method: raw.index('QueueService/Get'), request: get(queue.name) };
    raw.send({ calls: [call] });
    const first = await raw.nextAnswer(5);
    raw.send({ calls: [call], cancels: [5] });
    expect((await raw.nextAnswer(5)).outcome).toEqual(first.outcome);
  });

  test('may make calls and contain a goodbye: the calls are done', async () => {
    const queue = witness.queue<string>(fresh('queue'));
    await using raw = await RawSession.open(daemon.address, { face });
    raw.send({ calls: [{ id: 1, method: raw.index('QueueService/Put'), request: put(queue.name, 'left behind') }], goodbye: true });
    await raw.ended;
    expect(await queue.peek(9)).toEqual(['left behind']);
  });

  test('does not cancel its own calls: a cancel concerns calls of earlier frames', async () => {
    const queue = witness.queue<string>(fresh('queue'));
    await using raw = await RawSession.open(daemon.address, { face });
    raw.send({ calls: [{ id: 1, method: raw.index('QueueService/Get'), request: get(queue.name) }], cancels: [1] });
    await queue.put('for the call');
    expect((await raw.nextAnswer(1)).outcome.case).toBe('response');
    raw.send({ cancels: [1] });
    raw.send({ calls: [{ id: 2, method: raw.index('QueueService/Get'), request: get(fresh('queue')) }] });
    raw.send({ cancels: [2] });
    expect((await raw.nextAnswer(2)).outcome).toMatchObject({ case: 'error', value: { code: ErrorCode.CANCELLED } });
  });

  test('that is broken behind its calls starts none of them', async () => {
    const queue = witness.queue<string>(fresh('queue'));
    await using raw = await RawSession.open(daemon.address, { face });
    const index = raw.index('QueueService/Put');
    raw.sendParts({ calls: [{ id: 1, method: index, request: put(queue.name, 'from a broken frame') }] }, Buffer.from('12ff', 'hex'));
    expect(await raw.ended).toMatchObject({ status: 3, message: expect.stringContaining('malformed') });
    expect(await queue.exists()).toBe(false);
  });
});
