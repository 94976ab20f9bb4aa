import type { i32 } from './types.js';
import {
  A_HEAP,
  CONTENDED,
  DICT,
  L_HEAD,
  M_BATCH,
  N_NEXT,
  N_TOKEN,
  O_DATA,
  O_GUARD,
  O_KIND,
  O_SEQ,
  S_JOURNAL,
  S_TELLING,
} from './layout.js';
import { dropLeft } from './left.js';
import { finish } from './map-batch.js';
import { tellFor } from './waiters.js';
import { cas, exchange, load, notify, peek, poke, store } from './memory.js';

// What is done for a thread that is gone, by one that has made itself its reaper.

/** Takes back what the thread had half done, last first. */
// @inline
function takeBack(dead: i32): void {
  const journal: i32 = dead + S_JOURNAL;
  // Whom it was going to tell of that is not told.
  if (peek(journal) !== 0) poke(dead + S_TELLING, 0);
  for (let at: i32 = journal + 8 * peek(journal); at > journal; at -= 8) poke(peek(at - 4), peek(at));
  poke(journal, 0);
}

/** Takes back what the thread had half done to the spans, and gives the heap's guard back, where it had it: 1, or 0. It does not have a half-done change of an object then. */
export function reapHeap(dead: i32, token: i32): i32 {
  if ((load(A_HEAP) & ~CONTENDED) !== token) return 0;
  takeBack(dead);
  if ((exchange(A_HEAP, 0) & CONTENDED) !== 0) notify(A_HEAP, 0x7fffffff);
  return 1;
}

/** Takes back what the thread had half done to an object, or ends what it had begun to put in, and gives the object's guard back, where it had it: 1, or 0. */
export function reapGuard(object: i32, dead: i32, token: i32): i32 {
  if ((load(object + O_GUARD) & ~CONTENDED) !== token) return 0;
  // Whoever looked at the sequence before, or does until this is done, looks again.
  store(object + O_SEQ, peek(object + O_SEQ) | 1);
  takeBack(dead);
  tellFor(dead);
  if (peek(object + O_KIND) === DICT && peek(object + O_DATA + M_BATCH) !== 0) finish(dead, object);
  store(object + O_SEQ, peek(object + O_SEQ) + 1);
  if ((exchange(object + O_GUARD, 0) & CONTENDED) !== 0) notify(object + O_GUARD, 0x7fffffff);
  return 1;
}

/** Takes back what the thread had half done to its own blocks, and drops what its changes have left. All guards were given back before. */
export function reapSlot(dead: i32): void {
  takeBack(dead);
  dropLeft(dead);
}

/** The first node of a list, behind another or from its head on, that belongs to a thread; 0 where there is none. Under the guard. */
export function nodeOf(list: i32, behind: i32, token: i32): i32 {
  let node: i32 = behind === 0 ? peek(list + L_HEAD) : peek(behind + N_NEXT);
  while (node !== 0 && peek(node + N_TOKEN) !== token) node = peek(node + N_NEXT);
  return node;
}

/** Someone waits for a guard: 1, or 0 where it is free or of another thread by now. */
export function guardContend(object: i32, seen: i32): i32 {
  return (seen & CONTENDED) !== 0 || cas(object + O_GUARD, seen, seen | CONTENDED) === seen ? 1 : 0;
}
