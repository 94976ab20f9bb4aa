import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Keyspace } from '../../../engine/memory/lifetime/keyspace.js';
import { setHandlers } from '../../../engine/memory/objects/set.js';
import { Session } from '../../../engine/core/session.js';
import { decodePayload, encodePayload } from '../../../proto/codec/payload.js';
import type { CallContext } from '../../../proto/contract.js';
import { InvalidArgumentError, NotFoundError } from '../../../proto/errors.js';
import type { Payload } from '../../../proto/wire/values.js';
import { inTurns, realClock } from '../../support/turns.js';

const context = (readOnly = false): CallContext => ({ session: new Session(''), readOnly, cancel: undefined, handOver() {} });

const numbers = fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 80 });

/** One step on two sets of handlers, and on two Sets that model them. */
const step = fc.tuple(
  fc.constantFrom('add', 'delete', 'retain', 'pop', 'clear', 'union', 'difference', 'symmetricDifference', 'intersection'),
  numbers,
  fc.boolean(),
);

function made() {
  const clock = realClock();
  return inTurns(clock, setHandlers(new Keyspace(clock)));
}

describe('the handlers of sets', () => {
  it('do the same as a Set, in its order, with values as with another set', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), numbers, async (steps, begin) => {
        const handlers = made();
        const members = async (name: string): Promise<unknown[]> => (await handlers.snapshot({ name }, context())).values.map(decoded);
        const model = new Set<number>();
        for (const [operation, others, shared] of [['add', begin, false], ...steps] as const) {
          await handlers.clear({ name: 'other' }, context());
          if (shared) await handlers.add({ name: 'other', values: others.map(encodePayload) }, context());
          const values = shared ? [] : others.map(encodePayload);
          const request = { name: 'set', values, ...(shared && { otherName: 'other' }) };
          const there = new Set(others);
          if (operation === 'pop') {
            const [oldest] = model;
            const { value } = await handlers.pop({ name: 'set' }, context());
            expect(value === undefined ? undefined : decoded(value)).toBe(oldest);
            model.delete(oldest!);
          } else if (operation === 'clear') {
            await handlers.clear({ name: 'set' }, context());
            model.clear();
          } else if (operation === 'add') {
            await handlers.add(request, context());
            for (const other of others) model.add(other);
          } else if (operation === 'delete') {
            await handlers.delete(request, context());
            for (const other of others) model.delete(other);
          } else if (operation === 'retain') {
            await handlers.retain(request, context());
            for (const member of model) if (!there.has(member)) model.delete(member);
          } else {
            const own = [...model];
            const common = own.filter((member) => there.has(member));
            const [mine, theirs] = [own.filter((member) => !there.has(member)), [...there].filter((other) => !model.has(other))];
            const expected = {
              union: [...own, ...theirs],
              intersection: common,
              difference: mine,
              symmetricDifference: [...mine, ...theirs],
            };
            expect((await handlers[operation](request, context())).values.map(decoded)).toEqual(expected[operation]);
          }
          expect(await members('set')).toEqual([...model]);
        }
      }),
    );
  });

  it('refuse values together with another set, and invalid values, before doing anything', async () => {
    const handlers = made();
    await handlers.add({ name: 'set', values: [encodePayload(1)] }, context());
    expect(() => handlers.add({ name: 'set', values: [encodePayload(2)], otherName: 'other' }, context())).toThrow(InvalidArgumentError);
    expect(() => handlers.add({ name: 'set', values: [encodePayload(2), Uint8Array.of(7)] }, context())).toThrow(InvalidArgumentError);
    expect(() => handlers.delete({ name: 'set', values: [encodePayload(1), new Uint8Array(0)] }, context())).toThrow(InvalidArgumentError);
    expect((await handlers.size({ name: 'set' }, context())).size).toBe(1);
  });

  it('make no set to read from', () => {
    const handlers = made();
    expect(() => handlers.size({ name: 'set' }, context(true))).toThrow(NotFoundError);
    expect(() => handlers.union({ name: 'set', values: [] }, context(true))).toThrow(NotFoundError);
  });
});

function decoded(payload: Payload): unknown {
  return decodePayload(payload);
}
