import type { CallContext, Caller } from '../../proto/contract.js';
import { DeadlockError, TimeoutError, type ManagerError } from '../../proto/errors.js';
import type { Holder } from '../../proto/gen/commonhold/v1/lock_wire.js';
import { Possession, checkOwner } from '../memory/possession.js';
import { LostHolds, Tenure, checkLease } from '../memory/tenure.js';
import { Bound, type Surroundings } from './bound.js';
import { destroyed, type Place } from './directory.js';
import type { SharedKind } from './kinds.js';
import {
  CONTENDED,
  ENDED,
  GRANTED,
  INTERNAL,
  N_HELD,
  N_RESULT,
  NOT_OWNER,
  O_COUNTER,
  O_HELD,
  O_LOCK,
  O_OWNER,
  PASS,
  S_THREAD,
  WAIT,
} from './kernel/layout.js';
import { now } from './parking.js';
import { GIVEN_UP, LATE, type Awaited } from './waits.js';

/** What the next holder is told. */
export interface Grant {
  token: number;
  abandoned: boolean;
}

/** Of a hold of a user, in O_OWNER. */
const USER = 1;

/** A hold of this thread: its number in the memory, and the levels that its owner has of it. */
interface Hold {
  readonly number: number;
  readonly possession: Possession;
}

/**
 * An object that is a lock, or has one. A hold is of a thread in the memory, so that others find it if the
 * thread dies, and of an owner here. Only one thread has it at a time, so that levels, leases and owners of a
 * hold are kept where it is held.
 */
export abstract class Mutex extends Bound implements Awaited {
  #held: Hold | undefined;
  readonly #lost: LostHolds;

  constructor(
    surroundings: Surroundings,
    kind: SharedKind,
    name: string,
    place: Place,
    /** Whether the owner that holds it may take further levels. */
    readonly reentrant = false,
  ) {
    super(surroundings, kind, name, place);
    this.#lost = new LostHolds(name);
  }

  // ── for a blocked thread ──

  /**
   * Takes the lock, blocking the thread; answers the number of the hold, by which it is given back.
   * @throws TimeoutError; NotFoundError; DeadlockError where this thread has it
   */
  seize(timeout: number | undefined, owner: number = USER): number {
    let answer: number;
    while (this.again((answer = this.kernel.lockTake(this.self, this.object, this.uid, owner, 0))));
    return answer >= 0 ? this.#number(answer) : this.#block(timeout, owner);
  }

  /** Whether the hold before the last one that {@link seize} took was abandoned. */
  abandoned = false;

  #number(answer: number): number {
    this.abandoned = answer === 1;
    return this.space.double(this.object + O_HELD);
  }

  #block(timeout: number | undefined, owner: number): number {
    if (timeout === 0) throw this.#late();
    // Nobody else can give back what this thread would wait for.
    if (this.#holder === this.space.token) throw this.#circle();
    const node = this.waits.node(false, { owner });
    let answer: number;
    while (this.again((answer = this.kernel.lockWait(this.self, this.object, this.uid, node))));
    if (answer !== WAIT) {
      this.waits.done(node);
      return this.#number(answer);
    }
    const state = this.waits.block(node, this, timeout);
    const result = this.space.word(node + N_RESULT);
    const number = this.space.double(node + N_HELD);
    this.waits.done(node);
    if (state === ENDED) throw destroyed(this.name);
    if (state !== GRANTED) throw this.#late();
    this.abandoned = result === 1;
    return number;
  }

  /** Gives back the hold of a number. @throws NotOwnerError, LockLostError */
  free(number: number): void {
    const answer = this.kernel.lockFree(this.self, this.object, number);
    if (answer !== 0) this.#pass(answer, number);
  }

  #pass(answer: number, number: number): void {
    let passed = answer;
    if (passed === PASS) while (this.again((passed = this.kernel.lockPass(this.self, this.object, this.uid, number, now()))));
    if (passed === NOT_OWNER) throw this.#lost.refusal(number);
  }

  /**
   * Runs something while nobody holds the lock, blocking the thread until then.
   * @throws as {@link seize}, and what the work throws
   */
  whileFree<R>(timeout: number | undefined, work: () => R): R {
    const number = this.seize(timeout, INTERNAL);
    try {
      return work();
    } finally {
      this.free(number);
    }
  }

  // ── for calls ──

  acquire(context: CallContext, timeoutMs: number | undefined, leaseMs: number | undefined, owner?: string): Grant | Promise<Grant> {
    checkLease(this.name, leaseMs);
    checkOwner(this.name, owner);
    if (this.reentrant && this.#present?.possession.admits(context.session, owner)) return this.#level(context, leaseMs);
    return this.#take(context, timeoutMs, owner, USER, (number, abandoned) => {
      this.#held = { number, possession: new Possession(this.#tenure(context, number, leaseMs, abandoned), owner) };
      return { token: number, abandoned };
    });
  }

  /** Runs something while nobody holds the lock. */
  whenFree<R>(context: CallContext, timeoutMs: number | undefined, owner: string | undefined, work: () => R): R | Promise<R> {
    checkOwner(this.name, owner);
    return this.#take(context, timeoutMs, owner, INTERNAL, (number) => {
      try {
        return work();
      } finally {
        this.free(number);
      }
    });
  }

  #take<R>(
    context: CallContext,
    timeoutMs: number | undefined,
    owner: string | undefined,
    sort: number,
    granted: (number: number, abandoned: boolean) => R,
  ): R | Promise<R> {
    let answer: number;
    while (this.again((answer = this.kernel.lockTake(this.self, this.object, this.uid, sort, 0))));
    if (answer >= 0) return granted(this.#number(answer), answer === 1);
    if (timeoutMs === 0) throw this.#late();
    if (this.#present?.possession.admits(context.session, owner)) throw this.#circle(context.session, owner);
    const node = this.waits.node(true, { owner: sort });
    while (this.again((answer = this.kernel.lockWait(this.self, this.object, this.uid, node))));
    if (answer !== WAIT) {
      this.waits.done(node);
      return granted(this.#number(answer), answer === 1);
    }
    return this.#wait(context, node, timeoutMs, granted);
  }

  async #wait<R>(
    context: CallContext,
    node: number,
    timeoutMs: number | undefined,
    granted: (number: number, abandoned: boolean) => R,
  ): Promise<R> {
    let reason: Error | undefined;
    const state = await this.waits.promise(node, this, timeoutMs, (cancel) => {
      context.cancel = (why) => {
        reason = why;
        cancel();
      };
    });
    context.cancel = undefined;
    const number = this.space.double(node + N_HELD);
    const abandoned = this.space.word(node + N_RESULT) === 1;
    this.waits.done(node);
    if (state === GRANTED) {
      // It was given up at the moment in which it was granted.
      if (reason === undefined) return granted(number, abandoned);
      this.free(number);
    }
    if (state === ENDED) throw destroyed(this.name);
    throw reason ?? this.#late();
  }

  /** A further level of the present hold. Only its holder counts on. */
  #level(context: CallContext, leaseMs: number | undefined): Grant {
    const token = this.space.double(this.object + O_COUNTER) + 1;
    this.space.setDouble(this.object + O_COUNTER, token);
    this.#held!.possession.levels.push(this.#tenure(context, token, leaseMs, false));
    return { token, abandoned: false };
  }

  #tenure(context: CallContext, token: number, leaseMs: number | undefined, abandoned: boolean): Tenure {
    const level: Tenure = new Tenure(context.session, token, leaseMs, {
      died: () => this.#end(level, true),
      expired: () => {
        this.#lost.add(token);
        this.#end(level, true);
        level.caller.lost(token);
      },
    });
    context.handOver(() => this.#end(level, abandoned));
    return level;
  }

  /** What this thread holds, unless others had to end it. */
  get #present(): Hold | undefined {
    const held = this.#held;
    if (held !== undefined && (this.#holder !== this.space.token || this.space.double(this.object + O_HELD) !== held.number)) this.#held = undefined;
    return this.#held;
  }

  get #holder(): number {
    return Atomics.load(this.space.region.words, (this.object + O_LOCK) >> 2) & ~CONTENDED;
  }

  release(token: number): void {
    const level = this.#present?.possession.level(token);
    if (level === undefined) throw this.refusal(token);
    this.#end(level, false);
  }

  extend(token: number, leaseMs: number): void {
    checkLease(this.name, leaseMs);
    const level = this.#present?.possession.level(token);
    if (level === undefined) throw this.refusal(token);
    level.startLease(leaseMs);
  }

  /** Whether the token holds the lock now. */
  holds(token: number): boolean {
    return this.#present?.possession.level(token) !== undefined;
  }

  /** Fails unless the token holds the lock now. */
  check(token: number): void {
    if (!this.holds(token)) throw this.refusal(token);
  }

  /** The error of whoever comes with a token that holds nothing. */
  refusal(token: number): ManagerError {
    return this.#lost.refusal(token);
  }

  /** Ends a level, which may have ended before. */
  #end(level: Tenure, abandoned: boolean): void {
    level.end();
    const held = this.#held;
    if (held?.possession.drop(level) !== true || held.possession.levels.length > 0) return;
    this.#held = undefined;
    if (!this.there) return;
    if (abandoned) {
      const { kernel, self, object, uid } = this;
      while (this.again(kernel.lockBreak(self, object, uid, this.space.token, held.number, now())));
    } else {
      this.free(held.number);
    }
  }

  /** Who holds the lock; of other threads, only which. */
  holder(): Holder | undefined {
    const token = this.#holder;
    if (token === 0 || this.space.word(this.object + O_OWNER) === INTERNAL) return undefined;
    const present = this.#present;
    if (present !== undefined) return present.possession.describe();
    const thread = this.space.word(this.space.threads.slotOf(token) + S_THREAD);
    const number = this.space.double(this.object + O_HELD);
    const label = thread === 0 ? 'main' : `thread ${thread}`;
    return { token: number, sessionId: label, host: '', pid: process.pid, label, heldMs: 0, owner: '', levels: 1 };
  }

  // ── for Waits ──

  retry(node: number): number {
    let answer: number;
    while (this.again((answer = this.kernel.lockRetry(this.self, this.object, this.uid, node))));
    if (answer !== 0 && answer !== 1) return answer;
    this.space.setWord(node + N_RESULT, answer);
    this.space.setDouble(node + N_HELD, this.space.double(this.object + O_HELD));
    return GRANTED;
  }

  quit(node: number, _why: typeof LATE | typeof GIVEN_UP): number {
    let answer = this.kernel.lockQuit(this.self, this.object, this.uid, node);
    while (this.space.again(answer, this.object)) answer = this.kernel.lockQuit(this.self, this.object, this.uid, node);
    return answer;
  }

  #late(): TimeoutError {
    return new TimeoutError(`"${this.name}" is locked`, { object: this.name });
  }

  #circle(caller?: Caller, owner = ''): DeadlockError {
    const { id: sessionId, label, pid } = caller ?? { id: '', label: '', pid: process.pid };
    return new DeadlockError(
      `"${this.name}" is held by the owner that wants it, which would wait for itself: use an rlock to re-enter, ` +
        'and run() or an owner for each of several tasks that run at once',
      { object: this.name, cycle: [{ object: this.name, sessionId, label, pid, owner }] },
    );
  }
}
