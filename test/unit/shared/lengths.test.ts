import { describe, expect, test } from '@jest/globals';
import { InvalidArgumentError, OutOfMemoryError, OutOfRangeError } from '../../../client/index.js';
import { MOST_BYTES } from '../../../engine/shared/kernel/layout.js';
import { arenaOn, engineOf } from '../../support/arena.js';
import { checkHeap, KERNELS } from '../../support/shared-heap.js';

describe.each(KERNELS)('a length that is no 32-bit number, %s', (_name, wasm) => {
  test.each([MOST_BYTES / 8 + 1, 2 ** 28 - 1, 2 ** 28, 2 ** 29 - 1, 2 ** 29, 2 ** 29 + 1, 2 ** 30, 2 ** 31 - 1])(
    'of an array, %d, is an OutOfMemoryError and changes nothing',
    async (length) => {
      await using arena = arenaOn(wasm, 1 << 24);
      const dict = arena.dict<string, string>('dict');
      for (let i = 0; i < 100; i++) dict.sync.set(`key ${i}`, 'a value that is too long for a cell');
      expect(() => arena.array('array', 'f64', length).sync.get(0)).toThrow(OutOfMemoryError);
      for (let i = 0; i < 100; i++) expect(dict.sync.get(`key ${i}`)).toBe('a value that is too long for a cell');
      expect(checkHeap(engineOf(arena))).toBe(0);
    },
  );

  test.each([2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 32 + 1, -(2 ** 31), -(2 ** 32), Number.MAX_SAFE_INTEGER])(
    'as an index, %d, is beyond the end of a list',
    async (index) => {
      await using arena = arenaOn(wasm, 1 << 24);
      const list = arena.list<number>('list');
      list.sync.push(1, 2);
      expect(list.sync.at(index)).toBeUndefined();
      expect(() => list.sync.set(index, 3)).toThrow(OutOfRangeError);
      expect(list.sync.toArray()).toEqual([1, 2]);
    },
  );

  test.each([2 ** 31, 2 ** 32 - 1])('of parties of a barrier or of places of a queue, %d, is refused', async (count) => {
    await using arena = arenaOn(wasm, 1 << 24);
    await expect(arena.barrier('barrier', count).create()).rejects.toThrow(InvalidArgumentError);
    await expect(arena.queue('queue', { capacity: count }).create()).rejects.toThrow(InvalidArgumentError);
    await arena.barrier('largest', 2 ** 31 - 1).create();
    await arena.queue('longest', { capacity: 2 ** 31 - 1 }).create();
    expect(arena.queue('longest').sync.tryPut(1)).toBe(true);
  });
});
