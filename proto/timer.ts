/** Longest delay of a timer of Node, 24.8 days; a longer one fires at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** A timer of any length; with `Infinity` it never fires. */
export class Timer {
  #timeout: NodeJS.Timeout;
  #keepsAlive = true;

  constructor(
    ms: number,
    private readonly run: () => void,
  ) {
    this.#timeout = this.#start(ms);
  }

  #start(ms: number): NodeJS.Timeout {
    if (ms <= LONGEST_MS) return setTimeout(this.run, ms);
    return setTimeout(() => {
      this.#timeout = this.#start(ms - LONGEST_MS);
      if (!this.#keepsAlive) this.#timeout.unref();
    }, LONGEST_MS);
  }

  /** Lets the program end before the timer fires. */
  unref(): this {
    this.#keepsAlive = false;
    this.#timeout.unref();
    return this;
  }

  /** Keeps the program alive until the timer fires or is stopped, as a new timer does. */
  ref(): this {
    this.#keepsAlive = true;
    this.#timeout.ref();
    return this;
  }

  /** Stops the timer: it no longer fires. */
  stop(): void {
    clearTimeout(this.#timeout);
  }
}
