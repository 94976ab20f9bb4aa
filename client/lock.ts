import { TimeoutError } from '../proto/errors.js';
import { LockService, type Holder } from '../proto/gen/commonhold/v1/lock_wire.js';
import { Held, leaseMs, type AcquireOptions, type HoldCalls } from './held.js';
import { asItIs, attempt, nothing, Structure, type Home } from './structure.js';
import { milliseconds } from './wait.js';

const { methods } = LockService;

/** Who holds a lock. */
export interface HolderInfo {
  /** Names the hold. */
  readonly token: bigint;
  /** Session of the holder; empty for a unary call. */
  readonly sessionId: string;
  readonly host: string;
  readonly pid: number;
  /** What the holder calls itself. */
  readonly label: string;
  /** Milliseconds since the acquisition. */
  readonly heldFor: number;
  /** Milliseconds until the lease ends; undefined where there is none. */
  readonly leaseRemaining: number | undefined;
}

/**
 * A lock that many processes share. One holds it at a time; those who wait are served first come,
 * first served. The death of its holder's session frees it, and the next holder is told by
 * `abandoned`.
 */
export class Lock extends Structure {
  /** @internal */
  constructor(home: Home, name: string) {
    super(home, 'lock', name, { method: methods.open, request: { name, exclusive: false } }, false);
  }

  /**
   * Takes the lock, waiting for it. One round trip.
   * @throws TimeoutError when the timeout ends first; the signal's reason when it aborts; NotFoundError
   * when the lock is destroyed meanwhile
   */
  acquire(options?: AcquireOptions): Promise<Held> {
    return attempt(() => {
      const request = { name: this.name, timeoutMs: milliseconds('timeout', options?.timeout), leaseMs: leaseMs(options?.lease) };
      return this.call(methods.acquire, request, (granted) => new Held(this.home.transport, this.name, granted, this.#held), options);
    });
  }

  readonly #held: HoldCalls = {
    release: (token) => this.call(methods.release, { name: this.name, token }, nothing),
    extend: (token, ms) => this.call(methods.extend, { name: this.name, token, leaseMs: ms }, nothing),
  };

  /** Takes the lock if it is free; undefined otherwise. One round trip. */
  async tryAcquire(options: Omit<AcquireOptions, 'timeout'> = {}): Promise<Held | undefined> {
    try {
      return await this.acquire({ ...options, timeout: 0 });
    } catch (error) {
      if (error instanceof TimeoutError) return undefined;
      throw error;
    }
  }

  /**
   * Runs a task while holding the lock, and releases it however the task ends. The task's signal
   * aborts when the lock is lost. Two round trips.
   */
  async run<R>(task: (signal: AbortSignal, held: Held) => R | Promise<R>, options: AcquireOptions = {}): Promise<R> {
    await using held = await this.acquire(options);
    return await task(held.signal, held);
  }

  /** Whether someone holds the lock. One round trip. */
  async locked(): Promise<boolean> {
    return (await this.holder()) !== undefined;
  }

  /** Who holds the lock, or undefined. One round trip. */
  async holder(): Promise<HolderInfo | undefined> {
    const { holder } = await this.call(methods.holder, { name: this.name }, asItIs);
    return holder && holderInfo(holder);
  }
}

/** @internal */
export function holderInfo({ token, sessionId, host, pid, label, heldMs, leaseRemainingMs }: Holder): HolderInfo {
  return { token: BigInt(token), sessionId, host, pid, label, heldFor: heldMs, leaseRemaining: leaseRemainingMs };
}
