/** Who listens to which signal: one listener a signal for all of them, since Node warns of more than ten. */
export class Aborts {
  readonly #listening = new WeakMap<AbortSignal, Set<() => void>>();

  /** Calls back when the signal aborts. */
  add(signal: AbortSignal, told: () => void): void {
    const known = this.#listening.get(signal);
    if (known !== undefined) {
      known.add(told);
      return;
    }
    const all = new Set([told]);
    this.#listening.set(signal, all);
    signal.addEventListener('abort', () => all.forEach((one) => one()), { once: true });
  }

  delete(signal: AbortSignal, told: () => void): void {
    this.#listening.get(signal)?.delete(told);
  }
}
