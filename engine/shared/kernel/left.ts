import type { i32 } from './types.js';
import { C_SIZE, S_LEFT, S_LEFT_COUNT, S_LEFT_FIRST, S_LEFT_MASK, S_LEFT_PLACES, T_ENTRY } from './layout.js';
import { blockOf } from './cell.js';
import { retire, sweep } from './heap.js';
import { retireEntry } from './map-entry.js';
import { peek, put, commit } from './memory.js';

// Cells that a change took out of an object at once. Their blocks are dropped afterwards, one by one; if the thread dies meanwhile, its
// reaper continues.

/**
 * Records cells, or places of an order, as part of the change that takes them out. Places have the size of cells.
 * @param mask -1 if they are not a ring
 */
// @inline
export function leaving(self: i32, at: i32, mask: i32, first: i32, count: i32, places: i32): void {
  put(self, self + S_LEFT, at);
  put(self, self + S_LEFT_MASK, mask);
  put(self, self + S_LEFT_FIRST, first);
  put(self, self + S_LEFT_COUNT, count);
  put(self, self + S_LEFT_PLACES, places);
}

/** Drops the blocks of the recorded cells. */
// @inline
export function dropLeft(self: i32): void {
  for (let left: i32 = peek(self + S_LEFT_COUNT); left > 0; left--) {
    const at: i32 = peek(self + S_LEFT) + C_SIZE * ((peek(self + S_LEFT_FIRST) + left - 1) & peek(self + S_LEFT_MASK));
    if (peek(self + S_LEFT_PLACES) !== 0) {
      const entry: i32 = peek(at + T_ENTRY);
      if (entry !== 0) retireEntry(self, entry);
    } else {
      const block: i32 = blockOf(at);
      if (block !== 0) retire(self, block);
    }
    put(self, self + S_LEFT_COUNT, left - 1);
    commit(self);
  }
}

/** Frees the blocks of the recorded cells, and all dropped blocks. */
export function sweepLeft(self: i32): void {
  dropLeft(self);
  sweep(self);
}
