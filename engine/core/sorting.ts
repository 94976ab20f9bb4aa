import { comparePayloads, fieldOf } from '../../proto/codec/order.js';
import type { Payload } from '../../proto/wire/values.js';

/**
 * The places of the items in their order: stably, also when descending; what has not the field comes last.
 * @param by dotted path of the field to sort by; empty for the item itself
 */
export function sortedPlaces(items: readonly Payload[], descending: boolean, by: string): number[] {
  return new SortedPlaces(descending, by).update(items, [...items.keys()]);
}

/** As {@link sortedPlaces}, for items of which some may become others before the order is used. */
export class SortedPlaces {
  readonly #direction: number;
  readonly #keys: (Payload | undefined)[] = [];
  #order: number[] = [];

  constructor(
    descending: boolean,
    private readonly by: string,
  ) {
    this.#direction = descending ? -1 : 1;
  }

  /** @param changed places whose items are others than at the last call: few of them are found their places quickly */
  update(items: readonly Payload[], changed: readonly number[]): number[] {
    const { by } = this;
    this.#keys.length = items.length;
    for (const place of changed) this.#keys[place] = by === '' ? items[place] : fieldOf(items[place]!, by);
    const sorted = changed.toSorted((a, b) => this.#compare(a, b));
    this.#order = this.#order.length === 0 ? sorted : this.#merged(this.#kept(changed), sorted);
    return this.#order;
  }

  #compare(a: number, b: number): number {
    const [one, other] = [this.#keys[a], this.#keys[b]];
    if (one === undefined || other === undefined) return Number(one === undefined) - Number(other === undefined) || a - b;
    return this.#direction * comparePayloads(one, other) || a - b;
  }

  /** The order of the items that are still the same. */
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

  /** Index of the first place, from one on, that comes behind another. */
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
