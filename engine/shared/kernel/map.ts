import type { i32 } from './types.js';
import {
  BUSY,
  C_BITS,
  E_CELL,
  E_KEY,
  E_SERIAL,
  E_SHAPE,
  GONE,
  GROW,
  LARGE,
  M_MASK,
  M_TABLE,
  O_CLAIMS,
  O_DATA,
  O_NAME,
  O_SEQ,
  O_UID,
} from './layout.js';
import { begin, end, enter, leave } from './guard.js';
import { blockOf, copyCell, inHeap, putCell, readCell } from './cell.js';
import { publish, retire, sweep, take } from './heap.js';
import { find, hashOf, hasRoom, link, orderOf, retireEntry, unlink, vacancy } from './map-entry.js';
import { again, load, peek, peekF64, poke } from './memory.js';

// Single entries of a dict. A key is given by its shape (see E_SHAPE) and the address of its bytes.

/** Copies the value under a key to `out`. Returns 1; 0 if there is none; LARGE; GONE; BUSY if it keeps changing. */
export function mapGet(object: i32, uid: i32, shape: i32, key: i32, out: i32, room: i32): i32 {
  const hash: i32 = hashOf(shape, key);
  for (let tries: i32 = 8; tries > 0; tries--) {
    const before: i32 = load(object + O_SEQ);
    if ((before & 1) !== 0) continue;
    let result: i32 = 0;
    const at: i32 = find(object, hash, shape, key);
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

/** Returns the entry with a key, or 0. Requires the guard. */
export function mapFind(object: i32, shape: i32, key: i32): i32 {
  const at: i32 = find(object, hashOf(shape, key), shape, key);
  return at === 0 ? 0 : peek(at + 4);
}

/**
 * Sets the value of a key. Returns 1 if the key is new, 0 if it existed; SCARCE; FULL; GROW; GONE; BUSY.
 * @param replace 0 to leave an existing key unchanged: the caller's blocks stay pending
 */
export function mapSet(self: i32, object: i32, uid: i32, shape: i32, key: i32, cell: i32, replace: i32): i32 {
  const hash: i32 = hashOf(shape, key);
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  const at: i32 = find(object, hash, shape, key);
  let result: i32 = 0;
  if (at === 0) {
    result = insert(self, object, hash, shape, key, cell);
  } else if (replace !== 0) {
    const to: i32 = peek(at + 4) + E_CELL;
    const old: i32 = blockOf(to);
    begin(object);
    if (old !== 0) retire(self, old);
    putCell(self, to, cell);
    publish(self);
    end(self, object);
  }
  leave(self, object, entered);
  if (result >= 0) sweep(self);
  return result;
}

// @inline
function insert(self: i32, object: i32, hash: i32, shape: i32, key: i32, cell: i32): i32 {
  if (!hasRoom(object, 1)) return GROW;
  const length: i32 = shape >>> 3;
  const entry: i32 = take(self, E_KEY + length);
  if (entry < 0) return entry;
  poke(entry + E_SHAPE, shape);
  copyCell(entry + E_CELL, cell);
  // Copies whole words: blocks end at a word, and extra bytes after the key do no harm.
  for (let at: i32 = 0; at < length; at += 4) poke(entry + E_KEY + at, peek(key + at));
  const at: i32 = vacancy(peek(object + O_DATA + M_TABLE), peek(object + O_DATA + M_MASK), hash);
  begin(object);
  link(self, object, entry, hash, at);
  publish(self);
  end(self, object);
  return 1;
}

/** Deletes a key. Returns 1, with the cell of its value at `out` and the block dropped; 0 if there is none; GONE; BUSY. */
export function mapDelete(self: i32, object: i32, uid: i32, shape: i32, key: i32, out: i32): i32 {
  const hash: i32 = hashOf(shape, key);
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  const at: i32 = find(object, hash, shape, key);
  let entry: i32 = 0;
  if (at !== 0) {
    entry = peek(at + 4);
    copyCell(out, entry + E_CELL);
    const place: i32 = orderOf(object, peekF64(entry + E_SERIAL));
    begin(object);
    unlink(self, object, at, place);
    retireEntry(self, entry);
    end(self, object);
  }
  leave(self, object, entered);
  return entry === 0 ? 0 : 1;
}

/**
 * Takes an ended object out of the directory, and drops its name and header. The caller has dropped its content. Returns 1; 0 if there is
 * none of that name; GONE; BUSY.
 */
export function objectDelete(self: i32, directory: i32, uid: i32, shape: i32, key: i32): i32 {
  const hash: i32 = hashOf(shape, key);
  const entered: i32 = enter(self, directory, uid);
  if (entered < 0) return entered;
  const at: i32 = find(directory, hash, shape, key);
  if (at !== 0) {
    const entry: i32 = peek(at + 4);
    const object: i32 = peek(entry + E_CELL + C_BITS);
    const name: i32 = peek(object + O_NAME);
    const claims: i32 = peek(object + O_CLAIMS);
    const place: i32 = orderOf(directory, peekF64(entry + E_SERIAL));
    begin(directory);
    unlink(self, directory, at, place);
    retireEntry(self, entry);
    if (name !== 0) retire(self, name);
    if (claims !== 0) retire(self, claims);
    retire(self, object);
    end(self, directory);
  }
  leave(self, directory, entered);
  return at === 0 ? 0 : 1;
}
