import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Manager, PayloadTooLargeError } from 'commonhold';
import { stress } from '../support/stress.js';

// An array may be larger than a message; calls that would be too large are refused.

const MIB = 1024 * 1024;

describe('an array larger than a message', () => {
  let manager: Manager;
  beforeAll(async () => {
    manager = await Manager.start({ maxPayload: MIB });
  });
  afterAll(() => manager.close());

  test('is made with its length, and read and written in parts', async () => {
    const array = manager.array(undefined, 'u32', MIB);
    const { sessionId } = manager;
    await expect(array.read()).rejects.toBeInstanceOf(PayloadTooLargeError);
    await expect(array.write(0, new Uint32Array(MIB))).rejects.toBeInstanceOf(PayloadTooLargeError);
    const part = MIB / 8;
    for (let start = 0; start < MIB; start += part)
      await array.write(
        start,
        Uint32Array.from({ length: part }, (_, at) => start + at),
      );
    for (let start = 0; start < MIB; start += part) expect((await array.read(start, start + part))[part - 1]).toBe(start + part - 1);
    await array.fill(7, -part);
    expect(await array.get(-1)).toBe(7);
    expect(manager.sessionId).toBe(sessionId);
  });

  test('is iterated over', async () => {
    const length = stress(256, 1024) * 1024;
    const array = manager.array(undefined, 'i64', length);
    await array.set(-1, 5n);
    let sum = 0n;
    let count = 0;
    for await (const element of array) {
      sum += element;
      count++;
    }
    expect([count, sum]).toEqual([length, 5n]);
  });

  test('cannot be made from elements in one message, and is not half made', async () => {
    const array = manager.array(undefined, 'u8', new Uint8Array(2 * MIB).fill(1));
    await expect(array.length()).rejects.toBeInstanceOf(PayloadTooLargeError);
    expect(await array.exists()).toBe(false);
  });

  test('of zeros is created by its length alone', async () => {
    expect(await manager.array(undefined, 'f64', new Float64Array(MIB)).length()).toBe(MIB);
  });
});
