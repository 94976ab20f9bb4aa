import { describe, expect, test } from '@jest/globals';
import { arenaOn, engineOf } from '../../support/arena.js';
import { checkHeap, KERNELS } from '../../support/shared-heap.js';

/** Lengths around those at which the form of bytes changes, and the way they are read. */
const LENGTHS = [0, 6, 7, 57, 63, 64, 65, 71, 127, 128, 200, 4000, 4096, 8180, 8183, 8186, 8189, 8192, 16_383, 16_384, 70_000];

describe.each(KERNELS)('bytes of any length, %s,', (_name, wasm) => {
  test.each(LENGTHS)('%d, are read as they were written, by calls and without', async (length) => {
    await using arena = arenaOn(wasm, 1 << 24);
    const bytes = Uint8Array.from({ length }, (_, index) => index * 7);
    const [value, dict, list, queue] = [
      arena.value<Uint8Array>('value', new Uint8Array()),
      arena.dict<string, Uint8Array>('dict'),
      arena.list<Uint8Array>('list'),
      arena.queue<Uint8Array>('queue'),
    ];
    const writes = [
      async () => {
        value.sync.set(bytes);
        dict.sync.set('key', bytes);
        list.sync.push(bytes);
        queue.sync.tryPut(bytes);
      },
      () => Promise.all([value.set(bytes), dict.set('key', bytes), list.push(bytes), queue.put(bytes)]),
    ];
    const reads = [
      async () => [value.sync.get(), dict.sync.get('key'), list.sync.at(-1), queue.sync.tryGet()],
      async () => [await value.get(), await dict.get('key'), await list.at(-1), await queue.tryGet()],
    ];
    for (const write of writes) {
      for (const readAll of reads) {
        await write();
        for (const read of [...(await readAll()), list.sync.toArray().at(-1)]) expect(Buffer.compare(read!, bytes)).toBe(0);
      }
    }
    value.sync.set(new Uint8Array());
    dict.sync.clear();
    list.sync.clear();
    expect(checkHeap(engineOf(arena))).toBe(0);
  });
});
