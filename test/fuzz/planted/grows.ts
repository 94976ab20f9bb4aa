import type { Target } from '../target.js';

/** Fills the heap with the first input. */
export const target: Target = {
  inputs: 1,
  begin: () => ({
    next: () => Buffer.of(0xab),
    take() {
      for (const kept: unknown[] = []; ;) kept.push(new Array(10_000).fill(kept));
    },
  }),
};
