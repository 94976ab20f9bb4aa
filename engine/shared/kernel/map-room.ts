import type { i32 } from './types.js';
import {
  FULL,
  M_COUNT,
  M_MASK,
  M_ORDER,
  M_ORDER_COUNT,
  M_ORDER_ROOM,
  M_TABLE,
  M_USED,
  O_DATA,
  S_PENDING,
  T_ENTRY,
  T_HASH,
  T_SERIAL,
  T_SIZE,
} from './layout.js';
import { begin, end, enter, leave } from './guard.js';
import { retire, sweep, take } from './heap.js';
import { MOST, PAIR, vacancy } from './map-entry.js';
import { dropLeft, leaving } from './left.js';
import { peek, peekF64, poke, pokeF64, put, zero } from './memory.js';

// The table and the order of a dict as a whole.

/** Rebuilds table and order, with room for `more` entries. Returns 0; SCARCE; FULL; GONE; BUSY. */
export function mapGrow(self: i32, object: i32, uid: i32, more: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  const data: i32 = object + O_DATA;
  const result: i32 = rebuild(self, object, 2 * (peek(data + M_COUNT) + more), peek(self + S_PENDING));
  leave(self, object, entered);
  if (result === 0) sweep(self);
  return result;
}

/** @param pending first block that the caller allocated before, which stays pending */
// @inline
function rebuild(self: i32, object: i32, room: i32, pending: i32): i32 {
  const data: i32 = object + O_DATA;
  if (room > MOST) return FULL;
  let size: i32 = 8;
  while (size < room) size = size << 1;
  const table: i32 = take(self, (PAIR + T_SIZE) * size);
  if (table < 0) return table;
  const order: i32 = table + PAIR * size;
  zero(table, PAIR * size);
  const last: i32 = peek(data + M_ORDER) + T_SIZE * peek(data + M_ORDER_COUNT);
  let to: i32 = order;
  for (let from: i32 = peek(data + M_ORDER); from < last; from += T_SIZE) {
    const entry: i32 = peek(from + T_ENTRY);
    if (entry === 0) continue;
    const hash: i32 = peek(from + T_HASH);
    const at: i32 = vacancy(table, size - 1, hash);
    poke(at, hash);
    poke(at + 4, entry);
    pokeF64(to + T_SERIAL, peekF64(from + T_SERIAL));
    poke(to + T_ENTRY, entry);
    poke(to + T_HASH, hash);
    to += T_SIZE;
  }
  const old: i32 = peek(data + M_TABLE);
  begin(object);
  if (old !== 0) retire(self, old);
  put(self, data + M_TABLE, table);
  put(self, data + M_MASK, size - 1);
  put(self, data + M_USED, peek(data + M_COUNT));
  put(self, data + M_ORDER, order);
  put(self, data + M_ORDER_COUNT, peek(data + M_COUNT));
  put(self, data + M_ORDER_ROOM, size);
  put(self, self + S_PENDING, pending);
  end(self, object);
  return 0;
}

/** Takes all entries and the table out of a dict at once; {@link sweepLeft} frees them. Requires the guard, or an ended dict. */
export function mapEmpty(self: i32, object: i32): void {
  const data: i32 = object + O_DATA;
  const table: i32 = peek(data + M_TABLE);
  dropLeft(self);
  begin(object);
  if (table !== 0) retire(self, table);
  leaving(self, peek(data + M_ORDER), -1, 0, peek(data + M_ORDER_COUNT), 1);
  put(self, data + M_TABLE, 0);
  put(self, data + M_MASK, 0);
  put(self, data + M_COUNT, 0);
  put(self, data + M_USED, 0);
  put(self, data + M_ORDER, 0);
  put(self, data + M_ORDER_COUNT, 0);
  put(self, data + M_ORDER_ROOM, 0);
  end(self, object);
}
