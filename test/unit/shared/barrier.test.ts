import { describe, expect, test } from '@jest/globals';
import { BrokenBarrierError } from '../../../client/index.js';
import { barrierKind, barrierOf } from '../../../engine/shared/objects/barrier.js';
import { KERNELS, newArena } from '../../support/shared-heap.js';

describe.each(KERNELS)('a party that comes to a broken barrier, %s', (_name, wasm) => {
  test('is told the reason, although another thread resets the barrier meanwhile', () => {
    const arena = newArena(wasm);
    const { objects, thread } = arena;
    const { object: barrier } = objects.create(barrierKind, { name: 'barrier' }, barrierOf(thread, 2, undefined));
    barrier.abort();
    const { kernel } = thread;
    const barrierWait = kernel.barrierWait;
    kernel.barrierWait = (...given) => {
      const answer = barrierWait(...given);
      barrier.reset();
      return answer;
    };
    let error: unknown;
    try {
      barrier.wait(0);
    } catch (thrown) {
      error = thrown;
    }
    kernel.barrierWait = barrierWait;
    expect(error).toBeInstanceOf(BrokenBarrierError);
    expect((error as BrokenBarrierError).reason).toBe('abort');
    arena.close();
  });
});
