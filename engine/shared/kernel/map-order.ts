import type { f64, i32 } from './types.js';
import {
  C_KIND,
  C_SIZE,
  E_CELL,
  E_HASH,
  E_KEY,
  E_SERIAL,
  E_SHAPE,
  M_ORDER,
  M_ORDER_COUNT,
  NOTHING,
  O_DATA,
  T_ENTRY,
  T_SIZE,
} from './layout.js';
import { copyWhole, padded, wholeSize } from './cell.js';
import { begin, end } from './guard.js';
import { find, orderOf, retireEntry, unlink } from './map-entry.js';
import { copy, peek, peekF64, poke, put, commit } from './memory.js';

// The order of a dict's entries. Requires the guard.

/** Returns the newest entry, or 0. Removes deleted places from the end of the order. */
export function mapLast(self: i32, object: i32): i32 {
  const data: i32 = object + O_DATA;
  const order: i32 = peek(data + M_ORDER);
  let count: i32 = peek(data + M_ORDER_COUNT);
  while (count > 0 && peek(order + T_SIZE * (count - 1) + T_ENTRY) === 0) count--;
  put(self, data + M_ORDER_COUNT, count);
  commit(self);
  return count === 0 ? 0 : peek(order + T_SIZE * (count - 1) + T_ENTRY);
}

/** Deletes an entry that the caller found, and drops its blocks. */
export function mapCut(self: i32, object: i32, entry: i32): void {
  const at: i32 = find(object, peek(entry + E_HASH), peek(entry + E_SHAPE), entry + E_KEY);
  const place: i32 = orderOf(object, peekF64(entry + E_SERIAL));
  begin(object);
  unlink(self, object, at, place);
  retireEntry(self, entry);
  end(self, object);
}

/** Returns the index in the order of the first place with a serial above this one. */
export function mapAfter(object: i32, serial: f64): i32 {
  return orderOf(object, serial + 1);
}

/** Returns the entry at an index of the order; 0 if it was deleted; -1 after the last. */
export function mapAt(object: i32, place: i32): i32 {
  const data: i32 = object + O_DATA;
  return place < peek(data + M_ORDER_COUNT) ? peek(peek(data + M_ORDER) + T_SIZE * place + T_ENTRY) : -1;
}

/**
 * Copies entries, starting at an index of the order, as long as there is room. Returns the index of the first one not copied. The copy
 * begins 8 bytes after `out`, where its size is written. Each entry is its head and key, followed by its cell with the bytes of its block.
 * Without `values`, the cell is NOTHING.
 */
export function mapRead(object: i32, from: i32, out: i32, room: i32, values: i32): i32 {
  const order: i32 = peek(object + O_DATA + M_ORDER);
  const count: i32 = peek(object + O_DATA + M_ORDER_COUNT);
  const last: i32 = out + room;
  let at: i32 = out + 8;
  let place: i32 = from;
  for (; place < count; place++) {
    const entry: i32 = peek(order + T_SIZE * place + T_ENTRY);
    if (entry === 0) continue;
    const key: i32 = E_KEY + (peek(entry + E_SHAPE) >>> 3);
    const value: i32 = values !== 0 ? wholeSize(entry + E_CELL) : C_SIZE;
    if (padded(key) + value > last - at) break;
    copy(at, entry, key);
    at += padded(key);
    if (values !== 0) copyWhole(at, entry + E_CELL);
    else poke(at + C_KIND, NOTHING);
    at += value;
  }
  poke(out, at - out - 8);
  return place;
}
