import { ManagerUnavailableError, type ManagerError } from '../../../proto/errors.js';
import { SHARE, type LeaseClock } from './lease-clock.js';
import type { Outbox } from './outbox.js';

/** Number of heartbeats per lease. */
const BEATS = 5;

/**
 * Heartbeats of a session that is tied to the event loop of this thread. If the loop stood still for the length of the lease, the session has
 * ended in the manager, and ends here too. So it does if the session holds something, and none of its heartbeats may have arrived: a
 * connection that carries nothing may look whole from both sides.
 */
export class Heartbeats {
  readonly #timer: NodeJS.Timeout;
  #lastAt = performance.now();

  constructor(
    private readonly leaseMs: number,
    private readonly outbox: Outbox,
    private readonly lease: LeaseClock,
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
    const silentMs = Math.round(this.lease.unprovenMs());
    const limitMs = SHARE * this.leaseMs;
    if (pauseMs >= limitMs) this.#end(`the event loop stood still for ${pauseMs} ms`);
    else if (silentMs + this.leaseMs / BEATS >= limitMs) this.#end(`the manager did not respond for ${silentMs} ms`);
    else this.#ask();
  }

  #ask(): void {
    this.outbox.beat();
    this.lease.prove();
  }

  #end(why: string): void {
    this.late(new ManagerUnavailableError(`${why}, and the lease is ${this.leaseMs} ms`));
  }
}
