import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import type { Arena } from '../../../client/index.js';
import { share } from '../../../client/index.js';
import { makeObjects } from '../../threads/storm/objects.js';
import { arenaOn, engineOf } from '../../support/arena.js';
import { checkHeap, usedHeap } from '../../support/shared-heap.js';
import { stress } from '../../support/stress.js';
import { CALLS, type Given } from './differential-calls.js';

/** The name of a call, and its arguments. */
type Call = readonly [name: string, given: Given];

const small = fc.nat({ max: 8 });
const text = fc.oneof(
  { weight: 5, arbitrary: fc.string({ maxLength: 20 }) },
  fc.constantFrom('', 'long '.repeat(300), 'ä', '漢字😀'.repeat(20), 'x'.repeat(20_000)),
);
const calls: fc.Arbitrary<Call[]> = fc.array(fc.tuple(fc.constantFrom(...Object.keys(CALLS)), fc.record({ a: small, b: small, text })), {
  minLength: 1,
  maxLength: 150,
});

// A wait records its start: here the clocks of both arenas stand still.
beforeAll(() => {
  jest.spyOn(performance, 'now').mockReturnValue(1000);
});
afterAll(() => {
  jest.restoreAllMocks();
});

/** Makes calls, and returns their results or errors. */
function results(arena: Arena, sequence: readonly Call[]): unknown[] {
  const objects = makeObjects(arena);
  share(objects);
  const held: { release(): void }[] = [];
  return sequence.map(([name, given]) => {
    try {
      return CALLS[name]!(objects, given, held);
    } catch (error) {
      return `${(error as Error).name}: ${(error as Error).message}`;
    }
  });
}

test('both kernels return the same for any calls, and leave the same bytes', async () => {
  const property = fc.asyncProperty(calls, async (sequence) => {
    const arenas = [arenaOn(true, 1 << 24), arenaOn(false, 1 << 24)] as const;
    try {
      const [answers, twins] = arenas.map((arena) => results(arena, sequence));
      expect(twins).toEqual(answers);
      for (const arena of arenas) expect(checkHeap(engineOf(arena))).toBe(0);
      const [memory, twin] = arenas.map((arena) => usedHeap(engineOf(arena)));
      expect(twin!.equals(memory!)).toBe(true);
    } finally {
      for (const arena of arenas) await arena.close();
    }
  });
  await fc.assert(property, { numRuns: stress(40, 150) });
});
