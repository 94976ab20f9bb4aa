import type { ManagerError } from '../../../proto/errors.js';

/**
 * Number of sweeps without a message, while calls are unanswered, after which the manager is pinged. All times in this file are in sweeps.
 */
const QUIET = 20;
/** As {@link QUIET}, while a call is past its own timeout, or its signal aborted. */
const QUIET_WHEN_LATE = 2;
/** Number of sweeps without a response to the ping after which the manager is reported silent. */
const SILENT = 20;

/** Events of a {@link Liveness}. */
export interface LivenessEvents {
  /** Pings the manager. */
  ask(): void;
  /** The manager does not respond. @param reason set if the connection broke */
  silent(reason?: ManagerError): void;
  /** The manager responds again after a silence. */
  heard(): void;
}

/**
 * Detects whether the manager at the other end of a connection is responsive. It counts sweeps, not time: messages that arrived while this
 * program's own event loop was busy are read before the next sweep.
 */
export class Liveness {
  /** Number of sweeps so far. */
  sweeps = 0;
  #heardAt = 0;
  /** The sweep of the unanswered ping. */
  #askedAt: number | undefined;
  #silent = false;

  constructor(private readonly events: LivenessEvents) {}

  /** True if the manager has not responded for seconds. */
  get silent(): boolean {
    return this.#silent;
  }

  /** Number of sweeps since the unanswered ping. */
  get silence(): number {
    return this.#askedAt === undefined ? 0 : this.sweeps - this.#askedAt;
  }

  /** Records a message of the manager. */
  heard(): void {
    this.rest();
    this.#askedAt = undefined;
    if (!this.#silent) return;
    this.#silent = false;
    this.events.heard();
  }

  /** The connection broke: the manager is silent at once. */
  cut(reason: ManagerError): void {
    this.#askedAt ??= this.sweeps;
    if (this.#silent) return;
    this.#silent = true;
    this.events.silent(reason);
  }

  /** Restarts the count of quiet sweeps, because no answer was expected until now. */
  rest(): void {
    this.#heardAt = this.sweeps;
  }

  /**
   * Pings the manager after too many quiet sweeps, and reports a silence.
   * @param late true if a call is past its timeout or abort and still unanswered
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
