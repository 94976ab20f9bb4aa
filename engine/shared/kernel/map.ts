import type { i32 } from './types.js';
import {
  BUSY,
  DELETED,
  E_CELL,
  E_HASH,
  E_KEY,
  E_KIND,
  E_LENGTH,
  E_SERIAL,
  FULL,
  GONE,
  GROW,
  LARGE,
  M_COUNT,
  M_MASK,
  M_ORDER,
  M_ORDER_COUNT,
  M_ORDER_ROOM,
  M_SERIAL,
  M_TABLE,
  M_USED,
  O_DATA,
  O_SEQ,
  O_UID,
  S_PENDING,
} from './layout.js';
import { begin, end, enter, leave } from './guard.js';
import { blockOf, inHeap, putCell, readCell } from './cell.js';
import { drop, publish, sweep, take } from './heap.js';
import { again, copy, load, peek, peek8, poke, put, settled, times, zero } from './memory.js';

// A dict: a table of pairs {hash, entry} with linear probing finds an entry by its key, and a list of pairs
// {serial, entry} has the entries in the order in which they came. What was deleted leaves a mark in either,
// until both are made anew. An entry never moves. O_DATA of the object begins with its fields.

const PAIR: i32 = 8;

/** FNV-1a over words, then bytes; never 0. */
// @inline
function hashOf(kind: i32, key: i32, length: i32): i32 {
  let hash: i32 = times(kind ^ 0x811c9dc5, 0x01000193);
  let at: i32 = key;
  for (const words: i32 = key + (length & ~3); at < words; at += 4) hash = times(hash ^ peek(at), 0x01000193) ^ (hash >>> 15);
  for (const last: i32 = key + length; at < last; at++) hash = times(hash ^ peek8(at), 0x01000193);
  hash = times(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = hash ^ (hash >>> 13);
  return hash === 0 ? 1 : hash;
}

/** Whether an entry has this key. */
// @inline
function hasKey(entry: i32, kind: i32, key: i32, length: i32): boolean {
  if (peek(entry + E_KIND) !== kind || peek(entry + E_LENGTH) !== length) return false;
  let at: i32 = 0;
  for (const words: i32 = length & ~3; at < words; at += 4) if (peek(entry + E_KEY + at) !== peek(key + at)) return false;
  for (; at < length; at++) if (peek8(entry + E_KEY + at) !== peek8(key + at)) return false;
  return true;
}

/**
 * The place in the table of the entry with a key; 0 where there is none. For one without the guard too, who
 * may find anything in it: it neither reads outside of the heap nor goes on for ever.
 */
// @inline
function find(object: i32, hash: i32, kind: i32, key: i32, length: i32): i32 {
  const table: i32 = peek(object + O_DATA + M_TABLE);
  const mask: i32 = peek(object + O_DATA + M_MASK);
  if (!inHeap(table, PAIR * (mask + 1))) return 0;
  let at: i32 = hash & mask;
  for (let most: i32 = mask; most >= 0; most--) {
    const entry: i32 = peek(table + PAIR * at + 4);
    if (entry === 0) return 0;
    if (peek(table + PAIR * at) === hash && inHeap(entry, E_KEY + length) && hasKey(entry, kind, key, length)) return table + PAIR * at;
    at = (at + 1) & mask;
  }
  return 0;
}

/** The first place of the table where an entry of this hash can go. */
// @inline
function vacancy(table: i32, mask: i32, hash: i32): i32 {
  let at: i32 = hash & mask;
  while (peek(table + PAIR * at + 4) > DELETED) at = (at + 1) & mask;
  return table + PAIR * at;
}

/** Where in the order the entry with a serial is, or would be. What was deleted keeps its serial. */
// @inline
function orderOf(object: i32, serial: i32): i32 {
  const order: i32 = peek(object + O_DATA + M_ORDER);
  let low: i32 = 0;
  let high: i32 = peek(object + O_DATA + M_ORDER_COUNT);
  while (low < high) {
    const middle: i32 = (low + high) >> 1;
    if (peek(order + PAIR * middle) < serial) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The value under a key, copied to `out`: 1; 0 where there is none; LARGE; GONE; BUSY where it changes all the time. */
export function mapGet(object: i32, uid: i32, kind: i32, key: i32, length: i32, out: i32, room: i32): i32 {
  const hash: i32 = hashOf(kind, key, length);
  for (let tries: i32 = 8; tries > 0; tries--) {
    const before: i32 = load(object + O_SEQ);
    if ((before & 1) !== 0) continue;
    let result: i32 = 0;
    const at: i32 = find(object, hash, kind, key, length);
    if (at !== 0) {
      const entry: i32 = peek(at + 4);
      result = 1;
      if (inHeap(entry, E_KEY) && readCell(entry + E_CELL, out, room) !== 0) result = LARGE;
    }
    const gone: boolean = peek(object + O_UID) !== uid;
    if (again(object + O_SEQ) === before) return gone ? GONE : result;
  }
  return BUSY;
}

/** The entry with a key, or 0. Under the guard. */
export function mapFind(object: i32, kind: i32, key: i32, length: i32): i32 {
  const at: i32 = find(object, hashOf(kind, key, length), kind, key, length);
  return at === 0 ? 0 : peek(at + 4);
}

/**
 * Puts a value under a key: 1 where the key is new, 0 where it was there; FULL; GROW; GONE; BUSY.
 * @param replace 0 leaves a key that is there as it is
 */
export function mapSet(self: i32, object: i32, uid: i32, kind: i32, key: i32, length: i32, cell: i32, replace: i32): i32 {
  const hash: i32 = hashOf(kind, key, length);
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  const at: i32 = find(object, hash, kind, key, length);
  let result: i32 = 0;
  let old: i32 = 0;
  if (at === 0) {
    result = insert(self, object, hash, kind, key, length, cell);
  } else if (replace !== 0) {
    const to: i32 = peek(at + 4) + E_CELL;
    old = blockOf(to);
    begin(self, object);
    putCell(self, to, cell);
    publish(self);
    end(self, object);
  }
  leave(self, object, entered);
  if (old !== 0) drop(self, old);
  if (result >= 0) sweep(self);
  return result;
}

// @inline
function insert(self: i32, object: i32, hash: i32, kind: i32, key: i32, length: i32, cell: i32): i32 {
  const data: i32 = object + O_DATA;
  const table: i32 = peek(data + M_TABLE);
  const mask: i32 = peek(data + M_MASK);
  const count: i32 = peek(data + M_ORDER_COUNT);
  if (table === 0 || count === peek(data + M_ORDER_ROOM) || 4 * (peek(data + M_USED) + 1) > 3 * (mask + 1)) return GROW;
  const entry: i32 = take(self, E_KEY + length);
  if (entry === 0) return FULL;
  const serial: i32 = peek(data + M_SERIAL) + 1;
  poke(entry + E_HASH, hash);
  poke(entry + E_SERIAL, serial);
  poke(entry + E_KIND, kind);
  poke(entry + E_LENGTH, length);
  copy(entry + E_CELL, cell, 16);
  copy(entry + E_KEY, key, length);
  const at: i32 = vacancy(table, mask, hash);
  const slot: i32 = peek(data + M_ORDER) + PAIR * count;
  begin(self, object);
  if (peek(at + 4) === 0) put(self, data + M_USED, peek(data + M_USED) + 1);
  put(self, at, hash);
  put(self, at + 4, entry);
  put(self, slot, serial);
  put(self, slot + 4, entry);
  put(self, data + M_ORDER_COUNT, count + 1);
  put(self, data + M_SERIAL, serial);
  put(self, data + M_COUNT, peek(data + M_COUNT) + 1);
  publish(self);
  end(self, object);
  return 1;
}

/** Deletes a key: 1, with its value's cell at `out`, whose block is dropped; 0 where there is none; GONE; BUSY. */
export function mapDelete(self: i32, object: i32, uid: i32, kind: i32, key: i32, length: i32, out: i32): i32 {
  const hash: i32 = hashOf(kind, key, length);
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  const at: i32 = find(object, hash, kind, key, length);
  let entry: i32 = 0;
  if (at !== 0) {
    entry = peek(at + 4);
    copy(out, entry + E_CELL, 16);
    cut(self, object, at, entry);
  }
  leave(self, object, entered);
  if (entry === 0) return 0;
  dropEntry(self, entry);
  return 1;
}

/** Takes an entry out. Under the guard. */
// @inline
function cut(self: i32, object: i32, at: i32, entry: i32): void {
  const data: i32 = object + O_DATA;
  const slot: i32 = peek(data + M_ORDER) + PAIR * orderOf(object, peek(entry + E_SERIAL));
  begin(self, object);
  put(self, at, 0);
  put(self, at + 4, DELETED);
  put(self, slot + 4, 0);
  put(self, data + M_COUNT, peek(data + M_COUNT) - 1);
  end(self, object);
}

// @inline
function dropEntry(self: i32, entry: i32): void {
  const block: i32 = blockOf(entry + E_CELL);
  if (block !== 0) drop(self, block);
  drop(self, entry);
}

/** The newest entry, or 0. What was deleted behind it leaves the order. Under the guard. */
export function mapLast(self: i32, object: i32): i32 {
  const data: i32 = object + O_DATA;
  const order: i32 = peek(data + M_ORDER);
  let count: i32 = peek(data + M_ORDER_COUNT);
  while (count > 0 && peek(order + PAIR * (count - 1) + 4) === 0) count--;
  put(self, data + M_ORDER_COUNT, count);
  settled(self);
  return count === 0 ? 0 : peek(order + PAIR * (count - 1) + 4);
}

/** Deletes an entry that the caller found. Under the guard. Its blocks are dropped. */
export function mapCut(self: i32, object: i32, entry: i32): void {
  const at: i32 = find(object, peek(entry + E_HASH), peek(entry + E_KIND), entry + E_KEY, peek(entry + E_LENGTH));
  cut(self, object, at, entry);
  settled(self);
  dropEntry(self, entry);
}

/** Where in the order the first entry with a serial above this one is. Under the guard. */
export function mapAfter(object: i32, serial: i32): i32 {
  return orderOf(object, serial + 1);
}

/** The entry at a place of the order; 0 where it was deleted; -1 behind the last. Under the guard. */
export function mapAt(object: i32, place: i32): i32 {
  const data: i32 = object + O_DATA;
  return place < peek(data + M_ORDER_COUNT) ? peek(peek(data + M_ORDER) + PAIR * place + 4) : -1;
}

/** Makes table and order anew, with room for so many more: 0; FULL; GONE; BUSY. */
export function mapGrow(self: i32, object: i32, uid: i32, more: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  const data: i32 = object + O_DATA;
  const oldTable: i32 = peek(data + M_TABLE);
  const oldOrder: i32 = peek(data + M_ORDER);
  const pending: i32 = peek(self + S_PENDING);
  const result: i32 = rebuild(self, object, 2 * (peek(data + M_COUNT) + more), pending);
  leave(self, object, entered);
  if (result === 0 && oldTable !== 0) {
    drop(self, oldTable);
    drop(self, oldOrder);
  }
  return result;
}

// @inline
function rebuild(self: i32, object: i32, room: i32, pending: i32): i32 {
  const data: i32 = object + O_DATA;
  let size: i32 = 8;
  while (size < room) {
    size = size << 1;
    if (size > 0x3ffffff) return FULL;
  }
  const table: i32 = take(self, PAIR * size);
  if (table === 0) return FULL;
  const order: i32 = take(self, PAIR * size);
  if (order === 0) return FULL;
  zero(table, PAIR * size);
  const old: i32 = peek(data + M_ORDER);
  const last: i32 = peek(data + M_ORDER_COUNT);
  let count: i32 = 0;
  for (let place: i32 = 0; place < last; place++) {
    const entry: i32 = peek(old + PAIR * place + 4);
    if (entry === 0) continue;
    const at: i32 = vacancy(table, size - 1, peek(entry + E_HASH));
    poke(at, peek(entry + E_HASH));
    poke(at + 4, entry);
    poke(order + PAIR * count, peek(old + PAIR * place));
    poke(order + PAIR * count + 4, entry);
    count++;
  }
  begin(self, object);
  put(self, data + M_TABLE, table);
  put(self, data + M_MASK, size - 1);
  put(self, data + M_USED, count);
  put(self, data + M_ORDER, order);
  put(self, data + M_ORDER_COUNT, count);
  put(self, data + M_ORDER_ROOM, size);
  // What the caller had allocated before is still its own.
  put(self, self + S_PENDING, pending);
  end(self, object);
  return 0;
}

/**
 * Empties the dict: 0; GONE; BUSY. The table, the order and the count of it that there were are at `out`, for
 * {@link mapDrop}.
 */
export function mapClear(self: i32, object: i32, uid: i32, out: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  const data: i32 = object + O_DATA;
  poke(out, peek(data + M_TABLE));
  poke(out + 4, peek(data + M_ORDER));
  poke(out + 8, peek(data + M_ORDER_COUNT));
  begin(self, object);
  put(self, data + M_TABLE, 0);
  put(self, data + M_MASK, 0);
  put(self, data + M_COUNT, 0);
  put(self, data + M_USED, 0);
  put(self, data + M_ORDER, 0);
  put(self, data + M_ORDER_COUNT, 0);
  put(self, data + M_ORDER_ROOM, 0);
  end(self, object);
  leave(self, object, entered);
  return 0;
}

/** Drops all entries of an order, and it and its table. */
export function mapDrop(self: i32, table: i32, order: i32, count: i32): void {
  for (let place: i32 = 0; place < count; place++) {
    const entry: i32 = peek(order + PAIR * place + 4);
    if (entry !== 0) dropEntry(self, entry);
  }
  if (table === 0) return;
  drop(self, table);
  drop(self, order);
}
