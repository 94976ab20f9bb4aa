import type { Stateful } from '../../proto/state.js';
import type { Clock } from './clock.js';

/**
 * Issues numbers that grow even over a restart of the manager without state: the first is the current time in microseconds, which counting does not
 * reach, as no process counts a million per second for long.
 */
export class GrowingNumbers implements Stateful {
  #last: number;

  constructor(readonly clock: Clock) {
    this.#last = Math.floor(clock.wallTime * 1000);
  }

  /** The last number. */
  state(): number {
    return this.#last;
  }

  restore(last: number): void {
    this.#last = last;
  }

  next(): number {
    return ++this.#last;
  }

  /** Gives no number again that was given before a time, in milliseconds since 1970, also if that is forgotten here. */
  pass(wallTime: number): void {
    this.#last = Math.max(this.#last, Math.floor(wallTime * 1000));
  }
}
