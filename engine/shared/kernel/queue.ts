import type { i32 } from './types.js';
import {
  BROKEN,
  C_LENGTH,
  C_SIZE,
  D_COUNT,
  GRANTED,
  GROW,
  ITEM,
  L_COUNT,
  L_HEAD,
  MOST_UNFINISHED,
  N_LIST,
  N_STATE,
  N_WANT,
  O_DATA,
  O_HOLDS,
  O_LIST0,
  O_LIST1,
  O_LIST2,
  OPEN,
  OUT_OF_RANGE,
  PLACE,
  Q_CAPACITY,
  Q_PHASE,
  Q_PROMISED_ITEMS,
  Q_PROMISED_PLACES,
  Q_UNFINISHED,
  SHUT,
  SHUT_DOWN,
  TOO_MANY,
  WAIT,
  WAITING,
} from './layout.js';
import { blockOf } from './cell.js';
import { enter, leave, pause } from './guard.js';
import { publish, retire } from './heap.js';
import { copy, load, peek, put, commit } from './memory.js';
import { cellAt, cutCells, fits, insertCells } from './ring.js';
import { append, prepend, tell, unlink } from './waiters.js';

// A queue: a ring of items, and three lists of waits: for an item (0), for a place (1), for all items to be done (2). A woken getter or
// putter is promised an item or a place, so that a later caller does not take it; its node is in O_HOLDS until it redeems the promise.
// Promised items are the first ones of the ring, and no longer counted.

/** Size of items, in bytes, after which a call takes no further ones. */
const PLENTY: i32 = 0x100000;

/** Number of items that are not promised. */
// @inline
function available(object: i32): i32 {
  return load(object + O_DATA + D_COUNT) - peek(object + O_DATA + Q_PROMISED_ITEMS);
}

/** Returns true if `count` more items may be put. */
// @inline
function vacant(object: i32, count: i32): boolean {
  const data: i32 = object + O_DATA;
  const capacity: i32 = peek(data + Q_CAPACITY);
  return capacity === 0 || available(object) + peek(data + Q_PROMISED_PLACES) + count <= capacity;
}

/** Wakes all waits that can end. Idempotent; also continues after a dead thread. Requires the guard. */
// @inline
function wake(self: i32, object: i32): void {
  const data: i32 = object + O_DATA;
  const phase: i32 = peek(data + Q_PHASE);
  for (let getter: i32 = peek(object + O_LIST0 + L_HEAD); getter !== 0; getter = peek(object + O_LIST0 + L_HEAD)) {
    const promised: boolean = available(object) > 0 && phase !== SHUT;
    if (!promised && phase === OPEN) break;
    unlink(self, getter);
    if (promised) promise(self, object, getter, Q_PROMISED_ITEMS);
    tell(self, getter, promised ? GRANTED : BROKEN);
  }
  for (let putter: i32 = peek(object + O_LIST1 + L_HEAD); putter !== 0; putter = peek(object + O_LIST1 + L_HEAD)) {
    if (phase === OPEN && !vacant(object, 1)) break;
    unlink(self, putter);
    if (phase === OPEN) promise(self, object, putter, Q_PROMISED_PLACES);
    tell(self, putter, phase === OPEN ? GRANTED : BROKEN);
  }
  if (peek(data + Q_UNFINISHED) !== 0) return;
  for (let joiner: i32 = peek(object + O_LIST2 + L_HEAD); joiner !== 0; joiner = peek(object + O_LIST2 + L_HEAD)) {
    unlink(self, joiner);
    tell(self, joiner, GRANTED);
  }
}

/** Returns true if there is no wait that a put or a get could end. */
// @inline
function quiet(object: i32): boolean {
  return (peek(object + O_LIST0 + L_COUNT) | peek(object + O_LIST1 + L_COUNT)) === 0;
}

/** Promises an item or a place to a node that has left its list. */
// @inline
function promise(self: i32, object: i32, node: i32, promises: i32): void {
  append(self, object + O_HOLDS, node);
  put(self, object + O_DATA + promises, peek(object + O_DATA + promises) + 1);
}

/** Ends the promise of a node. Requires the guard. */
// @inline
function redeem(self: i32, object: i32, node: i32, promises: i32): void {
  unlink(self, node);
  put(self, object + O_DATA + promises, peek(object + O_DATA + promises) - 1);
}

/** Returns true if the node has an unredeemed promise. */
// @inline
function isPromised(object: i32, node: i32): boolean {
  return node !== 0 && peek(node + N_LIST) === object + O_HOLDS;
}

/** Moves the first item to `out`, and drops its block. Requires the guard; one complete change. */
// @inline
function takeFirst(self: i32, object: i32, out: i32): void {
  copy(out, cellAt(object, 0), C_SIZE);
  const block: i32 = blockOf(out);
  if (block !== 0) retire(self, block);
  cutCells(self, object, 1, 1);
  commit(self);
}

/** Drops all items that are not promised, from the last one on, and counts them as done. Returns their number. Requires the guard. */
// @inline
function purge(self: i32, object: i32): i32 {
  const data: i32 = object + O_DATA;
  let count: i32 = 0;
  for (; available(object) > 0; count++) {
    const block: i32 = blockOf(cellAt(object, peek(data + D_COUNT) - 1));
    if (block !== 0) retire(self, block);
    cutCells(self, object, 1, 0);
    // Items may have been reported done before they were taken.
    if (peek(data + Q_UNFINISHED) > 0) put(self, data + Q_UNFINISHED, peek(data + Q_UNFINISHED) - 1);
    commit(self);
  }
  return count;
}

/**
 * Puts all cells. Returns their number; WAIT if there is no room for all, in line if a node is given; GROW; SHUT_DOWN; TOO_MANY; BUSY;
 * GONE. The caller's pending blocks belong to the queue then. A node with a promised place puts one item.
 * @param more with a node: further items will follow, for which the node is the first in line
 */
export function queuePut(self: i32, object: i32, uid: i32, cells: i32, count: i32, node: i32, more: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  const data: i32 = object + O_DATA;
  const promised: boolean = isPromised(object, node);
  let result: i32 = WAIT;
  if (peek(data + Q_PHASE) !== OPEN) {
    result = SHUT_DOWN;
    if (promised) redeem(self, object, node, Q_PROMISED_PLACES);
  } else if (count > MOST_UNFINISHED - peek(data + Q_UNFINISHED)) {
    result = TOO_MANY;
  } else if (promised || vacant(object, count)) {
    result = GROW;
    if (fits(object, count)) {
      if (promised) redeem(self, object, node, Q_PROMISED_PLACES);
      insertCells(self, object, cells, count, 0);
      put(self, data + Q_UNFINISHED, peek(data + Q_UNFINISHED) + count);
      publish(self);
      if (more !== 0) {
        put(self, node + N_STATE, WAITING);
        prepend(self, object + O_LIST1, node);
      }
      commit(self);
      result = count;
      if (!quiet(object)) wake(self, object);
    }
  } else if (node !== 0) {
    append(self, object + O_LIST1, node);
  }
  leave(self, object, entered);
  return result;
}

/**
 * Takes up to `most` items to `out`, fewer if they are large. Returns their number; WAIT, in line if a node is given; SHUT_DOWN; BUSY;
 * GONE. Their blocks are the thread's until it sweeps. A node with a promised item gets one.
 */
export function queueGet(self: i32, object: i32, uid: i32, out: i32, most: i32, node: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  const phase: i32 = peek(object + O_DATA + Q_PHASE);
  const promised: boolean = isPromised(object, node);
  let count: i32 = phase === SHUT ? 0 : available(object);
  if (promised) count++;
  if (count > most) count = most;
  let result: i32 = 0;
  if (count > 0) {
    if (promised) redeem(self, object, node, Q_PROMISED_ITEMS);
    for (let bytes: i32 = 0; result < count && bytes < PLENTY; result++) {
      takeFirst(self, object, out + C_SIZE * result);
      if (blockOf(out + C_SIZE * result) !== 0) bytes += peek(out + C_SIZE * result + C_LENGTH);
    }
    if (!quiet(object)) wake(self, object);
  } else {
    result = phase === OPEN ? WAIT : SHUT_DOWN;
    if (result === WAIT && node !== 0) append(self, object + O_LIST0, node);
  }
  leave(self, object, entered);
  return result;
}

/** Returns the number of items that are not promised; BUSY; GONE. */
export function queueSize(self: i32, object: i32, uid: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  const result: i32 = available(object);
  leave(self, object, entered);
  return result;
}

/** Looks for an item or a place, up to `tries` times, before the thread falls asleep. Returns 1 or 0. */
export function queueLook(object: i32, want: i32, tries: i32): i32 {
  for (let left: i32 = tries; left > 0; left--) {
    if (want === ITEM ? available(object) > 0 : vacant(object, 1)) return 1;
    if (load(object + O_DATA + Q_PHASE) !== OPEN) return 1;
    pause();
  }
  return 0;
}

/** Puts items back at the head, in order, beyond the capacity if need be, and not as new ones. Returns 0; GROW; BUSY; GONE. */
export function queueReturn(self: i32, object: i32, uid: i32, cells: i32, count: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  let result: i32 = GROW;
  if (fits(object, count)) {
    insertCells(self, object, cells, count, 1);
    publish(self);
    commit(self);
    if (peek(object + O_DATA + Q_PHASE) === SHUT) purge(self, object);
    wake(self, object);
    result = 0;
  }
  leave(self, object, entered);
  return result;
}

/**
 * Ends a wait. Returns 0, or GRANTED if it was woken and `keep` is not 0: then it continues. Otherwise a promise goes to the next in line.
 */
export function queueQuit(self: i32, object: i32, uid: i32, node: i32, keep: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  const kept: boolean = keep !== 0 && load(node + N_STATE) === GRANTED;
  if (!kept && peek(node + N_LIST) !== 0) {
    if (!isPromised(object, node)) unlink(self, node);
    else redeem(self, object, node, peek(node + N_WANT) === PLACE ? Q_PROMISED_PLACES : Q_PROMISED_ITEMS);
    commit(self);
    if (peek(object + O_DATA + Q_PHASE) === SHUT) purge(self, object);
    wake(self, object);
  }
  leave(self, object, entered);
  return kept ? GRANTED : 0;
}

/** Drops all items, and counts them as done. Returns their number; BUSY; GONE. */
export function queueClear(self: i32, object: i32, uid: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  const count: i32 = purge(self, object);
  wake(self, object);
  leave(self, object, entered);
  return count;
}

/** Reports `count` items done. Returns 0; OUT_OF_RANGE if fewer are unfinished; BUSY; GONE. */
export function queueDone(self: i32, object: i32, uid: i32, count: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  const left: i32 = peek(object + O_DATA + Q_UNFINISHED) - count;
  if (left >= 0) put(self, object + O_DATA + Q_UNFINISHED, left);
  commit(self);
  if (left === 0) wake(self, object);
  leave(self, object, entered);
  return left >= 0 ? 0 : OUT_OF_RANGE;
}

/** Returns 1 if all items are done; WAIT, in line if a node is given; BUSY; GONE. */
export function queueJoin(self: i32, object: i32, uid: i32, node: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  const done: boolean = peek(object + O_DATA + Q_UNFINISHED) === 0;
  if (!done && node !== 0) append(self, object + O_LIST2, node);
  leave(self, object, entered);
  return done ? 1 : WAIT;
}

/**
 * Moves on to a phase, never back, and wakes all waits that can end. Returns 0; BUSY; GONE. With the present phase, it finishes what a dead
 * thread left undone.
 */
export function queueShutdown(self: i32, object: i32, uid: i32, phase: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  const data: i32 = object + O_DATA;
  if (peek(data + Q_PHASE) < phase) put(self, data + Q_PHASE, phase);
  commit(self);
  if (peek(data + Q_PHASE) === SHUT) purge(self, object);
  wake(self, object);
  leave(self, object, entered);
  return 0;
}
