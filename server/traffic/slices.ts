/** Time of each turn of the event loop that brief clients may take, and as much again for the others, in milliseconds. */
const TURN_MS = 2;
/** Time after which a turn is watched for its end, in milliseconds: single calls on a quiet manager do not pay for it. */
const WATCHED_MS = TURN_MS / 8;
/** Time up to which a client is brief, in milliseconds. */
const BRIEF_MS = 0.5;
/**
 * Longest time that counts, in milliseconds, and the weights of a longer and of a shorter time than expected: a pause of the whole process, or of
 * the machine, is not the client's that it hits.
 */
const LONGEST_MS = 4 * BRIEF_MS;
const RISE = 1 / 16;
const FALL = 1 / 4;

/** The time that one client takes before it waits for answers, or for its next slice. */
export class Share {
  /** Expected time, in milliseconds. A new client becomes brief by its first short time. */
  #expected = BRIEF_MS;

  took(ms: number): void {
    const more = Math.min(ms, LONGEST_MS) - this.#expected;
    this.#expected += more * (more > 0 ? RISE : FALL);
  }

  get isBrief(): boolean {
    return this.#expected < BRIEF_MS;
  }
}

/** Clients that go on one after another, and have a part of each turn. */
class Line {
  /** Time taken in this turn, in milliseconds; also in turns before it that took too little to be watched. */
  spent = 0;
  readonly waiting: (() => void)[] = [];

  get left(): number {
    return Math.max(0, TURN_MS - this.spent);
  }
}

/**
 * Shares the time of the event loop among all clients: where a turn has no time for all their calls, the rest waits for a later one. Clients with
 * little to do in each turn stand in a line of their own, so that they do not wait for those with more, however many these are.
 */
export class Slices {
  readonly #brief = new Line();
  readonly #long = new Line();
  #armed = false;
  /** True if no further call starts in this turn. */
  over = false;

  /** Time that is left for a client in this turn, in milliseconds. */
  left(share: Share): number {
    return this.#lineOf(share).left;
  }

  /** True if a client may make a call now; otherwise it has to wait for {@link later}. */
  admits(share: Share): boolean {
    const { waiting, left } = this.#lineOf(share);
    return !this.over && waiting.length === 0 && left > 0;
  }

  /** Starts a call now, if its client may make one, and otherwise in a later turn. @param took gets the milliseconds that it took */
  run(share: Share, call: () => void, took: (ms: number) => void): void {
    const timed = (): void => {
      const began = performance.now();
      call();
      const ms = performance.now() - began;
      this.took(share, ms);
      took(ms);
    };
    if (this.admits(share)) timed();
    else this.later(share, timed);
  }

  /** Calls of a client have taken some time. */
  took(share: Share, ms: number): void {
    const line = this.#lineOf(share);
    line.spent += ms;
    share.took(ms);
    if (line.spent >= WATCHED_MS) this.#arm();
  }

  /** Ends this turn: no further call starts in it. So there is time to let go of all that is not needed any more. */
  end(): void {
    this.over = true;
    this.#arm();
  }

  /** Has a client go on in a later turn. */
  later(share: Share, goOn: () => void): void {
    this.#lineOf(share).waiting.push(goOn);
    this.#arm();
  }

  #lineOf(share: Share): Line {
    return share.isBrief ? this.#brief : this.#long;
  }

  #arm(): void {
    if (this.#armed) return;
    this.#armed = true;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#armed = false;
    this.over = false;
    for (const line of [this.#brief, this.#long]) {
      line.spent = 0;
      while (line.waiting.length > 0 && line.left > 0 && !this.over) line.waiting.shift()!();
      if (line.waiting.length > 0) this.#arm();
    }
  }
}
