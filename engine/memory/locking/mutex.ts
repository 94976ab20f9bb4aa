import type { CallContext, Caller } from '../../../proto/contract.js';
import type { Holder } from '../../../proto/gen/commonhold/v1/lock_wire.js';
import type { State, Stateful, StateOf } from '../../../proto/state.js';
import type { Future } from '../../core/future.js';
import { Lease, checkLease } from '../../core/lease.js';
import type { Acquisition, LockGrant, MutexStore } from '../../core/mutex-handlers.js';
import { Ownership, checkOwner } from '../../core/ownership.js';
import { priorityOf } from '../../core/priority.js';
import type { Restoring } from '../../core/restoring.js';
import { found } from '../../core/state.js';
import type { LockRequest } from './lock-queue.js';
import { give, QueuedLock, type Exclusion } from './queued-lock.js';
import type { Waiter } from './waiters.js';

/** Mutual exclusion under tokens, first come, first served. Locks, conditions and locked values are built on it. */
export class MemoryMutex extends QueuedLock implements MutexStore, Stateful {
  readonly selfWait = 'use an rlock to re-enter, and run() or an owner for each of several tasks that run at once';
  #held: Ownership | undefined;
  #abandoned = false;
  /** Holds that are suspended during a wait on a condition, by the tokens of their levels. */
  readonly #suspended = new Map<number, Ownership>();

  constructor(
    name: string,
    exclusion: Exclusion,
    /** True if the owner of the hold may take further levels. */
    readonly reentrant = false,
  ) {
    super(name, exclusion);
  }

  get ownerships(): readonly Ownership[] {
    return this.#held === undefined ? [] : [this.#held];
  }

  get held(): number {
    return this.#held === undefined ? 0 : 1;
  }

  state() {
    return {
      held: this.#held?.state(),
      abandoned: this.#abandoned,
      suspended: Array.from(new Set(this.#suspended.values()), (ownership) => ownership.state()),
      ...this.queueState(),
    };
  }

  restore({ held, abandoned, suspended, ...queue }: StateOf<MemoryMutex>, restoring: Restoring): void {
    this.#held = held && this.#ownership(held, restoring);
    this.#abandoned = abandoned;
    this.restoreQueue(queue, restoring);
    for (const state of suspended) {
      const ownership = this.#ownership(state, restoring);
      for (const { token } of ownership.levels) this.#suspended.set(token, ownership);
    }
  }

  #ownership(state: StateOf<Ownership>, restoring: Restoring): Ownership {
    const levels = state.levels.map((state) => {
      const level = this.#level(restoring.caller(state.caller), state.token, undefined);
      level.restore(state, restoring);
      return level;
    });
    return Ownership.restored(state, levels);
  }

  holder(): Holder | undefined {
    return this.#held?.describe();
  }

  holders(): Iterable<Holder> {
    return this.ownerships.map((ownership) => ownership.describe());
  }

  acquire(context: CallContext, wanted: Acquisition): LockGrant | Future<LockGrant> {
    const { leaseMs, owner } = wanted;
    checkLease(this.name, leaseMs);
    const take = (): LockGrant => this.#grant(context, leaseMs, owner);
    if (this.reentrant && this.#held?.admits(context.session, owner)) return take();
    return this.whenFree(context, wanted, take, leaseMs);
  }

  /**
   * Runs `take` while the mutex is free, at once or after a wait. Fails as {@link QueuedLock.wait}.
   * @param asked the request, for the state of the mutex while it waits
   */
  whenFree<R>(context: CallContext, wanted: Acquisition, take: () => R, asked: State): R | Future<R> {
    const { timeoutMs, owner } = wanted;
    checkOwner(this.name, owner);
    const priority = priorityOf(this.name, wanted);
    if (this.#held === undefined) return take();
    const since = this.queue.since(context);
    const request = { take, caller: context.session, owner, priority, since, endless: timeoutMs === undefined, asked };
    return this.wait(context, request, timeoutMs) as Future<R>;
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
    if (!this.holds(token)) throw this.lost.refusal(token);
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
    const since = this.queue.since(context);
    const request = { take, caller, owner, priority: 0, since, endless: false, loseHold: () => this.forget(ownership), asked };
    const refused = this.endCyclesOf(request);
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
    if (level === undefined) throw this.lost.refusal(token);
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
        this.lost.add(token);
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
      suspended.levelEnded?.(level.token, this.lost.refusal(level.token));
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
    if (this.reentrant && this.exclusion.waits.waitsFor(this.#held, this)) for (const waiter of this.queue.allOf(this.#held)) give(waiter);
    if (this.queue.size > 0) this.changedHands();
  }
}
