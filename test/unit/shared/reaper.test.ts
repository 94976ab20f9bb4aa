import { threadId } from 'node:worker_threads';
import { describe, expect, test } from '@jest/globals';
import { CONTENDED, GRANTED, N_SIZE, N_STATE, NUDGED, O_LOCK, O_NUDGED, WAIT } from '../../../engine/shared/kernel/layout.js';
import { lockKind } from '../../../engine/shared/lock.js';
import { clearAway } from '../../../engine/shared/reaper.js';
import { USER } from '../../../engine/shared/seizable.js';
import { Space } from '../../../engine/shared/space.js';
import { Waits } from '../../../engine/shared/waits.js';
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

    clearAway(reaper, dead.self, dead.token);
    arena.space.threads.ended(threadId);

    expect([dead.present, reaper.present]).toEqual([false, false]);
    expect(checkHeap(arena)).toBe(0);
    const blocks = Array.from({ length: 10 }, () => arena.space.alloc(N_SIZE));
    expect(new Set(blocks).size).toBe(blocks.length);
    arena.close();
  });

  test.each([0, 1])('and had freed a lock, but not told the first who waits, leaves nobody asleep (O_NUDGED is %d)', (told) => {
    const arena = newArena(wasm);
    const { space, objects } = arena;
    const dead = new Space(space.region, clearAway);
    const lock = objects.open(lockKind('lock'), 'lock');
    const node = new Waits(space).node(false, { owner: USER });
    expect(dead.kernel.lockTake(dead.self, lock.object, lock.uid, USER)).toBe(0);
    expect(space.kernel.lockWait(space.self, lock.object, lock.uid, node)).toBe(WAIT);
    // As it is between the two.
    space.setWord(lock.object + O_LOCK, CONTENDED);
    space.setWord(lock.object + O_NUDGED, told);

    dead.leave();

    expect(space.word(node + N_STATE)).toBe(NUDGED);
    expect(lock.retry(node)).toBe(GRANTED);
    expect(space.word(lock.object + O_LOCK)).toBe(space.token);
    arena.close();
  });
});
