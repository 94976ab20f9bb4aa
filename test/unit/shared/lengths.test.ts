import { describe, expect, test } from '@jest/globals';
import { InvalidArgumentError, LimitExceededError, OutOfMemoryError, OutOfRangeError } from '../../../client/index.js';
import { A_UIDS, MOST_BYTES, O_DATA, Q_UNFINISHED } from '../../../engine/shared/kernel/layout.js';
import type { SharedMemoryQueue } from '../../../engine/shared/objects/queue.js';
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

  test('of unfinished items of a queue is refused, and nothing is put', async () => {
    await using arena = arenaOn(wasm, 1 << 24);
    const engine = engineOf(arena);
    const queue = arena.queue<string>('queue', { capacity: 4 });
    await queue.create();
    const { object } = engine.objects.openNamed('queue', 'queue') as SharedMemoryQueue;
    const text = 'an item that is too long for a cell';
    engine.thread.setWord(object + O_DATA + Q_UNFINISHED, 2 ** 31 - 3);
    expect(() => queue.sync.putMany([text, text, text], { timeout: 0 })).toThrow(LimitExceededError);
    await expect(queue.putMany([text, text, text])).rejects.toThrow(LimitExceededError);
    expect(queue.sync.size()).toBe(0);
    queue.sync.putMany([text, text], { timeout: 0 });
    for (const put of [
      () => queue.sync.put(text, { timeout: 0 }),
      () => queue.sync.tryPut(text),
      () => queue.sync.putMany([text], { timeout: 0 }),
    ])
      expect(put).toThrow(LimitExceededError);
    await expect(queue.put(text)).rejects.toThrow(LimitExceededError);
    await expect(queue.putMany([text])).rejects.toThrow(LimitExceededError);
    expect(queue.sync.size()).toBe(2);
    queue.sync.taskDone(2 ** 31 - 2);
    queue.sync.putMany([text, text], { timeout: 0 });
    const waiting = queue.put('waits for room');
    engine.thread.setWord(object + O_DATA + Q_UNFINISHED, 2 ** 31 - 1);
    expect(queue.sync.tryGet()).toBe(text);
    await expect(waiting).rejects.toThrow(LimitExceededError);
    queue.sync.taskDone();
    expect(queue.sync.tryPut(text)).toBe(true);
    expect(checkHeap(engine)).toBe(0);
  });

  test.each([2 ** 31 - 2, 2 ** 32 - 3])(
    'of objects made before, %d, spoils neither an object nor the tokens of its lock',
    async (count) => {
      await using arena = arenaOn(wasm, 1 << 24);
      const { thread } = engineOf(arena);
      thread.setWord(A_UIDS, count | 0);
      for (let i = 0; i < 4; i++) {
        const lock = arena.lock(`lock ${i}`);
        await using held = await lock.acquire();
        expect(held.token).toBeGreaterThan(0n);
        expect(await lock.holder()).toMatchObject({ token: held.token });
        using again = arena.lock(`another ${i}`).sync.acquire({ timeout: 0 });
        expect(again.token).toBeGreaterThan(0n);
      }
      expect(checkHeap(engineOf(arena))).toBe(0);
    },
  );
});
