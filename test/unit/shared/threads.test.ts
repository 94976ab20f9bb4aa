import { describe, expect, test } from '@jest/globals';
import { S_REAPER, S_TID } from '../../../engine/shared/kernel/layout.js';
import { clearAway } from '../../../engine/shared/threads/reaper.js';
import { ArenaThread } from '../../../engine/shared/memory/arena-thread.js';
import { checkHeap, KERNELS, newArena } from '../../support/shared-heap.js';

/** A number that no thread of a system has. */
const ENDED = 2 ** 30;

describe.each(KERNELS)('the slot of a thread that ended, %s', (_name, wasm) => {
  test('that another thread has taken since it was found, is left alone', () => {
    const arena = newArena(wasm);
    const { region, threads } = arena.thread;
    const enter = (): ArenaThread => new ArenaThread(region, clearAway);
    const spaces = [enter(), enter()];
    for (const thread of spaces) thread.setWord(thread.self + S_TID, ENDED);
    const [first, second] = spaces as [ArenaThread, ArenaThread];
    const { self: slot, token } = second;
    // While the first of the two is cleared away, a third thread clears away the second, and a new one takes its place.
    let next: ArenaThread | undefined;
    const { kernel } = arena.thread;
    const freeOwn = kernel.freeOwn;
    kernel.freeOwn = (dead) => {
      freeOwn(dead);
      if (dead !== first.self) return;
      second.leave();
      next = enter();
    };

    expect(threads.look()).toBe(true);

    kernel.freeOwn = freeOwn;
    expect([next!.self === slot, next!.token === token]).toEqual([true, false]);
    expect(next!.present).toBe(true);
    expect(next!.word(slot + S_REAPER)).toBe(0);
    expect(first.present).toBe(false);
    expect(checkHeap(arena)).toBe(0);
    arena.close();
  });
});
