import type { f64, i32 } from './types.js';
import {
  CONTENDED,
  GRANTED,
  INTERNAL,
  L_COUNT,
  L_HEAD,
  N_ASYNC,
  N_HELD,
  N_LIST,
  N_OWNER,
  N_RESULT,
  N_SINCE,
  N_STATE,
  N_TOKEN,
  NOT_OWNER,
  WOKEN,
  O_WOKEN,
  OFFER,
  O_ABANDONED,
  O_COUNTER,
  O_HELD,
  O_LIST0,
  O_LOCK,
  O_OWNER,
  O_UID,
  GONE,
  PASS,
  S_TOKEN,
  WAIT,
  WAITING,
} from './layout.js';
import { enter, leave } from './guard.js';
import { cas, exchange, load, peek, peekF64, poke, pokeF64, put, store } from './memory.js';
import { append, tell, unlink } from './waiters.js';

// The lock of an object. One word holds the token of its thread, and CONTENDED while others are in the list; to take a free lock or to give
// it back is one exchange. A lock that is given back is free for all, so that a running thread overtakes sleeping ones. But a wait of a
// promise, or one longer than PATIENCE, is handed the lock directly.

/** Number of attempts to take a lock before the thread gets in line. */
const TRIES: i32 = 200;
/** In milliseconds. */
const PATIENCE: f64 = 1;

/** Records a new hold and its number. Returns 1 if the previous hold was abandoned. */
// @inline
function hold(object: i32, owner: i32): i32 {
  const count: f64 = peekF64(object + O_COUNTER) + 1;
  pokeF64(object + O_COUNTER, count);
  pokeF64(object + O_HELD, count);
  poke(object + O_OWNER, owner);
  // A single operation does not consume the flag: it could not react to it.
  if (owner === INTERNAL) return 0;
  const abandoned: i32 = peek(object + O_ABANDONED);
  poke(object + O_ABANDONED, 0);
  return abandoned;
}

/**
 * Takes the lock if it is free, also if others wait. Returns 0, or 1 if the previous hold was abandoned; WAIT; GONE, also if the thread has
 * left the arena.
 */
// @inline
export function acquire(self: i32, object: i32, uid: i32, owner: i32): i32 {
  const token: i32 = peek(self + S_TOKEN);
  if (token === 0) return GONE;
  // Spins first: most holds are shorter than falling asleep takes.
  for (let tries: i32 = TRIES; tries > 0; tries--) {
    const word: i32 = load(object + O_LOCK);
    if ((word & ~CONTENDED) !== 0 || cas(object + O_LOCK, word, token | word) !== word) continue;
    if (peek(object + O_UID) === uid) return hold(object, owner);
    // Keep CONTENDED: threads that got in line meanwhile wait for the next object in this memory.
    for (let taken: i32 = load(object + O_LOCK); (taken & ~CONTENDED) === token; taken = load(object + O_LOCK)) {
      if (cas(object + O_LOCK, taken, taken & CONTENDED) === taken) break;
    }
    return GONE;
  }
  return WAIT;
}

export function lockTake(self: i32, object: i32, uid: i32, owner: i32): i32 {
  return acquire(self, object, uid, owner);
}

/**
 * Gives the lock back. Returns 0; PASS if it is still held, and the caller has to pass it on; OFFER if it is free, and the caller has to
 * tell a waiting thread. While a waiting thread was told and has not tried yet, no other has to be told.
 */
// @inline
export function release(self: i32, object: i32): i32 {
  const token: i32 = peek(self + S_TOKEN);
  if (cas(object + O_LOCK, token, 0) === token) return 0;
  if (load(object + O_WOKEN) === 0) return PASS;
  if (cas(object + O_LOCK, token | CONTENDED, CONTENDED) !== (token | CONTENDED)) return PASS;
  // That thread may have tried just before, and sleep again.
  return load(object + O_WOKEN) === 0 ? OFFER : 0;
}

/** Returns true if the calling thread has the hold of this number. */
// @inline
export function holds(self: i32, object: i32, held: f64): boolean {
  return (load(object + O_LOCK) & ~CONTENDED) === peek(self + S_TOKEN) && peekF64(object + O_HELD) === held;
}

/** Gives back the hold of this number. Returns the result of {@link release}, or NOT_OWNER. */
export function lockFree(self: i32, object: i32, held: f64): i32 {
  if (!holds(self, object, held)) return NOT_OWNER;
  poke(object + O_OWNER, INTERNAL);
  return release(self, object);
}

/** Takes the lock, with 0 or 1 as from {@link acquire}, or gets in line for it. Returns WAIT; BUSY; GONE. */
export function lockWait(self: i32, object: i32, uid: i32, node: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  const token: i32 = peek(self + S_TOKEN);
  let result: i32 = WAIT;
  while (true) {
    const word: i32 = load(object + O_LOCK);
    if ((word & ~CONTENDED) === 0) {
      if (cas(object + O_LOCK, word, token | word) !== word) continue;
      result = hold(object, peek(node + N_OWNER));
      break;
    }
    if (cas(object + O_LOCK, word, word | CONTENDED) !== word) continue;
    append(self, object + O_LIST0, node);
    break;
  }
  leave(self, object, entered);
  return result;
}

/** Returns the lock word for a holder, or for none if `token` is 0. */
// @inline
function wordFor(object: i32, token: i32): i32 {
  return peek(object + O_LIST0 + L_COUNT) > 0 ? token | CONTENDED : token;
}

/** Tells the first in line that the lock is free, unless it was told. Requires the guard. */
// @inline
function offer(self: i32, object: i32): void {
  const first: i32 = peek(object + O_LIST0 + L_HEAD);
  if (first === 0 || peek(first + N_STATE) !== WAITING) return;
  store(object + O_WOKEN, 1);
  tell(self, first, WOKEN);
}

/** Takes a node out of the line. Requires the guard. */
// @inline
function dismiss(self: i32, object: i32, node: i32): void {
  unlink(self, node);
  if (peek(node + N_STATE) === WOKEN) store(object + O_WOKEN, 0);
}

/**
 * Hands the lock to the first in line, or frees it and tells the first. The thread holds it, or takes it from its holder. Requires the
 * guard.
 */
// @inline
function passOn(self: i32, object: i32, now: f64): void {
  const first: i32 = peek(object + O_LIST0 + L_HEAD);
  if (first !== 0 && (peek(first + N_ASYNC) !== 0 || now - peekF64(first + N_SINCE) > PATIENCE)) {
    dismiss(self, object, first);
    poke(first + N_RESULT, hold(object, peek(first + N_OWNER)));
    pokeF64(first + N_HELD, peekF64(object + O_HELD));
    put(self, object + O_LOCK, wordFor(object, peek(first + N_TOKEN)));
    tell(self, first, GRANTED);
    return;
  }
  exchange(object + O_LOCK, wordFor(object, 0));
  offer(self, object);
}

/**
 * Tells the first in line that the lock is free, if it is. Returns 0; BUSY; GONE. First corrects O_WOKEN, in case a thread died while it
 * told one.
 */
export function lockOffer(self: i32, object: i32, uid: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  const first: i32 = peek(object + O_LIST0 + L_HEAD);
  if (first === 0 || peek(first + N_STATE) !== WOKEN) store(object + O_WOKEN, 0);
  if ((load(object + O_LOCK) & ~CONTENDED) === 0) offer(self, object);
  leave(self, object, entered);
  return 0;
}

/** Gives back the hold of this number, and passes the lock on. Returns 0, or NOT_OWNER. @param now in milliseconds since 1970 */
export function lockPass(self: i32, object: i32, uid: i32, held: f64, now: f64): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  let result: i32 = NOT_OWNER;
  if (holds(self, object, held)) {
    poke(object + O_OWNER, INTERNAL);
    passOn(self, object, now);
    result = 0;
  }
  leave(self, object, entered);
  return result;
}

/** Tries again for a node that was told that the lock is free. Returns 0 or 1 as {@link acquire}; WAIT; GRANTED. */
export function lockRetry(self: i32, object: i32, uid: i32, node: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  let result: i32 = WAIT;
  if (load(node + N_STATE) === GRANTED) {
    result = GRANTED;
  } else {
    // Before the attempt, so that a thread that frees the lock from here on tells it again.
    store(node + N_STATE, WAITING);
    exchange(object + O_WOKEN, 0);
    if (load(object + O_LOCK) === CONTENDED && cas(object + O_LOCK, CONTENDED, peek(self + S_TOKEN) | CONTENDED) === CONTENDED) {
      unlink(self, node);
      if (peek(object + O_LIST0 + L_COUNT) === 0) cas(object + O_LOCK, peek(self + S_TOKEN) | CONTENDED, peek(self + S_TOKEN));
      result = hold(object, peek(node + N_OWNER));
    }
  }
  leave(self, object, entered);
  return result;
}

/** Ends a wait. Returns 0, or GRANTED if it was granted before. */
export function lockQuit(self: i32, object: i32, uid: i32, node: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  let result: i32 = 0;
  if (load(node + N_STATE) === GRANTED) result = GRANTED;
  else if (peek(node + N_LIST) !== 0) withdraw(self, object, node);
  leave(self, object, entered);
  return result;
}

/** Takes a node out of the line; if the lock was free and offered to it, offers it to the next. Requires the guard. */
// @inline
function withdraw(self: i32, object: i32, node: i32): void {
  dismiss(self, object, node);
  while (true) {
    const word: i32 = load(object + O_LOCK);
    if (cas(object + O_LOCK, word, wordFor(object, word & ~CONTENDED)) === word) break;
  }
  if ((load(object + O_LOCK) & ~CONTENDED) === 0) offer(self, object);
}

/**
 * Ends the hold of this number, or any hold of this thread if the number is 0, because the thread died or the lease ended. Returns 1, or 0
 * if there is no such hold. The next holder is told that it was abandoned, except after the hold of a single operation.
 */
export function lockBreak(self: i32, object: i32, uid: i32, token: i32, held: f64, now: f64): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  let result: i32 = 0;
  const word: i32 = load(object + O_LOCK);
  if ((word & ~CONTENDED) === token && (held === 0 || peekF64(object + O_HELD) === held)) {
    if (peek(object + O_OWNER) !== INTERNAL) poke(object + O_ABANDONED, 1);
    poke(object + O_OWNER, INTERNAL);
    passOn(self, object, now);
    result = 1;
  }
  leave(self, object, entered);
  return result;
}
