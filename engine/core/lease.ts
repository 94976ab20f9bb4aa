import type { Caller, SessionResource } from '../../proto/contract.js';
import { InvalidArgumentError, LockLostError, NotOwnerError, type ManagerError } from '../../proto/errors.js';
import type { Holder } from '../../proto/gen/commonhold/v1/lock_wire.js';
import type { ClockTimer, Timers } from './clock.js';

/** Default lease of a hold by a unary call, which has no session to end it. */
const UNARY_LEASE_MS = 30_000;
/** Number of expired holds that an object remembers, to tell their holders why they lost them. */
const REMEMBERED = 64;

/** Called when a hold ends without a release: `died` when its session ends, `expired` when its lease ends. */
export interface LeaseEvents {
  died(): void;
  expired(): void;
}

/** One hold of a lock or of permits, from grant to release. */
export class Lease implements SessionResource {
  readonly #since: number;
  #timer: ClockTimer | undefined;
  #leaseEnd: number | undefined;

  constructor(
    private readonly clock: Timers,
    readonly caller: Caller,
    readonly token: number,
    leaseMs: number | undefined,
    readonly ends: LeaseEvents,
  ) {
    this.#since = clock.now;
    caller.holds.add(this);
    const lease = leaseMs ?? (caller.id === '' ? UNARY_LEASE_MS : undefined);
    if (lease !== undefined) this.startLease(lease);
  }

  abandon(): void {
    this.ends.died();
  }

  startLease(ms: number): void {
    this.#timer?.stop();
    this.#leaseEnd = this.clock.now + ms;
    this.#timer = this.clock.after(ms, () => this.ends.expired());
  }

  end(): void {
    this.#timer?.stop();
    this.caller.holds.delete(this);
  }

  describe(): Holder {
    const { id, host, pid, label } = this.caller;
    const { now } = this.clock;
    const leaseRemainingMs =
      this.#leaseEnd === undefined ? undefined : Math.min(Math.max(0, Math.round(this.#leaseEnd - now)), Number.MAX_SAFE_INTEGER);
    const heldMs = Math.round(now - this.#since);
    return { token: this.token, sessionId: id, host, pid, label, heldMs, leaseRemainingMs, owner: '', levels: 1 };
  }
}

/** The latest holds of an object that ended with their lease. */
export class LostHolds {
  readonly #tokens = new Set<number>();

  constructor(readonly object: string) {}

  add(token: number): void {
    this.#tokens.add(token);
    if (this.#tokens.size > REMEMBERED) this.#tokens.delete(this.#tokens.values().next().value!);
  }

  /** Creates the error for a token that holds nothing. */
  refusal(token: number): ManagerError {
    const { object } = this;
    if (this.#tokens.has(token)) return new LockLostError(`token ${token} no longer holds "${object}": its lease ended`, { object });
    return new NotOwnerError(`token ${token} does not hold "${object}"`, { object });
  }
}

/** Refuses a lease of 0 ms. @throws InvalidArgumentError */
export function checkLease(object: string, leaseMs: number | undefined): void {
  if (leaseMs === 0) throw new InvalidArgumentError('a lease of 0 ms is over before it begins: give at least 1', { object });
}
