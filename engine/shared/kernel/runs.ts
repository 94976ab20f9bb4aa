import type { i32 } from './types.js';
import {
  A_FREE_UNITS,
  A_LAST,
  A_LISTED,
  A_QUOTA,
  A_RUNS,
  A_SPANS,
  A_TOP,
  FREE,
  RUN_LISTS,
  UNIT,
  UNIT_BITS,
  UNUSED,
  X_BASE,
  X_BEFORE,
  X_BEHIND,
  X_KIND,
  X_NEXT,
  X_PREVIOUS,
  X_UNITS,
} from './layout.js';
import { grow, leadingZeros, load, pages, peek, put } from './memory.js';

// Free spans: found by size, split, and joined with their neighbours. Requires the heap's guard.

/** Minimum number of pages by which the memory grows at a time. */
const STEP: i32 = 16;
/** Minimum number of units that are added to the free memory at a time. */
const AHEAD: i32 = 4;
/** Number of free spans of nearly the right size to look at. */
const LOOKS: i32 = 64;

/** Returns the list of the free spans of a size in units: one list per size below 8, four per power of two above. */
// @inline
function runs(units: i32): i32 {
  if (units < 8) return A_RUNS + 4 * units;
  const power: i32 = 31 - leadingZeros(units);
  return A_RUNS + 4 * (8 + ((power - 3) << 2) + ((units >> (power - 2)) & 3));
}

/** Returns the list of the spans of a class. */
// @inline
export function listed(kind: i32): i32 {
  return A_LISTED + 4 * kind;
}

/** Puts a span at the head of a list. */
// @inline
export function link(self: i32, list: i32, span: i32): void {
  const next: i32 = peek(list);
  put(self, span + X_NEXT, next);
  put(self, span + X_PREVIOUS, 0);
  if (next !== 0) put(self, next + X_PREVIOUS, span);
  put(self, list, span);
}

/** Takes a span out of its list. */
// @inline
export function unlink(self: i32, list: i32, span: i32): void {
  const next: i32 = peek(span + X_NEXT);
  const previous: i32 = peek(span + X_PREVIOUS);
  if (previous === 0) put(self, list, next);
  else put(self, previous + X_NEXT, next);
  if (next !== 0) put(self, next + X_PREVIOUS, previous);
}

/** Returns a free span of at least this many units, nearly the smallest, or 0. */
// @inline
export function find(units: i32): i32 {
  // From this list on, all spans are large enough.
  const sure: i32 = units < 8 ? runs(units) : runs(units + (1 << (29 - leadingZeros(units))) - 1);
  for (let list: i32 = sure; list < A_RUNS + 4 * RUN_LISTS; list += 4) if (peek(list) !== 0) return peek(list);
  let span: i32 = peek(runs(units));
  for (let looks: i32 = LOOKS; looks > 0 && span !== 0 && peek(span + X_UNITS) < units; looks--) span = peek(span + X_NEXT);
  if (span !== 0 && peek(span + X_UNITS) >= units) return span;
  const last: i32 = peek(A_LAST);
  return peek(last + X_KIND) === FREE && peek(last + X_UNITS) >= units ? last : 0;
}

/**
 * Takes units off one end of a free span as a new span, which is in no list, and returns it. The rest stays free. Without a spare
 * descriptor, takes the whole span.
 * @param high 1 for the end with the highest address, which keeps large blocks apart from small ones
 */
// @inline
export function split(self: i32, span: i32, units: i32, high: i32): i32 {
  const whole: i32 = peek(span + X_UNITS);
  const behind: i32 = peek(span + X_BEHIND);
  const upper: i32 = peek(A_SPANS);
  unlink(self, runs(whole), span);
  if (upper === 0 || whole === units) {
    put(self, A_FREE_UNITS, peek(A_FREE_UNITS) - whole);
    return span;
  }
  const lower: i32 = high !== 0 ? whole - units : units;
  put(self, A_SPANS, peek(upper + X_NEXT));
  describe(self, upper, peek(span + X_BASE) + lower * UNIT, whole - lower);
  connect(self, upper, behind);
  connect(self, span, upper);
  put(self, span + X_UNITS, lower);
  link(self, runs(whole - units), high !== 0 ? span : upper);
  put(self, A_FREE_UNITS, peek(A_FREE_UNITS) - units);
  return high !== 0 ? upper : span;
}

/** Frees a span that is in no list, and joins it with its free neighbours. */
// @inline
export function release(self: i32, span: i32): void {
  put(self, A_FREE_UNITS, peek(A_FREE_UNITS) + peek(span + X_UNITS));
  put(self, span + X_KIND, FREE);
  const behind: i32 = peek(span + X_BEHIND);
  if (behind !== 0 && peek(behind + X_KIND) === FREE) {
    unlink(self, runs(peek(behind + X_UNITS)), behind);
    absorb(self, span, behind);
  }
  let whole: i32 = span;
  const before: i32 = peek(span + X_BEFORE);
  if (before !== 0 && peek(before + X_KIND) === FREE) {
    unlink(self, runs(peek(before + X_UNITS)), before);
    absorb(self, before, span);
    whole = before;
  }
  link(self, runs(peek(whole + X_UNITS)), whole);
}

/** Adds memory that was never used, so that there is a free span of at least this many units. Returns false if it cannot. */
// @inline
export function extend(self: i32, units: i32): boolean {
  const top: i32 = load(A_TOP);
  const last: i32 = peek(A_LAST);
  const open: boolean = peek(last + X_KIND) === FREE;
  const have: i32 = open ? peek(last + X_UNITS) : 0;
  const fresh: i32 = peek(A_SPANS);
  if (!open && fresh === 0) return false;
  // Adds some more than are needed, so that the next blocks are near.
  const left: i32 = (load(A_QUOTA) - top) >> UNIT_BITS;
  let added: i32 = units - have;
  if (added > left) return false;
  if (added < AHEAD) added = AHEAD < left ? AHEAD : left;
  if (!reach(top + added * UNIT)) return false;
  if (open) {
    unlink(self, runs(have), last);
    put(self, last + X_UNITS, have + added);
  } else {
    put(self, A_SPANS, peek(fresh + X_NEXT));
    describe(self, fresh, top, added);
    connect(self, fresh, 0);
    connect(self, last, fresh);
  }
  link(self, runs(have + added), open ? last : fresh);
  put(self, A_FREE_UNITS, peek(A_FREE_UNITS) + added);
  put(self, A_TOP, top + added * UNIT);
  return true;
}

// @inline
function describe(self: i32, span: i32, base: i32, units: i32): void {
  put(self, span + X_BASE, base);
  put(self, span + X_UNITS, units);
  put(self, span + X_KIND, FREE);
}

/** Makes `behind` the next span after `span`; 0 if `span` is the last. */
// @inline
function connect(self: i32, span: i32, behind: i32): void {
  put(self, span + X_BEHIND, behind);
  if (behind === 0) put(self, A_LAST, span);
  else put(self, behind + X_BEFORE, span);
}

/** Joins a span with the next one, whose descriptor becomes unused. */
// @inline
function absorb(self: i32, span: i32, behind: i32): void {
  put(self, span + X_UNITS, peek(span + X_UNITS) + peek(behind + X_UNITS));
  connect(self, span, peek(behind + X_BEHIND));
  put(self, behind + X_KIND, UNUSED);
  put(self, behind + X_NEXT, peek(A_SPANS));
  put(self, A_SPANS, behind);
}

/** Grows the memory to reach up to `end`. Returns false if it cannot. */
// @inline
export function reach(end: i32): boolean {
  const quota: i32 = load(A_QUOTA);
  if (end < 0 || end > quota) return false;
  while (true) {
    const have: i32 = pages();
    const missing: i32 = ((end - 1) >> 16) + 1 - have;
    if (missing <= 0) return true;
    const most: i32 = ((quota - 1) >> 16) + 1 - have;
    let step: i32 = have >> 2;
    if (step < STEP) step = STEP;
    if (step < missing) step = missing;
    if (step > most) step = most;
    if (grow(step)) return true;
    // Another thread may have grown it meanwhile, and left too little for this step.
    if (pages() === have) return false;
  }
}
