/**
 * What is to be done when signals abort. A signal gets one listener, however many calls are made under
 * it: Node warns of more than ten, and looks through all of them for each that comes or goes.
 */
export class Aborts {
  readonly #groups = new Map<AbortSignal, Group>();

  /** Runs it when the signal aborts, in the order in which they were added. */
  add(signal: AbortSignal, run: () => void): void {
    let group = this.#groups.get(signal);
    if (group === undefined) {
      this.#groups.set(signal, (group = new Group()));
      signal.addEventListener('abort', group.run, { once: true });
    }
    group.all.add(run);
  }

  /** It is over: the abort does not concern it any more. */
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
