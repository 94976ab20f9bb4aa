import { describe, expect, test } from '@jest/globals';
import { dictKind, type SharedMemoryDict } from '../../../engine/shared/objects/dict.js';
import type { SharedEngine } from '../../../engine/shared/index.js';
import { A_FREE_UNITS, A_SPAN_UNITS, A_TOP, HEAP, UNIT } from '../../../engine/shared/kernel/layout.js';
import { OutOfMemoryError } from '../../../proto/errors.js';
import { checkHeap, KERNELS, newArena } from '../../support/shared-heap.js';
import { stress } from '../../support/stress.js';
import { PLAIN } from '../../threads/storm/objects.js';

const MIB = 1 << 20;

/** Stores values of this size until there is no room; returns their number. */
function fill(dict: SharedMemoryDict, bytes: number): number {
  const value = 'x'.repeat(bytes);
  for (let count = 0; ; count++) {
    try {
      dict.set(count, value, PLAIN);
    } catch (error) {
      if (error instanceof OutOfMemoryError) return count;
      throw error;
    }
  }
}

/** Number of values of this size that a new arena takes. */
function fresh(wasm: boolean, size: number, bytes: number): number {
  const arena = newArena(wasm, size);
  const count = fill(arena.objects.open(dictKind, 'dict'), bytes);
  arena.close();
  return count;
}

/** Random numbers from 0 up to and without 1, the same in each run. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Blocks of an arena, with their sizes in bytes. */
class Blocks {
  readonly #all: { at: number; bytes: number }[] = [];
  live = 0;

  constructor(private readonly arena: SharedEngine) {}

  take(bytes: number): void {
    const { thread } = this.arena;
    this.#all.push({ at: thread.alloc(bytes), bytes });
    thread.kernel.publishAll(thread.self);
    this.live += bytes;
  }

  /** Frees the block that `pick`, from 0 up to and without 1, chooses, counted from the oldest. */
  free(pick: number): void {
    this.#free(Math.floor(pick * this.#all.length));
  }

  #free(index: number): void {
    const { thread } = this.arena;
    const { at, bytes } = this.#all[index]!;
    this.#all[index] = this.#all.at(-1)!;
    this.#all.pop();
    thread.kernel.dropBlock(thread.self, at);
    thread.kernel.sweep(thread.self);
    this.live -= bytes;
  }

  /** Takes blocks of this size until there is no room. */
  fill(bytes: number): void {
    try {
      for (;;) this.take(bytes);
    } catch (error) {
      if (!(error instanceof OutOfMemoryError)) throw error;
    }
  }

  /** Frees one of `step` blocks of this size; returns their number. */
  freeEach(step: number, bytes: number): number {
    const some = this.#all.filter((block) => block.bytes === bytes).filter((_, index) => index % step === 0);
    for (const block of some) this.#free(this.#all.indexOf(block));
    return some.length;
  }

  get count(): number {
    return this.#all.length;
  }

  /** Memory that the arena has ever taken, relative to the live blocks. */
  get ratio(): number {
    return (this.arena.thread.word(A_TOP) - HEAP) / this.live;
  }
}

describe.each(KERNELS)('memory that was freed, %s', (_name, wasm) => {
  test.each([500, 1_600, 100_000])('takes as many values of %i bytes as new memory, whatever it was full of', (bytes) => {
    const size = stress(8, 64) * MIB;
    const arena = newArena(wasm, size);
    const dict = arena.objects.open(dictKind, 'dict');
    fill(dict, 1_000);
    dict.clear();
    expect(fill(dict, bytes)).toBeGreaterThanOrEqual(Math.floor(0.95 * fresh(wasm, size, bytes)));
    dict.clear();
    expect(checkHeap(arena)).toBe(0);
    arena.close();
  });

  test('has room for small values after it was full of any others', () => {
    const arena = newArena(wasm, 2 * MIB);
    const dict = arena.objects.open(dictKind, 'dict');
    for (let round = 0; round < 60; round++) {
      fill(dict, 50 + 97 * round);
      dict.clear();
      for (let i = 0; i < 20; i++) dict.set(`key ${i}`, 'x'.repeat(10 * i), PLAIN);
      dict.clear();
    }
    expect(checkHeap(arena)).toBe(0);
    arena.close();
  });

  test('takes large values in place of small ones, in a small arena too', () => {
    for (const before of [stress(1_000, 40), 30_000]) {
      const arena = newArena(wasm, 16 * MIB);
      const dict = arena.objects.open(dictKind, 'dict');
      fill(dict, before);
      dict.clear();
      expect(fill(dict, 1_000_000)).toBe(fresh(wasm, 16 * MIB, 1_000_000));
      arena.close();
    }
  });

  test('is taken for smaller blocks if the arena is full, also while larger ones around it are in use', () => {
    const arena = newArena(wasm, 2 * MIB);
    const blocks = new Blocks(arena);
    for (const bytes of [600, 300, 100]) blocks.fill(bytes);
    const taken = blocks.count;
    const freed = blocks.freeEach(7, 600);
    expect(freed).toBeGreaterThan(100);
    blocks.fill(350);
    expect(blocks.count).toBe(taken);
    blocks.freeEach(1, 350);
    blocks.fill(20);
    expect(blocks.count).toBeGreaterThanOrEqual(taken);
    while (blocks.count > 0) blocks.free(0);
    expect(checkHeap(arena)).toBe(0);
    arena.close();
  });

  test.each([
    [800, 20_000, 1.002, stress(2, 8)],
    [stress(300, 100), 20_000, 1.0013, stress(2, 8)],
    [50, stress(100, 20_000), 1.0013, stress(2, 8)],
  ])(
    'is not more than twice the live blocks, if sizes drift upwards from %i bytes to %i and blocks are freed at random',
    (from, to, factor, live) => {
      const arena = newArena(wasm, 4 * live * MIB);
      const blocks = new Blocks(arena);
      const random = numbers(1);
      for (let bytes = from; bytes < to; bytes *= factor) {
        for (let taken = 0; taken < 50_000 * live;) {
          const next = Math.floor(bytes * (0.5 + random()));
          blocks.take(next);
          taken += next;
        }
        while (blocks.live > live * MIB) blocks.free(random());
      }
      expect(blocks.ratio).toBeLessThan(2);
      expect(checkHeap(arena)).toBeGreaterThanOrEqual(blocks.live);
      arena.close();
    },
  );

  test('is not more than twice the live blocks after many operations of all sizes', () => {
    const arena = newArena(wasm);
    const blocks = new Blocks(arena);
    const random = numbers(2);
    const operations = stress(300_000, 10_000_000);
    for (let i = 0; i < operations; i++) {
      if (blocks.count > 0 && (blocks.live > 24 * MIB || random() < 0.3)) blocks.free(random());
      else blocks.take(Math.floor(2 ** (3 + 13 * random())));
    }
    expect(blocks.ratio).toBeLessThan(2);
    while (blocks.count > 0) blocks.free(random());
    expect(checkHeap(arena)).toBe(0);
    const { thread } = arena;
    // All memory outside the few blocks of the thread is joined again.
    expect(thread.word(A_FREE_UNITS) * UNIT).toBeGreaterThan(0.95 * (thread.word(A_TOP) - HEAP - UNIT * thread.word(A_SPAN_UNITS)));
    arena.close();
  });
});
