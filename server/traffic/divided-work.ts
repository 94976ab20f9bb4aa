import type { Steps } from '../../engine/core/steps.js';
import { Share, type Slices } from './slices.js';

/** Number of works that go on at the same time: each takes memory, so that the others wait. */
const AT_ONCE = 4;

/** Work in steps, for which each turn of the event loop has as much time as for clients with much to do. */
export class DividedWork {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(private readonly slices: Slices) {}

  /** Does all steps, and resolves after the last one. Rejects with the error that one throws. */
  do(steps: Steps): Promise<void> {
    return new Promise((resolve, reject) => {
      const share = new Share();
      const goOn = (): void => {
        try {
          if (this.#slice(steps, share)) return this.#over(resolve);
        } catch (error) {
          return this.#over(() => reject(error));
        }
        this.slices.later(share, goOn);
      };
      const begin = (): void => this.slices.later(share, goOn);
      if (this.#running >= AT_ONCE) {
        this.#waiting.push(begin);
      } else {
        this.#running++;
        begin();
      }
    });
  }

  /** Does steps until the slice is over. Returns true if none is left. */
  #slice(steps: Steps, share: Share): boolean {
    const began = performance.now();
    const ends = began + this.slices.left(share);
    try {
      do if (steps.next().done === true) return true;
      while (performance.now() < ends);
      return false;
    } finally {
      this.slices.took(share, performance.now() - began);
    }
  }

  #over(tell: () => void): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running--;
    else next();
    tell();
  }
}
