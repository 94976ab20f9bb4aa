import { ManagerUnavailableError, type ManagerError } from '../../../proto/errors.js';
import { SHARE } from './lease-clock.js';
import type { Outbox } from './outbox.js';

/** Number of heartbeats per lease. */
const BEATS = 5;

/**
 * Heartbeats of a session that is tied to the event loop of this thread. If the loop stood still for the length of the lease, the session has
 * ended in the manager, and ends here too.
 */
export class Heartbeats {
  readonly #timer: NodeJS.Timeout;
  #lastAt = performance.now();

  constructor(
    private readonly leaseMs: number,
    private readonly outbox: Outbox,
    /** Called when the session has ended, or is about to. */
    private readonly late: (reason: ManagerError) => void,
  ) {
    this.#timer = setInterval(() => this.#beat(), leaseMs / BEATS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #beat(): void {
    const now = performance.now();
    const pauseMs = Math.round(now - this.#lastAt);
    this.#lastAt = now;
    if (pauseMs < SHARE * this.leaseMs) this.outbox.beat();
    else this.late(new ManagerUnavailableError(`the event loop stood still for ${pauseMs} ms, and the lease is ${this.leaseMs} ms`));
  }
}
