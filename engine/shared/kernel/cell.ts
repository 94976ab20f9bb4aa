import type { i32 } from './types.js';
import { A_TOP, C_BITS, C_KIND, C_LENGTH, C_SIZE, HEAP, LARGE, LONG, SHIFT } from './layout.js';
import { copy, load, pages, peek, poke, put } from './memory.js';

// A cell: a user's value with its kind and length, stored inline or in a block.

/** Copies a cell into an object. Does not free the block of the cell that is overwritten. */
// @inline
export function putCell(self: i32, to: i32, cell: i32): void {
  put(self, to, peek(cell));
  put(self, to + 4, peek(cell + 4));
  put(self, to + 8, peek(cell + 8));
  put(self, to + 12, peek(cell + 12));
}

/** Copies a cell to memory that no other thread sees. */
// @inline
export function copyCell(to: i32, cell: i32): void {
  poke(to, peek(cell));
  poke(to + 4, peek(cell + 4));
  poke(to + 8, peek(cell + 8));
  poke(to + 12, peek(cell + 12));
}

/** Returns the block of a cell, or 0. */
// @inline
export function blockOf(cell: i32): i32 {
  return peek(cell + C_KIND) === LONG ? peek(cell + C_BITS) & ~SHIFT : 0;
}

/**
 * Copies a cell to `out`, and the bytes of its block behind it, with the same distance from a multiple of 8 as in the block. For readers
 * without the guard: the copy is valid only if the sequence number has not changed since. Returns 0, or LARGE if the room is too small or
 * another thread has grown the memory beyond what this thread can see.
 */
// @inline
export function readCell(cell: i32, out: i32, room: i32): i32 {
  copyCell(out, cell);
  if (peek(out + C_KIND) !== LONG) return 0;
  const length: i32 = peek(out + C_LENGTH);
  const from: i32 = peek(out + C_BITS);
  const shift: i32 = from & SHIFT;
  if (length > room - shift) return LARGE;
  if (!inHeap(from, length)) return 0;
  if (from + length > pages() << 16) return LARGE;
  copy(out + C_SIZE + shift, from, length);
  return 0;
}

/** Rounds up to a multiple of 8. */
// @inline
export function padded(bytes: i32): i32 {
  return (bytes + 7) & ~7;
}

/** Number of bytes that {@link copyWhole} writes. */
// @inline
export function wholeSize(cell: i32): i32 {
  return C_SIZE + (blockOf(cell) === 0 ? 0 : padded(peek(cell + C_LENGTH)));
}

/** Copies a cell, and the bytes of its block behind it, to memory that no other thread sees. Requires the guard. */
// @inline
export function copyWhole(to: i32, cell: i32): void {
  copyCell(to, cell);
  if (blockOf(cell) !== 0) copy(to + C_SIZE, peek(cell + C_BITS), peek(cell + C_LENGTH));
}

/** Returns true if the range is in the heap, for any values of offset and length. */
// @inline
export function inHeap(offset: i32, length: i32): boolean {
  return offset >= HEAP && length >= 0 && offset <= load(A_TOP) - length;
}
