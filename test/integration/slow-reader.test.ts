import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { create, toBinary } from '@bufbuild/protobuf';
import { Manager } from 'commonhold';
import { DictServiceGetRequestSchema } from 'commonhold/proto';
import { range } from '../conformance/support.js';
import { Daemon } from '../support/daemon.js';
import { RawSession } from '../support/raw-session.js';
import { until } from '../support/until.js';
import { stress } from '../support/stress.js';

// A client that asks for much and reads nothing slows no other client down, and costs the daemon a bounded amount of memory: its calls
// wait, or it is cut off.

const ITEM_BYTES = 1_000_000;
/** Number of calls of another client meanwhile. */
const ROUNDS = stress(100, 500);
const CALLS = stress(1_500, 4_000);
/** Most bytes that the daemon may use for a client that does not read, overhead included. */
const MOST_BYTES = 1_000_000_000;

let daemon: Daemon;
let witness: Manager;

beforeAll(async () => {
  daemon = await Daemon.serve();
  witness = await Manager.connect(daemon.address);
  await witness.dict<string, string>('large').set('text', 'x'.repeat(ITEM_BYTES));
});

afterAll(async () => {
  await witness.close();
  await daemon[Symbol.asyncDispose]();
});

describe.each([
  ['all in one frame', 'grpc', CALLS],
  ['in frames of 10', 'grpc', 10],
  ['all in one frame, as the SDK', 'sdk', CALLS],
  ['in frames of 10, as the SDK', 'sdk', 10],
] as const)('a client that asks for gigabytes and never reads (%s)', (_, face, callsInFrame) => {
  test('leaves the daemon its memory, and the others their answers', async () => {
    const { memory, sessions } = await witness.stats();
    await using raw = await RawSession.open(daemon.address, { face });
    raw.stream.pause();
    const request = toBinary(
      DictServiceGetRequestSchema,
      create(DictServiceGetRequestSchema, { name: 'large', key: { kind: { case: 'text', value: 'text' } } }),
    );
    const method = raw.index('DictService/Get');
    for (let id = 0; id < CALLS; id += callsInFrame) {
      raw.send({ calls: range(id, id + callsInFrame).map((each) => ({ id: each + 1, method, request })) });
    }
    const scores = witness.dict<string, number>('scores');
    await scores.clear();
    for (const round of range(1, ROUNDS)) {
      expect(await scores.add('alice', 1)).toBe(round);
      expect((await witness.stats()).memory.resident - memory.resident).toBeLessThan(MOST_BYTES);
    }
    raw.connection.destroy();
    await until('its session is gone', async () => (await witness.stats()).sessions <= sessions);
    expect(await scores.get('alice')).toBe(ROUNDS - 1);
  });
});

test.each(['grpc', 'sdk'] as const)('a client (%s) that pauses for some time gets all its answers', async (face) => {
  await using raw = await RawSession.open(daemon.address, { face });
  const request = toBinary(
    DictServiceGetRequestSchema,
    create(DictServiceGetRequestSchema, { name: 'large', key: { kind: { case: 'text', value: 'text' } } }),
  );
  const method = raw.index('DictService/Get');
  raw.stream.pause();
  for (const id of range(1, 101)) raw.send({ calls: [{ id, method, request }] });
  for (const round of range(0, 50)) await witness.dict<number, number>('rounds').set(round, round);
  raw.stream.resume();
  for (const id of range(1, 101)) {
    const { outcome } = await raw.answer(id);
    expect(outcome.case === 'response' && outcome.value.length > ITEM_BYTES).toBe(true);
  }
});
