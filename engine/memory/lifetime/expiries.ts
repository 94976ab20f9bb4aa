import type { State } from '../../../proto/state.js';
import { Delays, type DelaysState } from './delays.js';
import type { Restoring } from '../../core/restoring.js';
import { boundedMs, type Clock } from '../../core/clock.js';
import { OVERHEAD, type Use } from '../../core/use.js';

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
    /** Counts the times that were set; undefined if nothing does. */
    private readonly use?: Use,
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
      this.#keep(expiry);
      return expiry;
    });
  }

  /** Ends an item in `ttlMs` milliseconds, or never if that is undefined. */
  set(item: T, ttlMs: number | undefined): void {
    if (ttlMs === undefined) return this.delete(item);
    const expiry = { item, due: this.clock.now + ttlMs };
    this.#keep(expiry);
    this.#delays.add(expiry, ttlMs);
    this.#dropOutdated();
  }

  delete(item: T): void {
    if (!this.#current.delete(item)) return;
    this.#count(-1);
    this.#dropOutdated();
  }

  /** Returns the milliseconds that an item has left, or undefined if it never ends. */
  remaining(item: T): number | undefined {
    const due = this.#current.get(item)?.due;
    return due === undefined ? undefined : boundedMs(due - this.clock.now);
  }

  clear(): void {
    this.#count(-this.#current.size);
    this.#current.clear();
    this.#delays.clear();
  }

  #keep(expiry: Expiry<T>): void {
    if (!this.#current.has(expiry.item)) this.#count(1);
    this.#current.set(expiry.item, expiry);
  }

  #end(item: T): void {
    this.delete(item);
    this.ended(item);
  }

  #count(expiries: number): void {
    if (this.use) this.use.memory += expiries * OVERHEAD.expiry;
  }

  /** Throws outdated expiries away, which are not counted: so there are never many more than the others. */
  #dropOutdated(): void {
    if (this.#delays.length <= STALE || this.#delays.length <= 2 * this.#current.size) return;
    this.#delays.drop((expiry) => this.#isOutdated(expiry));
  }

  #isOutdated(expiry: Expiry<T>): boolean {
    return this.#current.get(expiry.item) !== expiry;
  }
}
