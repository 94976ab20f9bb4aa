import type { f64, i32 } from './types.js';
import { E_HASH, E_KEY, E_SERIAL, E_SHAPE, M_ORDER, M_ORDER_COUNT, O_DATA, T_ENTRY, T_SIZE } from './layout.js';
import { begin, end } from './guard.js';
import { dropEntry, find, orderOf, unlink } from './map-entry.js';
import { peek, peekF64, put, settled } from './memory.js';

// The order of a dict's entries, for one who has the guard.

/** The newest entry, or 0. What was deleted behind it leaves the order. */
export function mapLast(self: i32, object: i32): i32 {
  const data: i32 = object + O_DATA;
  const order: i32 = peek(data + M_ORDER);
  let count: i32 = peek(data + M_ORDER_COUNT);
  while (count > 0 && peek(order + T_SIZE * (count - 1) + T_ENTRY) === 0) count--;
  put(self, data + M_ORDER_COUNT, count);
  settled(self);
  return count === 0 ? 0 : peek(order + T_SIZE * (count - 1) + T_ENTRY);
}

/** Deletes an entry that the caller found. Its blocks are dropped. */
export function mapCut(self: i32, object: i32, entry: i32): void {
  const at: i32 = find(object, peek(entry + E_HASH), peek(entry + E_SHAPE), entry + E_KEY);
  const place: i32 = orderOf(object, peekF64(entry + E_SERIAL));
  begin(object);
  unlink(self, object, at, place);
  end(object);
  settled(self);
  dropEntry(self, entry);
}

/** Index in the order of the first place with a serial above this one. */
export function mapAfter(object: i32, serial: f64): i32 {
  return orderOf(object, serial + 1);
}

/** The entry at a place of the order; 0 where it was deleted; -1 behind the last. */
export function mapAt(object: i32, place: i32): i32 {
  const data: i32 = object + O_DATA;
  return place < peek(data + M_ORDER_COUNT) ? peek(peek(data + M_ORDER) + T_SIZE * place + T_ENTRY) : -1;
}
