import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InvalidArgumentError, OutOfRangeError } from '../../../proto/errors.js';
import { numberOf, payloadOfNumber } from '../../../proto/codec/number.js';
import { decodePayload, encodePayload } from '../../../proto/codec/payload.js';
import { coerce, coercePayload, isTypecode, type Typecode } from '../../../proto/codec/typecode.js';

describe('numbers in payloads', () => {
  it('come back, u64 beyond int64 too', () => {
    fc.assert(
      fc.property(fc.oneof(fc.double(), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })), (value) => {
        expect(numberOf(payloadOfNumber(value))).toBe(value);
        expect(numberOf(Buffer.from(payloadOfNumber(value)).toString('latin1'))).toBe(value);
      }),
    );
  });

  it('are read from JSON, as a person types them', () => {
    expect(numberOf(Buffer.from('3a09110000000000001440', 'hex'))).toBe(5);
  });

  it('are refused if they are no numbers', () => {
    for (const value of [null, true, '5', [5], new Uint8Array(1)]) expect(numberOf(encodePayload(value))).toBeUndefined();
  });
});

describe('typecodes', () => {
  it('are eleven', () => {
    expect(['i8', 'u8', 'i16', 'u16', 'i32', 'u32', 'i64', 'u64', 'f32', 'f64', 'bool'].every(isTypecode)).toBe(true);
    expect(['i', 'toString', '', 'double'].some(isTypecode)).toBe(false);
  });

  it.each<[Typecode, unknown, number | bigint | boolean]>([
    ['i8', -128, -128],
    ['u8', 255, 255],
    ['i32', -0, 0],
    ['u32', 2 ** 32 - 1, 2 ** 32 - 1],
    ['i64', -(2n ** 63n), -(2n ** 63n)],
    ['u64', 2n ** 64n - 1n, 2n ** 64n - 1n],
    ['f32', 0.1, Math.fround(0.1)],
    ['f32', Infinity, Infinity],
    ['f64', NaN, NaN],
    ['bool', true, true],
  ])('%s has %p as %p', (type, value, result) => {
    expect(coerce(type, value)).toBe(result);
  });

  it.each<[Typecode, unknown]>([
    ['i8', 128],
    ['i8', -129],
    ['u8', -1],
    ['u16', 65_536],
    ['i32', 1.5],
    ['u32', NaN],
    ['i64', 2n ** 63n],
    ['u64', -1n],
    ['f32', 1e39],
  ])('%s has no %p: out of range', (type, value) => {
    expect(() => coerce(type, value)).toThrow(OutOfRangeError);
  });

  it.each<[Typecode, unknown]>([
    ['i8', '1'],
    ['i8', 1n],
    ['i64', 1],
    ['u64', null],
    ['f64', 1n],
    ['bool', 1],
    ['f32', undefined],
  ])('%s has no %p: the wrong type', (type, value) => {
    expect(() => coerce(type, value)).toThrow(InvalidArgumentError);
  });

  it.each<[Typecode, unknown, unknown]>([
    ['i64', 5, 5n],
    ['u64', 5, 5n],
    ['i32', 5n, 5],
    ['f64', 5n, 5],
    ['f32', 0.1, Math.fround(0.1)],
    ['u64', 2n ** 64n - 1n, 2n ** 64n - 1n],
    ['bool', false, false],
  ])('%s takes the payload of %p as %p', (type, value, result) => {
    expect(decodePayload(coercePayload(type, encodePayload(value)))).toBe(result);
  });

  it('keep a valid payload as it is', () => {
    const payload = encodePayload(7);
    expect(coercePayload('i32', payload)).toBe(payload);
  });

  it.each<[Typecode, unknown, unknown]>([
    ['i64', 1.5, OutOfRangeError],
    ['i8', 300n, OutOfRangeError],
    ['f64', 2n ** 53n + 1n, OutOfRangeError],
    ['f64', 2n ** 2000n, OutOfRangeError],
    ['i32', 'x', InvalidArgumentError],
    ['bool', 1n, InvalidArgumentError],
  ])('%s refuses the payload of %p', (type, value, error) => {
    expect(() => coercePayload(type, encodePayload(value))).toThrow(error);
  });
});
