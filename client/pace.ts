/** A batch that the loop works off within this time asks for a larger one. */
const FAST_MS = 4;
/** One that takes longer than this asks for a smaller one, so that others get their share. */
const SLOW_MS = 20;

/** How many items a loop fetches at once: it follows the loop's pace, down to one at a time for a slow loop. */
export class AdaptiveBatchSize {
  #size = 1;
  #arrived = 0;

  constructor(readonly most: number) {}

  /** How many to ask for now. */
  get size(): number {
    return this.#size;
  }

  /** A batch is here. */
  arrived(): void {
    this.#arrived = performance.now();
  }

  /** The loop has got the last of a batch that had so many items. */
  workedOff(length: number): void {
    const elapsed = performance.now() - this.#arrived;
    if (elapsed > SLOW_MS) this.#size = Math.max(1, this.#size >> 2);
    else if (elapsed < FAST_MS && length === this.#size) this.#size = Math.min(this.most, this.#size * 2);
  }
}
