import { threadId } from 'node:worker_threads';
import { describe, expect, test } from '@jest/globals';
import { N_SIZE } from '../../../engine/shared/kernel/layout.js';
import { clearAway } from '../../../engine/shared/reaper.js';
import { Space } from '../../../engine/shared/space.js';
import { checkHeap, KERNELS, newArena } from '../../support/shared-heap.js';

describe.each(KERNELS)('a thread that is gone, %s', (_name, wasm) => {
  test('is cleared away again where who did so ended before it said so, and nothing is free twice', () => {
    const arena = newArena(wasm);
    const [dead, reaper] = [new Space(arena.space.region, clearAway), new Space(arena.space.region, clearAway)];
    const nodes = [dead.takeNode(N_SIZE), dead.takeNode(N_SIZE)];
    for (const node of nodes) dead.keepNode(node);
    dead.alloc(100);
    dead.kernel.dropBlock(dead.self, reaper.alloc(200));
    reaper.kernel.publishAll(reaper.self);

    clearAway(reaper, dead.self, dead.token, false);
    arena.space.threads.ended(threadId);

    expect([dead.present, reaper.present]).toEqual([false, false]);
    expect(checkHeap(arena)).toBe(0);
    const blocks = Array.from({ length: 10 }, () => arena.space.alloc(N_SIZE));
    expect(new Set(blocks).size).toBe(blocks.length);
    arena.close();
  });
});
