import type { i32 } from './types.js';
import {
  A_FREE,
  A_QUOTA,
  A_TOP,
  B_CLASS,
  B_NEXT,
  BLOCK_HEADER,
  CLASSES,
  HEADER_CLASS,
  MOST_BYTES,
  O_SIZE,
  S_GARBAGE,
  S_NODES,
  S_OUTER,
  S_PENDING,
  S_SCRATCH,
} from './layout.js';
import { cas, casPair, grow, leadingZeros, load, pages, peek, poke, put } from './memory.js';

// Blocks come in size classes: 16, 32, 48, 64, then two to each power of two (96, 128, 192, 256, ...). A
// block of a class never changes its class. Those that are free are in a list without a lock: its head
// carries a tag that changes with each change, so that a head that was away meanwhile is no head.

/** Bytes added at a time, in pages, unless more is needed. */
const STEP: i32 = 16;
/** The largest class of blocks; above it is that of headers. */
const LARGEST_CLASS: i32 = 54;

// @inline
function classOf(total: i32): i32 {
  if (total <= 64) return ((total + 15) >> 4) - 1;
  const power: i32 = 31 - leadingZeros(total - 1);
  return 4 + 2 * (power - 6) + (total - 1 >= 3 << (power - 1) ? 1 : 0);
}

// @inline
function sizeOf(kind: i32): i32 {
  if (kind === HEADER_CLASS) return O_SIZE + BLOCK_HEADER;
  if (kind < 4) return (kind + 1) << 4;
  const power: i32 = 6 + ((kind - 4) >> 1);
  return ((kind - 4) & 1) === 0 ? 3 << (power - 1) : 1 << (power + 1);
}

/** Makes the memory reach up to `end`. */
// @inline
function reach(end: i32): boolean {
  const quota: i32 = load(A_QUOTA);
  if (end < 0 || end > quota) return false;
  while (true) {
    const have: i32 = pages();
    const missing: i32 = ((end - 1) >> 16) + 1 - have;
    if (missing <= 0) return true;
    const most: i32 = ((quota - 1) >> 16) + 1 - have;
    let step: i32 = have >> 2;
    if (step < STEP) step = STEP;
    if (step < missing) step = missing;
    if (step > most) step = most;
    if (grow(step)) return true;
    // Another thread may have let it grow meanwhile, and so have left too little for this step.
    if (pages() === have) return false;
  }
}

/** A free block of a class, or 0. */
// @inline
function reuse(kind: i32): i32 {
  const head: i32 = A_FREE + 8 * kind;
  while (true) {
    const tag: i32 = load(head + 4);
    const block: i32 = load(head);
    if (block === 0) return 0;
    if (casPair(head, block, tag, peek(block + B_NEXT), tag + 1)) return block;
  }
}

/** Memory that was never used, or 0. */
// @inline
function fresh(kind: i32): i32 {
  const size: i32 = sizeOf(kind);
  while (true) {
    const top: i32 = load(A_TOP);
    if (!reach(top + size)) return 0;
    if (cas(A_TOP, top, top + size) === top) {
      poke(top + BLOCK_HEADER + B_CLASS, kind);
      return top + BLOCK_HEADER;
    }
  }
}

/** Puts a block on the list of its class. */
// @inline
function giveBack(block: i32): void {
  const head: i32 = A_FREE + 8 * peek(block + B_CLASS);
  while (true) {
    const tag: i32 = load(head + 4);
    const first: i32 = load(head);
    poke(block + B_NEXT, first);
    if (casPair(head, first, tag, block, tag + 1)) return;
  }
}

/** A block is the calling thread's until {@link publish}. */
// @inline
function pend(self: i32, block: i32): i32 {
  if (block !== 0) {
    poke(block + B_NEXT, peek(self + S_PENDING));
    poke(self + S_PENDING, block);
  }
  return block;
}

/** A block of a class, pending; 0 where the memory is full. */
// @inline
function allocate(self: i32, kind: i32): i32 {
  const block: i32 = reuse(kind);
  return pend(self, block === 0 ? fresh(kind) : block);
}

/** A block of at least so many bytes, or 0. What it holds is left from before. */
// @inline
export function take(self: i32, bytes: i32): i32 {
  if (bytes < 0 || bytes > MOST_BYTES) return 0;
  return allocate(self, classOf(bytes + BLOCK_HEADER));
}

/** A block of at least so many bytes, also one of a larger class where nothing else is left; 0 where the memory is full. */
export function alloc(self: i32, bytes: i32): i32 {
  if (bytes < 0 || bytes > MOST_BYTES) return 0;
  const right: i32 = classOf(bytes + BLOCK_HEADER);
  let block: i32 = allocate(self, right);
  for (let kind: i32 = right + 1; block === 0 && kind <= LARGEST_CLASS; kind++) block = pend(self, reuse(kind));
  return block;
}

/** Memory for the header of an object; 0 where the memory is full. */
export function allocHeader(self: i32): i32 {
  return allocate(self, HEADER_CLASS);
}

/** All that the present step allocated is in objects now. */
// @inline
export function publish(self: i32): void {
  put(self, self + S_PENDING, peek(self + S_OUTER));
}

export function publishAll(self: i32): void {
  poke(self + S_PENDING, peek(self + S_OUTER));
}

/** A block that no object refers to any more: it is free after the next {@link sweep}. */
// @inline
export function drop(self: i32, block: i32): void {
  poke(block + B_NEXT, peek(self + S_GARBAGE));
  poke(self + S_GARBAGE, block);
}

/** As {@link drop}, of a block that a change takes out of its object, and with that change. */
// @inline
export function retire(self: i32, block: i32): void {
  poke(block + B_NEXT, peek(self + S_GARBAGE));
  put(self, self + S_GARBAGE, block);
}

export function dropBlock(self: i32, block: i32): void {
  drop(self, block);
}

/** Frees a chain up to a block, from its head on: where the thread ends meanwhile, the rest is still in the chain, and no block is free twice. */
// @inline
function freeChain(head: i32, until: i32): void {
  for (let block: i32 = peek(head); block !== until; block = peek(head)) {
    const next: i32 = peek(block + B_NEXT);
    poke(head, next);
    giveBack(block);
  }
}

/** Frees what was dropped. */
export function sweep(self: i32): void {
  freeChain(self + S_GARBAGE, 0);
}

/** Frees what the present step allocated and does not need. */
export function discard(self: i32): void {
  freeChain(self + S_PENDING, peek(self + S_OUTER));
}

/** Frees the blocks that the thread works with, and the nodes that it has in reserve. */
export function freeOwn(self: i32): void {
  freeChain(self + S_NODES, 0);
  freeChain(self + S_SCRATCH, 0);
}

/** How many bytes a block of this class has. */
export function room(block: i32): i32 {
  return sizeOf(peek(block + B_CLASS)) - BLOCK_HEADER;
}

/** Bytes that are in lists of free blocks; exact only while no one else allocates. */
export function freeBytes(): i32 {
  let sum: i32 = 0;
  for (let kind: i32 = 0; kind < CLASSES; kind++) {
    const size: i32 = sizeOf(kind);
    const top: i32 = load(A_TOP);
    let block: i32 = load(A_FREE + 8 * kind);
    // A list that changes meanwhile may lead anywhere, also in a circle.
    for (let most: i32 = top / size; block > 0 && block < top && most > 0; most--) {
      sum += size;
      block = peek(block + B_NEXT);
    }
  }
  return sum;
}
