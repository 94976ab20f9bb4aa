/**
 * Items under small integer ids, which are reused. A Map in its place would be rehashed every thousand calls, and each old table, once
 * promoted, keeps its items alive until the next full collection: measured, a third of a busy client's time.
 */
export class Slots<T> {
  readonly #items: (T | undefined)[] = [undefined];
  readonly #free: number[] = [];

  /** Returns a free id, from 1 on; {@link set} takes it. */
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
