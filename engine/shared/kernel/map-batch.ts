import type { i32 } from './types.js';
import {
  C_KIND,
  E_CELL,
  E_KEY,
  E_SERIAL,
  E_SHAPE,
  GROW,
  M_BATCH,
  M_BATCH_COUNT,
  M_BATCH_DONE,
  M_COUNT,
  M_MASK,
  M_TABLE,
  NOTHING,
  O_DATA,
} from './layout.js';
import { begin, end, enter, leave } from './guard.js';
import { blockOf, putCell } from './cell.js';
import { publish, retire, sweep } from './heap.js';
import { find, hashOf, hasRoom, link, orderOf, retireEntry, unlink, vacancy } from './map-entry.js';
import { peek, peekF64, put, commit } from './memory.js';

// Puts many entries into a dict at once. They are prepared outside of it. Once the dict refers to them, they will be put in, by this thread
// or by its reaper.

/**
 * Puts in a block of entries with shape, key and cell; an entry whose cell is NOTHING deletes its key. Returns by how many the dict shrank,
 * or 0; GROW; GONE; BUSY.
 */
export function mapBatch(self: i32, object: i32, uid: i32, batch: i32, count: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  const data: i32 = object + O_DATA;
  const before: i32 = peek(data + M_COUNT);
  let result: i32 = GROW;
  if (hasRoom(object, count)) {
    begin(object);
    put(self, data + M_BATCH_COUNT, count);
    put(self, data + M_BATCH_DONE, 0);
    put(self, data + M_BATCH, batch);
    publish(self);
    commit(self);
    finish(self, object);
    end(self, object);
    result = before - peek(data + M_COUNT);
    if (result < 0) result = 0;
  }
  leave(self, object, entered);
  if (result !== GROW) sweep(self);
  return result;
}

/**
 * Continues with the batch that a dict refers to. Requires the guard, between begin and end.
 * @param self the slot whose journal and garbage to use
 */
// @inline
export function finish(self: i32, object: i32): void {
  const data: i32 = object + O_DATA;
  const batch: i32 = peek(data + M_BATCH);
  for (let i: i32 = peek(data + M_BATCH_DONE); i < peek(data + M_BATCH_COUNT); i++) {
    const fresh: i32 = peek(batch + 4 * i);
    const shape: i32 = peek(fresh + E_SHAPE);
    const hash: i32 = hashOf(shape, fresh + E_KEY);
    const found: i32 = find(object, hash, shape, fresh + E_KEY);
    const entry: i32 = found === 0 ? 0 : peek(found + 4);
    const deletes: boolean = peek(fresh + E_CELL + C_KIND) === NOTHING;
    // All loops come first: the following writes are one step, which a thread's death cannot interrupt.
    const at: i32 = found === 0 ? vacancy(peek(data + M_TABLE), peek(data + M_MASK), hash) : found;
    const place: i32 = entry !== 0 && deletes ? orderOf(object, peekF64(entry + E_SERIAL)) : 0;
    const old: i32 = entry !== 0 && !deletes ? blockOf(entry + E_CELL) : 0;
    if (entry !== 0) {
      if (deletes) unlink(self, object, at, place);
      else putCell(self, entry + E_CELL, fresh + E_CELL);
    } else if (!deletes) {
      link(self, object, fresh, hash, at);
    }
    if (old !== 0) retire(self, old);
    if (entry !== 0 && deletes) retireEntry(self, entry);
    if (entry !== 0 || deletes) retire(self, fresh);
    put(self, data + M_BATCH_DONE, i + 1);
    commit(self);
  }
  retire(self, batch);
  put(self, data + M_BATCH, 0);
  commit(self);
}
