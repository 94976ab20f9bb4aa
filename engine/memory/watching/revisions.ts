import type { Stateful } from '../../../proto/state.js';
import type { Clock } from '../../core/clock.js';

/**
 * Issues the revisions of all objects of a keyspace from one counter, so that they also grow from an object to the next one of its name.
 * The counter starts at the current time in microseconds, which is above all revisions of an earlier process, as no process makes a million
 * changes per second for long.
 */
export class Revisions implements Stateful {
  #last: number;

  constructor(readonly clock: Clock) {
    this.#last = Math.floor(clock.wallTime * 1000);
  }

  /** The last revision. */
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
