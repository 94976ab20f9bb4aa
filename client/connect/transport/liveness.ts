/** After how long without a word the manager is asked for a sign of life, while calls are unanswered. All in sweeps. */
const QUIET = 20;
/** As {@link QUIET}, while a call is beyond its own timeout, or its signal aborted. */
const QUIET_WHEN_LATE = 2;
/** How long the manager has for a sign of life until its silence is told. */
const SILENT = 20;

/** What follows from signs of life, and from none. */
export interface LivenessEvents {
  /** Asks the manager for a sign of life. */
  ask(): void;
  /** None came for seconds. */
  silent(): void;
  /** One came after that. */
  heard(): void;
}

/**
 * Whether the manager at the other end of a connection lives. It counts sweeps, not time: what came while this
 * program's own event loop was busy is read before the next sweep.
 */
export class Liveness {
  /** Sweeps so far. */
  sweeps = 0;
  #heardAt = 0;
  /** The sweep at which the manager was asked for a sign of life that has not come. */
  #askedAt: number | undefined;
  #silent = false;

  constructor(private readonly events: LivenessEvents) {}

  /** Whether the manager has given no sign of life for seconds. */
  get silent(): boolean {
    return this.#silent;
  }

  /** For how many sweeps a sign of life was asked for in vain. */
  get silence(): number {
    return this.#askedAt === undefined ? 0 : this.sweeps - this.#askedAt;
  }

  /** The manager gave a sign of life. */
  heard(): void {
    this.rest();
    this.#askedAt = undefined;
    if (!this.#silent) return;
    this.#silent = false;
    this.events.heard();
  }

  /** Nothing was expected of the manager until now. */
  rest(): void {
    this.#heardAt = this.sweeps;
  }

  /**
   * Asks for a sign of life where nothing came for too long, and tells of a silence.
   * @param late whether a call waits for its timeout or its abort to be answered
   */
  look(late: boolean): void {
    if (this.#askedAt === undefined && this.sweeps - this.#heardAt >= (late ? QUIET_WHEN_LATE : QUIET)) {
      this.#askedAt = this.sweeps;
      this.events.ask();
    }
    if (this.#silent || this.silence < SILENT) return;
    this.#silent = true;
    this.events.silent();
  }
}
