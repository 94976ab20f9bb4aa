import type { i32 } from './types.js';
import {
  B_NEXT,
  BUSY,
  C_SIZE,
  D_BLOCK,
  D_COUNT,
  D_MASK,
  D_START,
  FULL,
  GONE,
  GROW,
  O_DATA,
  O_SEQ,
  O_UID,
  OUT_OF_RANGE,
  S_PENDING,
} from './layout.js';
import { begin, end, enter, leave } from './guard.js';
import { blockOf, copyWhole, inHeap, putCell, readCell, wholeSize } from './cell.js';
import { freeReady, publish, retire, sweep, take } from './heap.js';
import { dropLeft, leaving } from './left.js';
import { again, copy, load, peek, poke, put } from './memory.js';

// A ring of cells, which grows: the items of a list or a queue. The fields begin at O_DATA of the object.

/** Returns the address of the cell at an index. */
// @inline
export function cellAt(object: i32, index: i32): i32 {
  const data: i32 = object + O_DATA;
  return peek(data + D_BLOCK) + C_SIZE * ((peek(data + D_START) + index) & peek(data + D_MASK));
}

/** Returns true if there is room for `count` more cells. */
// @inline
export function fits(object: i32, count: i32): boolean {
  const data: i32 = object + O_DATA;
  return peek(data + D_BLOCK) !== 0 && peek(data + D_COUNT) + count <= peek(data + D_MASK) + 1;
}

/** Copies cells, starting at an index, to consecutive memory. They may be in two parts of the ring. */
// @inline
function copyOut(object: i32, index: i32, count: i32, to: i32): void {
  const data: i32 = object + O_DATA;
  const first: i32 = (peek(data + D_START) + index) & peek(data + D_MASK);
  let until: i32 = peek(data + D_MASK) + 1 - first;
  if (until > count) until = count;
  copy(to, peek(data + D_BLOCK) + C_SIZE * first, C_SIZE * until);
  copy(to + C_SIZE * until, peek(data + D_BLOCK), C_SIZE * (count - until));
}

/** Copies cells into unused places of the ring, starting at a place. */
// @inline
function copyIn(object: i32, place: i32, count: i32, from: i32): void {
  const data: i32 = object + O_DATA;
  const first: i32 = place & peek(data + D_MASK);
  let until: i32 = peek(data + D_MASK) + 1 - first;
  if (until > count) until = count;
  copy(peek(data + D_BLOCK) + C_SIZE * first, from, C_SIZE * until);
  copy(peek(data + D_BLOCK), from + C_SIZE * until, C_SIZE * (count - until));
}

/** Puts cells after the last, or before the first in their order. Readers do not see them before the count changes. Requires the guard. */
// @inline
export function insertCells(self: i32, object: i32, cells: i32, count: i32, front: i32): void {
  const data: i32 = object + O_DATA;
  const start: i32 = peek(data + D_START);
  const place: i32 = front !== 0 ? start - count : start + peek(data + D_COUNT);
  copyIn(object, place, count, cells);
  if (front !== 0) put(self, data + D_START, place & peek(data + D_MASK));
  put(self, data + D_COUNT, peek(data + D_COUNT) + count);
}

/** Removes cells from the front or the back, after the caller copied them. Requires the guard. */
// @inline
export function cutCells(self: i32, object: i32, count: i32, front: i32): void {
  const data: i32 = object + O_DATA;
  if (front !== 0) put(self, data + D_START, (peek(data + D_START) + count) & peek(data + D_MASK));
  put(self, data + D_COUNT, peek(data + D_COUNT) - count);
}

/** Makes room for at least `count` more cells. Returns 0; BUSY; GONE; SCARCE; FULL. */
export function ringGrow(self: i32, object: i32, uid: i32, count: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  const result: i32 = resize(self, object, peek(object + O_DATA + D_COUNT) + count);
  leave(self, object, entered);
  if (result === 0) {
    freeReady(self);
    sweep(self);
  }
  return result;
}

// @inline
function resize(self: i32, object: i32, needed: i32): i32 {
  const data: i32 = object + O_DATA;
  const old: i32 = peek(data + D_BLOCK);
  if (old !== 0 && needed <= peek(data + D_MASK) + 1) return 0;
  let room: i32 = 8;
  while (room < needed) {
    room = room << 1;
    if (room > 0x3ffffff) return FULL;
  }
  const block: i32 = take(self, C_SIZE * room);
  if (block < 0) return block;
  if (old !== 0) copyOut(object, 0, peek(data + D_COUNT), block);
  // The caller's other blocks stay pending: only this one is taken off the chain.
  begin(object);
  put(self, data + D_BLOCK, block);
  put(self, data + D_MASK, room - 1);
  put(self, data + D_START, 0);
  adopt(self, block);
  if (old !== 0) retire(self, old);
  end(self, object);
  return 0;
}

/** Takes the newest block off the pending chain, because it is in an object now. */
// @inline
function adopt(self: i32, block: i32): void {
  put(self, self + S_PENDING, peek(block + B_NEXT));
}

/** Puts cells at an end. Returns the new count; BUSY; GONE; GROW. */
export function ringPush(self: i32, object: i32, uid: i32, cells: i32, count: i32, front: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  let result: i32 = GROW;
  if (fits(object, count)) {
    begin(object);
    insertCells(self, object, cells, count, front);
    publish(self);
    end(self, object);
    result = peek(object + O_DATA + D_COUNT);
  }
  leave(self, object, entered);
  return result;
}

/** Moves up to `most` cells from an end to `out`, in their order, and drops their blocks. Returns their number; BUSY; GONE. */
export function ringPop(self: i32, object: i32, uid: i32, out: i32, most: i32, front: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  const length: i32 = peek(object + O_DATA + D_COUNT);
  const count: i32 = most < length ? most : length;
  copyOut(object, front !== 0 ? 0 : length - count, count, out);
  const one: i32 = count === 1 ? blockOf(out) : 0;
  dropLeft(self);
  begin(object);
  if (count > 1) leaving(self, out, -1, 0, count, 0);
  if (one !== 0) retire(self, one);
  cutCells(self, object, count, front);
  end(self, object);
  leave(self, object, entered);
  dropLeft(self);
  return count;
}

/** Returns the position of an index; negative ones count from the end. -1 if it is out of range. */
// @inline
function place(index: i32, length: i32): i32 {
  if (index < 0) return index + length < 0 ? -1 : index + length;
  return index < length ? index : -1;
}

/** Copies the cell at an index. Returns 0; OUT_OF_RANGE; LARGE; GONE; BUSY. */
export function ringAt(object: i32, uid: i32, index: i32, out: i32, room: i32): i32 {
  const data: i32 = object + O_DATA;
  for (let tries: i32 = 8; tries > 0; tries--) {
    const before: i32 = load(object + O_SEQ);
    if ((before & 1) !== 0) continue;
    let result: i32 = OUT_OF_RANGE;
    const at: i32 = place(index, peek(data + D_COUNT));
    if (at >= 0) {
      const cell: i32 = cellAt(object, at);
      if (inHeap(cell, C_SIZE)) result = readCell(cell, out, room);
    }
    const gone: boolean = peek(object + O_UID) !== uid;
    if (again(object + O_SEQ) === before) return gone ? GONE : result;
  }
  return BUSY;
}

/** Replaces the cell at an index. Returns 0; OUT_OF_RANGE; BUSY; GONE. */
export function ringSet(self: i32, object: i32, uid: i32, index: i32, cell: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  const at: i32 = place(index, peek(object + O_DATA + D_COUNT));
  if (at >= 0) {
    const to: i32 = cellAt(object, at);
    const old: i32 = blockOf(to);
    begin(object);
    if (old !== 0) retire(self, old);
    putCell(self, to, cell);
    publish(self);
    end(self, object);
  }
  leave(self, object, entered);
  sweep(self);
  return at < 0 ? OUT_OF_RANGE : 0;
}

/** Copies existing cells, starting at an index. Requires the guard. */
export function ringCopy(object: i32, index: i32, count: i32, out: i32): void {
  copyOut(object, index, count, out);
}

/**
 * Copies the cells from one index up to another, each with the bytes of its block, as long as there is room. Returns the index of the first
 * one not copied. The copy begins 8 bytes after `out`, where its size is written. Requires the guard.
 */
export function ringRead(object: i32, from: i32, to: i32, out: i32, room: i32): i32 {
  const last: i32 = out + room;
  let at: i32 = out + 8;
  let index: i32 = from;
  for (; index < to; index++) {
    const cell: i32 = cellAt(object, index);
    if (wholeSize(cell) > last - at) break;
    copyWhole(at, cell);
    at += wholeSize(cell);
  }
  poke(out, at - out - 8);
  return index;
}

/**
 * Replaces the block of cells, and so any reordering, in one change. Requires the guard.
 * @param block 0 if there are no cells
 * @param room capacity of the block in cells, a power of two
 * @param from index of the first of `gone` cells that leave the ring: {@link sweepLeft} frees their blocks
 */
export function ringReplace(self: i32, object: i32, block: i32, room: i32, count: i32, from: i32, gone: i32): void {
  const data: i32 = object + O_DATA;
  const old: i32 = peek(data + D_BLOCK);
  dropLeft(self);
  begin(object);
  if (gone > 0) leaving(self, old, peek(data + D_MASK), peek(data + D_START) + from, gone, 0);
  put(self, data + D_BLOCK, block);
  put(self, data + D_MASK, room - 1);
  put(self, data + D_START, 0);
  put(self, data + D_COUNT, count);
  publish(self);
  if (old !== 0) retire(self, old);
  end(self, object);
}

/** Takes all cells out of a ring at once; {@link sweepLeft} frees their blocks. Requires the guard, or an ended object. */
export function ringEmpty(self: i32, object: i32): void {
  const data: i32 = object + O_DATA;
  const old: i32 = peek(data + D_BLOCK);
  dropLeft(self);
  begin(object);
  leaving(self, old, peek(data + D_MASK), peek(data + D_START), peek(data + D_COUNT), 0);
  if (old !== 0) retire(self, old);
  put(self, data + D_BLOCK, 0);
  put(self, data + D_MASK, 0);
  put(self, data + D_START, 0);
  put(self, data + D_COUNT, 0);
  end(self, object);
}
