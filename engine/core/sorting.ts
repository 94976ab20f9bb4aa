import { sortKey } from '../../proto/codec/order.js';
import type { Payload } from '../../proto/wire/values.js';
import { KeyTable, type Precedes } from './key-table.js';
import { mergeSort } from './merge-sort.js';
import { finished, type Steps } from './steps.js';

/** Bytes of items, each with an item's own cost, of which the keys are computed between two steps. That takes about a millisecond. */
const STEP_BYTES = 8192;
const ITEM_BYTES = 32;

/** Sorts like {@link SortedPlaces.steps}, at once. */
export function sortedPlaces(items: readonly Payload[], descending: boolean, by: string): Uint32Array {
  return new SortedPlaces(descending, by).update(items);
}

/** Sorts items, and updates the order cheaply after some of them change. */
export class SortedPlaces {
  readonly #keys = new KeyTable();
  #order: Uint32Array = new Uint32Array(0);

  /** @param by dotted path of the field to sort by; empty for the item itself */
  constructor(
    private readonly descending: boolean,
    private readonly by: string,
  ) {}

  /** Does all {@link steps} at once. */
  update(items: readonly Payload[], changed?: readonly number[]): Uint32Array {
    return finished(this.steps(items, changed));
  }

  /**
   * Returns the indexes of the items in sorted order. The sort is stable, also if descending; items without the field come last. Decodes each
   * changed item once.
   * @param changed indexes whose items changed since the last call, growing; the fewer, the cheaper. Default: all of them
   */
  *steps(items: readonly Payload[], changed?: readonly number[]): Steps<Uint32Array> {
    this.#keys.resize(items.length);
    const places = changed === undefined ? allPlaces(items.length) : Uint32Array.from(changed);
    let bytes = 0;
    for (const place of places) {
      const item = items[place]!;
      this.#keys.set(place, sortKey(item, this.by));
      bytes += item.length + ITEM_BYTES;
      if (bytes >= STEP_BYTES) {
        bytes = 0;
        yield;
      }
    }
    const kept = this.#kept(places);
    const precedes = this.#keys.precedes(this.descending);
    const sorted = yield* mergeSort(places, precedes);
    return (this.#order = kept.length === 0 ? sorted : merged(kept, sorted, precedes));
  }

  /** Returns the previous order without the changed items. */
  #kept(changed: Uint32Array): Uint32Array {
    if (this.#order.length === 0 || (changed.length === 0 && this.#order.length === this.#keys.length)) return this.#order;
    const others = new Set(changed);
    return this.#order.filter((place) => place < this.#keys.length && !others.has(place));
  }
}

function allPlaces(length: number): Uint32Array {
  const places = new Uint32Array(length);
  for (let place = 0; place < length; place++) places[place] = place;
  return places;
}

function merged(kept: Uint32Array, added: Uint32Array, precedes: Precedes): Uint32Array {
  const all = new Uint32Array(kept.length + added.length);
  let at = 0;
  let from = 0;
  for (const place of added) {
    const to = placeIn(kept, place, from, precedes);
    for (; from < to; from++) all[at++] = kept[from]!;
    all[at++] = place;
  }
  all.set(kept.subarray(from), at);
  return all;
}

/** Returns the first position in the order, at or after `from`, before which a place has to come. */
function placeIn(order: Uint32Array, place: number, from: number, precedes: Precedes): number {
  let [low, high] = [from, order.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = order[middle]!;
    if (precedes(other, place) || (other < place && !precedes(place, other))) low = middle + 1;
    else high = middle;
  }
  return low;
}
