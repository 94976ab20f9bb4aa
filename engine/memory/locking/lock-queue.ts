import type { CallContext, Caller } from '../../../proto/contract.js';
import type { State, Stateful } from '../../../proto/state.js';
import type { Ownership } from '../../core/ownership.js';
import { stateOf } from '../../core/state.js';
import { WaitList, type Waiter } from './waiters.js';
import type { Clock } from '../../core/clock.js';

/** A request that waits in the queue of a lock. */
export interface LockRequest {
  take(): unknown;
  readonly caller: Caller;
  /**
   * Name of the owner. Other requests of that owner, or of owners that act for it, may enter together. If undefined, the request is its own
   * owner, which holds nothing while it waits.
   */
  readonly owner: string | undefined;
  /** Time of the request, on the clock of performance.now(). */
  readonly since: number;
  /** True if it has no timeout. */
  readonly endless: boolean;
  /** The suspended hold that it resumes, if it does. */
  readonly resumes: Ownership | undefined;
  /** The request as data: what `take` does. */
  readonly asked: State | Stateful;
}

/** An object that one owner holds and others wait for. */
export interface Lockable {
  readonly name: string;
  /** The current hold. Never undefined while requests wait. */
  readonly ownership: Ownership | undefined;
  readonly queue: LockQueue;
  /** Time at which it last went to a request of the queue while others stayed in it, on the clock of performance.now(). */
  readonly changedHandsAt: number;
}

/** Gets an event for each request that joins or leaves a queue. */
export interface Registrar {
  joined(lockable: Lockable, request: LockRequest): void;
  left(lockable: Lockable, request: LockRequest): void;
}

/** The queue of a mutex: first come, first served. */
export class LockQueue extends WaitList<LockRequest, unknown> {
  constructor(
    clock: Clock,
    readonly lockable: Lockable,
    readonly registrar: Registrar,
  ) {
    super(clock);
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

  /** Returns the time since which a call waits here that begins to wait now, or waits again after it was restored. */
  since(context: CallContext): number {
    const place = this.placeOf(context)?.want as StateOfRequest | undefined;
    return place?.since ?? this.clock.now;
  }

  /** Finds the first request that may enter together with the hold. */
  firstOf(ownership: Ownership): Waiter<LockRequest, unknown> | undefined {
    let waiter = this.first;
    while (waiter && !ownership.admits(waiter.want.caller, waiter.want.owner)) waiter = waiter.next;
    return waiter;
  }

  /** Yields the requests in order of arrival. */
  *requests(): Generator<LockRequest, void, undefined> {
    for (let waiter = this.first; waiter !== undefined; waiter = waiter.next) yield waiter.want;
  }
}

export type StateOfRequest = ReturnType<typeof requestState>;

/** The state of a request. */
export function requestState({ owner, since, asked }: LockRequest) {
  return { owner, since, asked: stateOf(asked) };
}
