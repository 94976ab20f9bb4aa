/**
 * Things under small numbers, which are used again. A Map in its place would be rebuilt for every
 * thousand calls, and each rebuilt table, once it is old, keeps what it held alive until the next
 * full collection: measured, a third of a busy client's time.
 */
export class Slots<T> {
  readonly #items: (T | undefined)[] = [undefined];
  readonly #free: number[] = [];

  /** A number that is free, from 1 on; {@link set} takes it. */
  next(): number {
    return this.#free.at(-1) ?? this.#items.length;
  }

  set(slot: number, item: T): void {
    if (slot === this.#items.length) this.#items.push(item);
    else this.#items[this.#free.pop()!] = item;
  }

  get(slot: number): T | undefined {
    return this.#items[slot];
  }

  /** Frees a slot. */
  delete(slot: number): void {
    this.#items[slot] = undefined;
    this.#free.push(slot);
  }

  *entries(): Generator<[number, T]> {
    for (let slot = 1; slot < this.#items.length; slot++) {
      const item = this.#items[slot];
      if (item !== undefined) yield [slot, item];
    }
  }
}
