import type { i32 } from './types.js';
import {
  C_SIZE,
  D_COUNT,
  BROKEN,
  GRANTED,
  GROW,
  L_COUNT,
  L_HEAD,
  N_LIST,
  N_STATE,
  O_DATA,
  O_HOLDS,
  O_LIST0,
  O_LIST1,
  O_LIST2,
  OPEN,
  OUT_OF_RANGE,
  Q_CAPACITY,
  Q_PHASE,
  Q_PROMISED_ITEMS,
  Q_PROMISED_PLACES,
  Q_UNFINISHED,
  SHUT,
  SHUT_DOWN,
  WAIT,
} from './layout.js';
import { begin, end, enter, leave } from './guard.js';
import { publish } from './heap.js';
import { copy, load, peek, put } from './memory.js';
import { cellAt, cutCells, dropCells, fits, insertCells } from './ring.js';
import { append, tell, unlink } from './waiters.js';

// A queue: a ring of items, and three lists: those who wait for an item (0), for a place (1), for all to be
// done (2). Who is woken has been promised an item, or a place, so that nobody who comes later takes it.

/** Items that nobody was promised. */
// @inline
function available(object: i32): i32 {
  return peek(object + O_DATA + D_COUNT) - peek(object + O_DATA + Q_PROMISED_ITEMS);
}

/** Whether so many more may be put. */
// @inline
function vacant(object: i32, count: i32): boolean {
  const data: i32 = object + O_DATA;
  const capacity: i32 = peek(data + Q_CAPACITY);
  return capacity === 0 || peek(data + D_COUNT) + peek(data + Q_PROMISED_PLACES) + count <= capacity;
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
    if (promised) {
      append(self, object + O_HOLDS, getter);
      put(self, data + Q_PROMISED_ITEMS, peek(data + Q_PROMISED_ITEMS) + 1);
    }
    tell(self, getter, promised ? GRANTED : BROKEN);
  }
  for (let putter: i32 = peek(object + O_LIST1 + L_HEAD); putter !== 0; putter = peek(object + O_LIST1 + L_HEAD)) {
    if (phase === OPEN && !vacant(object, 1)) break;
    unlink(self, putter);
    if (phase === OPEN) {
      append(self, object + O_HOLDS, putter);
      put(self, data + Q_PROMISED_PLACES, peek(data + Q_PROMISED_PLACES) + 1);
    }
    tell(self, putter, phase === OPEN ? GRANTED : BROKEN);
  }
  if (peek(data + Q_UNFINISHED) !== 0) return;
  for (let joiner: i32 = peek(object + O_LIST2 + L_HEAD); joiner !== 0; joiner = peek(object + O_LIST2 + L_HEAD)) {
    unlink(self, joiner);
    tell(self, joiner, GRANTED);
  }
}

/** Nobody waits for what a put or a get changes. */
// @inline
function quiet(object: i32): boolean {
  return (peek(object + O_LIST0 + L_COUNT) | peek(object + O_LIST1 + L_COUNT) | peek(object + O_LIST2 + L_COUNT)) === 0;
}

/** Ends what one who was woken was promised. Under the guard. */
// @inline
function redeem(self: i32, object: i32, node: i32, promises: i32): void {
  unlink(self, node);
  put(self, object + O_DATA + promises, peek(object + O_DATA + promises) - 1);
}

/**
 * Puts all of the cells: how many; WAIT where there is no room for all, in line where a node is given; GROW;
 * SHUT_DOWN; BUSY; GONE. What the caller allocated is the queue's then. A node that was woken has been promised a place.
 */
export function queuePut(self: i32, object: i32, uid: i32, cells: i32, count: i32, node: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  const data: i32 = object + O_DATA;
  const promised: boolean = node !== 0 && peek(node + N_LIST) === object + O_HOLDS;
  let result: i32 = WAIT;
  if (peek(data + Q_PHASE) !== OPEN) {
    result = SHUT_DOWN;
    if (promised) redeem(self, object, node, Q_PROMISED_PLACES);
  } else if (promised || vacant(object, count)) {
    result = GROW;
    if (fits(object, count)) {
      begin(self, object);
      if (promised) redeem(self, object, node, Q_PROMISED_PLACES);
      insertCells(self, object, cells, count, 0);
      put(self, data + Q_UNFINISHED, peek(data + Q_UNFINISHED) + count);
      publish(self);
      end(self, object);
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
 * Takes up to so many items to `out`: how many; WAIT, in line where a node is given; SHUT_DOWN; BUSY; GONE.
 * Their blocks are dropped. A node that was woken has been promised an item.
 */
export function queueGet(self: i32, object: i32, uid: i32, out: i32, most: i32, node: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  const data: i32 = object + O_DATA;
  const promised: boolean = node !== 0 && peek(node + N_LIST) === object + O_HOLDS;
  let count: i32 = available(object) + (promised ? 1 : 0);
  if (count > most) count = most;
  // Someone may have cleared the queue in between.
  if (count > peek(data + D_COUNT)) count = peek(data + D_COUNT);
  if (peek(data + Q_PHASE) === SHUT) count = 0;
  let result: i32 = count;
  if (count > 0) {
    for (let i: i32 = 0; i < count; i++) copy(out + C_SIZE * i, cellAt(object, i), C_SIZE);
    begin(self, object);
    if (promised) redeem(self, object, node, Q_PROMISED_ITEMS);
    cutCells(self, object, count, 1);
    end(self, object);
    if (!quiet(object)) wake(self, object);
  } else {
    count = 0;
    if (promised) redeem(self, object, node, Q_PROMISED_ITEMS);
    result = peek(data + Q_PHASE) === OPEN ? WAIT : SHUT_DOWN;
    if (result === WAIT && node !== 0) append(self, object + O_LIST0, node);
  }
  leave(self, object, entered);
  dropCells(self, out, count);
  return result;
}

/** Puts items back before the first, in their order, whatever the capacity, and not as new ones: 0; GROW; BUSY; GONE. */
export function queueReturn(self: i32, object: i32, uid: i32, cells: i32, count: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  let result: i32 = GROW;
  if (fits(object, count)) {
    begin(self, object);
    insertCells(self, object, cells, count, 1);
    publish(self);
    end(self, object);
    wake(self, object);
    result = 0;
  }
  leave(self, object, entered);
  return result;
}

/**
 * One who waits gives up: 0, or GRANTED where it was woken and `keep` says that it goes on then. What it was
 * promised goes to the next. @param list 0 for a getter, 1 for a putter, 2 for one who joins
 */
export function queueQuit(self: i32, object: i32, uid: i32, node: i32, list: i32, keep: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  const granted: boolean = load(node + N_STATE) === GRANTED;
  if (!(granted && keep !== 0) && peek(node + N_LIST) !== 0) {
    if (granted) redeem(self, object, node, list === 0 ? Q_PROMISED_ITEMS : Q_PROMISED_PLACES);
    else unlink(self, node);
    wake(self, object);
  }
  leave(self, object, entered);
  return granted && keep !== 0 ? GRANTED : 0;
}

/** Reports so many items done: 0; OUT_OF_RANGE where fewer are not; BUSY; GONE. */
export function queueDone(self: i32, object: i32, uid: i32, count: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  const data: i32 = object + O_DATA;
  const left: i32 = peek(data + Q_UNFINISHED) - count;
  if (left >= 0) {
    put(self, data + Q_UNFINISHED, left);
    wake(self, object);
  }
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

/** Goes over to a phase, from which there is no way back: 0; BUSY; GONE. */
export function queueShutdown(self: i32, object: i32, uid: i32, phase: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  if (peek(object + O_DATA + Q_PHASE) < phase) put(self, object + O_DATA + Q_PHASE, phase);
  wake(self, object);
  leave(self, object, entered);
  return 0;
}

/** Wakes whoever can go on. */
export function queueWake(self: i32, object: i32, uid: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  wake(self, object);
  leave(self, object, entered);
  return 0;
}
