import type { Precedes } from './key-table.js';
import type { Steps } from './steps.js';

/** Places that are sorted by insertion before they are merged: fewer cost more in merging than they save. */
const RUN = 16;
/** Places that are moved between two steps, which takes about a millisecond. */
const STEP = 8192;

/**
 * Sorts places in steps: yields after each. Stable. The time is in proportion to n · log n comparisons, whatever the keys are.
 * @param places changed meanwhile
 */
export function* mergeSort(places: Uint32Array, precedes: Precedes): Steps<Uint32Array> {
  const { length } = places;
  for (let from = 0; from < length; from += RUN) {
    insertionSort(places, from, Math.min(from + RUN, length), precedes);
    if (from % STEP === 0) yield;
  }
  let sorted: Uint32Array = places;
  let other: Uint32Array = new Uint32Array(length);
  for (let width = RUN; width < length; width *= 2) {
    for (let from = 0; from < length; from += 2 * width) {
      yield* merge(sorted, from, Math.min(from + width, length), Math.min(from + 2 * width, length), other, precedes);
      if (from % STEP === 0) yield;
    }
    [sorted, other] = [other, sorted];
  }
  return sorted;
}

function insertionSort(places: Uint32Array, from: number, to: number, precedes: Precedes): void {
  for (let next = from + 1; next < to; next++) {
    const place = places[next]!;
    let at = next;
    for (; at > from && precedes(place, places[at - 1]!); at--) places[at] = places[at - 1]!;
    places[at] = place;
  }
}

/** Merges two neighbouring parts, which are sorted, into the same range of `to`. */
function* merge(sorted: Uint32Array, from: number, middle: number, end: number, to: Uint32Array, precedes: Precedes): Steps<void> {
  let [left, right, at] = [from, middle, from];
  // Otherwise both parts are in order as they stand.
  if (middle < end && precedes(sorted[middle]!, sorted[middle - 1]!)) {
    while (left < middle && right < end) {
      to[at++] = precedes(sorted[right]!, sorted[left]!) ? sorted[right++]! : sorted[left++]!;
      if (at % STEP === 0) yield;
    }
  }
  to.set(sorted.subarray(left, middle), at);
  to.set(sorted.subarray(right, end), at + middle - left);
}
