import type { f64, i32 } from './types.js';
import {
  A_HEAP,
  C_BITS,
  CONTENDED,
  D_COUNT,
  DICT,
  E_CELL,
  L_HEAD,
  M_BATCH,
  M_ORDER,
  M_ORDER_COUNT,
  N_NEXT,
  N_TOKEN,
  O_CLAIMS,
  O_DATA,
  O_GUARD,
  O_HOLDS,
  O_KIND,
  O_LIST0,
  O_LIST1,
  O_LIST2,
  O_LOCK,
  O_WOKEN,
  O_SEQ,
  O_UID,
  Q_PHASE,
  QUEUE,
  S_JOURNAL,
  S_WAKING,
  SHUT,
  SLOT_SIZE,
  SLOTS,
  T_ENTRY,
  T_SERIAL,
  T_SIZE,
} from './layout.js';
import { dropLeft } from './left.js';
import { finish } from './map-batch.js';
import { orderOf } from './map-entry.js';
import { tellFor } from './waiters.js';
import { again, cas, exchange, load, notify, peek, peek8, peekF64, poke, pokeF64, store } from './memory.js';

// Reaping of a dead thread, by the thread that has claimed it.

/** Number of directory entries that one call looks at. */
const PLACES: i32 = 4096;

/** Rolls back the thread's unfinished change, last write first. */
// @inline
function takeBack(dead: i32): void {
  const journal: i32 = dead + S_JOURNAL;
  // The change is undone, so the waiting thread must not be told of it.
  if (peek(journal) !== 0) poke(dead + S_WAKING, 0);
  for (let at: i32 = journal + 8 * peek(journal); at > journal; at -= 8) poke(peek(at - 4), peek(at));
  poke(journal, 0);
}

/**
 * If the dead thread had the heap's guard, rolls back its unfinished change of the spans and gives the guard back. Returns 1, or 0. It then
 * has no unfinished change of an object.
 */
export function reapHeap(dead: i32, token: i32): i32 {
  if ((load(A_HEAP) & ~CONTENDED) !== token) return 0;
  takeBack(dead);
  if ((exchange(A_HEAP, 0) & CONTENDED) !== 0) notify(A_HEAP, 0x7fffffff);
  return 1;
}

/**
 * If the dead thread had the object's guard, rolls back its unfinished change or completes its batch, and gives the guard back. Returns 1,
 * or 0.
 */
export function reapGuard(object: i32, dead: i32, token: i32): i32 {
  if ((load(object + O_GUARD) & ~CONTENDED) !== token) return 0;
  // Readers without the guard that looked before, or look until this is done, have to look a second time.
  store(object + O_SEQ, peek(object + O_SEQ) | 1);
  takeBack(dead);
  tellFor(dead);
  if (peek(object + O_KIND) === DICT && peek(object + O_DATA + M_BATCH) !== 0) finish(dead, object);
  store(object + O_SEQ, peek(object + O_SEQ) + 1);
  if ((exchange(object + O_GUARD, 0) & CONTENDED) !== 0) notify(object + O_GUARD, 0x7fffffff);
  return 1;
}

/**
 * Rolls back an unfinished change of the thread's own blocks, and drops the blocks that its changes left. All its guards are given back
 * already.
 */
export function reapSlot(dead: i32): void {
  takeBack(dead);
  dropLeft(dead);
}

/** Returns the first node of a thread in a list, after `behind` or from the head on; 0 if there is none. Requires the guard. */
export function nodeOf(list: i32, behind: i32, token: i32): i32 {
  let node: i32 = behind === 0 ? peek(list + L_HEAD) : peek(behind + N_NEXT);
  while (node !== 0 && peek(node + N_TOKEN) !== token) node = peek(node + N_NEXT);
  return node;
}

/**
 * Finds the objects in which a dead thread may have left something, among the next entries of the directory. Requires the directory's
 * guard. Writes to `out` the serial to continue with, Infinity after the last entry, and from byte 8 on the entries of those objects.
 * Returns their number.
 * @param from serial of the first entry to look at
 */
export function reapNext(directory: i32, from: f64, dead: i32, token: i32, out: i32, room: i32): i32 {
  const order: i32 = peek(directory + O_DATA + M_ORDER);
  const count: i32 = peek(directory + O_DATA + M_ORDER_COUNT);
  const most: i32 = (room - 8) >> 2;
  let place: i32 = orderOf(directory, from);
  let found: i32 = 0;
  for (let left: i32 = PLACES; left > 0 && place < count && found < most; left--) {
    const entry: i32 = peek(order + T_SIZE * place + T_ENTRY);
    if (entry !== 0 && concerns(peek(entry + E_CELL + C_BITS), dead, token)) {
      poke(out + 8 + 4 * found, entry);
      found++;
    }
    place++;
  }
  pokeF64(out, place < count ? peekF64(order + T_SIZE * place + T_SERIAL) : Infinity);
  return found;
}

/**
 * Returns true if a dead thread may have left something in the object. Reads without the object's guard, so that it may return true
 * wrongly, but never false.
 */
// @inline
function concerns(object: i32, dead: i32, token: i32): boolean {
  if (peek(object + O_UID) === 0) return true;
  if ((peek(object + O_LIST0) | peek(object + O_LIST1) | peek(object + O_LIST2)) !== 0) return true;
  // Between the lists and the holds: a living thread that moves a node of the dead one from a list to the holds has the guard meanwhile.
  if (again(object + O_GUARD) !== 0) return true;
  if ((peek(object + O_HOLDS) | peek(object + O_WOKEN)) !== 0) return true;
  const lock: i32 = load(object + O_LOCK);
  if ((lock & ~CONTENDED) === token || lock === CONTENDED) return true;
  if (peek(object + O_KIND) === QUEUE && peek(object + O_DATA + Q_PHASE) === SHUT && peek(object + O_DATA + D_COUNT) !== 0) return true;
  const claims: i32 = peek(object + O_CLAIMS);
  const index: i32 = (dead - SLOTS) / SLOT_SIZE;
  return claims !== 0 && (peek8(claims + (index >> 3)) & (1 << (index & 7))) !== 0;
}

/** Marks a guard as awaited. Returns 1, or 0 if it is free or another thread's by now. */
export function guardContend(object: i32, seen: i32): i32 {
  return (seen & CONTENDED) !== 0 || cas(object + O_GUARD, seen, seen | CONTENDED) === seen ? 1 : 0;
}
