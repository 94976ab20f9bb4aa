import type { State } from '../../../proto/state.js';
import { Delays } from './delays.js';
import type { Clock } from '../../core/clock.js';

/** Number of outdated expiries from which they are thrown away, if they are also more than half of all. */
const STALE = 32;

interface Expiry<T> {
  readonly item: T;
  readonly due: number;
}

/**
 * Items that end at a time. The latest time set for an item counts. Changing or removing a time does not search the heap: an item that
 * comes due is compared with its current time.
 */
export class Expiries<T> {
  readonly #due = new Map<T, number>();
  readonly #delays: Delays<Expiry<T>>;

  constructor(
    private readonly clock: Clock,
    /** Called for each item that has ended. */
    readonly ended: (item: T) => void,
  ) {
    this.#delays = new Delays(clock, (over) => {
      for (const expiry of over) if (!this.#isOutdated(expiry)) this.#end(expiry.item);
    });
  }

  /** The outdated expiries too, because a timer may run for one of them. */
  state(describe: (item: T) => State): State {
    return this.#delays.state((expiry) => (this.#isOutdated(expiry) ? undefined : describe(expiry.item)));
  }

  /** Ends an item in `ttlMs` milliseconds, or never if that is undefined. */
  set(item: T, ttlMs: number | undefined): void {
    if (ttlMs === undefined) {
      this.#due.delete(item);
      return;
    }
    const due = this.clock.now + ttlMs;
    this.#due.set(item, due);
    this.#delays.add({ item, due }, ttlMs);
    if (this.#delays.length > STALE && this.#delays.length > 2 * this.#due.size) this.#delays.drop((expiry) => this.#isOutdated(expiry));
  }

  delete(item: T): void {
    if (this.#due.size > 0) this.#due.delete(item);
  }

  /** Returns the milliseconds that an item has left, or undefined if it never ends. */
  remaining(item: T): number | undefined {
    const due = this.#due.get(item);
    return due === undefined ? undefined : Math.max(0, due - this.clock.now);
  }

  clear(): void {
    this.#due.clear();
    this.#delays.clear();
  }

  #end(item: T): void {
    this.#due.delete(item);
    this.ended(item);
  }

  #isOutdated({ item, due }: Expiry<T>): boolean {
    return this.#due.get(item) !== due;
  }
}
