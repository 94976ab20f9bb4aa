import { ManagerUnavailableError, type ManagerError } from '../../../proto/errors.js';
import { LeaseClock, SHARE } from './lease-clock.js';
import type { ProvenTime } from './proven-time.js';

/**
 * The lease of a session with a manager on another host, on the client's clock. The connection may look whole and carry nothing, so only what
 * the manager answered counts: the session's hello and its heartbeats. Their thread goes on while this one is busy, which learns afterwards
 * whether it still has what it held.
 */
export class RemoteLeaseClock extends LeaseClock {
  #timer: NodeJS.Timeout | undefined;
  #holding = false;

  constructor(
    ms: number,
    private readonly proven: ProvenTime,
    /** Called when the lease is over while the session holds something. */
    private readonly over: (reason: ManagerError) => void,
  ) {
    super(ms, () => {});
  }

  /** A message that the manager sent of itself does not show what has reached it. */
  override heard(): void {}

  override resumed(time: number): void {
    this.proven.prove(process.hrtime.bigint() - BigInt(Math.ceil((performance.now() - time) * 1e6)));
  }

  override cut(): void {}

  override left(): number {
    return SHARE * this.ms - this.proven.ageMs;
  }

  override guard(holding: boolean): void {
    this.#holding = holding;
    clearTimeout(this.#timer);
    if (holding) this.#watch();
  }

  #watch(): void {
    const look = (): void => {
      this.check();
      if (this.#holding) this.#watch();
    };
    this.#timer = setTimeout(look, Math.max(1, this.left())).unref();
  }

  override check(holding = this.#holding): void {
    if (!holding || this.left() > 0) return;
    this.guard(false);
    const silence = `the manager last answered a heartbeat that was sent ${Math.round(this.proven.ageMs)} ms ago`;
    this.over(new ManagerUnavailableError(`${silence}, and the lease is ${this.ms} ms`));
  }
}
