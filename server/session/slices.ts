/** Time of a turn of the event loop that calls may take, in milliseconds, before clients with many calls have to wait for the next turn. */
const TURN_MS = 10;
/** Time from which on it counts, in milliseconds: most clients take much less. */
const COUNTED_MS = 1;

/**
 * Shares the time of the event loop among all clients with more calls than a turn has time for: in each turn they go on, one after another, for
 * no longer than that. The others are served in between, as they come.
 */
export class Slices {
  /** Time taken in this turn, in milliseconds. */
  #taken = 0;
  #waiting: (() => void)[] = [];
  #armed = false;
  /** True if no further call starts in this turn. */
  over = false;

  /** Time that is left in this turn, in milliseconds. */
  get left(): number {
    return Math.max(0, TURN_MS - this.#taken);
  }

  /** Starts a call now, if this turn has time for it, and otherwise in a later one. */
  run(call: () => void): void {
    if (this.left === 0 || this.over) return this.later(() => this.#run(call));
    this.#run(call);
  }

  #run(call: () => void): void {
    const began = performance.now();
    call();
    this.took(performance.now() - began);
  }

  /** Calls of a client have taken some time. */
  took(ms: number): void {
    if (ms < COUNTED_MS) return;
    this.#taken += ms;
    this.#arm();
  }

  /** Ends this turn: no further call starts in it. So there is time to let go of all that is not needed any more. */
  end(): void {
    this.over = true;
    this.#arm();
  }

  /** Has a client go on in a later turn. */
  later(goOn: () => void): void {
    this.#waiting.push(goOn);
    this.#arm();
  }

  #arm(): void {
    if (this.#armed) return;
    this.#armed = true;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#armed = false;
    this.#taken = 0;
    this.over = false;
    while (this.#waiting.length > 0 && this.left > 0 && !this.over) this.#waiting.shift()!();
    if (this.#waiting.length > 0) this.#arm();
  }
}
