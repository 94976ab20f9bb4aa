import { Deque } from '../collections/deque.js';

const MIB = 1024 * 1024;
/** What is kept at most in bytes; the latest change is kept all the same. */
const MOST_BYTES = 16 * MIB;
/** What a page has at most: so many changes, and so many bytes or one change. */
const PAGE = { changes: 1000, bytes: MIB };
/** What a change has beside what it carries, in bytes. */
const CHANGE_BYTES = 32;

export interface Change {
  readonly revision: number;
}

/** How much is kept of changes, and told of them at once. */
export class LogLimits {
  /** What a page has at most in bytes, unless it is one change. */
  readonly pageBytes: number;

  constructor(
    /** How many changes of an object are kept. */
    readonly most: number,
    maxMessageBytes: number,
  ) {
    this.pageBytes = Math.min(PAGE.bytes, maxMessageBytes / 2);
  }
}

/** The latest changes of an object, up to a number and a size. */
export class ChangeLog<C extends Change> {
  readonly #changes = new Deque<C>();
  #bytes = 0;
  #complete: number;

  constructor(
    /** The last revision before the first change to come. */
    since: number,
    /** The bytes that a change carries. */
    readonly bytesOf: (change: C) => number,
    readonly limits: LogLimits,
  ) {
    this.#complete = since;
  }

  /** The revision since which all changes are here. */
  get complete(): number {
    return this.#complete;
  }

  /** A revision whose changes will be forgotten before long; of a log that has room, the one since which all are here. */
  get aging(): number {
    const { length } = this.#changes;
    if (length * 2 <= this.limits.most && this.#bytes * 2 <= MOST_BYTES) return this.#complete;
    return this.#changes.at(length >> 1).revision;
  }

  add(change: C): void {
    this.#changes.push(change);
    this.#bytes += this.#weigh(change);
    while (this.#changes.length > this.limits.most || (this.#bytes > MOST_BYTES && this.#changes.length > 1)) {
      const dropped = this.#changes.shift()!;
      this.#bytes -= this.#weigh(dropped);
      this.#complete = dropped.revision;
    }
  }

  /** The changes since a revision that concern someone, and whether these are all of them or a page. */
  since(revision: number, concerns: (change: C) => boolean): { changes: C[]; all: boolean } {
    let bytes = 0;
    const changes: C[] = [];
    for (let i = this.#indexAfter(revision); i < this.#changes.length; i++) {
      const change = this.#changes.at(i);
      if (!concerns(change)) continue;
      bytes += this.#weigh(change);
      if (changes.length === PAGE.changes || (bytes > this.limits.pageBytes && changes.length > 0)) return { changes, all: false };
      changes.push(change);
    }
    return { changes, all: true };
  }

  #weigh(change: C): number {
    return CHANGE_BYTES + this.bytesOf(change);
  }

  /** Index of the first change after a revision. */
  #indexAfter(revision: number): number {
    let low = 0;
    let high = this.#changes.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#changes.at(middle).revision > revision) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
