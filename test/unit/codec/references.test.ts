import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { encodePayload } from '../../../proto/codec/payload.js';
import { REFERENCE, type Reference } from '../../../proto/codec/reference.js';
import { referencesIn } from '../../../proto/codec/references.js';

// References to other objects, read without decoding.

const proxy = (name: string): object => ({ [REFERENCE]: (): Reference => ({ kind: 'list', name, address: 'here' }) });
const namesIn = (value: unknown): string[] => referencesIn(encodePayload(value)).map(({ name }) => name);

describe('the references in a payload', () => {
  test('are the references of the value', () => {
    expect(namesIn(proxy('~a'))).toEqual(['~a']);
    expect(namesIn({ deep: [new Map([['x', proxy('~a')]]), proxy('~b')] })).toEqual(['~a', '~b']);
  });

  test('are none if the value has none, however long it is', () => {
    for (const value of [null, true, 1, 1n, 'text', new Uint8Array(300), { a: 1 }, 'x'.repeat(70_000), Array(5_000).fill('abc')]) {
      expect(namesIn(value)).toEqual([]);
    }
  });

  test('are found in bytes kept as text, and after a value of any length', () => {
    for (const length of [0, 1, 100, 127, 128, 16_384, 70_000]) {
      const payload = encodePayload({ text: 'x'.repeat(length), list: proxy('~a') });
      expect(referencesIn(Buffer.from(payload).toString('latin1')).map(({ name }) => name)).toEqual(['~a']);
      expect(referencesIn(payload)).toHaveLength(1);
    }
  });

  test('are found if their list comes first, as other encoders may write it', () => {
    const [last] = [encodePayload([proxy('~a')])];
    const list = Buffer.from(last).indexOf(0x7a);
    expect(referencesIn(Buffer.concat([last.subarray(list), last.subarray(0, list)])).map(({ name }) => name)).toEqual(['~a']);
  });

  test('are none in bytes that are no payload, which can be stored', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.constantFrom(0x42, 0x4a, 0x7a), (bytes, tag) => {
        expect(Array.isArray(referencesIn(Uint8Array.of(tag, ...bytes)))).toBe(true);
      }),
    );
  });
});
