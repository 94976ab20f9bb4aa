import type { i32 } from './types.js';
import { A_TOP, C_BITS, C_KIND, C_LENGTH, C_SIZE, HEAP, LARGE, LONG, SHIFT } from './layout.js';
import { copy, load, pages, peek, poke, put } from './memory.js';

// A value of a user: what kind of cell it is, how long it is, and itself or where it is.

/** Makes a place hold what a cell holds. What the place held before is not freed. */
// @inline
export function putCell(self: i32, to: i32, cell: i32): void {
  put(self, to, peek(cell));
  put(self, to + 4, peek(cell + 4));
  put(self, to + 8, peek(cell + 8));
  put(self, to + 12, peek(cell + 12));
}

/** Copies a cell to a place that no other thread sees. */
// @inline
export function copyCell(to: i32, cell: i32): void {
  poke(to, peek(cell));
  poke(to + 4, peek(cell + 4));
  poke(to + 8, peek(cell + 8));
  poke(to + 12, peek(cell + 12));
}

/** The block of a cell, or 0. */
// @inline
export function blockOf(cell: i32): i32 {
  return peek(cell + C_KIND) === LONG ? peek(cell + C_BITS) & ~SHIFT : 0;
}

/**
 * Copies a cell, and behind it what its block holds, as far behind a multiple of 8 as there, for one who has no guard: nothing of what it reads can
 * be relied on before the sequence was looked at again. LARGE where there is too little room, or where another
 * thread has let the memory grow and this one has not heard of it.
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

/** Bytes, in whole words of 64 bits. */
// @inline
export function padded(bytes: i32): i32 {
  return (bytes + 7) & ~7;
}

/** Bytes that {@link copyWhole} writes. */
// @inline
export function wholeSize(cell: i32): i32 {
  return C_SIZE + (blockOf(cell) === 0 ? 0 : padded(peek(cell + C_LENGTH)));
}

/** Copies a cell to a place that no other thread sees, and what its block holds behind it. Under the guard. */
// @inline
export function copyWhole(to: i32, cell: i32): void {
  copyCell(to, cell);
  if (blockOf(cell) !== 0) copy(to + C_SIZE, peek(cell + C_BITS), peek(cell + C_LENGTH));
}

/** Whether so many bytes from an offset on are in the heap, whoever says so. */
// @inline
export function inHeap(offset: i32, length: i32): boolean {
  return offset >= HEAP && length >= 0 && offset <= load(A_TOP) - length;
}
