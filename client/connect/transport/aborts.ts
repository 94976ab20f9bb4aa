/**
 * Callbacks for signals that abort. Each signal gets one listener, however many calls use it: Node warns of more than ten, and searches all
 * of them whenever one is added or removed.
 */
export class Aborts {
  readonly #groups = new Map<AbortSignal, Group>();

  /** Adds a callback. The callbacks of a signal run in the order in which they were added. */
  add(signal: AbortSignal, run: () => void): void {
    let group = this.#groups.get(signal);
    if (group === undefined) {
      this.#groups.set(signal, (group = new Group()));
      signal.addEventListener('abort', group.run, { once: true });
    }
    group.all.add(run);
  }

  /** Removes a callback. */
  delete(signal: AbortSignal, run: () => void): void {
    const group = this.#groups.get(signal);
    if (!group?.all.delete(run) || group.all.size > 0) return;
    this.#groups.delete(signal);
    signal.removeEventListener('abort', group.run);
  }
}

class Group {
  readonly all = new Set<() => void>();
  readonly run = (): void => {
    for (const run of this.all) run();
  };
}
