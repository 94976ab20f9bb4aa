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
  NUDGED,
  O_NUDGED,
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

// The lock of an object: the token of the thread that holds it, in one word, and CONTENDED while others are
// in the list. Taking a free one and giving it back is one exchange each. A lock that is given back is free
// for all, so that a running thread overtakes those that sleep; but one that has waited for longer than
// PATIENCE, or waits by a promise, gets it from hand to hand.

/** How often a lock is looked at before its thread gets in line. */
const TRIES: i32 = 200;
/** Milliseconds. */
const PATIENCE: f64 = 1;

/** Notes a new hold, whose number it is; answers whether the one before was abandoned. */
// @inline
function hold(object: i32, owner: i32): i32 {
  const count: f64 = peekF64(object + O_COUNTER) + 1;
  pokeF64(object + O_COUNTER, count);
  pokeF64(object + O_HELD, count);
  poke(object + O_OWNER, owner);
  // One operation is no holder who could do something about it.
  if (owner === INTERNAL) return 0;
  const abandoned: i32 = peek(object + O_ABANDONED);
  poke(object + O_ABANDONED, 0);
  return abandoned;
}

/**
 * Takes the lock if it is free, also where others wait: 0, or 1 where the hold before was abandoned; WAIT; GONE, also
 * where the thread is in the arena no more.
 */
// @inline
export function seize(self: i32, object: i32, uid: i32, owner: i32): i32 {
  const token: i32 = peek(self + S_TOKEN);
  if (token === 0) return GONE;
  // Most holds are shorter than falling asleep is.
  for (let tries: i32 = TRIES; tries > 0; tries--) {
    const word: i32 = load(object + O_LOCK);
    if ((word & ~CONTENDED) !== 0 || cas(object + O_LOCK, word, token | word) !== word) continue;
    if (peek(object + O_UID) === uid) return hold(object, owner);
    // Who got in line meanwhile waits for the next object that has this memory.
    for (let taken: i32 = load(object + O_LOCK); (taken & ~CONTENDED) === token; taken = load(object + O_LOCK)) {
      if (cas(object + O_LOCK, taken, taken & CONTENDED) === taken) break;
    }
    return GONE;
  }
  return WAIT;
}

export function lockTake(self: i32, object: i32, uid: i32, owner: i32): i32 {
  return seize(self, object, uid, owner);
}

/**
 * Gives the lock back: 0; PASS where it is still held, and to be passed on; OFFER where it is free, and someone is
 * to be told. While one who waits was told and is on its way, nobody else has to be.
 */
// @inline
export function release(self: i32, object: i32): i32 {
  const token: i32 = peek(self + S_TOKEN);
  if (cas(object + O_LOCK, token, 0) === token) return 0;
  if (load(object + O_NUDGED) === 0) return PASS;
  if (cas(object + O_LOCK, token | CONTENDED, CONTENDED) !== (token | CONTENDED)) return PASS;
  // It may have tried just before, and be asleep again.
  return load(object + O_NUDGED) === 0 ? OFFER : 0;
}

/** Whether the calling thread has the hold of this number. */
// @inline
export function holds(self: i32, object: i32, held: f64): boolean {
  return (load(object + O_LOCK) & ~CONTENDED) === peek(self + S_TOKEN) && peekF64(object + O_HELD) === held;
}

/** Gives back a hold of this number: as {@link release}; or NOT_OWNER. */
export function lockFree(self: i32, object: i32, held: f64): i32 {
  if (!holds(self, object, held)) return NOT_OWNER;
  poke(object + O_OWNER, INTERNAL);
  return release(self, object);
}

/** Takes the lock, 0 or 1 as {@link seize}, or gets in line for it: WAIT; BUSY; GONE. */
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

/** The word of a lock whose holder is this one, or none. */
// @inline
function wordFor(object: i32, token: i32): i32 {
  return peek(object + O_LIST0 + L_COUNT) > 0 ? token | CONTENDED : token;
}

/** Tells the first who waits that a lock is free, unless it knows. Under the guard. */
// @inline
function offer(self: i32, object: i32): void {
  const first: i32 = peek(object + O_LIST0 + L_HEAD);
  if (first === 0 || peek(first + N_STATE) !== WAITING) return;
  store(object + O_NUDGED, 1);
  tell(self, first, NUDGED);
}

/** Takes a node out of the line. Under the guard. */
// @inline
function dismiss(self: i32, object: i32, node: i32): void {
  unlink(self, node);
  if (peek(node + N_STATE) === NUDGED) store(object + O_NUDGED, 0);
}

/** Frees a lock that the calling thread holds, or that is taken from its holder, and gives or offers it to the first who waits. Under the guard. */
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

/** Tells one who waits that the lock is free, where it is: 0; BUSY; GONE. Where a thread ended while it told one, nobody counts as told. */
export function lockOffer(self: i32, object: i32, uid: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  const first: i32 = peek(object + O_LIST0 + L_HEAD);
  if (first === 0 || peek(first + N_STATE) !== NUDGED) store(object + O_NUDGED, 0);
  if ((load(object + O_LOCK) & ~CONTENDED) === 0) offer(self, object);
  leave(self, object, entered);
  return 0;
}

/** Gives back a hold of this number, and passes the lock on: 0, or NOT_OWNER. @param now milliseconds since 1970 */
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

/** One who was nudged tries again: 0 or 1 as {@link seize}, WAIT, or GRANTED. */
export function lockRetry(self: i32, object: i32, uid: i32, node: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  let result: i32 = WAIT;
  if (load(node + N_STATE) === GRANTED) {
    result = GRANTED;
  } else {
    // First this: whoever frees the lock from here on tells again.
    store(node + N_STATE, WAITING);
    exchange(object + O_NUDGED, 0);
    if (load(object + O_LOCK) === CONTENDED && cas(object + O_LOCK, CONTENDED, peek(self + S_TOKEN) | CONTENDED) === CONTENDED) {
      unlink(self, node);
      if (peek(object + O_LIST0 + L_COUNT) === 0) cas(object + O_LOCK, peek(self + S_TOKEN) | CONTENDED, peek(self + S_TOKEN));
      result = hold(object, peek(node + N_OWNER));
    }
  }
  leave(self, object, entered);
  return result;
}

/** One who waits gives up: 0, or GRANTED where it came too late for that. */
export function lockQuit(self: i32, object: i32, uid: i32, node: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  let result: i32 = 0;
  if (load(node + N_STATE) === GRANTED) result = GRANTED;
  else if (peek(node + N_LIST) !== 0) withdraw(self, object, node);
  leave(self, object, entered);
  return result;
}

/** Takes a node out of the line; where a free lock was offered to it, it is offered to the next. Under the guard. */
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
 * Ends the hold of this number, or any of this thread where that is 0, because its holder is gone or its
 * time is over: 1, or 0 where there is no such hold. The next holder is told, unless no user held it.
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
