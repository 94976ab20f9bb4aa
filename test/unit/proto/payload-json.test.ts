import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { encodeJson } from '../../../proto/codec/json.js';
import { AnyMessage } from '../../../proto/codec/opaque.js';
import { decodePayload, encodePayload } from '../../../proto/codec/payload.js';
import { REFERENCE } from '../../../proto/codec/reference.js';
import type { Json } from '../../../proto/json/json.js';
import { payloadFromJson, payloadToJson } from '../../../proto/json/payload-json.js';
import { graph, tree } from '../../support/arbitrary-values.js';

/** A payload after the way through the text of JSON. */
function through(payload: Uint8Array): Uint8Array {
  return payloadFromJson(JSON.parse(JSON.stringify(payloadToJson(payload))) as Json, 'value');
}

describe('a payload comes through JSON as it was', () => {
  test.each<[what: string, values: fc.Arbitrary<unknown>]>([
    ['any tree', tree],
    ['any graph', graph],
    ['JSON', fc.jsonValue()],
  ])('%s', (_what, values) => {
    fc.assert(
      fc.property(
        values.filter((value) => value !== undefined),
        (value) => {
          const payload = encodePayload(value);
          expect(Buffer.from(through(payload)).equals(payload)).toBe(true);
        },
      ),
    );
  });

  test.each<[unknown]>([
    [-0],
    [NaN],
    [-Infinity],
    [1e300],
    [2n ** 63n - 1n],
    [-(2n ** 63n)],
    [2n ** 64n],
    [new AnyMessage('type/x', Buffer.from([1]))],
  ])('%p', (value) => {
    expect(decodePayload(through(encodePayload(value)))).toEqual(value);
  });

  test('references, alone and inside', () => {
    const reference = { [REFERENCE]: () => ({ kind: 'pipe', name: 'p', address: 'unix:/x', end: 1 }) };
    for (const value of [reference, { inner: [reference, new Map([[1, reference]])] }]) {
      const payload = encodePayload(value);
      expect(Buffer.from(through(payload)).equals(payload)).toBe(true);
    }
  });

  test('json of other clients, as an equal value', () => {
    for (const value of [{ a: [1, null, 'x', { b: false }] }, [], 'text', 5]) {
      expect(decodePayload(through(encodeJson(value) as Uint8Array))).toEqual(value);
    }
  });
});

test('JSON is readable, and the rest is not lost', () => {
  expect(payloadToJson(encodePayload({ name: 'Ada', tags: ['a'] }))).toEqual({ json: { name: 'Ada', tags: ['a'] } });
  expect(payloadToJson(encodePayload(new Uint8Array([1, 2])))).toEqual({ binary: 'AQI=' });
  expect(payloadToJson(encodePayload(-0))).toEqual({ number: '-0' });
  expect(payloadToJson(encodePayload([new Date(0)]))).toEqual({ packed: 'kdb/AAAAAA==' });
});
