/** A batch that the loop consumes in less time than this grows the next one. */
const FAST_MS = 4;
/** A batch that takes longer than this shrinks the next one, so that other consumers get their share. */
const SLOW_MS = 20;

/** Adapts the number of items that a loop fetches at once to the loop's pace, down to one at a time for a slow loop. */
export class AdaptiveBatchSize {
  #size = 1;
  #arrived = 0;

  constructor(readonly most: number) {}

  /** Number of items to request now. */
  get size(): number {
    return this.#size;
  }

  /** Records the arrival of a batch. */
  arrived(): void {
    this.#arrived = performance.now();
  }

  /** Records that the loop has received the last of a batch of `length` items. */
  workedOff(length: number): void {
    const elapsed = performance.now() - this.#arrived;
    if (elapsed > SLOW_MS) this.#size = Math.max(1, this.#size >> 2);
    else if (elapsed < FAST_MS && length === this.#size) this.#size = Math.min(this.most, this.#size * 2);
  }
}
