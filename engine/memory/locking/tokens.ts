import type { Stateful } from '../../../proto/state.js';
import type { Clock } from '../../core/clock.js';

/**
 * Issues the tokens of holds. They grow even over a restart of the manager without state: they start at the current time in microseconds,
 * which counting does not reach.
 */
export class Tokens implements Stateful {
  #last: number;

  constructor(readonly clock: Clock) {
    this.#last = Math.floor(clock.wallTime * 1000);
  }

  /** The last token. */
  state(): number {
    return this.#last;
  }

  restore(last: number): void {
    this.#last = last;
  }

  next(): number {
    return ++this.#last;
  }
}
