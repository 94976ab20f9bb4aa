import type { CallContext } from '../../../proto/contract.js';
import type { DeadlockError } from '../../../proto/errors.js';
import type { Holder } from '../../../proto/gen/commonhold/v1/lock_wire.js';
import type { Clock } from '../../core/clock.js';
import type { Future } from '../../core/future.js';
import type { HoldTokens } from '../../core/hold-tokens.js';
import { lockedTooLong } from '../../core/late.js';
import { LostHolds } from '../../core/lease.js';
import type { Ownership } from '../../core/ownership.js';
import type { Restoring } from '../../core/restoring.js';
import { cycleAlong, deadlock, victim, type Cycle } from './deadlock.js';
import { LockQueue, requestState, type Lockable, type LockRequest } from './lock-queue.js';
import type { WaitGraph } from './wait-for-graph.js';
import type { Waiter } from './waiters.js';

/** State that all locks of a manager share. */
export interface Exclusion {
  readonly tokens: HoldTokens;
  readonly waits: WaitGraph;
}

/** The part of each lock in which requests wait for holds to end, and fail if that would never happen. */
export abstract class QueuedLock implements Lockable {
  readonly queue: LockQueue;
  protected readonly lost: LostHolds;
  readonly #clock: Clock;
  #changedHandsAt = 0;

  constructor(
    readonly name: string,
    readonly exclusion: Exclusion,
    gaveUp?: () => void,
  ) {
    this.lost = new LostHolds(name);
    this.#clock = exclusion.tokens.clock;
    this.queue = new LockQueue(this.#clock, this, exclusion.waits, gaveUp);
  }

  abstract readonly ownerships: Iterable<Ownership>;
  abstract readonly selfWait: string;
  /** Number of holders. */
  abstract readonly held: number;
  /** Describes the holders. */
  abstract holders(): Iterable<Holder>;

  get waiters(): number {
    return this.queue.size;
  }

  get changedHandsAt(): number {
    return this.#changedHandsAt;
  }

  /** The requests that wait, in the order in which they are served. */
  requests(): Iterable<LockRequest> {
    return this.queue.requests();
  }

  protected queueState() {
    return { changedHandsAt: this.#changedHandsAt, lost: this.lost.state(), queue: this.queue.state(requestState) };
  }

  protected restoreQueue({ changedHandsAt, lost, queue }: ReturnType<QueuedLock['queueState']>, restoring: Restoring): void {
    this.#changedHandsAt = changedHandsAt;
    this.lost.restore(lost);
    this.queue.restore(queue, restoring);
  }

  /**
   * Waits for the holds to end. A wait that would close a cycle of owners fails at once with a DeadlockError. With a timeout of 0 it would not
   * wait, so the check is left out.
   */
  protected wait(context: CallContext, request: LockRequest, timeoutMs: number | undefined): Future<unknown> {
    const cycle = timeoutMs === 0 || request.owner === undefined ? undefined : this.#closedBy(request);
    if (cycle) throw deadlock(cycle, cycle[0]!);
    return this.queue.wait(context, request, timeoutMs, (_request, late) => lockedTooLong(this.name, first(this.holders()), late));
  }

  /** Fails a wait of each cycle that a request would close by waiting. Returns its error if it is the one to fail. */
  protected endCyclesOf(request: LockRequest): DeadlockError | undefined {
    return this.#endCycles(() => this.#closedBy(request));
  }

  /**
   * Called when the lock goes to a request while others stay in the queue. They now wait for another holder, which closes a cycle if this
   * holder, or an owner that acts for it, waits for something else at the same time.
   */
  protected changedHands(): void {
    const { waits } = this.exclusion;
    this.#changedHandsAt = this.#clock.now;
    waits.changedHands();
    this.#endCycles(() => {
      const path = waits.path(this, (holder) => waits.waitsFor(holder, this));
      return path && cycleAlong(path);
    });
  }

  /** Finds the cycle that a request would close by waiting for this lock. */
  #closedBy(request: LockRequest): Cycle | undefined {
    const path = this.exclusion.waits.path(this, (holder) => holder.admits(request.caller, request.owner));
    return path && cycleAlong(path, request);
  }

  /** Fails one wait of each cycle until none is left. Returns an error if the victim is the request that is not queued yet. */
  #endCycles(find: () => Cycle | undefined): DeadlockError | undefined {
    for (let cycle = find(); cycle !== undefined; cycle = find()) {
      const link = victim(cycle);
      const error = deadlock(cycle, link);
      // The victim resumes a hold only if all requests of the cycle do. Then its hold is lost.
      link.request.loseHold?.();
      if (link.waiter === undefined) return error;
      link.waiter.giveUp(error);
    }
    return undefined;
  }
}

function first<T>([item]: Iterable<T>): T | undefined {
  return item;
}

/** Grants the lock to a waiting request. */
export function give(waiter: Waiter<LockRequest, unknown>): void {
  try {
    waiter.succeed(waiter.want.take());
  } catch (error) {
    waiter.fail(error as Error);
  }
}
