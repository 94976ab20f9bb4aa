import { USUAL_LIMITS } from '../../../engine/core/limits.js';
import { TYPE } from '../../../engine/memory/objects/dict.js';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { dictHandlers } from '../../../engine/memory/objects/dict-handlers.js';
import { Keyspace } from '../../../engine/memory/lifetime/keyspace.js';
import { listKind } from '../../../engine/memory/objects/list.js';
import { pathHandlers } from '../../../engine/memory/objects/path.js';
import { Session } from '../../../engine/core/session.js';
import { payloadString } from '../../../proto/codec/fields.js';
import { toJsonPayload } from '../../../proto/codec/json.js';
import { OpaqueReference } from '../../../proto/codec/opaque.js';
import { decodePayload, encodePayload } from '../../../proto/codec/payload.js';
import { encodeBytes } from '../../../proto/codec/scalar.js';
import type { CallContext } from '../../../proto/contract.js';
import { InvalidArgumentError, NotFoundError, PayloadTooLargeError } from '../../../proto/errors.js';
import { MalformedError, type Key, type Payload } from '../../../proto/wire/values.js';
import { range } from '../../conformance/support.js';
import { graph, tree } from '../../support/arbitrary-values.js';
import { expectSame, refusesOrNot } from '../codec/support.js';
import { stress } from '../../support/stress.js';
import { inTurns, realClock } from '../../support/turns.js';

const MB = 1024 * 1024;

const contextOf = (session: Session, readOnly = false): CallContext => ({ session, readOnly, cancel: undefined, handOver() {} });
const context = contextOf(new Session(''));

function make(most = 64 * MB) {
  const clock = realClock();
  const keyspace = inTurns(clock, new Keyspace(clock, { ...USUAL_LIMITS, maxMessageBytes: most }));
  const path = inTurns(clock, pathHandlers(keyspace));
  const dict = inTurns(clock, dictHandlers(keyspace));
  const at = (...steps: Key[]) => ({ name: 'dict', key: 'ada', path: steps });
  return {
    clock,
    keyspace,
    path,
    dict,
    at,
    store: (value: Payload) => dict.set({ name: 'dict', key: 'ada', value }, context),
    stored: async (): Promise<Payload> => {
      const { value } = await dict.get({ name: 'dict', key: 'ada' }, context);
      if (value === undefined) throw new Error('nothing is stored');
      return value;
    },
  };
}

/** A value as a client that writes JSON sends it. */
const json = (value: unknown): Payload => {
  const payload = toJsonPayload(encodePayload(value));
  expect(payload[0]).toBe(0x3a);
  return payload;
};

/** Runs a handler; as in the server, a malformed payload is a malformed request. */
function wellFormed(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    throw error instanceof MalformedError ? new InvalidArgumentError(error.message) : error;
  }
}

describe('the handlers of paths', () => {
  it('keep the end of a key', async () => {
    const { keyspace, dict, path, at } = make();
    const watch = { name: 'dict', watch: 1, end: false, timeoutMs: 10_000 };
    const begin = await dict.watch({ ...watch, from: undefined }, context);
    await dict.set({ name: 'dict', key: 'ada', value: encodePayload({ list: [] }), ttlMs: 1_000 }, context);
    await path.push({ ...at('list'), values: [encodePayload(1)] }, context);
    await path.set({ ...at(), value: encodePayload([1]) }, context);
    let { revision } = begin;
    const types: number[] = [];
    while (types.at(-1) !== TYPE.expire) {
      const page = await dict.watch({ ...watch, from: revision }, context);
      types.push(...page.changes.map(({ type }) => type));
      revision = page.revision;
    }
    expect(types).toEqual([TYPE.set, TYPE.set, TYPE.set, TYPE.expire]);
    keyspace.close();
  });

  it('report each change to watches as the whole value, and nothing if nothing changed', async () => {
    const { keyspace, dict, path, at, store } = make();
    await store(encodePayload({ list: [1], set: new Set([1]) }));
    const { revision } = await dict.watch({ name: 'dict', watch: 1, end: false, from: undefined }, context);
    await path.push({ ...at('list'), values: [encodePayload(2)] }, context);
    await path.push({ ...at('list'), values: [] }, context);
    await path.addMembers({ ...at('set'), values: [encodePayload(1)] }, context);
    await path.delete(at('other'), context);
    await path.remove({ ...at('list'), value: encodePayload(9) }, context);
    await path.compareAndSet({ ...at('list'), expected: encodePayload([]), next: encodePayload(0) }, context);
    expect(() => path.set({ ...at('other', 'deep'), value: encodePayload(1) }, context)).toThrow(NotFoundError);
    await path.delete(at(), context);
    const { changes } = await dict.watch({ name: 'dict', watch: 1, end: false, from: revision, timeoutMs: 0 }, context);
    expect(changes.map(({ type, key, value }) => [type, key, value && decodePayload(value)])).toEqual([
      [TYPE.set, 'ada', { list: [1, 2], set: new Set([1]) }],
      [TYPE.delete, 'ada', undefined],
    ]);
    keyspace.close();
  });

  it('count the references that they put into values, and take out', async () => {
    const { clock, keyspace, path, at, store } = make();
    const session = new Session('one');
    const list = keyspace.create(listKind, { name: '~list', exclusive: true, ttlMs: undefined }, contextOf(session)).object;
    const reference = encodePayload(new OpaqueReference({ kind: 'list', name: list.name, address: '' }));
    await store(encodePayload({ lists: [] }));
    await path.push({ ...at('lists'), values: [reference, reference] }, context);
    clock.turn(() => keyspace.anonymous.dismiss(list.name, session));
    await path.add({ ...at('hits'), delta: encodePayload(1) }, context);
    await path.pop(at('lists'), context);
    expect(keyspace.find(listKind, list.name)).toBe(list);
    expect(await path.pop(at('lists'), context)).toEqual({ value: reference });
    expect(keyspace.find(listKind, list.name)).toBeUndefined();
    keyspace.close();
  });

  it('keep JSON as JSON while JSON can express it, and return its parts as JSON', async () => {
    const { path, at, store, stored } = make();
    await store(json({ tags: ['a', { deep: null }], points: 1 }));
    await path.push({ ...at('tags'), values: [encodePayload({ b: [true] })] }, context);
    await path.add({ ...at('points'), delta: encodePayload(0.5) }, context);
    const changed = await stored();
    expect(payloadString(changed)).toBe(payloadString(json({ tags: ['a', { deep: null }, { b: [true] }], points: 1.5 })));
    expect((await path.get(at('tags'), context)).value).toEqual(json(['a', { deep: null }, { b: [true] }]));
    expect((await path.pop(at('tags'), context)).value).toEqual(json({ b: [true] }));
    await path.set({ ...at('seen'), value: encodePayload(new Set([1])) }, context);
    expect(decodePayload(await stored())).toEqual({ tags: ['a', { deep: null }], points: 1.5, seen: new Set([1]) });
  });

  it.each<[string, unknown]>([
    ['NaN', NaN],
    ['a bigint', 1n],
    ['undefined', [undefined]],
    ['a hole', [1, , 2]],
    ['a Date', new Date(0)],
  ])('let JSON become packed that gets %s, and lose nothing', async (_what, value) => {
    const { path, at, store, stored } = make();
    await store(json({ list: [] }));
    await path.set({ ...at('new'), value: encodePayload(value) }, context);
    expect(decodePayload(await stored())).toStrictEqual({ list: [], new: value });
  });

  it('refuse an operation that would make a value larger than a message, and change nothing; a large value may shrink', async () => {
    const { path, at, store, stored } = make(10_000);
    await store(encodePayload({ list: [] }));
    const values = [encodePayload(new Uint8Array(1000))];
    let length = 0;
    for (; length < 9; length++) await path.push({ ...at('list'), values }, context);
    const before = await stored();
    expect(before.length).toBeGreaterThan(9000);
    for (const change of [
      () => path.push({ ...at('list'), values }, context),
      () => path.insert({ ...at('list'), index: 0, values }, context),
      () => path.set({ ...at('other'), value: values[0]! }, context),
      () => path.assign({ ...at(), entries: [{ key: 'other', value: values[0]! }] }, context),
      () => path.addMembers({ ...at('other'), values }, context),
    ]) {
      expect(change).toThrow(PayloadTooLargeError);
      expect(await stored()).toBe(before);
    }
    await store(encodePayload({ bytes: new Uint8Array(20_000), list: [1, 2] }));
    expect(await path.pop(at('list'), context)).toEqual({ value: encodePayload(2) });
    await path.delete(at('bytes'), context);
    expect(decodePayload(await stored())).toEqual({ list: [1] });
  });

  it('make no dict to read from', async () => {
    const { path, at, keyspace } = make();
    expect(() => path.get(at('x'), contextOf(new Session(''), true))).toThrow(NotFoundError);
    expect(keyspace.objects.size).toBe(0);
  });

  it('keep all parts beside a change unchanged, sharing and cycles included', async () => {
    await fc.assert(
      fc.asyncProperty(graph, async (value) => {
        const { path, at, store, stored } = make();
        await store(encodePayload({ beside: value, hits: 0, again: value }));
        await path.add({ ...at('hits'), delta: encodePayload(1) }, context);
        expectSame(decodePayload(await stored()), { beside: value, hits: 1, again: value });
        const part = (await path.get(at('again'), context)).value;
        if (part !== undefined) expectSame(decodePayload(part), value);
        else expect(value).toBeUndefined();
      }),
      { numRuns: stress(60, 200) },
    );
  });

  it('treat the same values as equal as compareAndSet of a whole value does', async () => {
    await fc.assert(
      fc.asyncProperty(tree, tree, async (value, other) => {
        if (value === undefined || other === undefined) return;
        const { path, dict, at, store } = make();
        const [one, two] = [encodePayload(value), encodePayload(other)];
        await store(one);
        const { swapped } = await dict.compareAndSet({ name: 'dict', key: 'ada', expected: two, next: one }, context);
        await store(encodePayload({ list: [value], set: new Set([value]), shared: [value, value] }));
        expect(await path.includes({ ...at('list'), value: two }, context)).toEqual({ found: swapped });
        expect(await path.compareAndSet({ ...at('list', 0), expected: two, next: two }, context)).toEqual({ swapped });
        expect(await path.includes({ ...at('shared'), value: one }, context)).toEqual({ found: true });
        expect(await path.addMembers({ ...at('set'), values: [one, two] }, context)).toEqual({ added: swapped ? 0 : 1 });
      }),
      { numRuns: stress(60, 200) },
    );
  });

  it('refuse or read payloads of unknown origin, without other effects', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 100 }),
      fc.uint8Array({ maxLength: 100 }).map((body) => encodeBytes(0x42, body)),
      fc.tuple(tree, fc.nat(), fc.nat(255)).map(([value, at, byte]) => {
        const payload = encodePayload([value]);
        payload[at % payload.length] = byte;
        return payload;
      }),
    );
    const step: fc.Arbitrary<Key> = fc.oneof(
      fc.integer({ min: -2, max: 3 }),
      fc.double(),
      fc.string(),
      fc.bigInt(),
      fc.boolean(),
      fc.uint8Array(),
    );
    fc.assert(
      fc.property(bytes, bytes, fc.array(step, { maxLength: 3 }), fc.integer(), (whole, value, steps, index) => {
        const { path, at, store } = make();
        const values = [value];
        const request = {
          ...at(...steps),
          value,
          delta: value,
          expected: value,
          next: value,
          values,
          index,
          entries: [{ key: 'x', value }],
        };
        for (const operation of Object.values(path)) {
          refusesOrNot(() => wellFormed(() => store(whole)));
          refusesOrNot(() => wellFormed(() => operation(request, context)));
        }
      }),
      { numRuns: stress(150, 500) },
    );
  });

  it('refuse undefined in every form', async () => {
    const { path, at, store, stored } = make();
    const before = encodePayload({ list: [1] });
    await store(before);
    const value = encodeBytes(0x42, Uint8Array.of(0xc7, 0, 0));
    expect(decodePayload(value)).toBeUndefined();
    for (const change of [
      () => path.set({ ...at('x'), value }, context),
      () => path.push({ ...at('list'), values: [value] }, context),
      () => path.assign({ ...at(), entries: [{ key: 'x', value }] }, context),
    ]) {
      expect(change).toThrow(InvalidArgumentError);
    }
    expect(decodePayload(await stored())).toEqual({ list: [1] });
  });

  it('do not grow a value without limit if keys share a part', async () => {
    const { path, at, store } = make(MB);
    const part = new Uint8Array(100_000);
    await store(encodePayload(new Map(range(0, 1000).map((index) => [[index, { part }], 1]))));
    const shared = { part };
    await store(encodePayload(new Map(range(0, 1000).map((index) => [[index, shared], 1]))));
    const failure = expect.objectContaining({ code: 'PAYLOAD_TOO_LARGE', object: at().name });
    expect(() => path.keys(at(), context)).toThrow(failure);
  });

  it('refuse to walk a large cycle for each of very many parts', async () => {
    const { path, at, store } = make();
    const cycle: unknown[] = range(0, stress(20_000, 100_000)).map(String);
    await store(encodePayload(range(0, 2000).map((index) => [index, cycle])));
    expect(await path.includes({ ...at(), value: encodePayload([1999, cycle]) }, context)).toEqual({ found: true });
    cycle.push(cycle);
    await store(encodePayload(range(0, 2000).map((index) => [index, cycle])));
    expect(() => path.includes({ ...at(), value: encodePayload(0) }, context)).toThrow(/cycles/);
  });

  it('read and write a great many references', async () => {
    const { path, at, store, stored } = make();
    const references = range(0, 50_000).map((index) => new OpaqueReference({ kind: 'list', name: `list ${index}`, address: '' }));
    await store(encodePayload([references]));
    // Comparing each with each would take minutes.
    await path.push({ ...at(), values: [encodePayload(1)] }, context);
    expect((decodePayload(await stored()) as unknown[][])[0]).toHaveLength(50_000);
  });
});
