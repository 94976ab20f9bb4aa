import type { EngineLimits } from '../../core/limits.js';
import type { Use } from '../../core/use.js';
import type { Stateful, StateOf } from '../../../proto/state.js';
import { messageState } from '../../core/state.js';
import { Deque } from '../collections/deque.js';

const MIB = 1024 * 1024;
/** Maximum size of the kept changes in bytes. The latest change is kept even if it is larger. */
const MOST_BYTES = 16 * MIB;
/** Maximum size of a page: the number of changes, and their bytes unless it is a single change. */
const PAGE = { changes: 1000, bytes: MIB };
/** Size that each change counts in addition to its content, in bytes. */
const CHANGE_BYTES = 32;

export interface Change {
  readonly revision: number;
}

/** The latest changes of an object, up to a number and a size. */
export class ChangeLog<C extends Change> implements Stateful {
  readonly #changes = new Deque<C>();
  #bytes = 0;
  #complete: number;

  constructor(
    /** The last revision before the first change to be added. */
    since: number,
    /** Returns the content size of a change in bytes. */
    readonly bytesOf: (change: C) => number,
    readonly limits: Readonly<EngineLimits>,
    private readonly use: Use,
  ) {
    this.#complete = since;
  }

  state() {
    return { complete: this.#complete, changes: this.#changes.state(messageState) };
  }

  restore({ complete, changes }: StateOf<ChangeLog<C>>): void {
    for (const change of changes) {
      this.#changes.push(change as unknown as C);
      this.#count(this.#weigh(change as unknown as C));
    }
    this.#complete = complete;
  }

  /** The revision after which no change is missing. */
  get complete(): number {
    return this.#complete;
  }

  /**
   * Revision from which on a watcher is not about to fall behind: the middle of the kept changes once the log is more than half full,
   * `complete` before that.
   */
  get aging(): number {
    const { length } = this.#changes;
    if (length * 2 <= this.limits.watchHistory && this.#bytes * 2 <= MOST_BYTES) return this.#complete;
    return this.#changes.at(length >> 1).revision;
  }

  add(change: C): void {
    this.#changes.push(change);
    this.#count(this.#weigh(change));
    while (this.#changes.length > this.limits.watchHistory || (this.#bytes > MOST_BYTES && this.#changes.length > 1)) {
      const dropped = this.#changes.shift()!;
      this.#count(-this.#weigh(dropped));
      this.#complete = dropped.revision;
    }
  }

  /** Returns a page of the changes since a revision that satisfy `concerns`. `all` is true if the page reaches the latest change. */
  since(revision: number, concerns: (change: C) => boolean): { changes: C[]; all: boolean } {
    const pageBytes = Math.min(PAGE.bytes, this.limits.maxMessageBytes / 2);
    let bytes = 0;
    const changes: C[] = [];
    for (let i = this.#indexAfter(revision); i < this.#changes.length; i++) {
      const change = this.#changes.at(i);
      if (!concerns(change)) continue;
      bytes += this.#weigh(change);
      if (changes.length === PAGE.changes || (bytes > pageBytes && changes.length > 0)) return { changes, all: false };
      changes.push(change);
    }
    return { changes, all: true };
  }

  /** Keeps nothing any more. */
  end(): void {
    this.#count(-this.#bytes);
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    this.use.memory += bytes;
  }

  #weigh(change: C): number {
    return CHANGE_BYTES + this.bytesOf(change);
  }

  /** Returns the index of the first change after a revision. */
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
