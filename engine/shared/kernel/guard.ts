import type { i32 } from './types.js';
import { A_MAGIC, A_TOP, CONTENDED, GONE, BUSY, O_GUARD, O_SEQ, O_UID, S_TOKEN } from './layout.js';
import { cas, exchange, grow, load, notify, pages, peek, settled, store } from './memory.js';

/** How often a guard is tried before the thread passes. */
const TRIES: i32 = 60;
/** Reads of a {@link pause}. */
const PAUSE: i32 = 30;

/** Answers of {@link enter}. */
const ENTERED: i32 = 0;
const ALREADY: i32 = 1;

/**
 * Takes the guard of an object: one thread at a time changes it. ENTERED; ALREADY where the thread had it;
 * BUSY; or GONE, without the guard, where the object is another one by now, or the thread is in the arena no more.
 */
// @inline
export function enter(self: i32, object: i32, uid: i32): i32 {
  const token: i32 = peek(self + S_TOKEN);
  // A free guard would seem to be its own.
  if (token === 0) return GONE;
  let seen: i32 = cas(object + O_GUARD, 0, token);
  if ((seen & ~CONTENDED) === token) return peek(object + O_UID) === uid ? ALREADY : GONE;
  for (let tries: i32 = TRIES; seen !== 0; tries--) {
    if (tries === 0) return BUSY;
    // An exchange, also one in vain, takes the cache line away from the thread that works on the object.
    pause();
    seen = load(object + O_GUARD);
    if (seen === 0) seen = cas(object + O_GUARD, 0, token);
  }
  if (peek(object + O_UID) === uid) {
    // Another thread has let the memory grow in the last moment: growing by nothing lets this one reach all of it.
    if (pages() << 16 < load(A_TOP)) grow(0);
    return ENTERED;
  }
  leave(self, object, ENTERED);
  return GONE;
}

/** Lets some 50 ns pass without a look at memory that others write. */
// @inline
export function pause(): void {
  for (let left: i32 = PAUSE; left > 0; left--) load(A_MAGIC);
}

/** Gives the guard back, where `entered` took it. */
// @inline
export function leave(self: i32, object: i32, entered: i32): void {
  settled(self);
  if (entered !== ENTERED) return;
  if ((exchange(object + O_GUARD, 0) & CONTENDED) !== 0) notify(object + O_GUARD, 0x7fffffff);
}

/** From here on the object is being changed, and reads without the guard do not count. */
// @inline
export function begin(object: i32): void {
  store(object + O_SEQ, peek(object + O_SEQ) + 1);
  // What is written from here on may not be seen before: a write alone would let it overtake, a read behind it does not.
  load(object + O_SEQ);
}

/** The change is done. It is whole before anyone reads it: what was read is never taken back. */
// @inline
export function end(self: i32, object: i32): void {
  settled(self);
  store(object + O_SEQ, peek(object + O_SEQ) + 1);
}

export function enterObject(self: i32, object: i32, uid: i32): i32 {
  return enter(self, object, uid);
}

export function leaveObject(self: i32, object: i32): void {
  leave(self, object, ENTERED);
}
