import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import { TAG } from '../../../engine/state/form.js';
import { DamagedStateError, readState, StateReader } from '../../../engine/state/reader.js';
import { stateChunks } from '../../../engine/state/writer.js';
import type { State } from '../../../proto/state.js';
import { state } from '../../support/arbitrary-state.js';

const written = (value: State): Buffer => Buffer.concat([...stateChunks(value)]);

/** Cuts bytes into chunks of a size. */
function* cut(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Equality of states as data; that of Node takes -0 for another number than 0, and NaN for itself. */
function expectEqual(read: State, value: State): void {
  if (!isDeepStrictEqual(read, value)) expect(read).toEqual(value);
}

/** Reads bytes that may be damaged. Returns true if they are a state. @throws everything but a DamagedStateError */
function isReadable(bytes: Uint8Array, size = bytes.length): boolean {
  try {
    readState(cut(bytes, size));
    return true;
  } catch (error) {
    if (error instanceof DamagedStateError) return false;
    throw error;
  }
}

/** Long content: of each type, around the sizes at which the codec changes its way. */
const LONG: State[] = [31, 32, 33, 1023, 1024, 1025, 16_383, 16_384, 64 * 1024 - 4, 64 * 1024, 200_000].flatMap((length) => [
  'a'.repeat(length),
  'a'.repeat(length - 1) + 'Ā',
  Uint8Array.from({ length }, (_, at) => at),
  -(2n ** BigInt(4 * length)),
]);

describe('a written state', () => {
  test('is read as it was, from chunks cut in any way', () => {
    fc.assert(
      fc.property(state, fc.integer({ min: 1, max: 40 }), (value, size) => {
        expectEqual(readState(cut(written(value), size)), value);
      }),
      { numRuns: 3_000 },
    );
  });

  test.each([1, 100, 1024, 50_000])('is read as it was with long content in it, from chunks of %i bytes', (size) => {
    expectEqual(readState(cut(written(LONG), size)), LONG);
  });

  test('is read as it was with all sizes of numbers', () => {
    const powers = Array.from({ length: 60 }, (_, power) => 2 ** power);
    const numbers = powers.flatMap((power) => [power - 1, power, power + 1, -power, power + 0.5]);
    expectEqual(readState(stateChunks(numbers)), numbers);
  });

  test('may be nested to any depth', () => {
    let value: State = 'core';
    for (let depth = 0; depth < 100_000; depth++) value = depth % 2 === 0 ? [value] : { value };
    let read: State = readState(stateChunks(value));
    for (let depth = 100_000; depth-- > 0;) read = depth % 2 === 0 ? (read as [State])[0] : (read as { value: State }).value;
    expect(read).toBe('core');
  });

  test('may have any number of names', () => {
    const lists = Array.from({ length: 5_000 }, (_, i) => ({ [`a${i}`]: i, b: i }));
    const map = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`field ${i}`, i]));
    const value: State = [lists, lists, map, map, {}, {}];
    expectEqual(readState(stateChunks(value)), value);
  });

  test('is the same for objects with other orders of fields, from the first to the last', () => {
    const orders = [
      { a: 1, b: 2, c: 3 },
      { c: 3, b: 2, a: 1 },
      { b: 2, c: 3, a: 1 },
    ];
    const [first, ...others] = orders.map((order) => written(Array.from(orders, () => order)).toString('hex'));
    expect(others).toEqual([first, first]);
  });

  test('has each name once, however often it occurs', () => {
    const rows = Array.from({ length: 100 }, (_, row) => ({ 'a long name of a field': row }));
    expect(written(rows).length).toBeLessThan(100 * 6);
  });

  test('has large byte strings as chunks of their own, without a copy', () => {
    const large = new Uint8Array(100_000);
    expect([...stateChunks(['before', large, 'after'])].map((chunk) => chunk === large)).toEqual([false, true, false]);
  });

  test('comes in chunks of up to 64 KiB, which do not change later', () => {
    const texts = Array.from({ length: 10_000 }, (_, i) => `text ${i}`.repeat(1 + (i % 50)));
    const seen = Array.from(stateChunks(texts), (chunk) => [chunk, Buffer.from(chunk)] as const);
    for (const [chunk, copy] of seen) {
      expect(chunk.length).toBeLessThanOrEqual(64 * 1024);
      expect(copy.equals(chunk)).toBe(true);
    }
  });

  test('is written only as far as it is asked for', () => {
    let asked = 0;
    const part = Object.defineProperty({}, 'text', { enumerable: true, get: () => (asked++, 'x'.repeat(1_000)) });
    const chunks = stateChunks(Array.from({ length: 10_000 }, () => part as State));
    chunks.next();
    expect(asked).toBeLessThan(100);
  });
});

describe('a reader', () => {
  test('keeps no part of a chunk', () => {
    const value = { text: 'text', bytes: Uint8Array.of(1, 2, 3), long: new Uint8Array(5_000).fill(7), wide: 'Ā' };
    const reader = new StateReader();
    for (const chunk of cut(written(value), 1_000)) {
      const own = Uint8Array.from(chunk);
      reader.push(own);
      own.fill(0xff);
    }
    const read = reader.end() as typeof value;
    expectEqual(read, value);
    expect([read.bytes, read.long].map(({ buffer }) => buffer.byteLength)).toEqual([3, 5_000]);
  });

  test('refuses a state of which the end is missing', () => {
    fc.assert(
      fc.property(state, fc.nat(), (value, length) => {
        const bytes = written(value);
        expect(isReadable(bytes.subarray(0, length % bytes.length))).toBe(false);
      }),
      { numRuns: 1_000 },
    );
    expect(() => readState([])).toThrow('damaged at byte 0: it ends too early');
  });

  test('refuses bytes behind the end', () => {
    expect(() => readState([written(1), Uint8Array.of(0)])).toThrow(DamagedStateError);
    expect(() => readState([Buffer.concat([written(1), Uint8Array.of(0)])])).toThrow('damaged at byte 3: more bytes follow its end');
  });

  test('refuses another form, and says which one it reads', () => {
    expect(() => readState([Uint8Array.of(2, 0)])).toThrow('it is of form 2, and this version reads form 1');
  });

  test.each<[string, number[]]>([
    ['an unknown type', [255]],
    ['a list of names that is not there', [TAG.fields, 0]],
    ['names that are no texts', [TAG.named, 1, TAG.true, TAG.true]],
    ['a name that occurs twice', [TAG.named, 2, TAG.latin1, 1, 97, TAG.latin1, 1, 97, TAG.true, TAG.true]],
    ['names in another order', [TAG.named, 2, TAG.latin1, 1, 98, TAG.latin1, 1, 97, TAG.true, TAG.true]],
    ['a bigint without digits', [TAG.bigint, 0]],
    ['a bigint of other characters', [TAG.bigint, 2, 0x30, 0x78]],
    ['a number without an end', [TAG.natural, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1]],
    ['a length that no array has', [TAG.array, 128, 128, 128, 128, 16]],
    ['a length that no text has', [TAG.latin1, 255, 255, 255, 255, 255, 255, 1]],
  ])('refuses %s', (_, bytes) => {
    expect(() => readState([Uint8Array.of(1, ...bytes)])).toThrow(/damaged at byte \d+: (?!it ends)/);
  });

  test('reads a state, or says that it is damaged, with any bits flipped', () => {
    fc.assert(
      fc.property(state, fc.array(fc.nat(), { minLength: 1, maxLength: 3 }), fc.integer({ min: 1, max: 40 }), (value, flips, size) => {
        const bytes = written(value);
        for (const flip of flips) bytes[(flip >>> 3) % bytes.length]! ^= 1 << (flip & 7);
        isReadable(bytes, size);
      }),
      { numRuns: 3_000 },
    );
  });

  test('reads a state, or says that it is damaged, from any bytes', () => {
    const low = fc.uint8Array({ max: 16, maxLength: 60 });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 60 }), low), (bytes) => {
        isReadable(Buffer.concat([Uint8Array.of(1), bytes]));
      }),
      { numRuns: 5_000 },
    );
  });

  test.each([
    ['bytes', TAG.bytes],
    ['text', TAG.latin1],
    ['wide text', TAG.utf16],
    ['digits', TAG.bigint],
    ['array', TAG.array],
    ['list of names', TAG.named],
  ])('makes no room for the %s that a damaged length announces', (_, tag) => {
    const before = process.memoryUsage();
    // 2^28 - 1, again and again: each array is the first item of the one before.
    const announced = Array.from({ length: 1_000 }, () => [tag, 255, 255, 255, 127]);
    expect(isReadable(Uint8Array.of(1, ...announced.flat()))).toBe(false);
    const after = process.memoryUsage();
    expect(after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers).toBeLessThan(16 * 2 ** 20);
  });
});
