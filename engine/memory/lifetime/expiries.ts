import { Delays } from './delays.js';

/** Expiries that no longer hold are thrown away when there are this many, and more than half of all. */
const STALE = 32;

interface Expiry<T> {
  readonly item: T;
  readonly due: number;
}

/**
 * Things that end at a time, each by the last word about it. Setting one aside costs nothing: what is
 * due is compared with what holds.
 */
export class Expiries<T> {
  readonly #due = new Map<T, number>();
  #delays = this.#makeDelays();

  constructor(
    /** Gets what is over. */
    readonly ended: (item: T) => void,
  ) {}

  /** Ends a thing in so many milliseconds; absent: never. */
  set(item: T, ttlMs: number | undefined): void {
    if (ttlMs === undefined) {
      this.#due.delete(item);
      return;
    }
    const due = performance.now() + ttlMs;
    this.#due.set(item, due);
    this.#delays.add({ item, due }, ttlMs);
    if (this.#delays.length > STALE && this.#delays.length > 2 * this.#due.size) this.#rebuild();
  }

  delete(item: T): void {
    if (this.#due.size > 0) this.#due.delete(item);
  }

  /** Milliseconds a thing has left; undefined where it has no end. */
  remaining(item: T): number | undefined {
    const due = this.#due.get(item);
    return due === undefined ? undefined : Math.max(0, due - performance.now());
  }

  /** Ends a thing now if its time is over, which its timer may be late to say. */
  check(item: T): void {
    if (this.#due.size === 0) return;
    const due = this.#due.get(item);
    if (due !== undefined && due <= performance.now()) this.#end(item);
  }

  /** Ends all things whose time is over, which their timer may be late to say. */
  checkAll(): void {
    if (this.#due.size > 0) this.#delays.check();
  }

  clear(): void {
    this.#due.clear();
    this.#delays.clear();
  }

  #end(item: T): void {
    this.#due.delete(item);
    this.ended(item);
  }

  #makeDelays(): Delays<Expiry<T>> {
    return new Delays((over) => {
      for (const { item, due } of over) if (this.#due.get(item) === due) this.#end(item);
    });
  }

  #rebuild(): void {
    this.#delays.clear();
    this.#delays = this.#makeDelays();
    const now = performance.now();
    for (const [item, due] of this.#due) this.#delays.add({ item, due }, due - now);
  }
}
