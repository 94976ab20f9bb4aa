import type { Caller } from '../../../proto/contract.js';
import { DeadlockError, type ManagerError, type TimeoutError } from '../../../proto/errors.js';
import type { Holder } from '../../../proto/gen/commonhold/v1/lock_wire.js';
import { lockedTooLong } from '../../core/late.js';
import { LostHolds } from '../../core/lease.js';
import { ObjectView, type EngineContext } from './object-view.js';
import { destroyed } from './directory.js';
import { blockedBySelf, holderOf } from './holder.js';
import type { SharedKind } from './kind-numbers.js';
import {
  CONTENDED,
  ENDED,
  GRANTED,
  INTERNAL,
  N_HELD,
  N_RESULT,
  NOT_OWNER,
  O_HELD,
  O_LIST0,
  O_LOCK,
  O_OWNER,
  OFFER,
  PASS,
  WAIT,
} from '../kernel/layout.js';
import { now } from '../threads/parking.js';
import type { ObjectAddress } from '../memory/place.js';
import { STUCK, type Awaited } from '../threads/thread-waits.js';

/** Value of O_OWNER for a user's hold. */
export const USER = 1;

/** An object that is or has a lock, with the lock's operations for blocking threads. A hold belongs to a thread, and has a number. */
export abstract class RobustLock extends ObjectView implements Awaited {
  protected readonly lost: LostHolds;
  /** True if the holder may take further levels. */
  abstract readonly reentrant: boolean;
  /** Number of the hold that this thread took last, and its number of levels. */
  #lastHold = 0;
  #levels = 0;

  constructor(surroundings: EngineContext, kind: SharedKind, name: string, place: ObjectAddress) {
    super(surroundings, kind, name, place);
    this.lost = new LostHolds(name);
  }

  /**
   * Takes the lock, and blocks the thread until it is free. Returns the number of the hold, by which it is given back.
   * @param timeout in milliseconds; undefined for none
   * @throws TimeoutError; NotFoundError; DeadlockError if this thread holds it
   */
  acquireSync(timeout: number | undefined, owner: number = USER): number {
    const answer = this.kernel.lockTake(this.self, this.object, this.uid, owner);
    return answer >= 0 ? this.#begin(this.taken(answer)) : this.#acquireLater(answer, timeout, owner);
  }

  /** Takes the lock if it is free: see {@link Kernel.lockTake}. */
  protected take(owner: number): number {
    let answer: number;
    while (this.again((answer = this.kernel.lockTake(this.self, this.object, this.uid, owner))));
    return answer;
  }

  /**
   * Like {@link take}, for a call that does not wait and found the lock held: first looks whether the holder is dead, which nothing else
   * tells this thread.
   */
  protected takeFromDead(owner: number): number {
    return this.thread.threads.look(this) ? this.take(owner) : WAIT;
  }

  #begin(number: number): number {
    this.#levels = 1;
    return (this.#lastHold = number);
  }

  /** True if the hold before the last one of {@link acquireSync} was abandoned. */
  abandoned = false;

  /** Returns the number of the hold that {@link Kernel.lockTake} has just taken. */
  protected taken(answer: number): number {
    this.abandoned = answer === 1;
    return this.thread.double(this.object + O_HELD);
  }

  #acquireLater(answer: number, timeout: number | undefined, owner: number): number {
    this.again(answer);
    const own = this.holding === this.thread.token;
    if (own && this.reentrant && this.thread.double(this.object + O_HELD) === this.#lastHold) {
      this.#levels++;
      this.abandoned = false;
      return this.#lastHold;
    }
    if (timeout === 0) {
      const taken = this.takeFromDead(owner);
      if (taken >= 0) return this.#begin(this.taken(taken));
      throw this.late(timeout);
    }
    // No other thread can give back the lock that this thread would wait for.
    if (own) throw this.cycle();
    const node = this.waits.node(false, { owner });
    const granted = this.enlist(node, () => this.kernel.lockWait(this.self, this.object, this.uid, node));
    if (granted !== WAIT) {
      this.waits.done(node);
      return this.#begin(this.taken(granted));
    }
    const state = this.waits.block(node, this, timeout);
    const result = this.thread.word(node + N_RESULT);
    const number = this.thread.double(node + N_HELD);
    this.waits.done(node);
    if (state === ENDED) throw destroyed(this.name);
    if (state === STUCK) throw blockedBySelf(this.name);
    if (state !== GRANTED) throw this.late(timeout);
    this.abandoned = result === 1;
    return this.#begin(number);
  }

  /** Gives back a level of the hold of this number. @throws NotOwnerError, LockLostError; NotFoundError */
  free(number: number): void {
    if (number === this.#lastHold && this.#levels > 1) {
      this.#levels--;
      return;
    }
    const answer = this.kernel.lockFree(this.self, this.object, number);
    if (answer !== 0) this.#pass(answer, number);
  }

  /** Completes the end of a hold that the kernel began. @throws NotOwnerError, LockLostError */
  protected freed(answer: number, number: number): void {
    if (answer !== 0) this.#pass(answer, number);
  }

  /** Completes the end of a single operation's hold that the kernel began. */
  protected passedOn(answer: number): void {
    if (answer !== 0) this.#pass(answer, this.thread.double(this.object + O_HELD));
  }

  #pass(answer: number, number: number): void {
    const { kernel, self, object, uid } = this;
    let passed = answer;
    if (answer === OFFER) while (this.again((passed = kernel.lockOffer(self, object, uid)), true));
    else if (answer === PASS) while (this.again((passed = kernel.lockPass(self, object, uid, number, now())), true));
    else this.again(answer);
    if (passed === NOT_OWNER) throw this.refusal(number);
  }

  /**
   * Blocks the thread until the lock is free, and runs work under it.
   * @throws as {@link acquireSync}, and the error of the work
   */
  whileFree<R>(timeout: number | undefined, work: () => R): R {
    const number = this.acquireSync(timeout, INTERNAL);
    try {
      return work();
    } finally {
      this.free(number);
    }
  }

  /** Gives up all levels of a hold, to wait for something else. Returns their number. */
  giveUp(number: number): number {
    const levels = this.#levels;
    this.#levels = 1;
    this.free(number);
    return levels;
  }

  /**
   * Takes a given-up lock back, with the same levels and the same number. Throws like {@link acquireSync}: then the hold is lost.
   * @returns true if the hold before was abandoned
   */
  regain(number: number, levels: number): boolean {
    this.acquireSync(undefined);
    this.thread.setDouble(this.object + O_HELD, number);
    this.#lastHold = number;
    this.#levels = levels;
    return this.abandoned;
  }

  /** Throws unless this thread has the hold of that number. @throws NotOwnerError */
  assertSeized(number: number): void {
    this.assertThere();
    if (this.holding !== this.thread.token || this.thread.double(this.object + O_HELD) !== number) throw this.refusal(number);
  }

  /** Number of waits for the lock; 0 if it has ended. */
  get waiting(): number {
    return this.thread.guards.during(
      this.object,
      this.uid,
      () => this.countOf(O_LIST0),
      () => 0,
    );
  }

  /** Token of the thread that holds the lock, or 0. */
  protected get holding(): number {
    return Atomics.load(this.thread.region.words, (this.object + O_LOCK) >> 2) & ~CONTENDED;
  }

  /** Creates the error for a token that holds nothing. */
  refusal(token: number): ManagerError {
    return this.there ? this.lost.refusal(token) : destroyed(this.name);
  }

  // ── for {@link ThreadWaits} ──

  retry(node: number): number {
    let answer: number;
    while (this.again((answer = this.kernel.lockRetry(this.self, this.object, this.uid, node)), true));
    if (answer !== 0 && answer !== 1) return answer;
    this.thread.setWord(node + N_RESULT, answer);
    this.thread.setDouble(node + N_HELD, this.thread.double(this.object + O_HELD));
    return GRANTED;
  }

  /** Returns true if a promise of this thread has got the lock meanwhile: it cannot give the lock back while the thread is blocked. */
  stuck(): boolean {
    const { guards, token } = this.thread;
    const held = (): boolean => this.holding === token;
    // Check under the guard: a thread may have died while it passed the lock to this one, and its reaper rolls that back.
    return held() && guards.during(this.object, this.uid, held, () => false);
  }

  /** Offers a free lock to the first in line, in case the thread that freed it died before it told anyone. */
  look(): void {
    if (this.holding === 0 && this.there) while (this.again(this.kernel.lockOffer(this.self, this.object, this.uid)));
  }

  quit(node: number): number {
    return this.finish(() => this.kernel.lockQuit(this.self, this.object, this.uid, node));
  }

  /** Returns the holder; of another thread's hold, only the thread is known. */
  holder(): Holder | undefined {
    const token = this.holding;
    if (token === 0 || this.thread.word(this.object + O_OWNER) === INTERNAL) return undefined;
    return holderOf(this.thread, token, this.thread.double(this.object + O_HELD));
  }

  protected late(timeout = 0): TimeoutError {
    // Without the guard, because a call that only tries must not wait for it: the text may count a wait that is just beginning.
    return lockedTooLong(this.name, this.holder(), { timeoutMs: timeout, ahead: timeout === 0 ? this.countOf(O_LIST0) : 0 });
  }

  protected cycle(caller?: Caller, owner = ''): DeadlockError {
    const { id: sessionId, label, pid } = caller ?? { id: '', label: '', pid: process.pid };
    return new DeadlockError(
      `"${this.name}" is held by the owner that wants it, which would wait for itself: use an rlock to re-enter, ` +
        'and run() or an owner for each of several tasks that run at once',
      { object: this.name, cycle: [{ object: this.name, sessionId, label, pid, owner }] },
    );
  }
}
