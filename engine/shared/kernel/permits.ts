import type { f64, i32 } from './types.js';
import {
  L_COUNT,
  L_HEAD,
  GRANTED,
  MOST_PERMITS,
  N_HELD,
  N_LIST,
  N_STATE,
  N_WANT,
  NOT_OWNER,
  O_COUNTER,
  O_DATA,
  O_HOLDS,
  O_LIST0,
  OUT_OF_RANGE,
  P_BOUND,
  P_HELD,
  P_PERMITS,
  TOO_MANY,
  WAIT,
} from './layout.js';
import { enter, leave } from './guard.js';
import { load, peek, peekF64, putF64, unsigned } from './memory.js';
import { append, tell, unlink } from './waiters.js';

// A semaphore: its free permits, the waits for permits (list 0), and the holds. The node of a wait becomes the node of its hold. First
// come, first served: a request for many permits is not overtaken.

/** Number of permits that a node asks for, or holds. */
// @inline
function wanted(node: i32): f64 {
  return unsigned(peek(node + N_WANT));
}

/** Makes a node a hold, with a number. Requires the guard. */
// @inline
function grant(self: i32, object: i32, node: i32): void {
  const data: i32 = object + O_DATA;
  const count: f64 = wanted(node);
  putF64(self, data + P_PERMITS, peekF64(data + P_PERMITS) - count);
  putF64(self, data + P_HELD, peekF64(data + P_HELD) + count);
  putF64(self, object + O_COUNTER, peekF64(object + O_COUNTER) + 1);
  putF64(self, node + N_HELD, peekF64(object + O_COUNTER));
  append(self, object + O_HOLDS, node);
}

/** Grants permits from the head of the line, as far as they suffice. Requires the guard. */
// @inline
function serve(self: i32, object: i32): void {
  for (let first: i32 = peek(object + O_LIST0 + L_HEAD); first !== 0; first = peek(object + O_LIST0 + L_HEAD)) {
    if (peekF64(object + O_DATA + P_PERMITS) < wanted(first)) return;
    unlink(self, first);
    grant(self, object, first);
    tell(self, first, GRANTED);
  }
}

/** Takes the permits that a node asks for. Returns 0; WAIT, in line if `waits`; BUSY; GONE. */
export function permitsTake(self: i32, object: i32, uid: i32, node: i32, waits: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  let result: i32 = WAIT;
  if (peek(object + O_LIST0 + L_COUNT) === 0 && peekF64(object + O_DATA + P_PERMITS) >= wanted(node)) {
    grant(self, object, node);
    result = 0;
  } else if (waits !== 0) {
    append(self, object + O_LIST0, node);
  }
  leave(self, object, entered);
  return result;
}

/**
 * Ends a hold. Returns 0; NOT_OWNER if it is none; BUSY; GONE. Permits that were added to a bounded semaphore in the holder's stead are not
 * returned a second time.
 */
export function permitsFree(self: i32, object: i32, uid: i32, node: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  let result: i32 = NOT_OWNER;
  if (peek(node + N_LIST) === object + O_HOLDS) {
    const data: i32 = object + O_DATA;
    const held: f64 = peekF64(data + P_HELD) - wanted(node);
    const most: f64 = peekF64(data + P_BOUND) - held;
    const free: f64 = peekF64(data + P_PERMITS) + wanted(node);
    unlink(self, node);
    putF64(self, data + P_HELD, held);
    if (free <= most) putF64(self, data + P_PERMITS, free);
    else if (most > peekF64(data + P_PERMITS)) putF64(self, data + P_PERMITS, most);
    serve(self, object);
    result = 0;
  }
  leave(self, object, entered);
  return result;
}

/** Ends a hold whose permits are used up: none returns. Returns 0; NOT_OWNER if it is none; BUSY; GONE. */
export function permitsUse(self: i32, object: i32, uid: i32, node: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  let result: i32 = NOT_OWNER;
  if (peek(node + N_LIST) === object + O_HOLDS) {
    const data: i32 = object + O_DATA;
    unlink(self, node);
    putF64(self, data + P_HELD, peekF64(data + P_HELD) - wanted(node));
    result = 0;
  }
  leave(self, object, entered);
  return result;
}

/** Adds permits. Returns 0; OUT_OF_RANGE above the bound; TOO_MANY above the limit of 32 bits; BUSY; GONE. */
export function permitsAdd(self: i32, object: i32, uid: i32, count: f64): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  const data: i32 = object + O_DATA;
  const sum: f64 = peekF64(data + P_PERMITS) + count;
  let result: i32 = 0;
  if (sum > peekF64(data + P_BOUND)) {
    result = OUT_OF_RANGE;
  } else if (sum + peekF64(data + P_HELD) > MOST_PERMITS) {
    result = TOO_MANY;
  } else {
    putF64(self, data + P_PERMITS, sum);
    serve(self, object);
  }
  leave(self, object, entered);
  return result;
}

/** Ends a wait. Returns 0, or GRANTED if it was granted before. */
export function permitsQuit(self: i32, object: i32, uid: i32, node: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  const granted: boolean = load(node + N_STATE) === GRANTED;
  if (!granted && peek(node + N_LIST) !== 0) {
    unlink(self, node);
    serve(self, object);
  }
  leave(self, object, entered);
  return granted ? GRANTED : 0;
}

/** Grants permits from the head of the line, as far as they suffice. Returns 0; BUSY; GONE. */
export function permitsServe(self: i32, object: i32, uid: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  serve(self, object);
  leave(self, object, entered);
  return 0;
}
