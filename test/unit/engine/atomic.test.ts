import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compact } from '../../../engine/memory/collections/bytes.js';
import { Session } from '../../../engine/core/session.js';
import { kindHandlers } from '../../../engine/memory/kinds.js';
import { Keyspace, type SharedObject } from '../../../engine/memory/lifetime/keyspace.js';
import { WaitGraph } from '../../../engine/memory/locking/wait-for-graph.js';
import { atomicHandlers } from '../../../engine/memory/objects/atomic.js';
import { MemoryDict } from '../../../engine/memory/objects/dict.js';
import { MemoryList } from '../../../engine/memory/objects/list.js';
import { MemoryQueue } from '../../../engine/memory/objects/queue.js';
import { type MemoryValue } from '../../../engine/memory/objects/value.js';
import { Instances } from '../../../engine/memory/objects/instances.js';
import { TypeRegistry } from '../../../engine/types.js';
import { LocalUserCode } from '../../../engine/user-code.js';
import { inTurns, ManualTime } from '../../support/turns.js';
import { encodePayload } from '../../../proto/codec/payload.js';
import type { CallContext } from '../../../proto/contract.js';
import { NotOwnerError } from '../../../proto/errors.js';
import type {
  AtomicOpening,
  AtomicOperation,
  AtomicServiceCommitResponse as Committed,
} from '../../../proto/gen/commonhold/v1/atomic_wire.js';
import { GrowingNumbers } from '../../../engine/core/growing-numbers.js';

// Batches as any client of the contract may send them, also such as no proxy makes.

const context: CallContext = { session: new Session('one'), readOnly: false, cancel: undefined, handOver() {} };

function make() {
  const { clock } = new ManualTime();
  const keyspace = inTurns(clock, new Keyspace(clock));
  const tokens = new GrowingNumbers(clock);
  const exclusion = { tokens, waits: new WaitGraph(clock) };
  const kinds = kindHandlers({
    keyspace,
    tokens,
    exclusion,
    instances: new Instances(keyspace, new TypeRegistry(), new LocalUserCode((work) => clock.turn(work))),
  });
  const { commit } = inTurns(clock, atomicHandlers(keyspace, kinds));
  const value = inTurns(clock, kinds.value);
  return {
    keyspace,
    value,
    commit: (operations: AtomicOperation[], openings: AtomicOpening[] = []) =>
      commit({ checks: [], operations, openings }, context) as Committed,
  };
}

const number = encodePayload(1);
const numbers = fc.constantFrom(number, encodePayload(2n), encodePayload('text'));
const names = fc.constantFrom('a', 'b', 'c');
const keys = fc.constantFrom('x', 'y');
const priorities = fc.constantFrom(undefined, 1, NaN);
const holds = { token: fc.constantFrom(undefined, 1), owner: fc.constantFrom(undefined, 'me', 'o'.repeat(5000)) };

const operations = fc.oneof(
  fc.record({ dictSet: fc.record({ name: names, key: keys, value: numbers }) }),
  fc.record({ dictSet: fc.record({ name: names, key: keys, value: numbers, fence: fc.constant({ name: 'a', token: 1 }) }) }),
  fc.record({ dictDelete: fc.record({ name: names, key: keys }) }),
  fc.record({ dictAdd: fc.record({ name: names, key: keys, delta: numbers }) }),
  fc.record({ dictAddMany: fc.record({ name: names, deltas: fc.array(fc.record({ key: keys, value: numbers }), { maxLength: 2 }) }) }),
  fc.record({ listPush: fc.record({ name: names, values: fc.array(numbers, { maxLength: 2 }) }) }),
  fc.record({ queuePut: fc.record({ name: names, value: numbers, priority: priorities, delayMs: fc.constantFrom(undefined, 10) }) }),
  fc.record({ valueSet: fc.record({ name: names, value: numbers, ...holds }) }),
  fc.record({ valueAdd: fc.record({ name: names, delta: numbers, ...holds }) }),
  fc.constant({}),
) as fc.Arbitrary<AtomicOperation>;

const openings = fc.oneof(
  fc.record({ dict: fc.record({ name: names, exclusive: fc.boolean() }) }),
  fc.record({ list: fc.record({ name: names, exclusive: fc.boolean() }) }),
  fc.record({
    queue: fc.record({ name: names, exclusive: fc.boolean(), capacity: fc.constantFrom(undefined, 1), order: fc.constantFrom(0, 2) }),
  }),
  fc.record({ value: fc.record({ name: names, exclusive: fc.boolean(), initial: numbers, type: fc.constantFrom('', 'u8') }) }),
) as fc.Arbitrary<AtomicOpening>;

const batches = fc.record({ operations: fc.array(operations, { maxLength: 5 }), openings: fc.array(openings, { maxLength: 2 }) });

/** All objects with what they hold. */
function contents({ objects }: Keyspace): unknown {
  return [...objects.values()].map((object) => [object.name, object.kind, object.options(), held(object)]);
}

function held(object: SharedObject): unknown {
  if (object instanceof MemoryDict) return object.entries.all().map(({ key, value }) => [key, value]);
  if (object instanceof MemoryList) return object.all();
  if (object instanceof MemoryQueue) return object.peek(99);
  return (object as MemoryValue).value;
}

describe('a batch', () => {
  test('that fails has changed nothing, whatever its operations', () => {
    const outcomes = { done: 0, failed: 0 };
    fc.assert(
      fc.property(fc.array(batches, { minLength: 1, maxLength: 5 }), fc.boolean(), (each, locked) => {
        const { keyspace, value, commit } = make();
        if (locked) {
          void value.open({ name: 'a', exclusive: false, initial: number, type: '' }, context);
          void value.lock({ name: 'a', timeoutMs: 0 }, context);
        }
        for (const batch of each) {
          const before = contents(keyspace);
          try {
            expect(commit(batch.operations, batch.openings).results).toHaveLength(batch.operations.length);
            outcomes.done++;
          } catch {
            outcomes.failed++;
            expect(contents(keyspace)).toEqual(before);
          }
        }
        keyspace.close();
      }),
      { numRuns: 2000 },
    );
    expect(outcomes.done).toBeGreaterThan(0);
    expect(outcomes.failed).toBeGreaterThan(0);
  });

  test('writes a value under the token of its lock', () => {
    const { keyspace, value, commit } = make();
    void value.open({ name: 'value', exclusive: false, initial: number, type: '' }, context);
    const { token } = value.lock({ name: 'value', timeoutMs: 0 }, context) as { token: number };
    const two = encodePayload(2);
    expect(commit([{ valueSet: { name: 'value', value: two, token } }, { valueAdd: { name: 'value', delta: number, token } }])).toEqual({
      ok: true,
      results: [{ valueSet: {} }, { valueAdd: { value: compact(encodePayload(3)) } }],
    });
    const refused = [{ listPush: { name: 'list', values: [number] } }, { valueSet: { name: 'value', value: two, token: token + 1 } }];
    expect(() => commit(refused)).toThrow(NotOwnerError);
    expect(keyspace.objects.has('list')).toBe(false);
    keyspace.close();
  });
});
