import type { i32 } from './types.js';
import {
  ALL,
  ENDED,
  G_SET,
  GRANTED,
  H_REST,
  L_HEAD,
  N_LIST,
  N_STATE,
  O_DATA,
  O_HOLDS,
  O_LIST0,
  O_LIST1,
  O_LIST2,
  O_UID,
  WAIT,
} from './layout.js';
import { enter, leave } from './guard.js';
import { load, peek, put, store } from './memory.js';
import { append, tell, unlink } from './waiters.js';

// The waits for an event (list 0) and for the notification of a condition (list 1), and the end of all waits of an object. If a notified
// waiter dies or gives up before it has the lock back, its notification goes to another one: until then its node is in O_HOLDS.

/** Wakes all waits of a list. Requires the guard. */
// @inline
function wakeAll(self: i32, list: i32, state: i32): void {
  for (let first: i32 = peek(list + L_HEAD); first !== 0; first = peek(list + L_HEAD)) {
    unlink(self, first);
    tell(self, first, state);
  }
}

/** Notifies as many waits as H_REST says, first come, first served. Also continues after a dead thread. Requires the guard. */
// @inline
function notifyRest(self: i32, object: i32): void {
  const rest: i32 = object + O_DATA + H_REST;
  for (let first: i32 = peek(object + O_LIST1 + L_HEAD); first !== 0 && peek(rest) > 0; first = peek(object + O_LIST1 + L_HEAD)) {
    unlink(self, first);
    // If all are notified, no other wait can use a lost notification.
    if (peek(rest) !== ALL) {
      append(self, object + O_HOLDS, first);
      put(self, rest, peek(rest) - 1);
    }
    tell(self, first, GRANTED);
  }
  put(self, rest, 0);
}

/** Adds to the number of waits to be notified. Requires the guard. */
// @inline
function notifyMore(self: i32, object: i32, count: i32): void {
  const rest: i32 = object + O_DATA + H_REST;
  put(self, rest, count > ALL - peek(rest) ? ALL : peek(rest) + count);
}

/** Sets the event, and ends all waits. Returns 0; BUSY; GONE. */
export function eventSet(self: i32, object: i32, uid: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  // Not journaled: it is read without the guard, and a value that was read must not be rolled back.
  store(object + O_DATA + G_SET, 1);
  wakeAll(self, object + O_LIST0, GRANTED);
  leave(self, object, entered);
  return 0;
}

/** Clears the event: later waits block. Returns 0; BUSY; GONE. */
export function eventClear(self: i32, object: i32, uid: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  // While it is set, waits are in the list only if a thread died before it woke them.
  if (peek(object + O_DATA + G_SET) !== 0) wakeAll(self, object + O_LIST0, GRANTED);
  store(object + O_DATA + G_SET, 0);
  leave(self, object, entered);
  return 0;
}

/** Returns 1 if the event is set; WAIT, in line; BUSY; GONE. */
export function eventWait(self: i32, object: i32, uid: i32, node: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  const set: boolean = peek(object + O_DATA + G_SET) !== 0;
  if (!set) append(self, object + O_LIST0, node);
  leave(self, object, entered);
  return set ? 1 : WAIT;
}

/** Gets in line for a notification. Returns 0; BUSY; GONE. */
export function noticeWait(self: i32, object: i32, uid: i32, node: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  // An unfinished notification must not reach a later wait.
  notifyRest(self, object);
  append(self, object + O_LIST1, node);
  leave(self, object, entered);
  return 0;
}

/** Notifies up to `count` waits. Returns 0; BUSY; GONE. */
export function noticeGive(self: i32, object: i32, uid: i32, count: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  notifyMore(self, object, count);
  notifyRest(self, object);
  leave(self, object, entered);
  return 0;
}

/**
 * Ends the notification of a wait: it has the lock back, or it will not return. Returns 1 if the notification was for this wait alone,
 * otherwise 0; BUSY; GONE.
 * @param lost not 0 to pass that notification to another wait
 */
export function noticeTake(self: i32, object: i32, uid: i32, node: i32, lost: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  const alone: boolean = peek(node + N_LIST) === object + O_HOLDS;
  if (alone) {
    unlink(self, node);
    if (lost !== 0) {
      notifyMore(self, object, 1);
      notifyRest(self, object);
    }
  }
  leave(self, object, entered);
  return alone ? 1 : 0;
}

/** Ends a wait. Returns 0, or GRANTED if it was notified before. */
export function noticeQuit(self: i32, object: i32, uid: i32, node: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  const granted: boolean = load(node + N_STATE) === GRANTED;
  if (!granted && peek(node + N_LIST) !== 0) unlink(self, node);
  leave(self, object, entered);
  return granted ? GRANTED : 0;
}

/** Ends an object: all its waits end, and later callers find another uid. Returns 0; BUSY; GONE. */
export function objectEnd(self: i32, object: i32, uid: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  store(object + O_UID, 0);
  wakeAll(self, object + O_LIST0, ENDED);
  wakeAll(self, object + O_LIST1, ENDED);
  wakeAll(self, object + O_LIST2, ENDED);
  leave(self, object, entered);
  return 0;
}
