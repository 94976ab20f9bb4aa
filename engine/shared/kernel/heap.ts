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
import { casPair, leadingZeros, load, peek, poke, put, settled } from './memory.js';

// Small blocks come in size classes: 16, 32, 48, 64, then two to each power of two (96, 128, 192, 256, ...). The
// blocks of a class are in spans, each with a list of those of its blocks that are free, which has no lock: its head
// carries a tag that changes with each change, so that a head that was away meanwhile is no head. The spans
// themselves are made, listed and given back under a guard, in spans.ts: nothing here waits for that.

/** In X_HEAD: one block in use, and where the first free one is. */
export const USED: i32 = 0x10000;
export const INDEX: i32 = 0xffff;

/** What kind of span has blocks of so many bytes, with their headers. */
// @inline
function kindOf(total: i32): i32 {
  if (total > LARGEST) return LARGE_KIND + ((total + UNIT - 1) >> UNIT_BITS);
  if (total <= 64) return ((total + 15) >> 4) - 1;
  const power: i32 = 31 - leadingZeros(total - 1);
  return 4 + 2 * (power - 6) + (total > between(power) ? 1 : 0);
}

/** The size between two powers of two: three blocks of a size below a unit fill one unit, or two. */
// @inline
function between(power: i32): i32 {
  return power < UNIT_BITS ? (0x55555555 >> (30 - power)) & ~7 : 3 << (power - 1);
}

/** How many bytes a block of such a span has, with its header. */
// @inline
export function sizeOf(kind: i32): i32 {
  if (kind >= LARGE_KIND) return (kind - LARGE_KIND) << UNIT_BITS;
  if (kind === HEADER_CLASS) return HEADER_SIZE;
  if (kind < 4) return (kind + 1) << 4;
  const power: i32 = 6 + ((kind - 4) >> 1);
  return ((kind - 4) & 1) === 0 ? between(power) : 1 << (power + 1);
}

/** A free block of the current span of a class, or 0. */
// @inline
export function pop(kind: i32): i32 {
  const place: i32 = A_CURRENT + 4 * kind;
  while (true) {
    const span: i32 = load(place);
    if (span === 0) return 0;
    const tag: i32 = load(span + X_TAG);
    const head: i32 = load(span + X_HEAD);
    const block: i32 = peek(span + X_BASE) + ((head & INDEX) << 3);
    // The descriptor may describe another span by now: the one that is current has not changed since its tag was read.
    if (load(place) !== span || block >= load(A_TOP)) continue;
    if ((head & INDEX) === 0) return 0;
    if (casPair(span + X_HEAD, head, tag, (head & ~INDEX) + USED + peek(block + B_NEXT), tag + 1)) return block;
  }
}

/** Where the blocks of a kind are that were freed and that their spans have not taken in. */
// @inline
export function freed(kind: i32): i32 {
  return A_FREED + 8 * (kind < CLASSES ? kind : CLASSES);
}

/** The newest block that was freed of a kind, of all large ones together; or 0. */
// @inline
export function reuse(kind: i32): i32 {
  const stack: i32 = freed(kind);
  while (true) {
    const tag: i32 = load(stack + 4);
    const block: i32 = load(stack);
    if (block === 0) return 0;
    if (casPair(stack, block, tag, peek(block + B_NEXT), tag + 1)) return block;
  }
}

/**
 * Frees a block: its span has it again, or takes it in later, where that changes the place of the span. In one go with
 * taking it off where the thread has it.
 * @param from the word that says the block @param next what it says then
 */
// @inline
function giveBack(from: i32, block: i32, next: i32): void {
  const span: i32 = peek(block + B_SPAN);
  while (peek(span + X_KIND) < CLASSES) {
    const tag: i32 = load(span + X_TAG);
    const head: i32 = load(span + X_HEAD);
    const place: i32 = load(span + X_PLACE);
    if (place === FULL_UP || (place === LISTED && head >>> 16 === 1)) break;
    poke(from, next);
    if (free(span, block, head, tag)) return;
    keep(from, block, next);
  }
  const stack: i32 = freed(peek(span + X_KIND));
  while (true) {
    const tag: i32 = load(stack + 4);
    const first: i32 = load(stack);
    poke(from, next);
    poke(block + B_NEXT, first);
    if (casPair(stack, first, tag, block, tag + 1)) return;
    keep(from, block, next);
  }
}

/** The thread has a block still, which it was about to free. */
// @inline
function keep(from: i32, block: i32, next: i32): void {
  poke(block + B_NEXT, next);
  poke(from, block);
}

/** Puts a block before the free ones of its span, if the span's head is still this one. */
// @inline
export function free(span: i32, block: i32, head: i32, tag: i32): boolean {
  poke(block + B_NEXT, head & INDEX);
  return casPair(span + X_HEAD, head, tag, (head & ~INDEX) - USED + ((block - peek(span + X_BASE)) >> 3), tag + 1);
}

/** A block is the calling thread's until {@link publish}. */
// @inline
function pend(self: i32, block: i32): void {
  poke(block + B_NEXT, peek(self + S_PENDING));
  put(self, self + S_PENDING, block);
  settled(self);
}

/** A block of a kind, pending; or SCARCE. */
// @inline
function allocate(self: i32, kind: i32): i32 {
  let block: i32 = kind < CLASSES ? pop(kind) : 0;
  if (block === 0 && kind < CLASSES) block = reuse(kind);
  if (block === 0) block = ready(self, kind);
  if (block === 0) poke(self + S_WANTED, kind);
  else pend(self, block);
  return block === 0 ? SCARCE : block;
}

/** The block that is ready for the thread, or the large one that was freed last, where it is of this kind, or of a larger class; or 0. With {@link pend} it is one change. */
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

/** A block of at least so many bytes: SCARCE; FULL where there is never one. What it holds is left from before. */
// @inline
export function take(self: i32, bytes: i32): i32 {
  if (bytes < 0 || bytes > MOST_BYTES) return FULL;
  return allocate(self, kindOf(bytes + BLOCK_HEADER));
}

export function alloc(self: i32, bytes: i32): i32 {
  return take(self, bytes);
}

/** Memory for the header of an object, or SCARCE. */
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
function drop(self: i32, block: i32): void {
  poke(block + B_NEXT, peek(self + S_GARBAGE));
  poke(self + S_GARBAGE, block);
}

/** As {@link drop}, of a block that a change takes out of its object, and with that change. */
// @inline
export function retire(self: i32, block: i32): void {
  poke(block + B_NEXT, peek(self + S_GARBAGE));
  put(self, self + S_GARBAGE, block);
}

/** The newest block that was allocated is the thread's own now. Those before it may still be on their way into an object. */
export function ownBlock(self: i32): void {
  const block: i32 = peek(self + S_PENDING);
  put(self, self + S_PENDING, peek(block + B_NEXT));
  put(self, block + B_NEXT, peek(self + S_SCRATCH));
  put(self, self + S_SCRATCH, block);
  settled(self);
}

/** A block that was the thread's own is dropped. */
export function disownBlock(self: i32, block: i32): void {
  let link: i32 = self + S_SCRATCH;
  while (peek(link) !== block) link = peek(link) + B_NEXT;
  put(self, link, peek(block + B_NEXT));
  put(self, block + B_NEXT, peek(self + S_GARBAGE));
  put(self, self + S_GARBAGE, block);
  settled(self);
}

export function dropBlock(self: i32, block: i32): void {
  drop(self, block);
}

/** Drops the block that a word of an ended object says, or its bytes say which lie in it; the word says none then. */
export function dropField(self: i32, at: i32): void {
  const block: i32 = peek(at) & ~SHIFT;
  if (block === 0) return;
  retire(self, block);
  put(self, at, 0);
  settled(self);
}

/** Frees a chain up to a block, from its head on: where the thread ends meanwhile, the rest is still in the chain, and no block is free twice. */
// @inline
function freeChain(head: i32, until: i32): void {
  for (let block: i32 = peek(head); block !== until; block = peek(head)) {
    giveBack(head, block, peek(block + B_NEXT));
  }
}

/** Frees what was dropped. */
// @inline
export function sweep(self: i32): void {
  freeChain(self + S_GARBAGE, 0);
}

/** Frees what the present step allocated and does not need. */
export function discard(self: i32): void {
  freeChain(self + S_PENDING, peek(self + S_OUTER));
}

/** Frees the blocks that the thread works with, the one that is ready for it, and the nodes that it has in reserve. */
export function freeOwn(self: i32): void {
  freeReady(self);
  sweep(self);
  freeChain(self + S_NODES, 0);
  freeChain(self + S_SCRATCH, 0);
}

/** Frees the block that is ready for the thread, which does not need it. */
// @inline
export function freeReady(self: i32): void {
  const block: i32 = peek(self + S_READY);
  if (block !== 0) giveBack(self + S_READY, block, 0);
}

/** How many bytes a block has. */
export function room(block: i32): i32 {
  return sizeOf(peek(peek(block + B_SPAN) + X_KIND)) - BLOCK_HEADER;
}
