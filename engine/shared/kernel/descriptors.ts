import type { i32 } from './types.js';
import {
  A_LAST,
  A_NEW_SPANS,
  A_QUOTA,
  A_SPAN_UNITS,
  A_SPANS,
  A_TOP,
  DESCRIPTORS,
  HEAP,
  UNIT,
  UNIT_BITS,
  UNUSED,
  X_BASE,
  X_HEAD,
  X_KIND,
  X_NEXT,
  X_SIZE,
  X_UNITS,
} from './layout.js';
import { load, peek, poke, put } from './memory.js';
import { reach } from './runs.js';

// Memory for the descriptors of spans. It is never used for anything else.

/** Maximum number of units of descriptors at the beginning of the heap. Later ones lie within the heap, where they fragment it. */
const MOST_FIRST: i32 = 1024;
/** Number of units of descriptors made at a time. */
export const FIRST: i32 = 4;
/**
 * Begins an empty heap: reserves its first units for descriptors, one for each unit of the quota or as many as {@link MOST_FIRST} holds.
 * The first descriptor describes this reserve.
 */
export function beginHeap(): void {
  let units: i32 = ((load(A_QUOTA) >> UNIT_BITS) * X_SIZE) >> UNIT_BITS;
  if (units > MOST_FIRST) units = MOST_FIRST;
  const end: i32 = HEAP + units * UNIT;
  reach(end);
  poke(HEAP + X_BASE, HEAP);
  poke(HEAP + X_KIND, DESCRIPTORS);
  poke(HEAP + X_UNITS, units);
  poke(A_NEW_SPANS, HEAP + X_SIZE);
  poke(A_SPAN_UNITS, units);
  poke(A_LAST, HEAP);
  poke(A_TOP, end);
}

/** Chains the descriptors that fit between two addresses, and returns their end. */
// @inline
export function chain(base: i32, end: i32): i32 {
  let at: i32 = base;
  for (; at + X_SIZE <= end; at += X_SIZE) {
    poke(at + X_HEAD, 0);
    poke(at + X_KIND, UNUSED);
    poke(at + X_NEXT, at + X_SIZE);
  }
  return at;
}

/** Puts a chain of descriptors in front of the unused ones. */
// @inline
export function addChain(self: i32, base: i32, end: i32): void {
  put(self, end - X_SIZE + X_NEXT, peek(A_SPANS));
  put(self, A_SPANS, base);
}
