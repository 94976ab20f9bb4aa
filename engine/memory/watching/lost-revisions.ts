import type { Stateful } from '../../../proto/state.js';

/** Maximum number of jumps. A manager would have to be restarted that often within the lifetime of a watch. */
const MOST_JUMPS = 1000;

/** The revisions between two: the last one before a start of the manager, and the last one that it will not give after it. */
type Jump = readonly [before: number, base: number];

/**
 * The revisions that a manager jumped over when it was started again. With `--durability async` some of them may have been given in turns
 * that were lost: a client that has one of them knows of changes that never happened.
 */
export class LostRevisions implements Stateful {
  /** In ascending order. */
  readonly #jumps: Jump[] = [];

  state(): readonly Jump[] {
    return this.#jumps.slice();
  }

  restore(jumps: readonly Jump[]): void {
    this.#jumps.push(...jumps);
  }

  /** Adds a jump. Of too many, the two oldest become one, with everything between them. */
  add(before: number, base: number): void {
    if (base <= before) return;
    this.#jumps.push([before, base]);
    if (this.#jumps.length > MOST_JUMPS) this.#jumps.splice(0, 2, [this.#jumps[0]![0], this.#jumps[1]![1]]);
  }

  has(revision: number): boolean {
    return this.#jumps.some(([before, base]) => before < revision && revision < base);
  }
}
