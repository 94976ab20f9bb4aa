import type { f64, i32 } from './types.js';
import {
  DELETED,
  E_CELL,
  E_HASH,
  E_KEY,
  E_SERIAL,
  E_SHAPE,
  M_COUNT,
  M_MASK,
  M_ORDER,
  M_ORDER_COUNT,
  M_ORDER_ROOM,
  M_SERIAL,
  M_TABLE,
  M_USED,
  O_DATA,
  T_ENTRY,
  T_HASH,
  T_SERIAL,
  T_SIZE,
} from './layout.js';
import { blockOf, inHeap } from './cell.js';
import { retire } from './heap.js';
import { peek, peek8, peekF64, poke, pokeF64, put, putF64, times } from './memory.js';

// A dict. A hash table of pairs {hash, entry} with linear probing finds an entry by its key; a list of places holds the entries in
// insertion order. A deleted entry leaves a mark in both until they are rebuilt. Entries never move. The fields begin at O_DATA of the
// object.

export const PAIR: i32 = 8;
/** Maximum number of places in a table. */
export const MOST: i32 = 0x4000000;

/** FNV-1a over words, then bytes, with a final mix; never 0. */
// @inline
export function hashOf(shape: i32, key: i32): i32 {
  const length: i32 = shape >>> 3;
  let hash: i32 = times(shape ^ 0x811c9dc5, 0x01000193);
  let at: i32 = key;
  for (const words: i32 = key + (length & ~3); at < words; at += 4) hash = times(hash ^ peek(at), 0x01000193) ^ (hash >>> 15);
  for (const last: i32 = key + length; at < last; at++) hash = times(hash ^ peek8(at), 0x01000193);
  hash = times(hash ^ (hash >>> 15), 0x2c1b3c6d);
  hash = hash ^ (hash >>> 13);
  return hash === 0 ? 1 : hash;
}

/** Returns true if the entry has this key. */
// @inline
function hasKey(entry: i32, shape: i32, key: i32): boolean {
  if (peek(entry + E_SHAPE) !== shape) return false;
  const length: i32 = shape >>> 3;
  let at: i32 = 0;
  for (const words: i32 = length & ~3; at < words; at += 4) if (peek(entry + E_KEY + at) !== peek(key + at)) return false;
  for (; at < length; at++) if (peek8(entry + E_KEY + at) !== peek8(key + at)) return false;
  return true;
}

/**
 * Returns the table place of the entry with a key, or 0. Works also without the guard, when the data may be arbitrary: it does not read
 * outside of the heap, and ends.
 */
// @inline
export function find(object: i32, hash: i32, shape: i32, key: i32): i32 {
  const table: i32 = peek(object + O_DATA + M_TABLE);
  const mask: i32 = peek(object + O_DATA + M_MASK);
  if (mask < 0 || mask >= MOST || !inHeap(table, PAIR * (mask + 1))) return 0;
  let at: i32 = hash & mask;
  for (let most: i32 = mask; most >= 0; most--) {
    const entry: i32 = peek(table + PAIR * at + 4);
    if (entry === 0) return 0;
    if (peek(table + PAIR * at) === hash && inHeap(entry, E_KEY + (shape >>> 3)) && hasKey(entry, shape, key)) return table + PAIR * at;
    at = (at + 1) & mask;
  }
  return 0;
}

/** Returns the first table place where an entry with this hash can go. */
// @inline
export function vacancy(table: i32, mask: i32, hash: i32): i32 {
  let at: i32 = hash & mask;
  while (peek(table + PAIR * at + 4) > DELETED) at = (at + 1) & mask;
  return table + PAIR * at;
}

/** Returns the index in the order of the first place whose serial is not below this one. */
// @inline
export function orderOf(object: i32, serial: f64): i32 {
  const order: i32 = peek(object + O_DATA + M_ORDER);
  let low: i32 = 0;
  let high: i32 = peek(object + O_DATA + M_ORDER_COUNT);
  while (low < high) {
    const middle: i32 = (low + high) >> 1;
    if (peekF64(order + T_SIZE * middle + T_SERIAL) < serial) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Returns true if table and order have room for `more` entries. */
// @inline
export function hasRoom(object: i32, more: i32): boolean {
  const data: i32 = object + O_DATA;
  if (peek(data + M_ORDER_COUNT) + more > peek(data + M_ORDER_ROOM)) return false;
  return peek(data + M_TABLE) !== 0 && 4 * (peek(data + M_USED) + more) <= 3 * (peek(data + M_MASK) + 1);
}

/** Appends an entry that has key, shape and cell. @param at its place in the table, from {@link vacancy} */
// @inline
export function link(self: i32, object: i32, entry: i32, hash: i32, at: i32): void {
  const data: i32 = object + O_DATA;
  const count: i32 = peek(data + M_ORDER_COUNT);
  const serial: f64 = peekF64(data + M_SERIAL) + 1;
  const place: i32 = peek(data + M_ORDER) + T_SIZE * count;
  // Other threads do not see the entry, nor a place after the last, before it is counted.
  poke(entry + E_HASH, hash);
  pokeF64(entry + E_SERIAL, serial);
  pokeF64(place + T_SERIAL, serial);
  poke(place + T_ENTRY, entry);
  poke(place + T_HASH, hash);
  if (peek(at + 4) === 0) put(self, data + M_USED, peek(data + M_USED) + 1);
  put(self, at, hash);
  put(self, at + 4, entry);
  put(self, data + M_ORDER_COUNT, count + 1);
  putF64(self, data + M_SERIAL, serial);
  put(self, data + M_COUNT, peek(data + M_COUNT) + 1);
}

/** Takes out an entry. @param at its place in the table @param place its index in the order */
// @inline
export function unlink(self: i32, object: i32, at: i32, place: i32): void {
  const data: i32 = object + O_DATA;
  put(self, at, 0);
  put(self, at + 4, DELETED);
  put(self, peek(data + M_ORDER) + T_SIZE * place + T_ENTRY, 0);
  put(self, data + M_COUNT, peek(data + M_COUNT) - 1);
}

/** Drops an unlinked entry and the block of its value, as part of the same change. */
// @inline
export function retireEntry(self: i32, entry: i32): void {
  const block: i32 = blockOf(entry + E_CELL);
  if (block !== 0) retire(self, block);
  retire(self, entry);
}
