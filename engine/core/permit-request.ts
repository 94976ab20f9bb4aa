import type { Acquisition } from './mutex-handlers.js';

/** A call that wants permits of a semaphore. */
export interface PermitRequest extends Acquisition {
  /** 0 means 1. */
  readonly permits: number;
}
