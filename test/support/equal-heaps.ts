import { expect } from '@jest/globals';
import type { SharedEngine } from '../../engine/shared/index.js';
import type { SharedKind } from '../../engine/shared/objects/kind-numbers.js';
import { checkHeap, usedHeap } from './shared-heap.js';

/** Destroys an object in arenas that did the same operations: their heaps are consistent before and after, and have the same bytes. */
export function expectEqualHeaps(arenas: readonly [SharedEngine, SharedEngine], name: string, kind: SharedKind): void {
  for (const arena of arenas) expect(checkHeap(arena)).toBe(0);
  for (const { objects } of arenas) expect(objects.destroy(name, kind)).toBe(true);
  for (const arena of arenas) expect(checkHeap(arena)).toBe(0);
  expect(usedHeap(arenas[0]).equals(usedHeap(arenas[1]))).toBe(true);
}
