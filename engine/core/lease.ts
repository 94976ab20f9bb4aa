import type { Caller, HandedOver, SessionResource } from '../../proto/contract.js';
import { InvalidArgumentError, LockLostError, NotOwnerError, type ManagerError } from '../../proto/errors.js';
import type { Holder } from '../../proto/gen/commonhold/v1/lock_wire.js';
import type { State, Stateful, StateOf } from '../../proto/state.js';
import { boundedMs, timerState, type ClockTimer, type Timers } from './clock.js';
import type { Restoring } from './restoring.js';
import { callerState } from './state.js';
import { OVERHEAD, type Use } from './use.js';

/** Default lease of a hold by a unary call, which has no session to end it. */
const UNARY_LEASE_MS = 30_000;
/** Number of expired holds that an object remembers, to tell their holders why they lost them. */
const REMEMBERED = 64;

/** Called when a hold ends without a release. */
export interface LeaseEvents {
  /** Its session ended. */
  died(): void;
  /** Its lease ended. */
  expired(): void;
  /** The response that handed it over was not acknowledged. @param died true if that is because its session ended */
  givenBack?(died: boolean): void;
}

/** The time of leases, and the count of their memory, where something counts it. */
export interface LeaseSource {
  readonly clock: Timers;
  readonly use?: Use | undefined;
}

/** One hold of a lock or of permits, from grant to release. */
export class Lease implements SessionResource, HandedOver {
  /** True if it is the hold of a lock that was abandoned before it, and will be again if this hold is given back. */
  foundAbandoned = false;
  #since: number;
  #timer: ClockTimer | undefined;
  #leaseEnd: number | undefined;
  #ended = false;

  constructor(
    private readonly source: LeaseSource,
    readonly caller: Caller,
    readonly token: number,
    leaseMs: number | undefined,
    readonly ends: LeaseEvents,
  ) {
    this.#since = source.clock.now;
    caller.holds.add(this);
    this.#count(1);
    const lease = leaseMs ?? (caller.id === '' ? UNARY_LEASE_MS : undefined);
    if (lease !== undefined) this.startLease(lease);
  }

  abandon(): void {
    this.ends.died();
  }

  giveBack(_taken: number, died: boolean): void {
    this.ends.givenBack?.(died);
  }

  identity(): State {
    return this.token;
  }

  state() {
    const { token, caller, foundAbandoned } = this;
    return { token, caller: callerState(caller), since: this.#since, foundAbandoned, timer: timerState(this.#timer), end: this.#leaseEnd };
  }

  restore({ since, foundAbandoned, timer, end }: StateOf<Lease>, restoring: Restoring): void {
    this.#since = since;
    this.foundAbandoned = foundAbandoned;
    this.#leaseEnd = end;
    this.#timer = restoring.timer(timer, () => this.ends.expired());
    restoring.leases.set(this.token, this);
  }

  startLease(ms: number): void {
    this.#timer?.stop();
    const { clock } = this.source;
    this.#leaseEnd = clock.now + ms;
    this.#timer = clock.after(ms, () => this.ends.expired());
  }

  /** Does nothing if it has ended before. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#timer?.stop();
    this.caller.holds.delete(this);
    this.#count(-1);
  }

  #count(holds: 1 | -1): void {
    const { use } = this.source;
    if (use) use.memory += holds * OVERHEAD.hold;
  }

  describe(): Holder {
    const { id, host, pid, label } = this.caller;
    const { now } = this.source.clock;
    const leaseRemainingMs = this.#leaseEnd === undefined ? undefined : boundedMs(Math.round(this.#leaseEnd - now));
    const heldMs = Math.round(now - this.#since);
    return { token: this.token, sessionId: id, host, pid, label, heldMs, leaseRemainingMs, owner: '', levels: 1 };
  }
}

/** The latest holds of an object that ended with their lease. */
export class LostHolds implements Stateful {
  readonly #tokens = new Set<number>();

  constructor(readonly object: string) {}

  add(token: number): void {
    this.#tokens.add(token);
    if (this.#tokens.size > REMEMBERED) this.#tokens.delete(this.#tokens.values().next().value!);
  }

  /** Their tokens, the oldest first. */
  state(): number[] {
    return [...this.#tokens];
  }

  restore(tokens: readonly number[]): void {
    for (const token of tokens) this.#tokens.add(token);
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
