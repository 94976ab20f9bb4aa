import type { State } from '../../../proto/state.js';
import { Delays, type DelaysState } from './delays.js';
import type { Restoring } from '../../core/restoring.js';
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
  /** The expiry that counts, by item. */
  readonly #current = new Map<T, Expiry<T>>();
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
  state<S extends State>(describe: (item: T) => S): DelaysState<S | undefined> {
    return this.#delays.state((expiry) => (this.#isOutdated(expiry) ? undefined : describe(expiry.item)));
  }

  /** @param named returns the item of a state */
  restore<S extends State>(state: DelaysState<S | undefined>, restoring: Restoring, named: (item: S) => T): void {
    this.#delays.restore(state, restoring, (item, due) => {
      if (item === undefined) return { item: undefined as T, due };
      const expiry = { item: named(item), due };
      this.#current.set(expiry.item, expiry);
      return expiry;
    });
  }

  /** Ends an item in `ttlMs` milliseconds, or never if that is undefined. */
  set(item: T, ttlMs: number | undefined): void {
    if (ttlMs === undefined) {
      this.#current.delete(item);
      return;
    }
    const expiry = { item, due: this.clock.now + ttlMs };
    this.#current.set(item, expiry);
    this.#delays.add(expiry, ttlMs);
    if (this.#delays.length > STALE && this.#delays.length > 2 * this.#current.size)
      this.#delays.drop((expiry) => this.#isOutdated(expiry));
  }

  delete(item: T): void {
    if (this.#current.size > 0) this.#current.delete(item);
  }

  /** Returns the milliseconds that an item has left, or undefined if it never ends. */
  remaining(item: T): number | undefined {
    const due = this.#current.get(item)?.due;
    return due === undefined ? undefined : Math.max(0, due - this.clock.now);
  }

  clear(): void {
    this.#current.clear();
    this.#delays.clear();
  }

  #end(item: T): void {
    this.#current.delete(item);
    this.ended(item);
  }

  #isOutdated(expiry: Expiry<T>): boolean {
    return this.#current.get(expiry.item) !== expiry;
  }
}
