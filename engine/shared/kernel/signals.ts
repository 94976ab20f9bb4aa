import type { i32 } from './types.js';
import { ENDED, G_SET, GRANTED, L_HEAD, N_LIST, N_STATE, O_DATA, O_LIST0, O_LIST1, O_LIST2, O_UID, WAIT } from './layout.js';
import { enter, leave } from './guard.js';
import { load, peek, put } from './memory.js';
import { append, tell, unlink } from './waiters.js';

// Those who wait for an event, or for the notification of a condition, and what all who wait have in common.

/** Wakes so many, first come, first served. Under the guard. */
// @inline
function wakeFirst(self: i32, list: i32, count: i32, state: i32): void {
  let left: i32 = count;
  for (let first: i32 = peek(list + L_HEAD); first !== 0 && left > 0; first = peek(list + L_HEAD)) {
    unlink(self, first);
    tell(self, first, state);
    left--;
  }
}

/** Sets the event: all who wait go on. 0; BUSY; GONE. */
export function eventSet(self: i32, object: i32, uid: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  put(self, object + O_DATA + G_SET, 1);
  wakeFirst(self, object + O_LIST0, 0x7fffffff, GRANTED);
  leave(self, object, entered);
  return 0;
}

/** Takes the event back. 0; BUSY; GONE. */
export function eventClear(self: i32, object: i32, uid: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  put(self, object + O_DATA + G_SET, 0);
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

/** Gets in line for a notification: 0; BUSY; GONE. @param list offset of the list in the object */
export function noticeWait(self: i32, object: i32, uid: i32, node: i32, list: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  append(self, object + list, node);
  leave(self, object, entered);
  return 0;
}

/** Wakes so many of those in line: 0; BUSY; GONE. */
export function noticeGive(self: i32, object: i32, uid: i32, count: i32, list: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  wakeFirst(self, object + list, count, GRANTED);
  leave(self, object, entered);
  return 0;
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
  put(self, object + O_UID, 0);
  wakeFirst(self, object + O_LIST0, 0x7fffffff, ENDED);
  wakeFirst(self, object + O_LIST1, 0x7fffffff, ENDED);
  wakeFirst(self, object + O_LIST2, 0x7fffffff, ENDED);
  leave(self, object, entered);
  return 0;
}
