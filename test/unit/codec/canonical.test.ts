import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { create, fromJson, toBinary, type JsonValue } from '@bufbuild/protobuf';
import { ValueSchema } from '@bufbuild/protobuf/wkt';
import fc from 'fast-check';
import { canonical } from '../../../proto/codec/canonical.js';
import { equalPayloads } from '../../../proto/codec/equal.js';
import { partForms } from '../../../proto/codec/canonical-value.js';
import { decodeOpaque, encodePayload } from '../../../proto/codec/payload.js';
import { REFERENCE } from '../../../proto/codec/reference.js';
import { PayloadSchema } from '../../../proto/gen/commonhold/v1/payload_pb.js';
import { graph, objectOf, tree } from '../../support/arbitrary-values.js';
import { stress } from '../../support/stress.js';

const form = (value: unknown): string => canonical(encodePayload(value));
const json = (value: JsonValue): Uint8Array =>
  toBinary(PayloadSchema, create(PayloadSchema, { kind: { case: 'json', value: fromJson(ValueSchema, value) } }));
const reference = (name: string, address = ''): unknown => ({ [REFERENCE]: () => ({ kind: 'dict', name, address }) });
const pipeEnd = (end?: number): unknown => ({ [REFERENCE]: () => ({ kind: 'pipe', name: 'p', address: '', end }) });

/** Values from few parts, so that two of them are often equal. */
const small: fc.Arbitrary<unknown> = fc.letrec<{ node: unknown }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<unknown>(0, 1, NaN, 1n, '', '1', true, null, undefined, 2n ** 70n),
    fc
      .constantFrom('', 'x', '1')
      .map((content) => Buffer.from(content))
      .map((buffer) => new Uint8Array(buffer)),
    fc.constantFrom(0, 1).map((time) => new Date(time)),
    fc.constantFrom(/a/, /a/g),
    fc.constantFrom([0], [1, 2]).map((items) => Float64Array.from(items)),
    fc.array(fc.tuple(fc.constantFrom('a', 'b', '__proto__'), tie('node')), { maxLength: 2 }).map(objectOf),
    fc.array(tie('node'), { maxLength: 2 }),
    fc.array(fc.tuple(fc.constantFrom<unknown>(1, '1', 'a'), tie('node')), { maxLength: 2 }).map((entries) => new Map(entries)),
    fc.array(fc.constantFrom<unknown>(1, 1n, 'a', NaN), { maxLength: 3 }).map((members) => new Set(members)),
  ),
})).node;

/** The same value with every unordered part in reverse order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (value instanceof Map) return new Map([...value].reverse().map(([key, item]) => [reversed(key), reversed(item)]));
  if (value instanceof Set) return new Set([...value].reverse().map(reversed));
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return objectOf(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, reversed(item)]),
  );
}

describe('canonical forms', () => {
  it('are equal exactly when values are deeply equal', () => {
    fc.assert(
      fc.property(small, small, (a, b) => {
        fc.pre(a !== undefined && b !== undefined);
        expect(form(a) === form(b)).toBe(isDeepStrictEqual(a, b));
      }),
      { numRuns: stress(500, 2_000) },
    );
  });

  it('do not depend on the order of keys, entries and members', () => {
    fc.assert(
      fc.property(
        tree.filter((value) => value !== undefined),
        (value) => expect(form(reversed(value))).toBe(form(value)),
      ),
      { numRuns: stress(50, 150) },
    );
  });

  it('of a graph are the same each time, and survive a round trip', () => {
    fc.assert(
      fc.property(graph, (value) => {
        const payload = encodePayload(value);
        expect(canonical(payload)).toBe(canonical(Buffer.from(payload).toString('latin1')));
      }),
      { numRuns: stress(50, 150) },
    );
  });

  it('do not depend on the way in which JSON was written', () => {
    fc.assert(
      fc.property(
        fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as JsonValue),
        (value) => {
          expect(canonical(json(value))).toBe(form(value));
        },
      ),
      { numRuns: stress(50, 150) },
    );
  });

  it.each<[string, unknown, unknown]>([
    ['0 and -0', 0, -0],
    ['0 and -0 inside', [0], [-0]],
    ['0 and -0 in typed arrays', Float64Array.of(0), Float64Array.of(-0)],
    ['NaN of any kind', NaN, new Float64Array(BigInt64Array.of(0x7ff8000000000001n).buffer)[0]],
    ['a Buffer and a Uint8Array', Buffer.from('x'), Uint8Array.of(120)],
    ['one object twice and two equal ones', [objectOf([]), objectOf([])], new Array(2).fill({})],
    [
      'one large object twice and two equal ones',
      [{ text: 'x'.repeat(5000) }, { text: 'x'.repeat(5000) }],
      new Array(2).fill({ text: 'x'.repeat(5000) }),
    ],
    ['errors made in different places', new TypeError('x'), (() => new TypeError('x'))()],
    ['references by different ways', reference('a'), reference('a', 'localhost:1')],
  ])('are equal: %s', (_, a, b) => {
    expect(form(a)).toBe(form(b));
  });

  it.each<[string, unknown, unknown]>([
    ['1 and 1n', 1, 1n],
    ['a text and its bytes', 'x', Buffer.from('x')],
    ['an absent and an undefined property', {}, { a: undefined }],
    ['a hole and undefined', [,], [undefined]],
    ['arrays in another order', [1, 2], [2, 1]],
    ['a Map and an object', new Map([['a', 1]]), { a: 1 }],
    ['a Set and an array', new Set([1]), [1]],
    ['typed arrays of another kind', new Int8Array(1), new Uint8ClampedArray(1)],
    ['errors of another class', new TypeError('x'), new RangeError('x')],
    ['references to other objects', reference('a'), reference('b')],
    ['references to the two ends of a pipe', pipeEnd(0), pipeEnd(1)],
    ['the end of a reference and a number behind it', [pipeEnd(0)], [pipeEnd(), 0]],
    ['a reference and an object that looks like one', reference('a'), { kind: 'dict', name: 'a', address: '' }],
    ['texts whose bytes meet', ['ab', 'c'], ['a', 'bc']],
  ])('differ: %s', (_, a, b) => {
    expect(form(a)).not.toBe(form(b));
  });

  it('of cycles are equal when the same links lead to the same places', () => {
    const loop = (label: string): unknown => {
      const head: Record<string, unknown> = { label };
      head['next'] = { back: head };
      return head;
    };
    expect(form(loop('a'))).toBe(form(loop('a')));
    expect(form(loop('a'))).not.toBe(form(loop('b')));
  });

  it('do not depend on the way in which protobuf was written', () => {
    const text = Buffer.from(encodePayload('AB'));
    const unknown = Buffer.from('a00601', 'hex');
    for (const payload of [Buffer.from('2a82004142', 'hex'), Buffer.concat([unknown, text]), Buffer.concat([text, unknown]), json('AB')]) {
      expect(canonical(payload)).toBe(canonical(text));
    }
    expect(equalPayloads(Buffer.from('20858000', 'hex'), encodePayload(5n))).toBe(true);
    expect(equalPayloads(Buffer.from('0801', 'hex'), encodePayload(null))).toBe(true);
  });

  it('of scalars are the payload itself', () => {
    const payload = Buffer.from(encodePayload('hello')).toString('latin1');
    expect(canonical(payload)).toBe(payload);
  });

  it('of large values are short', () => {
    expect(form(Array.from({ length: 10_000 }, (_, i) => ({ i })))).toHaveLength(33);
  });

  it('of parts of a value equal the forms of the parts alone', () => {
    fc.assert(
      fc.property(graph, (value) => {
        const { value: whole, graph: isGraph } = decodeOpaque(encodePayload([value, { again: value }]));
        const formOf = partForms(isGraph, 1);
        const [one, two] = whole as [unknown, { again: unknown }];
        for (const part of [whole, one, two, two.again]) if (part !== undefined) expect(formOf(part)).toBe(form(part));
      }),
    );
  });

  it('of parts are computed by one walk over shared parts', () => {
    let walks = 0;
    const shared = Object.defineProperty([0], 0, { get: () => ++walks, enumerable: true });
    const formOf = partForms(true, 1);
    expect(formOf([shared, 'a'])).not.toBe(formOf([shared, 'b']));
    expect(walks).toBe(1);
  });
});
