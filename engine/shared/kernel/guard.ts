import type { i32 } from './types.js';
import { A_MAGIC, A_TOP, CONTENDED, GONE, BUSY, O_GUARD, O_SEQ, O_UID, S_TOKEN } from './layout.js';
import { cas, exchange, grow, load, notify, pages, peek, commit, store } from './memory.js';

/** Number of attempts to take a guard before the thread has to sleep. */
const TRIES: i32 = 60;
/** Number of reads in a {@link pause}. */
const PAUSE: i32 = 30;

/** Results of {@link enter}. */
const ENTERED: i32 = 0;
const ALREADY: i32 = 1;

/**
 * Takes the guard of an object, under which one thread at a time changes it. Returns ENTERED; ALREADY if the thread had it; BUSY; or GONE,
 * without the guard, if another object has this memory now or the thread has left the arena.
 */
// @inline
export function enter(self: i32, object: i32, uid: i32): i32 {
  const token: i32 = peek(self + S_TOKEN);
  // With token 0, a free guard would look like its own.
  if (token === 0) return GONE;
  let seen: i32 = cas(object + O_GUARD, 0, token);
  if ((seen & ~CONTENDED) === token) return peek(object + O_UID) === uid ? ALREADY : GONE;
  for (let tries: i32 = TRIES; seen !== 0; tries--) {
    if (tries === 0) return BUSY;
    // Each exchange, also a failed one, takes the cache line from the thread that works on the object: wait and read first.
    pause();
    seen = load(object + O_GUARD);
    if (seen === 0) seen = cas(object + O_GUARD, 0, token);
  }
  if (peek(object + O_UID) === uid) {
    // Another thread may have grown the memory a moment ago: growing by 0 makes this thread see all of it.
    if (pages() << 16 < load(A_TOP)) grow(0);
    return ENTERED;
  }
  leave(self, object, ENTERED);
  return GONE;
}

/** Waits about 50 ns without reading memory that other threads write. */
// @inline
export function pause(): void {
  for (let left: i32 = PAUSE; left > 0; left--) load(A_MAGIC);
}

/** Gives the guard back if `entered` took it, and wakes the threads that sleep on it. */
// @inline
export function leave(self: i32, object: i32, entered: i32): void {
  commit(self);
  if (entered !== ENTERED) return;
  if ((exchange(object + O_GUARD, 0) & CONTENDED) !== 0) notify(object + O_GUARD, 0x7fffffff);
}

/** Begins a change of an object: reads without the guard are invalid until {@link end}. */
// @inline
export function begin(object: i32): void {
  store(object + O_SEQ, peek(object + O_SEQ) + 1);
  // A store alone would let the following writes overtake it; the read after it does not.
  load(object + O_SEQ);
}

/** Ends a change. It is settled before other threads read it, because a value that was read must not be rolled back. */
// @inline
export function end(self: i32, object: i32): void {
  commit(self);
  store(object + O_SEQ, peek(object + O_SEQ) + 1);
}

export function enterObject(self: i32, object: i32, uid: i32): i32 {
  return enter(self, object, uid);
}

export function leaveObject(self: i32, object: i32): void {
  leave(self, object, ENTERED);
}
