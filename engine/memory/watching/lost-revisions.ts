import type { Stateful } from '../../../proto/state.js';

/** Maximum number of spans. A manager would have to be restarted that often within the lifetime of a watch. */
const MOST_SPANS = 1000;

/** The revisions between two: the last one before a start of the manager, and the last one that it will not give after it. */
type Span = readonly [before: number, base: number];

/**
 * The revisions that a manager jumped over when it was started again. With `--durability async` some of them may have been given in turns
 * that were lost: a client that has one of them knows of changes that never happened.
 */
export class LostRevisions implements Stateful {
  /** In ascending order. */
  readonly #spans: Span[] = [];

  state(): readonly Span[] {
    return this.#spans.slice();
  }

  restore(spans: readonly Span[]): void {
    this.#spans.push(...spans);
  }

  /** Adds a jump. Of too many, the two oldest become one, with everything between them. */
  add(before: number, base: number): void {
    if (base <= before) return;
    this.#spans.push([before, base]);
    if (this.#spans.length > MOST_SPANS) this.#spans.splice(0, 2, [this.#spans[0]![0], this.#spans[1]![1]]);
  }

  has(revision: number): boolean {
    return this.#spans.some(([before, base]) => before < revision && revision < base);
  }
}
