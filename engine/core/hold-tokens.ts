import type { Clock } from './clock.js';
import { GrowingNumbers } from './growing-numbers.js';
import type { LeaseSource } from './lease.js';
import type { Use } from './use.js';

/** Issues the tokens of holds. */
export class HoldTokens extends GrowingNumbers implements LeaseSource {
  constructor(
    clock: Clock,
    /** Counts the holds; undefined if nothing does. */
    readonly use?: Use,
  ) {
    super(clock);
  }
}
