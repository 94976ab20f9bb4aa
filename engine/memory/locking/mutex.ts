import type { CallContext, Caller } from '../../../proto/contract.js';
import type { DeadlockError } from '../../../proto/errors.js';
import type { Holder } from '../../../proto/gen/commonhold/v1/lock_wire.js';
import type { State, Stateful, StateOf } from '../../../proto/state.js';
import { cycleAlong, deadlock, victim, type Cycle } from './deadlock.js';
import { LockQueue, requestState, type Lockable, type LockRequest } from './lock-queue.js';
import type { LockGrant, MutexStore } from '../../core/mutex-handlers.js';
import { Ownership, checkOwner } from '../../core/ownership.js';
import type { Future } from '../../core/future.js';
import type { Restoring } from '../../core/restoring.js';
import { found } from '../../core/state.js';
import { lockedTooLong } from '../../core/late.js';
import { LostHolds, Lease, checkLease } from '../../core/lease.js';
import type { Waiter } from './waiters.js';
import type { WaitGraph } from './wait-for-graph.js';
import type { Clock } from '../../core/clock.js';
import type { HoldTokens } from '../../core/hold-tokens.js';

/** State that all mutexes of a manager share. */
export interface Exclusion {
  readonly tokens: HoldTokens;
  readonly waits: WaitGraph;
}

/** Mutual exclusion under tokens, first come, first served. Locks, conditions and locked values are built on it. */
export class MemoryMutex implements Lockable, MutexStore, Stateful {
  #held: Ownership | undefined;
  #abandoned = false;
  readonly #clock: Clock;
  #changedHandsAt = 0;
  readonly #lost: LostHolds;
  readonly queue: LockQueue;
  /** Holds that are suspended during a wait on a condition, by the tokens of their levels. */
  readonly #suspended = new Map<number, Ownership>();

  constructor(
    readonly name: string,
    readonly exclusion: Exclusion,
    /** True if the owner of the hold may take further levels. */
    readonly reentrant = false,
  ) {
    this.#lost = new LostHolds(name);
    this.#clock = exclusion.tokens.clock;
    this.queue = new LockQueue(this.#clock, this, exclusion.waits);
  }

  get waiting(): number {
    return this.queue.size;
  }

  get held(): boolean {
    return this.#held !== undefined;
  }

  get ownership(): Ownership | undefined {
    return this.#held;
  }

  get changedHandsAt(): number {
    return this.#changedHandsAt;
  }

  state() {
    return {
      held: this.#held?.state(),
      abandoned: this.#abandoned,
      changedHandsAt: this.#changedHandsAt,
      lost: this.#lost.state(),
      queue: this.queue.state(requestState),
      suspended: Array.from(new Set(this.#suspended.values()), (ownership) => ownership.state()),
    };
  }

  restore({ held, abandoned, changedHandsAt, lost, queue, suspended }: StateOf<MemoryMutex>, restoring: Restoring): void {
    this.#held = held && this.#ownership(held, restoring);
    this.#abandoned = abandoned;
    this.#changedHandsAt = changedHandsAt;
    this.#lost.restore(lost);
    this.queue.restore(queue, restoring);
    for (const state of suspended) {
      const ownership = this.#ownership(state, restoring);
      for (const { token } of ownership.levels) this.#suspended.set(token, ownership);
    }
  }

  #ownership({ owner, firstToken, levels: states }: StateOf<Ownership>, restoring: Restoring): Ownership {
    const levels = states.map((state) => {
      const level = this.#level(restoring.caller(state.caller), state.token, undefined);
      level.restore(state, restoring);
      return level;
    });
    const ownership = new Ownership(levels[0]!, owner, firstToken);
    ownership.levels.push(...levels.slice(1));
    return ownership;
  }

  holder(): Holder | undefined {
    return this.#held?.describe();
  }

  /** @param owner name of the owner in the caller's session. Without a name the acquisition is its own owner */
  acquire(context: CallContext, timeoutMs: number | undefined, leaseMs: number | undefined, owner?: string): LockGrant | Future<LockGrant> {
    checkLease(this.name, leaseMs);
    const take = (): LockGrant => this.#grant(context, leaseMs, owner);
    if (this.reentrant && this.#held?.admits(context.session, owner)) return take();
    return this.whenFree(context, timeoutMs, owner, take, leaseMs);
  }

  /**
   * Runs `take` while the mutex is free, at once or after a wait. A wait that would close a cycle of owners fails at once with a
   * DeadlockError. With a timeout of 0 it would not wait, so the check is left out.
   * @param asked the request, for the state of the mutex while it waits
   */
  whenFree<R>(context: CallContext, timeoutMs: number | undefined, owner: string | undefined, take: () => R, asked: State): R | Future<R> {
    checkOwner(this.name, owner);
    if (this.#held === undefined) return take();
    const since = this.queue.since(context);
    const request = { take, caller: context.session, owner, since, endless: timeoutMs === undefined, resumes: undefined, asked };
    const cycle = timeoutMs === 0 || owner === undefined ? undefined : this.#closedBy(request);
    if (cycle) throw deadlock(cycle, cycle[0]!);
    return this.queue.wait(context, request, timeoutMs, (_request, late) => lockedTooLong(this.name, this.holder(), late)) as Future<R>;
  }

  /** Ends a hold. If it is suspended, it is not resumed. */
  release(token: number): void {
    this.#end(this.#levelOf(token));
  }

  extend(token: number, leaseMs: number): void {
    checkLease(this.name, leaseMs);
    this.#levelOf(token).startLease(leaseMs);
  }

  /** Returns true if the token holds the mutex now. False for a suspended hold. */
  holds(token: number): boolean {
    return this.#held?.level(token) !== undefined;
  }

  /** Throws unless the token holds the mutex now. */
  check(token: number): void {
    if (!this.holds(token)) throw this.#lost.refusal(token);
  }

  /**
   * Suspends a hold with all its levels while its owner waits for something else. {@link resume} takes the mutex back.
   * @param levelEnded called for each level that ends while the hold is suspended
   */
  suspend(token: number, levelEnded: (token: number, error: Error) => void): Ownership {
    this.check(token);
    const ownership = this.#held!;
    ownership.levelEnded = levelEnded;
    for (const level of ownership.levels) this.#suspended.set(level.token, ownership);
    this.#held = undefined;
    this.#serve();
    return ownership;
  }

  /**
   * Resumes a suspended hold, at once or at the end of the queue, and returns its position there. If that closes a cycle, another wait of
   * the cycle fails. If all the others resume holds too, this one fails and its hold is lost.
   * @param asked the wait that resumes it, for the state of the mutex while it waits
   */
  resume(
    ownership: Ownership,
    context: CallContext,
    resumed: () => void,
    failed: (error: Error) => void,
    asked: Stateful,
  ): Waiter<LockRequest, unknown> | undefined {
    const { caller, owner } = ownership;
    const take = (): void => this.#restore(ownership);
    if (this.#held === undefined || (this.reentrant && this.#held.admits(caller, owner))) {
      take();
      resumed();
      return undefined;
    }
    const request = { take, caller, owner, since: this.queue.since(context), endless: false, resumes: ownership, asked };
    const refused = this.#endCycles(() => this.#closedBy(request));
    if (refused === undefined) return this.queue.add(context, request, resumed, failed, undefined);
    failed(refused);
    return undefined;
  }

  /** Returns the suspended hold with this level, after it was restored. @param levelEnded as for {@link suspend} */
  suspended(token: number, levelEnded: (token: number, error: Error) => void): Ownership {
    const ownership = found(this.#suspended.get(token), token);
    ownership.levelEnded = levelEnded;
    return ownership;
  }

  /** Ends a suspended hold, because its owner is gone. */
  forget(ownership: Ownership): void {
    for (const level of ownership.levels.splice(0)) this.#lose(level);
  }

  /** Returns true if the previous hold ended without a release. Resets the flag. */
  takeAbandoned(): boolean {
    const abandoned = this.#abandoned;
    this.#abandoned = false;
    return abandoned;
  }

  /** Destroys the mutex: fails all waits with this error, and ends all holds. */
  destroy(error: () => Error): void {
    this.queue.failAll(error);
    const suspended = new Set(this.#suspended.values());
    for (const level of this.#held?.levels ?? []) this.#lose(level);
    this.#held = undefined;
    for (const ownership of suspended) {
      const [outermost] = ownership.levels;
      this.forget(ownership);
      ownership.levelEnded?.(outermost!.token, error());
    }
  }

  #lose(level: Lease): void {
    level.end();
    this.#suspended.delete(level.token);
    level.caller.lost(level.token);
  }

  #levelOf(token: number): Lease {
    const level = this.#held?.level(token) ?? this.#suspended.get(token)?.level(token);
    if (level === undefined) throw this.#lost.refusal(token);
    return level;
  }

  #grant(context: CallContext, leaseMs: number | undefined, owner: string | undefined): LockGrant {
    const level = this.#level(context.session, this.exclusion.tokens.next(), leaseMs);
    if (this.#held === undefined) {
      this.#held = new Ownership(level, owner);
      level.foundAbandoned = this.takeAbandoned();
    } else {
      this.#held.levels.push(level);
    }
    context.handOver(level);
    return { token: level.token, abandoned: level.foundAbandoned };
  }

  #level(caller: Caller, token: number, leaseMs: number | undefined): Lease {
    const level = new Lease(this.exclusion.tokens, caller, token, leaseMs, {
      died: () => this.#end(level, { abandoned: true }),
      expired: () => {
        this.#lost.add(token);
        this.#end(level, { abandoned: true });
        caller.lost(token);
      },
      givenBack: (died) => this.#end(level, { abandoned: level.foundAbandoned || died }),
    });
    return level;
  }

  #restore(ownership: Ownership): void {
    for (const level of ownership.levels) this.#suspended.delete(level.token);
    ownership.levelEnded = undefined;
    if (this.#held === undefined) this.#held = ownership;
    else this.#held.levels.push(...ownership.levels.splice(0));
  }

  /** Ends a level. Does nothing if it has ended before. */
  #end(level: Lease, { abandoned } = { abandoned: false }): void {
    level.end();
    const suspended = this.#suspended.get(level.token);
    if (suspended) {
      this.#suspended.delete(level.token);
      suspended.drop(level);
      suspended.levelEnded?.(level.token, this.#lost.refusal(level.token));
    } else if (this.#held?.drop(level)) {
      this.#abandoned ||= abandoned;
      if (this.#held.levels.length > 0) return;
      this.#held = undefined;
      this.#serve();
    }
  }

  #serve(): void {
    for (let waiter = this.queue.first; waiter !== undefined && this.#held === undefined; waiter = this.queue.first) give(waiter);
    if (this.#held === undefined || this.queue.size === 0) return;
    const held = this.#held;
    while (this.reentrant && this.exclusion.waits.waitsFor(held, this)) give(this.queue.firstOf(held)!);
    if (this.queue.size > 0) this.#changedHands();
  }

  /**
   * Called when the mutex goes to a request while others stay in the queue. They now wait for another holder, which closes a cycle if this
   * holder, or an owner that acts for it, waits for something else at the same time.
   */
  #changedHands(): void {
    const { waits } = this.exclusion;
    this.#changedHandsAt = this.#clock.now;
    waits.changedHands();
    this.#endCycles(() => {
      const path = waits.path(this, (holder) => waits.waitsFor(holder, this));
      return path && cycleAlong(path);
    });
  }

  /** Finds the cycle that a request would close by waiting for this mutex. */
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
      if (link.request.resumes) this.forget(link.request.resumes);
      if (link.waiter === undefined) return error;
      link.waiter.fail(error);
    }
    return undefined;
  }
}

/** Grants the mutex to a waiting request. */
function give(waiter: Waiter<LockRequest, unknown>): void {
  try {
    waiter.succeed(waiter.want.take());
  } catch (error) {
    waiter.fail(error as Error);
  }
}
