import type { i32 } from './types.js';
import {
  A_CURRENT,
  A_FREE_UNITS,
  A_FREED,
  A_HEAP,
  A_NEW_SPANS,
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
  GONE,
  HEADER_CLASS,
  HEAP,
  LARGE_KIND,
  LASTS,
  LINE,
  LISTED,
  S_READY,
  S_TOKEN,
  UNIT,
  UNIT_BITS,
  X_BASE,
  X_HEAD,
  X_KIND,
  X_NEXT,
  X_PLACE,
  X_SIZE,
  X_TAG,
  X_UNITS,
} from './layout.js';
import { addChain, chain, FIRST } from './descriptors.js';
import { free, freeReady, INDEX, pop, sizeOf, takeOff } from './heap.js';
import { cas, casPair, exchange, grow, load, notify, pages, peek, poke, put, commit, store, zero } from './memory.js';
import { extend, find, link, listed, release, split, unlink } from './runs.js';

// Spans are made, listed and given back by one thread at a time, which has the heap's guard. The guard is a leaf: its holder waits for
// nothing. Loops only read, or write memory that no other thread sees; each change is then made in one step, or in an order in which each
// part leaves a state that the next holder of the guard can continue from.

/** Number of attempts to take the guard before the thread has to sleep. */
const TRIES: i32 = 60;
/** Number of blocks that are taken in before other threads get a turn. */
const TURN: i32 = 1000;
/** Size up to which blocks come in spans of SMALL_UNITS units, because there are many of them. */
const SMALL: i32 = 64;
const SMALL_UNITS: i32 = 4;
/** Number of units from which on a block is placed apart from small ones. */
const HUGE: i32 = 64;
/** Number of units of a span of object headers. */
const HEADERS: i32 = 8;

/** Takes the heap's guard. Returns 0; BUSY; GONE if the thread has left the arena. */
// @inline
function enter(self: i32): i32 {
  const token: i32 = peek(self + S_TOKEN);
  // With token 0, the exchange would succeed and leave the guard free.
  if (token === 0) return GONE;
  for (let tries: i32 = TRIES; cas(A_HEAP, 0, token) !== 0; tries--) if (tries === 0) return BUSY;
  // As with an object's guard, another thread may have grown the memory.
  if (pages() << 16 < load(A_TOP)) grow(0);
  return 0;
}

// @inline
function leave(): void {
  if ((exchange(A_HEAP, 0) & CONTENDED) !== 0) notify(A_HEAP, 0x7fffffff);
}

/** Returns the number of units of a span of a class: the fewest that waste at most a sixteenth, so that a span becomes empty soon. */
// @inline
function unitsOf(kind: i32): i32 {
  if (kind === HEADER_CLASS) return HEADERS;
  const size: i32 = sizeOf(kind);
  let units: i32 = size <= SMALL ? SMALL_UNITS : 1;
  while ((units << UNIT_BITS) % size > units << (UNIT_BITS - 4)) units++;
  return units;
}

/**
 * Gives freed blocks back to their spans. A span without blocks in use becomes free memory and is joined with its free neighbours; so is an
 * unused current span. Returns 0 when all are taken in; 1 if some may remain; BUSY; GONE.
 * @param first the size class to begin with; CLASSES for large blocks and the last blocks of spans only
 */
export function takeIn(self: i32, first: i32): i32 {
  freeReady(self);
  const entered: i32 = enter(self);
  if (entered < 0) return entered;
  let turn: i32 = TURN;
  for (let sort: i32 = first; sort <= LASTS; sort++) {
    while (turn > 0) {
      const block: i32 = takeOff(A_FREED + 8 * sort);
      if (block === 0) break;
      poke(self + S_READY, block);
      turn--;
      const span: i32 = peek(block + B_SPAN);
      const kind: i32 = peek(span + X_KIND);
      let empty = true;
      if (kind < CLASSES) {
        while (true) {
          const tag: i32 = load(span + X_TAG);
          const head: i32 = load(span + X_HEAD);
          poke(self + S_READY, 0);
          if (free(span, block, head, tag)) break;
          poke(self + S_READY, block);
        }
        empty = load(span + X_HEAD) >>> 16 === 0 && kind !== HEADER_CLASS && load(A_CURRENT + 4 * kind) !== span;
        const place: i32 = peek(span + X_PLACE);
        if (empty && place === LISTED) unlink(self, listed(kind), span);
        if (!empty && place === FULL_UP) {
          link(self, listed(kind), span);
          put(self, span + X_PLACE, LISTED);
        }
      }
      if (empty) release(self, span);
      if (kind >= CLASSES) put(self, self + S_READY, 0);
      commit(self);
    }
  }
  if (turn > 0) releaseCurrent(self);
  leave();
  return turn === 0 ? 1 : 0;
}

/** Frees the current spans without blocks in use. */
// @inline
function releaseCurrent(self: i32): void {
  for (let kind: i32 = 0; kind < HEADER_CLASS; kind++) {
    const span: i32 = load(A_CURRENT + 4 * kind);
    if (span === 0 || peek(span + X_PLACE) !== CURRENT) continue;
    const tag: i32 = load(span + X_TAG);
    const head: i32 = load(span + X_HEAD);
    // From here on, no thread can take a block of it.
    if (head >>> 16 === 0 && casPair(span + X_HEAD, head, tag, 0, tag + 1)) dismiss(self, kind, span);
  }
}

/** Frees a current span that has no blocks left. */
// @inline
function dismiss(self: i32, kind: i32, span: i32): void {
  put(self, A_CURRENT + 4 * kind, 0);
  release(self, span);
  commit(self);
}

/**
 * Provides a block that the thread did not find: in its class, or as the thread's ready block. Returns 0; FULL; BUSY; GONE.
 * @param wanted the kind of span that has such blocks
 * @param extending 0 to use free memory only; 1 to take also memory that was never used and, if that is not enough, a span of fewer blocks,
 * or a block of a larger class
 */
export function refill(self: i32, wanted: i32, extending: i32): i32 {
  freeReady(self);
  const entered: i32 = enter(self);
  if (entered < 0) return entered;
  const small: boolean = wanted < CLASSES;
  let kind: i32 = wanted;
  let units: i32 = small ? unitsOf(kind) : kind - LARGE_KIND;
  let room: i32 = peek(A_SPAN_UNITS) >> 1;
  if (room < FIRST) room = FIRST;
  let result: i32 = 0;
  while (true) {
    if (small) {
      const span: i32 = load(A_CURRENT + 4 * kind);
      if (span !== 0) {
        if (peek(span + X_PLACE) === LISTED) {
          unlink(self, listed(kind), span);
          put(self, span + X_PLACE, CURRENT);
          commit(self);
        }
        const tag: i32 = load(span + X_TAG);
        const head: i32 = load(span + X_HEAD);
        if ((head & INDEX) !== 0) break;
        if (head === 0) {
          // A thread died that was about to free it.
          dismiss(self, kind, span);
          continue;
        }
        // From now on, a thread that frees a block of it makes it be listed: one that saw it as current finds another tag.
        store(span + X_PLACE, FULL_UP);
        if (casPair(span + X_HEAD, head, tag, head, tag + 1)) store(A_CURRENT + 4 * kind, 0);
        else store(span + X_PLACE, CURRENT);
        continue;
      }
      const next: i32 = peek(listed(kind));
      if (next !== 0) {
        // It is current and listed until it is taken off the list above.
        store(A_CURRENT + 4 * kind, next);
        continue;
      }
    }
    // One descriptor is needed for the rest of a span, and one to make more descriptors.
    const spare: i32 = peek(A_SPANS);
    const few: boolean = spare === 0 || peek(spare + X_NEXT) === 0;
    const unborn: i32 = peek(A_NEW_SPANS);
    const apart: i32 = HEAP + peek(HEAP + X_UNITS) * UNIT;
    if (few && apart - unborn >= X_SIZE) {
      const until: i32 = chain(unborn, apart - unborn < FIRST * UNIT ? apart : unborn + FIRST * UNIT);
      addChain(self, unborn, until);
      put(self, A_NEW_SPANS, until);
      commit(self);
      continue;
    }
    const more: boolean = few && room > 0;
    const needed: i32 = more ? room : units;
    const span: i32 = find(needed);
    if (span === 0) {
      if (extending !== 0) {
        const least: i32 = small ? (sizeOf(kind) + UNIT - 1) >> UNIT_BITS : units;
        if (extend(self, needed)) {
          commit(self);
          continue;
        }
        if (more) {
          room = room > FIRST ? FIRST : 0;
          continue;
        }
        if (units > least) {
          units = units >> 1 > least ? units >> 1 : least;
          continue;
        }
        if (kind < HEADER_CLASS - 1) {
          kind++;
          units = unitsOf(kind);
          continue;
        }
      }
      result = FULL;
      break;
    }
    const base: i32 = peek(span + X_BASE);
    let end: i32 = base + (spare === 0 ? peek(span + X_UNITS) : needed) * UNIT;
    if (more) end = chain(base, end);
    else if (small) divide(span, base, end, kind);
    const made: i32 = split(self, span, needed, !more && needed >= HUGE ? 1 : 0);
    put(self, made + X_KIND, more ? DESCRIPTORS : kind);
    if (more) {
      addChain(self, base, end);
      put(self, A_SPAN_UNITS, peek(A_SPAN_UNITS) + peek(made + X_UNITS));
    } else if (small) {
      link(self, listed(kind), made);
      put(self, made + X_PLACE, LISTED);
    } else {
      const block: i32 = peek(made + X_BASE) + BLOCK_HEADER;
      poke(block + B_SPAN, made);
      put(self, self + S_READY, block);
    }
    commit(self);
    if (more) room = FIRST;
    else if (!small) break;
  }
  leave();
  if (result === 0 && kind !== wanted) poke(self + S_READY, pop(kind));
  return result;
}

/** Returns the unused bytes at the beginning of a span, which align object headers with cache lines. */
// @inline
function leftOut(kind: i32): i32 {
  return kind === HEADER_CLASS ? LINE - BLOCK_HEADER : 0;
}

/** Divides free memory into blocks of a class, and makes them the free list of a span. */
// @inline
function divide(span: i32, base: i32, end: i32, kind: i32): void {
  const size: i32 = sizeOf(kind);
  if (kind === HEADER_CLASS) zero(base, end - base);
  const first: i32 = base + BLOCK_HEADER + leftOut(kind);
  for (let block: i32 = first; block + size <= end + BLOCK_HEADER; block += size) {
    poke(block + B_SPAN, span);
    poke(block + B_NEXT, block + 2 * size <= end + BLOCK_HEADER ? (block + size - base) >> 3 : 0);
  }
  store(span + X_HEAD, (first - base) >> 3);
  store(span + X_TAG, peek(span + X_TAG) + 1);
}

/** Returns the number of free bytes, in free spans and in free blocks; exact only while no other thread works; BUSY; GONE. */
export function freeBytes(self: i32): i32 {
  const entered: i32 = enter(self);
  if (entered < 0) return entered;
  let sum: i32 = peek(A_FREE_UNITS) * UNIT;
  for (let kind: i32 = 0; kind < CLASSES; kind++) {
    const current: i32 = load(A_CURRENT + 4 * kind);
    if (current !== 0) sum += freeOf(current, kind);
    for (let span: i32 = peek(listed(kind)); span !== 0; span = peek(span + X_NEXT)) if (span !== current) sum += freeOf(span, kind);
  }
  leave();
  return sum;
}

/** Returns the number of bytes in free blocks of a span. */
// @inline
function freeOf(span: i32, kind: i32): i32 {
  const size: i32 = sizeOf(kind);
  const blocks: i32 = ((peek(span + X_UNITS) * UNIT - leftOut(kind)) / size) | 0;
  return (blocks - (load(span + X_HEAD) >>> 16)) * size;
}
