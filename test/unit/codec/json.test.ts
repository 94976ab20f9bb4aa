import { describe, expect, it } from '@jest/globals';
import { fromBinary, toJson } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { toJsonPayload } from '../../../proto/codec/json.js';
import { decodePayload, encodePayload } from '../../../proto/codec/payload.js';
import { REFERENCE } from '../../../proto/codec/reference.js';
import { PayloadSchema } from '../../../proto/gen/commonhold/v1/payload_pb.js';
import { graph } from '../../support/arbitrary-values.js';

/** The output of grpcurl. */
const printed = (value: unknown): unknown =>
  (toJson(PayloadSchema, fromBinary(PayloadSchema, toJsonPayload(encodePayload(value)) as Uint8Array)) as { json: unknown }).json;

describe('packed values for readers without the SDK', () => {
  it.each<[string, unknown, unknown]>([
    ['objects and arrays are JSON', { a: [1, 'x', true, null, { b: 0.5 }] }, { a: [1, 'x', true, null, { b: 0.5 }] }],
    ['undefined is left out, and null in arrays', { a: undefined, b: [undefined] }, { b: [null] }],
    ['a Map with texts for keys is an object', new Map([['a', 1]]), { a: 1 }],
    ['another Map is a list of pairs', new Map([[1, 'a']]), [[1, 'a']]],
    ['a Set is a list', new Set([1, 2]), [1, 2]],
    ['a Date is ISO text', [new Date(0), new Date(NaN)], ['1970-01-01T00:00:00.000Z', 'Invalid Date']],
    ['a RegExp is its source', [/a+/g], ['/a+/g']],
    ['a bigint is text', [2n ** 70n], ['1180591620717411303424']],
    ['what is no finite number is text', [NaN, -Infinity], ['NaN', '-Infinity']],
    ['bytes are base64', [Buffer.from('hi'), new ArrayBuffer(1)], ['aGk=', 'AA==']],
    ['typed arrays are lists', [Float32Array.of(1.5), BigInt64Array.of(3n)], [[1.5], ['3']]],
    [
      'references name their end',
      [{ [REFERENCE]: () => ({ kind: 'pipe', name: 'p', address: '', end: 1 }) }],
      [{ kind: 'pipe', name: 'p', end: 1 }],
    ],
    ['references name their object', [{ [REFERENCE]: () => ({ kind: 'dict', name: 'd', address: 'x' }) }], [{ kind: 'dict', name: 'd' }]],
    ['an object that occurs twice is written twice', new Array(2).fill({ a: 1 }), [{ a: 1 }, { a: 1 }]],
  ])('%s', (_, value, json) => {
    expect(printed(value)).toEqual(json);
  });

  it('errors have their name and message', () => {
    expect(printed([Object.assign(new TypeError('no', { cause: 'why' }), { stack: 'at' })])).toEqual([
      { name: 'TypeError', message: 'no', stack: 'at', cause: 'why' },
    ]);
  });

  it('cycles end with a mark', () => {
    const loop: Record<string, unknown> = { a: 1 };
    loop['self'] = loop;
    expect(printed(loop)).toEqual({ a: 1, self: '[cycle]' });
  });

  it('is bounded, where arrays lead to the next one many times', () => {
    let array: unknown[] = ['x'.repeat(1_000)];
    for (let level = 0; level < 80; level++) array = new Array<unknown>(50).fill(array);
    const { length } = toJsonPayload(encodePayload(array));
    expect(length).toBeGreaterThan(2 * 1024 * 1024);
    expect(length).toBeLessThan(3 * 1024 * 1024);
  });

  it('is never an error, and is read back by the SDK', () => {
    fc.assert(
      fc.property(
        graph.filter((value) => value !== undefined),
        (value) => {
          expect(() => decodePayload(toJsonPayload(encodePayload(value)))).not.toThrow();
        },
      ),
      { numRuns: 150 },
    );
    let deep: unknown = 1;
    for (let i = 0; i < 100; i++) deep = { deep };
    expect(decodePayload(toJsonPayload(encodePayload(deep)))).toEqual(deep);
  });

  it('leaves every other payload unchanged', () => {
    for (const value of [null, 1, 1n, 'x', Uint8Array.of(1)]) {
      const payload = encodePayload(value);
      expect(toJsonPayload(payload)).toBe(payload);
    }
  });
});
