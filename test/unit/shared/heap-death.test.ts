import { threadId } from 'node:worker_threads';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { SharedEngine } from '../../../engine/shared/index.js';
import { A_HEAP, UNIT } from '../../../engine/shared/kernel/layout.js';
import { clearAway } from '../../../engine/shared/threads/reaper.js';
import { Region, type Kernel } from '../../../engine/shared/memory/region.js';
import { ArenaThread } from '../../../engine/shared/memory/arena-thread.js';
import { OutOfMemoryError } from '../../../proto/errors.js';
import { checkHeap, KERNELS, newArena } from '../../support/shared-heap.js';
import { stress } from '../../support/stress.js';

/** Ends a step as the death of its thread would. */
class Ended extends Error {}

/** Counts the points that a thread reaches, and ends it at one of them. */
class Death {
  #left: number;
  #armed = false;

  /** @param at number of the point at which it ends */
  constructor(at: number) {
    this.#left = at;
  }

  point(): void {
    if (this.#armed && --this.#left === 0) throw new Ended();
  }

  /** Runs the thread; returns true if it ended on the way. */
  run(work: () => void): boolean {
    this.#armed = true;
    try {
      work();
      return false;
    } catch (error) {
      if (error instanceof Ended) return true;
      throw error;
    } finally {
      this.#armed = false;
    }
  }
}

/** One more thread of an arena, whose kernel has a point before and after each call. */
function threadOf(arena: SharedEngine, death: Death): ArenaThread {
  const region = new Region(arena.thread.region.handle);
  const calls = Object.entries<(...given: number[]) => unknown>(region.kernel).map(([name, call]) => [
    name,
    (...given: number[]): unknown => {
      death.point();
      const answer = call(...given);
      death.point();
      return answer;
    },
  ]);
  Object.assign(region, { kernel: Object.fromEntries(calls) as Kernel });
  return new ArenaThread(region, clearAway);
}

/** An arena with blocks in use, free ones beside them, and some that were freed and not taken in. */
function usedArena(wasm: boolean): SharedEngine {
  const arena = newArena(wasm, 640 * UNIT);
  const { thread } = arena;
  const blocks = Array.from({ length: 150 }, (_, index) => thread.alloc([40, 300, 600, 1_000, 5_000][index % 5]!));
  // Of each size, one block in three stays pending.
  thread.kernel.publishAll(thread.self);
  for (const [index, block] of blocks.entries()) if (index % 3 !== 0) thread.kernel.dropBlock(thread.self, block);
  thread.kernel.sweep(thread.self);
  return arena;
}

/** Takes blocks of this size until there is no room; returns their number. */
function fill(thread: ArenaThread, bytes: number): number {
  for (let count = 0; ; count++) {
    try {
      thread.alloc(bytes);
    } catch (error) {
      if (error instanceof OutOfMemoryError) return count;
      throw error;
    }
  }
}

/** Uses every source of memory: new spans, freed blocks, large blocks, and the end of the memory. */
function works(thread: ArenaThread): void {
  for (const bytes of [300, 1_000, 6_000, 1_000, 600, 70_000, 40, 2_000, 5_000]) thread.alloc(bytes);
  thread.allocHeader();
  thread.kernel.discard(thread.self);
  thread.alloc(20_000);
  thread.alloc(300);
  fill(thread, 30_000);
  thread.kernel.discard(thread.self);
}

/** Expects the dead thread to be cleared: all that it left is free, except for `lost` bytes, and others can use the memory. */
function expectCleared(arena: SharedEngine, before: number, lost: number): void {
  arena.thread.threads.ended(threadId);
  // The next thread that needs a span continues its work.
  for (const bytes of [40, 300, 600, 1_000, 2_000]) fill(arena.thread, bytes);
  arena.thread.kernel.discard(arena.thread.self);
  expect(checkHeap(arena) - before).toBeLessThanOrEqual(lost);
  expect(checkHeap(arena)).toBeGreaterThanOrEqual(before);
  expect(arena.thread.word(A_HEAP)).toBe(0);
}

describe.each(KERNELS)('the end of a thread that makes room, %s', (_name, wasm) => {
  test('at any call of the kernel leaves all memory to the others', () => {
    let ended = true;
    for (let at = 1; ended; at += stress(3, 1)) {
      const arena = usedArena(wasm);
      const before = checkHeap(arena);
      const death = new Death(at);
      const dead = threadOf(arena, death);
      ended = death.run(() => works(dead));
      expectCleared(arena, before, 0);
      arena.close();
    }
  });
});

describe('the end of a thread that makes room, in the middle of the JavaScript kernel', () => {
  const plain = {
    load: Atomics.load,
    store: Atomics.store,
    add: Atomics.add,
    exchange: Atomics.exchange,
    compareExchange: Atomics.compareExchange,
  };
  afterEach(() => void Object.assign(Atomics, plain));

  /** Makes each atomic access a point; there is one between any two accesses that matter. */
  function watch(death: Death): void {
    const watched = Object.entries<(...given: never[]) => unknown>(plain).map(([name, access]) => [
      name,
      (...given: never[]): unknown => {
        death.point();
        return access.apply(Atomics, given);
      },
    ]);
    Object.assign(Atomics, Object.fromEntries(watched));
  }

  test('at any access leaks one block or one span at most', () => {
    let ended = true;
    for (let at = 1; ended; at += stress(31, 3)) {
      const arena = usedArena(false);
      const before = checkHeap(arena);
      const dead = new ArenaThread(new Region(arena.thread.region.handle), clearAway);
      const death = new Death(at);
      watch(death);
      ended = death.run(() => works(dead));
      Object.assign(Atomics, plain);
      expectCleared(arena, before, 70 * UNIT);
      arena.close();
    }
  });
});
