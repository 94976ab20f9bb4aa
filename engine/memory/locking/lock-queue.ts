import type { Caller } from '../../../proto/contract.js';
import type { State, Stateful } from '../../../proto/state.js';
import type { LockMode } from '../../core/lock-modes.js';
import type { Ownership } from '../../core/ownership.js';
import { stateOf } from '../../core/state.js';
import { WaitList, type Waiter } from './waiters.js';
import type { Clock } from '../../core/clock.js';

/** A call that waits for a lock or for permits, as reports show it. */
export interface WaitingRequest {
  readonly caller: Caller;
  /** Time of the request, on the clock of performance.now(). */
  readonly since: number;
  /** Priority among the requests that wait, lowest first. */
  readonly priority: number;
  /** The mode in which it wants a reader-writer lock. */
  readonly mode?: LockMode | undefined;
  /** The permits that it wants of a semaphore. */
  readonly permits?: number | undefined;
  /**
   * Name of the owner. Other requests of that owner, or of owners that act for it, may enter together. If undefined, the request is its own
   * owner, which holds nothing while it waits.
   */
  readonly owner?: string | undefined;
}

/** A request that waits in the queue of a lock. */
export interface LockRequest extends WaitingRequest {
  take(): unknown;
  /** True if it has no timeout. */
  readonly endless: boolean;
  /** Set if it resumes a suspended hold: ends that hold. */
  readonly loseHold?: (() => void) | undefined;
  /** The request as data: what `take` does. */
  readonly asked: State | Stateful;
}

/** An object that owners hold and others wait for. */
export interface Lockable {
  readonly name: string;
  /** The holds for each of which all requests wait: one, several that read, or none if permits may come back by others. */
  readonly ownerships: Iterable<Ownership>;
  /** Ends the error message for an owner that would wait for its own hold. */
  readonly selfWait: string;
  readonly queue: LockQueue;
  /** Time at which it last went to a request of the queue while others stayed in it, on the clock of performance.now(). */
  readonly changedHandsAt: number;
}

/** Gets an event for each request that joins or leaves a queue. */
export interface Registrar {
  joined(lockable: Lockable, request: LockRequest): void;
  left(lockable: Lockable, request: LockRequest): void;
}

/** The queue of a lock, in the order of priority. */
export class LockQueue extends WaitList<LockRequest, unknown> {
  constructor(
    clock: Clock,
    readonly lockable: Lockable,
    readonly registrar: Registrar,
    /** Called when a request left before its turn, because the ones behind it may be able to go on. */
    gaveUp?: () => void,
  ) {
    super(clock, gaveUp, ({ priority }) => priority);
  }

  override add(...args: Parameters<WaitList<LockRequest, unknown>['add']>): Waiter<LockRequest, unknown> {
    const waiter = super.add(...args);
    // The graph of waits is restored as a whole.
    if (this.placeOf(waiter.context) !== undefined) return waiter;
    this.registrar.joined(this.lockable, waiter.want);
    return waiter;
  }

  override remove(waiter: Waiter<LockRequest, unknown>): void {
    super.remove(waiter);
    this.registrar.left(this.lockable, waiter.want);
  }

  /** Finds the first request that may enter together with the hold. */
  firstOf(ownership: Ownership): Waiter<LockRequest, unknown> | undefined {
    return this.allOf(ownership).next().value;
  }

  /** Yields the requests that may enter together with the hold. Each may leave the queue before the next one. */
  *allOf(ownership: Ownership): Generator<Waiter<LockRequest, unknown>, undefined, undefined> {
    for (let waiter = this.first, next; waiter !== undefined; waiter = next) {
      ({ next } = waiter);
      if (ownership.admits(waiter.want.caller, waiter.want.owner)) yield waiter;
    }
  }

  /** Yields the requests in the order in which they are served. */
  *requests(): Generator<LockRequest, void, undefined> {
    for (const { want } of this) yield want;
  }
}

export type StateOfRequest = ReturnType<typeof requestState>;

/** The state of a request. */
export function requestState({ owner, since, priority, asked }: LockRequest) {
  return { owner, since, priority, asked: stateOf(asked) };
}
