import type { i32 } from './types.js';
import {
  A_CURRENT,
  A_FREE_UNITS,
  A_HEAP,
  A_LAST,
  A_NEW_SPANS,
  A_QUOTA,
  A_SPAN_UNITS,
  A_SPANS,
  A_TOP,
  B_NEXT,
  B_SPAN,
  BLOCK_HEADER,
  BUSY,
  CLASSES,
  CONTENDED,
  CURRENT,
  DESCRIPTORS,
  FULL,
  FULL_UP,
  HEADER_CLASS,
  HEAP,
  LARGE_KIND,
  LISTED,
  S_READY,
  S_TOKEN,
  S_WANTED,
  UNIT,
  UNIT_BITS,
  UNUSED,
  X_BASE,
  X_HEAD,
  X_KIND,
  X_NEXT,
  X_PLACE,
  X_SIZE,
  X_TAG,
  X_UNITS,
} from './layout.js';
import { dropReady, free, INDEX, reuse, sizeOf } from './heap.js';
import { cas, casPair, exchange, grow, load, notify, pages, peek, poke, put, settled, store, zero } from './memory.js';
import { extend, find, link, listed, reach, release, split, unlink } from './runs.js';

// Spans are made, listed and given back by one thread at a time, which has the heap's guard. It is a leaf: who has it
// waits for nothing. It loops only to look, or in memory that nobody sees; each change is then made in one go, or in an
// order in which each part of it leaves something that the next one under the guard goes on with.

/** How often the guard is tried before the thread passes. */
const TRIES: i32 = 60;
/** Blocks that are taken in before others have a turn. */
const TURN: i32 = 1000;
/** Bytes of memory for each descriptor that is at the beginning of the heap. More are in the midst of it, where they are in the way of large blocks. */
const EACH: i32 = 8192;
/** Units of descriptors that are made at a time. */
const FIRST: i32 = 4;
/** Bytes of a span with a size class, and blocks, at least. */
const LEAST_BYTES: i32 = 4096;
const LEAST_BLOCKS: i32 = 8;
/** Units of a span of object headers. */
const HEADERS: i32 = 8;

// @inline
function enter(self: i32): boolean {
  const token: i32 = peek(self + S_TOKEN);
  for (let tries: i32 = TRIES; cas(A_HEAP, 0, token) !== 0; tries--) if (tries === 0) return false;
  // As for the guard of an object: other threads may have let the memory grow.
  if (pages() << 16 < load(A_TOP)) grow(0);
  return true;
}

// @inline
function leave(): void {
  if ((exchange(A_HEAP, 0) & CONTENDED) !== 0) notify(A_HEAP, 0x7fffffff);
}

/** How many units a span of a class has. */
// @inline
function unitsOf(kind: i32): i32 {
  if (kind === HEADER_CLASS) return HEADERS;
  let bytes: i32 = LEAST_BLOCKS * sizeOf(kind);
  while (bytes < LEAST_BYTES) bytes = bytes << 1;
  return bytes >> UNIT_BITS;
}

/** Sets memory apart for descriptors, of which the first describes that; of a heap in which nothing is yet. */
export function beginHeap(): void {
  let units: i32 = ((load(A_QUOTA) / EACH) * X_SIZE) >> UNIT_BITS;
  if (units < FIRST) units = FIRST;
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

/** Makes a chain of the descriptors from one place to another. */
// @inline
function chain(base: i32, end: i32): void {
  for (let at: i32 = base; at < end; at += X_SIZE) {
    poke(at + X_HEAD, 0);
    poke(at + X_KIND, UNUSED);
    poke(at + X_NEXT, at + X_SIZE);
  }
}

/** Puts a chain of descriptors before those that are not used. */
// @inline
function addChain(self: i32, base: i32, end: i32): void {
  put(self, end - X_SIZE + X_NEXT, peek(A_SPANS));
  put(self, A_SPANS, base);
}

/**
 * Lets the spans take in blocks that were freed. One in which none is in use any more becomes free memory, and is
 * joined with what is free beside it: 0 when all are in; 1; BUSY.
 * @param first the size class to begin with; CLASSES for large blocks alone
 */
export function takeIn(self: i32, first: i32): i32 {
  if (!enter(self)) return BUSY;
  let turn: i32 = TURN;
  for (let sort: i32 = first; sort <= CLASSES; sort++) {
    while (turn > 0) {
      const block: i32 = reuse(sort);
      if (block === 0) break;
      turn--;
      const span: i32 = peek(block + B_SPAN);
      const kind: i32 = peek(span + X_KIND);
      let empty = true;
      if (kind < CLASSES) {
        while (!free(span, block, load(span + X_HEAD), load(span + X_TAG))) continue;
        empty = load(span + X_HEAD) >>> 16 === 0 && kind !== HEADER_CLASS && load(A_CURRENT + 4 * kind) !== span;
        const place: i32 = peek(span + X_PLACE);
        if (empty && place === LISTED) unlink(self, listed(kind), span);
        if (!empty && place === FULL_UP) {
          link(self, listed(kind), span);
          put(self, span + X_PLACE, LISTED);
        }
      }
      if (empty) release(self, span);
      settled(self);
    }
  }
  leave();
  return turn === 0 ? 1 : 0;
}

/** Gives back the spans that are kept for the next block of their class, and have none in use: 0; BUSY. */
export function giveBackSpans(self: i32): i32 {
  if (!enter(self)) return BUSY;
  for (let kind: i32 = 0; kind < HEADER_CLASS; kind++) {
    const span: i32 = load(A_CURRENT + 4 * kind);
    if (span === 0 || peek(span + X_PLACE) !== CURRENT) continue;
    const tag: i32 = load(span + X_TAG);
    const head: i32 = load(span + X_HEAD);
    // From here on nobody takes a block of it.
    if (head >>> 16 !== 0 || !casPair(span + X_HEAD, head, tag, 0, tag + 1)) continue;
    store(A_CURRENT + 4 * kind, 0);
    release(self, span);
    settled(self);
  }
  leave();
  return 0;
}

/**
 * Brings what the thread found none of: a block of the class, or a large one, which is ready then: 0; FULL; BUSY.
 * @param extending 1 lets it take memory that was never used, and where there is too little, a span of fewer blocks
 */
export function refill(self: i32, extending: i32): i32 {
  const kind: i32 = peek(self + S_WANTED);
  if (!enter(self)) return BUSY;
  const small: boolean = kind < CLASSES;
  let units: i32 = small ? unitsOf(kind) : kind - LARGE_KIND;
  // Where memory is short, a span of a few blocks is better than none.
  const least: i32 = small ? (sizeOf(kind) + UNIT - 1) >> UNIT_BITS : units;
  let room: i32 = peek(A_SPAN_UNITS) >> 1;
  if (room < FIRST) room = FIRST;
  let result: i32 = 0;
  if (!small) dropReady(self);
  while (true) {
    if (small) {
      const span: i32 = load(A_CURRENT + 4 * kind);
      if (span !== 0) {
        if (peek(span + X_PLACE) === LISTED) {
          unlink(self, listed(kind), span);
          put(self, span + X_PLACE, CURRENT);
          settled(self);
        }
        const tag: i32 = load(span + X_TAG);
        const head: i32 = load(span + X_HEAD);
        if ((head & INDEX) !== 0) break;
        // Whoever frees a block of it from now on lets it be listed: one who thinks that it is current finds another tag.
        store(span + X_PLACE, FULL_UP);
        if (casPair(span + X_HEAD, head, tag, head, tag + 1)) store(A_CURRENT + 4 * kind, 0);
        else store(span + X_PLACE, CURRENT);
        continue;
      }
      const next: i32 = peek(listed(kind));
      if (next !== 0) {
        // It is in both places until it is off the list: see above.
        store(A_CURRENT + 4 * kind, next);
        continue;
      }
    }
    // One descriptor is needed for what is left of a span, and one to make more of them.
    const spare: i32 = peek(A_SPANS);
    const few: boolean = spare === 0 || peek(spare + X_NEXT) === 0;
    const unborn: i32 = peek(A_NEW_SPANS);
    const apart: i32 = HEAP + peek(HEAP + X_UNITS) * UNIT;
    if (few && unborn < apart) {
      const until: i32 = apart - unborn < FIRST * UNIT ? apart : unborn + FIRST * UNIT;
      chain(unborn, until);
      addChain(self, unborn, until);
      put(self, A_NEW_SPANS, until);
      settled(self);
      continue;
    }
    const more: boolean = few && room > 0;
    const wanted: i32 = more ? room : units;
    const span: i32 = find(wanted);
    if (span === 0) {
      if (extending === 0) {
        result = FULL;
        break;
      }
      if (extend(self, wanted)) settled(self);
      else if (more) room = room > FIRST ? FIRST : 0;
      else if (units > least) units = units >> 1 > least ? units >> 1 : least;
      else {
        result = FULL;
        break;
      }
      continue;
    }
    const base: i32 = peek(span + X_BASE);
    // Without a descriptor for the rest of it, it is taken whole.
    const end: i32 = base + (spare === 0 && !more ? peek(span + X_UNITS) : wanted) * UNIT;
    if (more) {
      chain(base, end);
    } else if (small) {
      divide(span, base, end, kind);
    } else {
      poke(base + BLOCK_HEADER + B_SPAN, span);
    }
    split(self, span, wanted);
    put(self, span + X_KIND, more ? DESCRIPTORS : kind);
    if (more) {
      addChain(self, base, end);
      put(self, A_SPAN_UNITS, peek(A_SPAN_UNITS) + wanted);
    } else if (small) {
      link(self, listed(kind), span);
      put(self, span + X_PLACE, LISTED);
    } else {
      put(self, self + S_READY, base + BLOCK_HEADER);
    }
    settled(self);
    if (more) room = FIRST;
    else if (!small) break;
  }
  leave();
  return result;
}

/** Makes a list of all blocks of a class that there are in free memory, which become the free ones of a span. */
// @inline
function divide(span: i32, base: i32, end: i32, kind: i32): void {
  const size: i32 = sizeOf(kind);
  if (kind === HEADER_CLASS) zero(base, end - base);
  for (let block: i32 = base + BLOCK_HEADER; block + size <= end + BLOCK_HEADER; block += size) {
    poke(block + B_SPAN, span);
    poke(block + B_NEXT, block + 2 * size <= end + BLOCK_HEADER ? (block + size - base) >> 3 : 0);
  }
  store(span + X_HEAD, 1);
  store(span + X_TAG, peek(span + X_TAG) + 1);
}

/** Bytes that are free, joined and in spans; exact only while no one else works: BUSY. */
export function freeBytes(self: i32): i32 {
  if (!enter(self)) return BUSY;
  let sum: i32 = peek(A_FREE_UNITS) * UNIT;
  for (let kind: i32 = 0; kind < CLASSES; kind++) {
    const size: i32 = sizeOf(kind);
    const current: i32 = load(A_CURRENT + 4 * kind);
    if (current !== 0) sum += freeOf(current, size);
    for (let span: i32 = peek(listed(kind)); span !== 0; span = peek(span + X_NEXT)) if (span !== current) sum += freeOf(span, size);
  }
  leave();
  return sum;
}

/** Bytes of the free blocks of a span. */
// @inline
function freeOf(span: i32, size: i32): i32 {
  return ((((peek(span + X_UNITS) * UNIT) / size) | 0) - (load(span + X_HEAD) >>> 16)) * size;
}
