import type { SlowCall } from '../../proto/gen/commonhold/v1/manager_wire.js';

/** Number of slow calls that are kept. */
const MOST = 128;

/** The last calls that took long, latest first. */
export class SlowCalls {
  readonly #kept: SlowCall[] = [];
  #count = 0;

  /** Number of all slow calls so far. */
  get count(): number {
    return this.#count;
  }

  add(call: Omit<SlowCall, 'number' | 'atMs'>): void {
    this.#kept.unshift({ number: ++this.#count, atMs: Date.now(), ...call });
    if (this.#kept.length > MOST) this.#kept.pop();
  }

  /** Returns the latest calls. @param before only those with a lower number @param most how many */
  list(before: number, most: number): SlowCall[] {
    return this.#kept.filter(({ number }) => number < before).slice(0, most);
  }
}
