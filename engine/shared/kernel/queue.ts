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
  WAIT,
  WAITING,
} from './layout.js';
import { blockOf } from './cell.js';
import { enter, leave, pause } from './guard.js';
import { publish, retire } from './heap.js';
import { copy, load, peek, put, settled } from './memory.js';
import { cellAt, cutCells, fits, insertCells } from './ring.js';
import { append, prepend, tell, unlink } from './waiters.js';

// A queue: a ring of items, and three lists: those who wait for an item (0), for a place (1), for all to be
// done (2). Who is woken has been promised an item, or a place, so that nobody who comes later takes it: it is
// in O_HOLDS until it comes for that. Items that are promised are no longer counted: they are the first ones.

/** Items of so many bytes are enough for one call. */
const PLENTY: i32 = 0x100000;

/** Items that nobody was promised. */
// @inline
function available(object: i32): i32 {
  return load(object + O_DATA + D_COUNT) - peek(object + O_DATA + Q_PROMISED_ITEMS);
}

/** Whether so many more may be put. */
// @inline
function vacant(object: i32, count: i32): boolean {
  const data: i32 = object + O_DATA;
  const capacity: i32 = peek(data + Q_CAPACITY);
  return capacity === 0 || available(object) + peek(data + Q_PROMISED_PLACES) + count <= capacity;
}

/** Wakes whoever can go on: as often as it is asked, and also where it was left in the middle. Under the guard. */
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

/** Nobody waits for what a put or a get brings. */
// @inline
function quiet(object: i32): boolean {
  return (peek(object + O_LIST0 + L_COUNT) | peek(object + O_LIST1 + L_COUNT)) === 0;
}

/** Promises something to one who waits, and is in no list any more. */
// @inline
function promise(self: i32, object: i32, node: i32, promises: i32): void {
  append(self, object + O_HOLDS, node);
  put(self, object + O_DATA + promises, peek(object + O_DATA + promises) + 1);
}

/** Ends what one who was woken was promised. Under the guard. */
// @inline
function redeem(self: i32, object: i32, node: i32, promises: i32): void {
  unlink(self, node);
  put(self, object + O_DATA + promises, peek(object + O_DATA + promises) - 1);
}

/** Whether a node was promised what it waited for, and has not come for it. */
// @inline
function isPromised(object: i32, node: i32): boolean {
  return node !== 0 && peek(node + N_LIST) === object + O_HOLDS;
}

/** Takes the first item to `out`, and leaves its block to the thread. Under the guard; one whole change. */
// @inline
function takeFirst(self: i32, object: i32, out: i32): void {
  copy(out, cellAt(object, 0), C_SIZE);
  const block: i32 = blockOf(out);
  if (block !== 0) retire(self, block);
  cutCells(self, object, 1, 1);
  settled(self);
}

/** Drops all items that nobody was promised; they count as done. How many. Under the guard; item by item, the last first. */
// @inline
function purge(self: i32, object: i32): i32 {
  const data: i32 = object + O_DATA;
  let count: i32 = 0;
  for (; available(object) > 0; count++) {
    const block: i32 = blockOf(cellAt(object, peek(data + D_COUNT) - 1));
    if (block !== 0) retire(self, block);
    cutCells(self, object, 1, 0);
    // Someone may have said that items are done which nobody had taken.
    if (peek(data + Q_UNFINISHED) > 0) put(self, data + Q_UNFINISHED, peek(data + Q_UNFINISHED) - 1);
    settled(self);
  }
  return count;
}

/**
 * Puts all of the cells: how many; WAIT where there is no room for all, in line where a node is given; GROW;
 * SHUT_DOWN; BUSY; GONE. What the caller allocated is the queue's then. One that was promised a place puts one.
 * @param more with a node: further ones will follow, for which it is the first in line
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
      settled(self);
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
 * Takes up to so many items to `out`, fewer where they are large: how many; WAIT, in line where a node is given;
 * SHUT_DOWN; BUSY; GONE. Their blocks are the thread's until it sweeps. One that was promised an item gets one.
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

/** How many items there are that nobody was promised; BUSY; GONE. */
export function queueSize(self: i32, object: i32, uid: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  const result: i32 = available(object);
  leave(self, object, entered);
  return result;
}

/** Looks so often whether there is an item or a place, which a thread does before it falls asleep: 1 or 0. */
export function queueLook(object: i32, want: i32, tries: i32): i32 {
  for (let left: i32 = tries; left > 0; left--) {
    if (want === ITEM ? available(object) > 0 : vacant(object, 1)) return 1;
    if (load(object + O_DATA + Q_PHASE) !== OPEN) return 1;
    pause();
  }
  return 0;
}

/** Puts items back before the first, in their order, whatever the capacity, and not as new ones: 0; GROW; BUSY; GONE. */
export function queueReturn(self: i32, object: i32, uid: i32, cells: i32, count: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  let result: i32 = GROW;
  if (fits(object, count)) {
    insertCells(self, object, cells, count, 1);
    publish(self);
    settled(self);
    if (peek(object + O_DATA + Q_PHASE) === SHUT) purge(self, object);
    wake(self, object);
    result = 0;
  }
  leave(self, object, entered);
  return result;
}

/**
 * One who waits gives up: 0, or GRANTED where it was woken and `keep` says that it goes on then. What it was
 * promised goes to the next.
 */
export function queueQuit(self: i32, object: i32, uid: i32, node: i32, keep: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  const kept: boolean = keep !== 0 && load(node + N_STATE) === GRANTED;
  if (!kept && peek(node + N_LIST) !== 0) {
    if (!isPromised(object, node)) unlink(self, node);
    else redeem(self, object, node, peek(node + N_WANT) === PLACE ? Q_PROMISED_PLACES : Q_PROMISED_ITEMS);
    settled(self);
    if (peek(object + O_DATA + Q_PHASE) === SHUT) purge(self, object);
    wake(self, object);
  }
  leave(self, object, entered);
  return kept ? GRANTED : 0;
}

/** Drops all items, which count as done: how many; BUSY; GONE. */
export function queueClear(self: i32, object: i32, uid: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  const count: i32 = purge(self, object);
  wake(self, object);
  leave(self, object, entered);
  return count;
}

/** Reports so many items done: 0; OUT_OF_RANGE where fewer are not; BUSY; GONE. */
export function queueDone(self: i32, object: i32, uid: i32, count: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  const left: i32 = peek(object + O_DATA + Q_UNFINISHED) - count;
  if (left >= 0) put(self, object + O_DATA + Q_UNFINISHED, left);
  settled(self);
  if (left === 0) wake(self, object);
  leave(self, object, entered);
  return left >= 0 ? 0 : OUT_OF_RANGE;
}

/** 1 where all items are done; WAIT, in line where a node is given; BUSY; GONE. */
export function queueJoin(self: i32, object: i32, uid: i32, node: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  const done: boolean = peek(object + O_DATA + Q_UNFINISHED) === 0;
  if (!done && node !== 0) append(self, object + O_LIST2, node);
  leave(self, object, entered);
  return done ? 1 : WAIT;
}

/**
 * Goes over to a phase, from which there is no way back, and wakes whoever can go on: 0; BUSY; GONE. With the
 * phase that there is, it does what one left undone that is gone.
 */
export function queueShutdown(self: i32, object: i32, uid: i32, phase: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  const data: i32 = object + O_DATA;
  if (peek(data + Q_PHASE) < phase) put(self, data + Q_PHASE, phase);
  settled(self);
  if (peek(data + Q_PHASE) === SHUT) purge(self, object);
  wake(self, object);
  leave(self, object, entered);
  return 0;
}
