import type { i32 } from './types.js';
import {
  A_CURRENT,
  A_FREED,
  A_TOP,
  B_NEXT,
  B_SPAN,
  BLOCK_HEADER,
  CLASSES,
  FULL,
  FULL_UP,
  HEADER_CLASS,
  HEADER_SIZE,
  LARGE_KIND,
  LARGEST,
  LASTS,
  LISTED,
  MOST_BYTES,
  S_GARBAGE,
  S_NODES,
  S_OUTER,
  S_PENDING,
  S_READY,
  S_SCRATCH,
  S_WANTED,
  SCARCE,
  SHIFT,
  UNIT,
  UNIT_BITS,
  X_BASE,
  X_HEAD,
  X_KIND,
  X_PLACE,
  X_TAG,
} from './layout.js';
import { casPair, leadingZeros, load, peek, poke, put, commit } from './memory.js';

// Small blocks come in size classes: 16, 32, 48, 64, then two per power of two (96, 128, 192, 256, ...). The blocks of a class lie in
// spans. Each span has a lock-free list of its free blocks, whose head carries a version tag that prevents the ABA problem. Spans are made,
// listed and given back under the heap's guard, in spans.ts; no function here waits for it.

/** Fields of X_HEAD: USED counts one block in use, INDEX masks the position of the first free block. */
const USED: i32 = 0x10000;
export const INDEX: i32 = 0xffff;

/** Returns the kind of span for blocks of a size that includes their header. */
// @inline
function kindOf(total: i32): i32 {
  if (total > LARGEST) return LARGE_KIND + ((total + UNIT - 1) >> UNIT_BITS);
  if (total <= 64) return ((total + 15) >> 4) - 1;
  const power: i32 = 31 - leadingZeros(total - 1);
  return 4 + 2 * (power - 6) + (total > between(power) ? 1 : 0);
}

/** Returns the size between two powers of two. Below a unit, three blocks of this size fill one unit, or two. */
// @inline
function between(power: i32): i32 {
  return power < UNIT_BITS ? (0x55555555 >> (30 - power)) & ~7 : 3 << (power - 1);
}

/** Returns the size of the blocks of a kind, with their header. */
// @inline
export function sizeOf(kind: i32): i32 {
  if (kind >= LARGE_KIND) return (kind - LARGE_KIND) << UNIT_BITS;
  if (kind === HEADER_CLASS) return HEADER_SIZE;
  if (kind < 4) return (kind + 1) << 4;
  const power: i32 = 6 + ((kind - 4) >> 1);
  return ((kind - 4) & 1) === 0 ? between(power) : 1 << (power + 1);
}

/** Takes a free block from the current span of a class. Returns 0 if it has none. */
// @inline
export function pop(kind: i32): i32 {
  const place: i32 = A_CURRENT + 4 * kind;
  while (true) {
    const span: i32 = load(place);
    if (span === 0) return 0;
    const tag: i32 = load(span + X_TAG);
    const head: i32 = load(span + X_HEAD);
    const block: i32 = peek(span + X_BASE) + ((head & INDEX) << 3);
    // Another span may have taken over the descriptor. If the span is still current, it has not changed since its tag was read.
    if (load(place) !== span || block >= load(A_TOP)) continue;
    if ((head & INDEX) === 0) return 0;
    if (casPair(span + X_HEAD, head, tag, (head & ~INDEX) + USED + peek(block + B_NEXT), tag + 1)) return block;
  }
}

/** Returns the address of the stack of freed blocks of a kind, which their spans have not taken in yet. */
// @inline
function freed(kind: i32): i32 {
  return A_FREED + 8 * (kind < CLASSES ? kind : CLASSES);
}

/** Takes the block of a kind that was freed last; all large kinds share one stack. Returns 0 if there is none. */
// @inline
function reuse(kind: i32): i32 {
  return takeOff(freed(kind));
}

/** Takes the newest block off a stack. Returns 0 if there is none. */
// @inline
export function takeOff(stack: i32): i32 {
  while (true) {
    const tag: i32 = load(stack + 4);
    const block: i32 = load(stack);
    if (block === 0) return 0;
    if (casPair(stack, block, tag, peek(block + B_NEXT), tag + 1)) return block;
  }
}

/**
 * Frees a block and removes it from the thread's chain in one step. Its span takes it back at once, or later through the stack of freed
 * blocks if it would move the span to another list.
 * @param from the word that refers to the block @param next its value afterwards
 */
// @inline
function giveBack(from: i32, block: i32, next: i32): void {
  const span: i32 = peek(block + B_SPAN);
  const kind: i32 = peek(span + X_KIND);
  let stack: i32 = freed(kind);
  while (kind < CLASSES) {
    const tag: i32 = load(span + X_TAG);
    const head: i32 = load(span + X_HEAD);
    const place: i32 = load(span + X_PLACE);
    const last: boolean = place === LISTED && head >>> 16 === 1;
    // Spans of headers never become free memory.
    if (last && kind !== HEADER_CLASS) stack = A_FREED + 8 * LASTS;
    if (last || place === FULL_UP) break;
    poke(from, next);
    if (free(span, block, head, tag)) return;
    keep(from, block, next);
  }
  while (true) {
    const tag: i32 = load(stack + 4);
    const first: i32 = load(stack);
    poke(from, next);
    poke(block + B_NEXT, first);
    if (casPair(stack, first, tag, block, tag + 1)) return;
    keep(from, block, next);
  }
}

/** Puts a block back on the thread's chain after an attempt to free it failed. */
// @inline
function keep(from: i32, block: i32, next: i32): void {
  poke(block + B_NEXT, next);
  poke(from, block);
}

/** Puts a block in front of its span's free blocks, if head and tag are unchanged. */
// @inline
export function free(span: i32, block: i32, head: i32, tag: i32): boolean {
  poke(block + B_NEXT, head & INDEX);
  return casPair(span + X_HEAD, head, tag, (head & ~INDEX) - USED + ((block - peek(span + X_BASE)) >> 3), tag + 1);
}

/** Makes a block the calling thread's, until {@link publish}. */
// @inline
function pend(self: i32, block: i32): void {
  poke(block + B_NEXT, peek(self + S_PENDING));
  put(self, self + S_PENDING, block);
  commit(self);
}

/** Allocates a pending block of a kind. Returns SCARCE if none is at hand. */
// @inline
function allocate(self: i32, kind: i32): i32 {
  let block: i32 = kind < CLASSES ? pop(kind) : 0;
  if (block === 0 && kind < CLASSES) block = reuse(kind);
  if (block === 0) block = ready(self, kind);
  if (block === 0) poke(self + S_WANTED, kind);
  else pend(self, block);
  return block === 0 ? SCARCE : block;
}

/**
 * Takes the thread's ready block, or the large block freed last, if its kind fits: the same kind or a larger class. Returns 0 otherwise.
 * {@link pend} completes the change.
 */
// @inline
function ready(self: i32, kind: i32): i32 {
  if (kind >= LARGE_KIND && peek(self + S_READY) === 0) poke(self + S_READY, reuse(kind));
  const block: i32 = peek(self + S_READY);
  if (block === 0) return 0;
  const found: i32 = peek(peek(block + B_SPAN) + X_KIND);
  if (found !== kind && (found < kind || found >= HEADER_CLASS)) return 0;
  put(self, self + S_READY, 0);
  return block;
}

/** Allocates a block of at least this size, with old content. Returns SCARCE, or FULL if blocks are never that large. */
// @inline
export function take(self: i32, bytes: i32): i32 {
  if (bytes < 0 || bytes > MOST_BYTES) return FULL;
  return allocate(self, kindOf(bytes + BLOCK_HEADER));
}

export function alloc(self: i32, bytes: i32): i32 {
  return take(self, bytes);
}

/** Allocates memory for the header of an object, or returns SCARCE. */
export function allocHeader(self: i32): i32 {
  return allocate(self, HEADER_CLASS);
}

/** Marks all blocks that the present step allocated as belonging to objects. */
// @inline
export function publish(self: i32): void {
  put(self, self + S_PENDING, peek(self + S_OUTER));
}

export function publishAll(self: i32): void {
  poke(self + S_PENDING, peek(self + S_OUTER));
}

/** Adds a block that no object refers to any more to the garbage, which the next {@link sweep} frees. */
// @inline
function drop(self: i32, block: i32): void {
  poke(block + B_NEXT, peek(self + S_GARBAGE));
  poke(self + S_GARBAGE, block);
}

/** Like {@link drop}, but journaled: for a block that a change takes out of its object. */
// @inline
export function retire(self: i32, block: i32): void {
  poke(block + B_NEXT, peek(self + S_GARBAGE));
  put(self, self + S_GARBAGE, block);
}

/** Makes the newest pending block the thread's own. Earlier pending blocks may still be destined for an object. */
export function ownBlock(self: i32): void {
  const block: i32 = peek(self + S_PENDING);
  put(self, self + S_PENDING, peek(block + B_NEXT));
  put(self, block + B_NEXT, peek(self + S_SCRATCH));
  put(self, self + S_SCRATCH, block);
  commit(self);
}

/** Drops a block of the thread's own. */
export function disownBlock(self: i32, block: i32): void {
  let link: i32 = self + S_SCRATCH;
  while (peek(link) !== block) link = peek(link) + B_NEXT;
  put(self, link, peek(block + B_NEXT));
  put(self, block + B_NEXT, peek(self + S_GARBAGE));
  put(self, self + S_GARBAGE, block);
  commit(self);
}

export function dropBlock(self: i32, block: i32): void {
  drop(self, block);
}

/** Drops the block that a field of an ended object refers to, also if the field refers to its bytes, and sets the field to 0. */
export function dropField(self: i32, at: i32): void {
  const block: i32 = peek(at) & ~SHIFT;
  if (block === 0) return;
  retire(self, block);
  put(self, at, 0);
  commit(self);
}

/** Frees a chain up to a block, starting at the head. If the thread dies, the rest is still in the chain, and no block is freed twice. */
// @inline
function freeChain(head: i32, until: i32): void {
  for (let block: i32 = peek(head); block !== until; block = peek(head)) {
    giveBack(head, block, peek(block + B_NEXT));
  }
}

/** Frees the dropped blocks. */
// @inline
export function sweep(self: i32): void {
  freeChain(self + S_GARBAGE, 0);
}

/** Frees the blocks that the present step allocated and did not use. */
export function discard(self: i32): void {
  freeChain(self + S_PENDING, peek(self + S_OUTER));
}

/** Frees the thread's own blocks, its ready block and its reserve of nodes. */
export function freeOwn(self: i32): void {
  freeReady(self);
  sweep(self);
  freeChain(self + S_NODES, 0);
  freeChain(self + S_SCRATCH, 0);
}

/** Frees the thread's ready block, if it has one. */
// @inline
export function freeReady(self: i32): void {
  const block: i32 = peek(self + S_READY);
  if (block !== 0) giveBack(self + S_READY, block, 0);
}

/** Returns the size of a block without its header. */
export function room(block: i32): i32 {
  return sizeOf(peek(peek(block + B_SPAN) + X_KIND)) - BLOCK_HEADER;
}
