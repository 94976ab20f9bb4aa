import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { SharedEngine } from '../../../engine/shared/index.js';
import { BLOCK_HEADER, HEAP } from '../../../engine/shared/kernel/layout.js';
import { OutOfMemoryError } from '../../../proto/errors.js';
import { checkHeap, KERNELS, newArena } from '../../support/shared-heap.js';
import { stress } from '../../support/stress.js';

/** A block in the model. */
interface Block {
  readonly at: number;
  readonly bytes: number;
  readonly mark: number;
}

const bytes = fc.oneof(fc.nat(200), fc.nat(5_000), fc.nat(200_000), fc.constantFrom(0, 8, 56, 4_087, 4_088, 4_089, 5_112, 1 << 20));
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ take: bytes, many: fc.nat(30) }) },
  { weight: 2, arbitrary: fc.record({ free: fc.nat(), many: fc.nat(40) }) },
  { weight: 1, arbitrary: fc.constantFrom({ discard: 100 } as const, { look: true } as const) },
);

/** Takes and frees blocks, each filled with a mark of its own, and models which exist. */
class Model {
  readonly blocks: Block[] = [];
  #marks = 0;

  constructor(private readonly arena: SharedEngine) {}

  take(size: number): void {
    const { thread } = this.arena;
    let at: number;
    try {
      at = thread.alloc(size);
    } catch (error) {
      expect(error).toBeInstanceOf(OutOfMemoryError);
      return;
    }
    thread.kernel.publishAll(thread.self);
    expect(thread.kernel.room(at)).toBeGreaterThanOrEqual(size);
    expect([at >= HEAP + BLOCK_HEADER, at % 8]).toEqual([true, 0]);
    this.#marks = (this.#marks % 255) + 1;
    thread.region.bytes.fill(this.#marks, at, at + size);
    this.blocks.push({ at, bytes: size, mark: this.#marks });
  }

  free(pick: number): void {
    const { thread } = this.arena;
    if (this.blocks.length === 0) return;
    const [block] = this.blocks.splice(pick % this.blocks.length, 1);
    this.#expectWhole(block!);
    thread.kernel.dropBlock(thread.self, block!.at);
    thread.kernel.sweep(thread.self);
  }

  /** Takes a block and discards it. */
  discard(size: number): void {
    const { thread } = this.arena;
    try {
      for (let i = 0; i < 10; i++) thread.alloc(size * i);
    } catch (error) {
      expect(error).toBeInstanceOf(OutOfMemoryError);
    }
    thread.kernel.discard(thread.self);
  }

  /** Expects that no block was written into by another, none overlap, and no others are in use. */
  look(): void {
    const { thread } = this.arena;
    let end = 0;
    for (const block of [...this.blocks].sort((one, other) => one.at - other.at)) {
      this.#expectWhole(block);
      expect(block.at).toBeGreaterThanOrEqual(end);
      end = block.at + block.bytes;
    }
    const lost = checkHeap(this.arena);
    expect(lost).toBe(this.blocks.reduce((sum, { at }) => sum + thread.kernel.room(at) + BLOCK_HEADER, 0));
  }

  #expectWhole({ at, bytes: size, mark }: Block): void {
    const found = this.arena.thread.region.bytes.subarray(at, at + size);
    if (!found.every((byte) => byte === mark)) throw new Error(`block ${at} of ${size} bytes was written into`);
  }
}

describe.each(KERNELS)('blocks, %s', (_name, wasm) => {
  test('never overlap, in any order of takes and frees, and all freed memory can be used again', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 80 }), (steps) => {
        const arena = newArena(wasm, 4 << 20);
        const model = new Model(arena);
        for (const one of steps) {
          if ('take' in one) for (let i = 0; i <= one.many; i++) model.take(one.take);
          else if ('free' in one) for (let i = 0; i <= one.many; i++) model.free(one.free + 7 * i);
          else if ('discard' in one) model.discard(one.discard);
          else model.look();
        }
        model.look();
        while (model.blocks.length > 0) model.free(0);
        expect(checkHeap(arena)).toBe(0);
        arena.close();
      }),
      { numRuns: stress(40, 400) },
    );
  });
});
