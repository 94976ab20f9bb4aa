import type { f64, i32 } from './types.js';
import {
  BUSY,
  GONE,
  INTERNAL,
  NOT_OWNER,
  OUT_OF_RANGE,
  O_DATA,
  O_OWNER,
  O_SEQ,
  O_UID,
  V_INTEGER,
  V_MAX,
  V_MIN,
  V_NUMBER,
  WAIT,
} from './layout.js';
import { begin, end, enter, leave } from './guard.js';
import { blockOf, putCell, readCell } from './cell.js';
import { publish, retire, sweep } from './heap.js';
import { holds, release, acquire } from './lock.js';
import { again, load, load64, loadF64, peek, peekF64, poke, store64, storeF64 } from './memory.js';

// Values. A typed value is 64 bits, a double or an integer, read and written atomically. An untyped value is a cell, whose readers check
// the sequence number before and after.

/** Copies the 64 bits of a typed value to `out`. Returns 0, or GONE. */
export function numberGet(object: i32, uid: i32, out: i32): i32 {
  load64(out, object + O_DATA + V_NUMBER);
  return load(object + O_UID) === uid ? 0 : GONE;
}

/** Reads a double atomically, at any address. */
export function doubleGet(p: i32): f64 {
  return loadF64(p);
}
export function doubleSet(p: i32, v: f64): void {
  storeF64(p, v);
}

/** Replaces the 64 bits if the lock is free. Returns 0, PASS or OFFER as {@link release}; WAIT; GONE. */
export function numberSet(self: i32, object: i32, uid: i32, from: i32): i32 {
  const acquired: i32 = acquireBriefly(self, object, uid);
  if (acquired < 0) return acquired;
  store64(object + O_DATA + V_NUMBER, from);
  return release(self, object);
}

/** Replaces the 64 bits. The caller holds the lock. */
export function numberWrite(object: i32, from: i32): void {
  store64(object + O_DATA + V_NUMBER, from);
}

/** Replaces the 64 bits, and gives back the hold of this number. Returns as {@link lockFree}. */
export function numberFree(self: i32, object: i32, held: f64, from: i32): i32 {
  if (!holds(self, object, held)) return NOT_OWNER;
  store64(object + O_DATA + V_NUMBER, from);
  poke(object + O_OWNER, INTERNAL);
  return release(self, object);
}

/** Like {@link numberFree}, with a double. */
export function doubleFree(self: i32, object: i32, held: f64, value: f64): i32 {
  if (!holds(self, object, held)) return NOT_OWNER;
  storeF64(object + O_DATA + V_NUMBER, value);
  poke(object + O_OWNER, INTERNAL);
  return release(self, object);
}

/**
 * Adds to a double or a small integer if the lock is free, and writes the sum to `out`. Returns as {@link numberSet}, or OUT_OF_RANGE: then
 * the caller holds the lock.
 */
export function numberAdd(self: i32, object: i32, uid: i32, delta: f64, out: i32): i32 {
  const acquired: i32 = acquireBriefly(self, object, uid);
  if (acquired < 0) return acquired;
  const number: i32 = object + O_DATA + V_NUMBER;
  const sum: f64 = loadF64(number) + delta;
  storeF64(out, sum);
  const integer: boolean = peek(object + O_DATA + V_INTEGER) !== 0;
  if (integer && !(sum >= peekF64(object + O_DATA + V_MIN) && sum <= peekF64(object + O_DATA + V_MAX))) return OUT_OF_RANGE;
  storeF64(number, sum);
  return release(self, object);
}

/** Takes the lock for one operation, without consuming the flag of an abandoned hold. */
// @inline
function acquireBriefly(self: i32, object: i32, uid: i32): i32 {
  const acquired: i32 = acquire(self, object, uid, INTERNAL);
  return acquired === WAIT || acquired === GONE ? acquired : 0;
}

/** Copies a cell of the object, with the bytes of its block, to `out`. Returns 0; LARGE; GONE; BUSY if it keeps changing. */
export function cellGet(object: i32, uid: i32, cell: i32, out: i32, room: i32): i32 {
  for (let tries: i32 = 8; tries > 0; tries--) {
    const before: i32 = load(object + O_SEQ);
    if ((before & 1) !== 0) continue;
    const result: i32 = readCell(object + cell, out, room);
    const gone: boolean = peek(object + O_UID) !== uid;
    if (again(object + O_SEQ) === before) return gone ? GONE : result;
  }
  return BUSY;
}

/** Replaces a cell of the object. Returns 0; BUSY; GONE. */
export function cellSet(self: i32, object: i32, uid: i32, cell: i32, from: i32): i32 {
  const entered: i32 = enter(self, object, uid);
  if (entered < 0) return entered;
  const at: i32 = object + cell;
  const old: i32 = blockOf(at);
  begin(object);
  if (old !== 0) retire(self, old);
  putCell(self, at, from);
  publish(self);
  end(self, object);
  leave(self, object, entered);
  sweep(self);
  return 0;
}
