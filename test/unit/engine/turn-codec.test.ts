import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { MachineInput, Turn } from '../../../engine/machine/inputs.js';
import { turnOf, writeTurn } from '../../../engine/machine/turn-codec.js';
import { Record as LogRecord } from '../../../proto/gen/commonhold/log/v1/log_wire.js';
import { methods } from '../../../proto/methods.js';
import { Reader } from '../../../proto/wire/reader.js';
import { Writer } from '../../../proto/wire/writer.js';
import { state } from '../../support/arbitrary-state.js';

// The turns of a machine, as its log has them.

const count = fc.maxSafeNat();
const bytes = fc.uint8Array({ size: 'xlarge', maxLength: 10_000 }).map((array) => Buffer.from(array));
const lease = fc.record({
  ms: fc.nat(),
  secret: fc.string(),
  hostId: fc.string(),
  thread: fc.nat(),
  threadStart: count,
  heartbeats: fc.boolean(),
  early: fc.boolean(),
});
const client = fc.record({
  host: fc.string(),
  pid: fc.nat(),
  label: fc.string(),
  lease: fc.option(lease, { nil: undefined }),
  token: fc.option(fc.string(), { nil: undefined }),
});
const request = fc.record({
  label: fc.string(),
  id: fc.option(fc.string(), { nil: undefined }),
  token: fc.option(fc.string(), { nil: undefined }),
  method: fc.nat(methods.length - 1),
  bytes,
  packed: fc.boolean(),
});
const outcome = fc.dictionary(fc.string(), state, { noNullPrototype: true });
const most = fc.oneof(count, fc.constant(Infinity));
const limits = fc.record({
  maxMessageBytes: count,
  maxCalls: count,
  watchHistory: count,
  maxMemory: most,
  maxObjects: most,
  maxWaiting: most,
});

const member = fc.tuple(fc.string(), fc.constantFrom('method', 'getter', 'field'), fc.nat());
const types = fc.array(fc.record({ name: fc.string(), members: fc.array(member), saves: fc.boolean() }));

const grants = fc.array(fc.record({ objects: fc.string(), verbs: fc.nat(7) }));

const inputs: { readonly [T in MachineInput['type']]: fc.Arbitrary<Omit<Extract<MachineInput, { type: T }>, 'type'>> } = {
  opened: fc.record({ session: count, id: fc.string(), client }),
  frame: fc.record({ session: count, frame: bytes, stoppedAt: fc.option(fc.nat(), { nil: undefined }) }),
  received: fc.record({ session: count, count }),
  flushed: fc.record({ session: count }),
  ended: fc.record({ session: count }),
  called: fc.record({ call: count, request }),
  cancelled: fc.record({ call: count }),
  lost: fc.record({ names: fc.array(fc.string()) }),
  restarted: fc.record({ wallTime: fc.double({ min: 0, noNaN: true }) }),
  completed: fc.record({ run: count, outcome }),
  limited: fc.record({ limits }),
  typed: fc.record({ types }),
  authorized: fc.record({ tokens: fc.array(fc.record({ name: fc.string(), grants })) }),
  draining: fc.record({ reason: fc.string() }),
  tick: fc.record({}),
};

function turnsOf(type: MachineInput['type']): fc.Arbitrary<Turn> {
  const input = (inputs[type] as fc.Arbitrary<object>).map((fields) => ({ type, ...fields }) as MachineInput);
  return fc.record({ now: fc.double({ min: 0, noNaN: true }), input, observed: fc.array(state, { maxLength: 3 }) });
}

test.each(Object.keys(inputs) as MachineInput['type'][])('turns with the input "%s" are written and read', (type) => {
  fc.assert(
    fc.property(fc.array(turnsOf(type), { maxLength: 5 }), (turns) => {
      const writer = new Writer();
      for (const turn of turns) writeTurn(writer, turn);
      const written = writer.take();
      const record = LogRecord.read(new Reader(written), written.length);
      expect(record.turns.map(turnOf)).toEqual(turns);
    }),
  );
});

test('a turn without a known input is refused', () => {
  expect(() => turnOf({ now: 1, session: 1, flushed: false, ended: false, tick: false })).toThrow(/no input that this version knows/);
});
