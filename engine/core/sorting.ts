import { sortKey } from '../../proto/codec/order.js';
import type { Payload } from '../../proto/wire/values.js';
import { sortByKeys } from './key-sort.js';
import { KeyTable } from './key-table.js';

/**
 * Returns the indexes of the items in sorted order. The sort is stable, also if descending; items without the field come last. Decodes each
 * item once.
 * @param by dotted path of the field to sort by; empty for the item itself
 */
export function sortedPlaces(items: readonly Payload[], descending: boolean, by: string): number[] {
  return new SortedPlaces(descending, by).update(items, [...items.keys()]);
}

/** Sorts like {@link sortedPlaces}, and updates the order cheaply after some items change. */
export class SortedPlaces {
  readonly #keys = new KeyTable();
  #order: number[] = [];

  constructor(
    private readonly descending: boolean,
    private readonly by: string,
  ) {}

  /**
   * Returns the indexes in sorted order.
   * @param changed indexes whose items changed since the last call (all of them in the first call), growing; the fewer, the cheaper
   */
  update(items: readonly Payload[], changed: readonly number[]): number[] {
    this.#keys.resize(items.length);
    for (const place of changed) this.#keys.set(place, sortKey(items[place], this.by));
    const sorted = this.#sorted(changed);
    this.#order = this.#order.length === 0 ? sorted : this.#merged(this.#kept(changed), sorted);
    return this.#order;
  }

  #sorted(places: readonly number[]): number[] {
    if (!this.descending) return sortByKeys(places, this.#keys);
    // Backwards before and after, so that equal items keep their order. Absent ones are last either way.
    const sorted = sortByKeys(places.toReversed(), this.#keys).reverse();
    const absent = sorted.findIndex((place) => !this.#keys.isAbsent(place));
    return absent <= 0 ? sorted : [...sorted.slice(absent), ...sorted.slice(0, absent)];
  }

  #compare(a: number, b: number): number {
    const keys = this.#keys;
    const reversed = this.descending && !keys.isAbsent(a) && !keys.isAbsent(b);
    return (reversed ? -1 : 1) * keys.compare(a, b) || a - b;
  }

  /** Returns the previous order without the changed items. */
  #kept(changed: readonly number[]): number[] {
    if (changed.length === 0 && this.#order.length === this.#keys.length) return this.#order;
    const others = new Set(changed);
    return this.#order.filter((place) => place < this.#keys.length && !others.has(place));
  }

  #merged(kept: readonly number[], added: readonly number[]): number[] {
    if (added.length === 0) return [...kept];
    const merged: number[] = [];
    let from = 0;
    for (const place of added) {
      const to = this.#placeIn(kept, place, from);
      for (; from < to; from++) merged.push(kept[from]!);
      merged.push(place);
    }
    for (; from < kept.length; from++) merged.push(kept[from]!);
    return merged;
  }

  /** Returns the first position, at or after `from`, whose item does not sort before `place`. */
  #placeIn(order: readonly number[], place: number, from: number): number {
    let [low, high] = [from, order.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#compare(order[middle]!, place) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
