import { LEASE_MS } from '../../../proto/session-stream.js';

/** Part of the lease after which the client takes its session for ended, before the manager does. */
export const SHARE = 0.9;
/** Number of pings per lease while the session holds something. */
const PINGS = 4;

/** Lease of a session, as the client asks for it. */
export interface LeaseOptions {
  /** Milliseconds for which the session lives without a connection. */
  readonly ms: number;
  /** True if the session also ends when this thread's event loop does not turn for as long. */
  readonly tied: boolean;
}

export const DEFAULT_LEASE: LeaseOptions = { ms: LEASE_MS, tied: false };

/**
 * The lease of a session on the client's clock. It ends before the manager's, so that a hold is known to be lost here before another client
 * can have it. The manager's lease begins when it finds the connection broken. The client may find that much later, for example after it was
 * stopped; so while the session holds something, its lease counts from the last moment at which the connection is known to have been whole.
 */
export class LeaseClock {
  #wholeAt = -Infinity;
  #cut = false;
  #pings: NodeJS.Timeout | undefined;

  constructor(
    protected readonly ms: number,
    private readonly ping: (answered: () => void) => void,
  ) {}

  /** A message arrived, and the connection was whole at that time. */
  heard(time: number): void {
    this.#whole(time);
  }

  /** The session was opened or resumed by a hello that was sent at that time. */
  resumed(time: number): void {
    this.#cut = false;
    this.#whole(time);
  }

  /** The connection was found broken. */
  cut(): void {
    if (this.#pings === undefined) this.#whole(performance.now());
    this.#cut = true;
  }

  #whole(time: number): void {
    if (time > this.#wholeAt) this.#wholeAt = time;
  }

  /** Milliseconds left, from when the connection is found broken. */
  left(): number {
    return SHARE * this.ms - (this.#cut ? performance.now() - this.#wholeAt : this.unprovenMs());
  }

  /** Milliseconds since the connection was last known to be whole; 0 while the session holds nothing. */
  unprovenMs(): number {
    return this.#pings === undefined ? 0 : performance.now() - this.#wholeAt;
  }

  /** Sets whether the session holds something. */
  guard(holding: boolean): void {
    clearInterval(this.#pings);
    this.#pings = holding ? setInterval(() => this.prove(), this.ms / PINGS).unref() : undefined;
    if (holding) this.prove();
  }

  /**
   * Ends the session if its lease is over although its connection looks whole.
   * @param holding true if the session holds something, or is about to
   */
  check(_holding?: boolean): void {}

  /** Has the manager answer, which shows that all that was sent before has reached it. */
  prove(): void {
    const time = performance.now();
    this.ping(() => this.#whole(time));
  }
}

/**
 * The lease of a session that is tied to the event loop of its thread. The manager's begins with the last heartbeat that reached it, although
 * it may be heard much longer over a connection that is broken in one direction. So only answers to this client count, and each heartbeat
 * asks for one, because a lock may be granted at any time.
 */
export class TiedLeaseClock extends LeaseClock {
  override heard(): void {}
}
