import { describe, expect, test } from '@jest/globals';
import { dictKind, type SharedMemoryDict } from '../../../engine/shared/dict.js';
import type { SharedEngine } from '../../../engine/shared/index.js';
import { A_FREE_UNITS, A_SPAN_UNITS, A_TOP, HEAP, UNIT } from '../../../engine/shared/kernel/layout.js';
import { OutOfMemoryError } from '../../../proto/errors.js';
import { checkHeap, KERNELS, newArena } from '../../support/shared-heap.js';
import { stress } from '../../support/stress.js';
import { PLAIN } from '../../threads/storm/objects.js';

const MIB = 1 << 20;

/** Stores values of so many bytes until there is no room; answers how many it could. */
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

/** How many values of so many bytes a new arena takes. */
function fresh(wasm: boolean, size: number, bytes: number): number {
  const arena = newArena(wasm, size);
  const count = fill(arena.objects.open(dictKind, 'dict'), bytes);
  arena.close();
  return count;
}

/** Numbers from 0 below 1, the same in each run. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Blocks of an arena, each with the bytes that were asked for. */
class Blocks {
  readonly #all: { at: number; bytes: number }[] = [];
  live = 0;

  constructor(private readonly arena: SharedEngine) {}

  take(bytes: number): void {
    const { space } = this.arena;
    this.#all.push({ at: space.alloc(bytes), bytes });
    space.kernel.publishAll(space.self);
    this.live += bytes;
  }

  /** Frees one that `pick`, from 0 below 1, chooses: from the oldest on. */
  free(pick: number): void {
    const { space } = this.arena;
    const index = Math.floor(pick * this.#all.length);
    const { at, bytes } = this.#all[index]!;
    this.#all[index] = this.#all.at(-1)!;
    this.#all.pop();
    space.kernel.dropBlock(space.self, at);
    space.kernel.sweep(space.self);
    this.live -= bytes;
  }

  get count(): number {
    return this.#all.length;
  }

  /** All that the arena has ever taken, by what lives. */
  get ratio(): number {
    return (this.arena.space.word(A_TOP) - HEAP) / this.live;
  }
}

describe.each(KERNELS)('memory that was freed, %s', (_name, wasm) => {
  test.each([500, 1_600, 100_000])('takes as many values of %i bytes as memory that is new, whatever it was full of', (bytes) => {
    const size = stress(16, 64) * MIB;
    const arena = newArena(wasm, size);
    const dict = arena.objects.open(dictKind, 'dict');
    fill(dict, 1_000);
    dict.clear();
    expect(fill(dict, bytes)).toBeGreaterThanOrEqual(Math.floor(0.95 * fresh(wasm, size, bytes)));
    dict.clear();
    expect(checkHeap(arena)).toBe(0);
    arena.close();
  });

  test('has room for small values after it was full once, of whatever', () => {
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

  test('is not more than three times what lives where sizes drift upwards', () => {
    const arena = newArena(wasm, 32 * MIB);
    const blocks = new Blocks(arena);
    const random = numbers(1);
    for (let bytes = 800; bytes < 20_000; bytes *= 1.002) {
      for (let taken = 0; taken < 400_000;) {
        const next = Math.floor(bytes * (0.5 + random()));
        blocks.take(next);
        taken += next;
      }
      while (blocks.live > 8 * MIB) blocks.free(random());
    }
    expect(blocks.ratio).toBeLessThan(3);
    expect(checkHeap(arena)).toBeGreaterThanOrEqual(blocks.live);
    arena.close();
  });

  test('is not more than twice what lives after many operations of all sizes', () => {
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
    const { space } = arena;
    // All but what few blocks of the thread are in is one again.
    expect(space.word(A_FREE_UNITS) * UNIT).toBeGreaterThan(0.95 * (space.word(A_TOP) - HEAP - UNIT * space.word(A_SPAN_UNITS)));
    arena.close();
  }, 300_000);
});
