import type { CallContext, Caller } from '../../../proto/contract.js';
import type { Holder } from '../../../proto/gen/commonhold/v1/lock_wire.js';
import type { Acquisition, LockGrant, MutexStore } from '../../core/mutex-handlers.js';
import { Ownership, checkOwner } from '../../core/ownership.js';
import type { ClockTimer } from '../../core/clock.js';
import { Lease, checkLease } from '../../core/lease.js';
import type { EngineContext } from './object-view.js';
import { destroyed } from './directory.js';
import type { SharedKind } from './kind-numbers.js';
import { ENDED, GRANTED, INTERNAL, N_HELD, N_RESULT, O_COUNTER, O_HELD, WAIT } from '../kernel/layout.js';
import { now } from '../threads/parking.js';
import type { ObjectAddress } from '../memory/place.js';
import { lose, SuspendedHolds } from './suspended.js';
import { RobustLock, USER } from './robust-lock.js';
import { STOOD_MS } from '../../core/suspicion.js';
import { leaseSource } from '../threads/lease-source.js';
import { unoffered } from './unoffered.js';

/** A hold of this thread: its number in the memory, and the levels of its owner. */
export interface ThreadHold {
  readonly number: number;
  readonly ownership: Ownership;
  /** True if one of its levels ended without a release. */
  abandoned: boolean;
}

/** A call that waits for a reentrant lock. */
interface LevelRequest {
  readonly caller: Caller;
  readonly owner: string | undefined;
  /** Called when its owner gets the lock by another call: it gets a level of that hold. */
  join(): void;
}

/** Reason that ends the wait of a call which gets a level of its owner's hold. */
const JOINED = new Error('its owner has got the lock');

/** The caller that waits for a lock; `cancel` ends the wait early. */
export type LockCaller = Pick<CallContext, 'session' | 'cancel'>;

/**
 * An object that is or has a lock. In the memory, a hold is that of a thread, so that others find it if the thread dies. Only that thread
 * needs to know the owner, levels and leases of the hold, so it keeps them in its own memory.
 */
export abstract class SharedMutex extends RobustLock implements MutexStore {
  #held: ThreadHold | undefined;
  readonly #line = new Set<LevelRequest>();
  /** Holds that are given up while their owners wait on a condition. */
  readonly #suspended = new SuspendedHolds();

  constructor(
    surroundings: EngineContext,
    kind: SharedKind,
    name: string,
    place: ObjectAddress,
    /** True if the owner of a hold may take further levels. */
    readonly reentrant = false,
  ) {
    super(surroundings, kind, name, place);
  }

  // ── for calls ──

  acquire(context: CallContext, { timeoutMs, leaseMs, owner, priority }: Acquisition): LockGrant | Promise<LockGrant> {
    if (priority !== undefined) throw unoffered('priorities', this.name);
    checkLease(this.name, leaseMs);
    checkOwner(this.name, owner);
    if (this.reentrant && this.#present?.ownership.admits(context.session, owner)) return this.#level(context, leaseMs);
    const granted = (number: number, abandoned: boolean): LockGrant => {
      const ownership = new Ownership(this.#lease(context, number, leaseMs, abandoned), owner);
      this.#hold({ number, ownership, abandoned: false });
      return { token: number, abandoned };
    };
    return this.#take(context, timeoutMs, owner, USER, granted, () => this.#level(context, leaseMs));
  }

  /** Runs work as soon as the lock is free. */
  whenFree<R>(context: CallContext, { timeoutMs, owner }: Acquisition, work: () => R): R | Promise<R> {
    checkOwner(this.name, owner);
    const granted = (number: number): R => {
      try {
        return work();
      } finally {
        this.free(number);
      }
    };
    return this.#take(context, timeoutMs, owner, INTERNAL, granted);
  }

  /** Sets the present hold. Waiting calls of the same owner get levels of it. */
  #hold(hold: ThreadHold): void {
    this.#held = hold;
    const { ownership } = hold;
    for (const turn of this.reentrant ? [...this.#line] : []) if (ownership.admits(turn.caller, turn.owner)) turn.join();
  }

  #take<R>(
    context: LockCaller,
    timeoutMs: number | undefined,
    owner: string | undefined,
    sort: number,
    granted: (number: number, abandoned: boolean) => R,
    joined?: () => R,
  ): R | Promise<R> {
    let answer = this.take(sort);
    if (answer === WAIT && timeoutMs === 0) answer = this.takeFromDead(sort);
    if (answer >= 0) return granted(this.taken(answer), answer === 1);
    if (timeoutMs === 0) throw this.late(timeoutMs);
    if (this.#present?.ownership.admits(context.session, owner)) throw this.cycle(context.session, owner);
    const node = this.waits.node(true, { owner: sort });
    answer = this.enlist(node, () => this.kernel.lockWait(this.self, this.object, this.uid, node));
    if (answer !== WAIT) {
      this.waits.done(node);
      return granted(this.taken(answer), answer === 1);
    }
    return this.#wait(context, node, timeoutMs, owner, granted, joined);
  }

  async #wait<R>(
    context: LockCaller,
    node: number,
    timeoutMs: number | undefined,
    owner: string | undefined,
    granted: (number: number, abandoned: boolean) => R,
    joined: (() => R) | undefined,
  ): Promise<R> {
    const ended = this.waits.call(context, node, this, timeoutMs);
    const turn: LevelRequest = { caller: context.session, owner, join: () => context.cancel?.(JOINED) };
    if (joined !== undefined) this.#line.add(turn);
    const suspicion = timeoutMs === undefined ? this.#suspicionOf(context.session, owner) : undefined;
    const { state, reason } = await ended;
    suspicion?.stop();
    this.#line.delete(turn);
    const number = this.thread.double(node + N_HELD);
    const abandoned = this.thread.word(node + N_RESULT) === 1;
    this.waits.done(node);
    if (state === GRANTED) {
      // The call was cancelled just when it got the lock.
      if (reason === undefined) return granted(number, abandoned);
      this.#giveBack(number, abandoned);
    }
    if (state === ENDED) throw destroyed(this.name);
    if (reason === JOINED) return joined!();
    throw reason ?? this.late(timeoutMs);
  }

  /** Warns a session after a while that waits for a lock which this thread holds itself, unless another session or an owner holds it. */
  #suspicionOf(session: Caller, owner = ''): ClockTimer | undefined {
    if (this.holding !== this.thread.token) return undefined;
    const { caller, named } = this.#present?.ownership ?? { caller: session, named: false };
    if (named || caller !== session) return undefined;
    const number = this.thread.double(this.object + O_HELD);
    return leaseSource.clock.after(STOOD_MS, () => {
      if (this.holding !== this.thread.token || this.thread.double(this.object + O_HELD) !== number) return;
      const { id, label, pid } = session;
      session.warn({ suspectedDeadlock: { cycle: [{ object: this.name, sessionId: id, label, pid, owner }] } });
    });
  }

  /** Adds a level to the present hold. Only the holder increments the counter. */
  #level(context: CallContext, leaseMs: number | undefined): LockGrant {
    const token = this.thread.double(this.object + O_COUNTER) + 1;
    this.thread.setDouble(this.object + O_COUNTER, token);
    this.#held!.ownership.levels.push(this.#lease(context, token, leaseMs, false));
    return { token, abandoned: false };
  }

  #lease(context: CallContext, token: number, leaseMs: number | undefined, abandoned: boolean): Lease {
    const level: Lease = new Lease(leaseSource, context.session, token, leaseMs, {
      died: () => this.#end(level, true),
      expired: () => {
        this.lost.add(token);
        this.#end(level, true);
        level.caller.lost(token);
      },
      givenBack: (died) => this.#end(level, abandoned || died),
    });
    context.handOver(level);
    return level;
  }

  /** The hold of this thread, unless another thread had to end it. */
  get #present(): ThreadHold | undefined {
    const held = this.#held;
    if (held !== undefined && (this.holding !== this.thread.token || this.thread.double(this.object + O_HELD) !== held.number))
      this.#held = undefined;
    return this.#held;
  }

  /** Ends a level of a hold; a suspended one does not return. */
  release(token: number): void {
    this.#end(this.#levelOf(token), false);
  }

  extend(token: number, leaseMs: number): void {
    checkLease(this.name, leaseMs);
    this.#levelOf(token).startLease(leaseMs);
  }

  #levelOf(token: number): Lease {
    const level = this.#present?.ownership.level(token) ?? this.#suspended.level(token);
    if (level === undefined) throw this.refusal(token);
    return level;
  }

  /** Returns true if the token holds the lock now. */
  holds(token: number): boolean {
    return this.#present?.ownership.level(token) !== undefined;
  }

  /** Throws unless the token holds the lock now. */
  check(token: number): void {
    if (!this.holds(token)) throw this.refusal(token);
  }

  /** Ends a level, which may have ended before. */
  #end(level: Lease, abandoned: boolean): void {
    level.end();
    if (this.#suspended.drop(level, () => this.refusal(level.token))) return;
    const held = this.#held;
    if (held?.ownership.drop(level) !== true) return;
    held.abandoned ||= abandoned;
    if (held.ownership.levels.length > 0) return;
    this.#held = undefined;
    if (!this.there) return;
    this.#giveBack(held.number, held.abandoned);
  }

  /** Gives a hold back. @param abandoned true to tell the next holder that a hold before its own was abandoned */
  #giveBack(number: number, abandoned: boolean): void {
    if (!abandoned) return this.free(number);
    const { kernel, self, object, uid } = this;
    while (this.again(kernel.lockBreak(self, object, uid, this.thread.token, number, now()), true));
  }

  // ── for waits on a condition ──

  /**
   * Suspends the hold of a token with all its levels, until {@link resume} takes it back.
   * @param levelEnded called for each level that ends meanwhile
   */
  suspend(token: number, levelEnded: (token: number, error: Error) => void): ThreadHold {
    this.check(token);
    const hold = this.#held!;
    this.#held = undefined;
    this.#suspended.add(hold.ownership, levelEnded);
    this.#giveBack(hold.number, hold.abandoned);
    return hold;
  }

  /**
   * Takes a suspended hold back, waiting in line. Returns true if the previous hold was abandoned. If it fails, the suspended hold is lost.
   */
  async resume(hold: ThreadHold, waiting: LockCaller): Promise<boolean> {
    const { ownership } = hold;
    const join = (): boolean => {
      this.#suspended.remove(ownership);
      this.#held!.ownership.levels.push(...ownership.levels.splice(0));
      return false;
    };
    if (this.reentrant && this.#present?.ownership.admits(waiting.session, ownership.owner)) return join();
    const granted = (_number: number, abandoned: boolean): boolean => {
      this.#suspended.remove(ownership);
      this.thread.setDouble(this.object + O_HELD, hold.number);
      this.#hold({ ...hold, abandoned: false });
      return abandoned;
    };
    try {
      return await this.#take(waiting, undefined, ownership.owner, USER, granted, join);
    } catch (error) {
      this.forget(hold);
      throw error;
    }
  }

  /** Leaves the news of an abandoned hold, which the caller of {@link resume} could not pass on, to the next holder. */
  keepAbandoned({ ownership }: ThreadHold): void {
    const held = this.#present;
    if (held?.ownership === ownership) held.abandoned = true;
  }

  /** Ends a suspended hold, whose owner is gone. */
  forget({ ownership }: ThreadHold): void {
    this.#suspended.remove(ownership);
    lose(ownership.levels.splice(0));
  }

  override ended(): void {
    lose(this.#held?.ownership.levels ?? []);
    this.#held = undefined;
    this.#suspended.end(() => destroyed(this.name));
  }

  /** Returns the holder; of another thread's hold, only the thread is known. */
  override holder(): Holder | undefined {
    return this.#present?.ownership.describe() ?? super.holder();
  }

  override holders(): Holder[] {
    const holder = this.holder();
    return holder ? [holder] : [];
  }
}
