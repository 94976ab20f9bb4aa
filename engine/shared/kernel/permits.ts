import type { f64, i32 } from './types.js';
import {
  L_COUNT,
  L_HEAD,
  GRANTED,
  N_LIST,
  N_STATE,
  N_WANT,
  NOT_OWNER,
  O_DATA,
  O_HOLDS,
  O_LIST0,
  OUT_OF_RANGE,
  P_BOUND,
  P_PERMITS,
  WAIT,
} from './layout.js';
import { enter, leave } from './guard.js';
import { load, peek, peekF64, putF64 } from './memory.js';
import { append, tell, unlink } from './waiters.js';

// A semaphore: its free permits, those who wait for some (list 0), and who holds how many. The node of one
// who waited becomes the one of its hold. First come, first served: who asks for much is not overtaken.

/** Makes a node a hold. Under the guard. */
// @inline
function grant(self: i32, object: i32, node: i32): void {
  const permits: i32 = object + O_DATA + P_PERMITS;
  putF64(self, permits, peekF64(permits) - peek(node + N_WANT));
  append(self, object + O_HOLDS, node);
}

/** Serves all who can be. Under the guard. */
// @inline
function serve(self: i32, object: i32): void {
  for (let first: i32 = peek(object + O_LIST0 + L_HEAD); first !== 0; first = peek(object + O_LIST0 + L_HEAD)) {
    if (peekF64(object + O_DATA + P_PERMITS) < peek(first + N_WANT)) return;
    unlink(self, first);
    grant(self, object, first);
    tell(self, first, GRANTED);
  }
}

/** Takes the permits that a node wants: 0; WAIT, in line where `waits`; BUSY; GONE. */
export function permitsTake(self: i32, object: i32, uid: i32, node: i32, waits: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  let result: i32 = WAIT;
  if (peek(object + O_LIST0 + L_COUNT) === 0 && peekF64(object + O_DATA + P_PERMITS) >= peek(node + N_WANT)) {
    grant(self, object, node);
    result = 0;
  } else if (waits !== 0) {
    append(self, object + O_LIST0, node);
  }
  leave(self, object, entered);
  return result;
}

/** Ends a hold: 0; NOT_OWNER where it is none; BUSY; GONE. What would be above the bound is gone. */
export function permitsFree(self: i32, object: i32, uid: i32, node: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  let result: i32 = NOT_OWNER;
  if (peek(node + N_LIST) === object + O_HOLDS) {
    unlink(self, node);
    addPermits(self, object, peek(node + N_WANT));
    serve(self, object);
    result = 0;
  }
  leave(self, object, entered);
  return result;
}

// @inline
function addPermits(self: i32, object: i32, count: f64): void {
  const permits: i32 = object + O_DATA + P_PERMITS;
  const bound: f64 = peekF64(object + O_DATA + P_BOUND);
  const sum: f64 = peekF64(permits) + count;
  putF64(self, permits, sum > bound ? bound : sum);
}

/** Adds permits: 0; OUT_OF_RANGE above the bound; BUSY; GONE. */
export function permitsAdd(self: i32, object: i32, uid: i32, count: f64): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  const above: boolean = peekF64(object + O_DATA + P_PERMITS) + count > peekF64(object + O_DATA + P_BOUND);
  if (!above) {
    addPermits(self, object, count);
    serve(self, object);
  }
  leave(self, object, entered);
  return above ? OUT_OF_RANGE : 0;
}

/** One who waits gives up: 0, or GRANTED where it came too late for that. */
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

/** Serves all who can be. */
export function permitsServe(self: i32, object: i32, uid: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  serve(self, object);
  leave(self, object, entered);
  return 0;
}
