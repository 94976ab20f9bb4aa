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

// Those who wait for an event (list 0), or for the notification of a condition (list 1), and what all who wait
// have in common. A notification that is meant for one goes to another where that one does not come back: until
// it has the lock, its node is in O_HOLDS.

/** Wakes all. Under the guard. */
// @inline
function wakeAll(self: i32, list: i32, state: i32): void {
  for (let first: i32 = peek(list + L_HEAD); first !== 0; first = peek(list + L_HEAD)) {
    unlink(self, first);
    tell(self, first, state);
  }
}

/** Notifies as many of those who wait for that as are still to be, first come, first served: also where that was left in the middle. Under the guard. */
// @inline
function notifyRest(self: i32, object: i32): void {
  const rest: i32 = object + O_DATA + H_REST;
  for (let first: i32 = peek(object + O_LIST1 + L_HEAD); first !== 0 && peek(rest) > 0; first = peek(object + O_LIST1 + L_HEAD)) {
    unlink(self, first);
    // Where all are notified, nobody needs what another leaves.
    if (peek(rest) !== ALL) {
      append(self, object + O_HOLDS, first);
      put(self, rest, peek(rest) - 1);
    }
    tell(self, first, GRANTED);
  }
  put(self, rest, 0);
}

/** So many more are to be notified. Under the guard. */
// @inline
function notifyMore(self: i32, object: i32, count: i32): void {
  const rest: i32 = object + O_DATA + H_REST;
  put(self, rest, count > ALL - peek(rest) ? ALL : peek(rest) + count);
}

/** Sets the event: all who wait go on. 0; BUSY; GONE. */
export function eventSet(self: i32, object: i32, uid: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  // By itself: it is read without the guard, and what was read is never taken back.
  store(object + O_DATA + G_SET, 1);
  wakeAll(self, object + O_LIST0, GRANTED);
  leave(self, object, entered);
  return 0;
}

/** Takes the event back: who comes from now on waits. 0; BUSY; GONE. */
export function eventClear(self: i32, object: i32, uid: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  // While it is set, only those wait whom a thread did not come to wake before it ended.
  if (peek(object + O_DATA + G_SET) !== 0) wakeAll(self, object + O_LIST0, GRANTED);
  store(object + O_DATA + G_SET, 0);
  leave(self, object, entered);
  return 0;
}

/** 1 where the event is set; WAIT, in line; BUSY; GONE. */
export function eventWait(self: i32, object: i32, uid: i32, node: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  const set: boolean = peek(object + O_DATA + G_SET) !== 0;
  if (!set) append(self, object + O_LIST0, node);
  leave(self, object, entered);
  return set ? 1 : WAIT;
}

/** Gets in line for a notification: 0; BUSY; GONE. */
export function noticeWait(self: i32, object: i32, uid: i32, node: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  // What is left of a notification is not meant for one who comes now.
  notifyRest(self, object);
  append(self, object + O_LIST1, node);
  leave(self, object, entered);
  return 0;
}

/** Notifies so many of those in line: 0; BUSY; GONE. */
export function noticeGive(self: i32, object: i32, uid: i32, count: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  notifyMore(self, object, count);
  notifyRest(self, object);
  leave(self, object, entered);
  return 0;
}

/**
 * One who was notified has the lock back, or does not come back: 1 where the notification was meant for it alone,
 * and goes to another if it is lost; else 0; BUSY; GONE.
 * @param lost whether it goes to another now
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

/** One who waits gives up: 0, or GRANTED where it came too late for that. */
export function noticeQuit(self: i32, object: i32, uid: i32, node: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  const granted: boolean = load(node + N_STATE) === GRANTED;
  if (!granted && peek(node + N_LIST) !== 0) unlink(self, node);
  leave(self, object, entered);
  return granted ? GRANTED : 0;
}

/** Ends an object: whoever waits is told, and whoever comes later finds another uid. 0; BUSY; GONE. */
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
