import type { ConditionServiceWaitResponse } from '../../../proto/gen/commonhold/v1/condition_wire.js';
import type { CallContext } from '../../../proto/contract.js';
import { CancelledError } from '../../../proto/errors.js';
import { GRANTED } from '../kernel/layout.js';
import type { ThreadHold, SharedMutex, LockCaller } from './mutex.js';

/** The line in which notifications are waited for. */
export interface Notices {
  readonly there: boolean;
  /** The error of whoever waits on what is destroyed. */
  gone(): Error;
  getInLine(async: boolean): number;
  leaveLine(node: number): void;
  notice(waiting: LockCaller, node: number, mutex: SharedMutex, timeoutMs: number | undefined): Promise<{ state: number }>;
  settle(node: number, lost: boolean): boolean;
  /** Wakes the next one with a notification that came to nothing. */
  pass(): void;
}

/**
 * One wait of a call on a condition, from giving up the lock to holding it again. It takes the lock back also when
 * it fails, where its caller is still there to hold it.
 */
export class SharedConditionWait {
  readonly #hold: ThreadHold;
  readonly #node: number;
  /** What it waits for now: a notification, then the lock. */
  #waiting: LockCaller;
  /** Whether it still waits for a notification. */
  #unnotified = true;
  /** What it will fail with when it has the lock back. */
  #error: Error | undefined;
  /** The notification was meant for it alone, and is neither used nor passed on yet. */
  #owed = false;

  /** Gives up the lock. Throws where the token does not hold it. */
  constructor(
    private readonly condition: Notices,
    private readonly mutex: SharedMutex,
    private readonly context: CallContext,
    private readonly token: number,
  ) {
    mutex.check(token);
    this.#waiting = { session: context.session, cancel: undefined };
    // In line first: a notification may come as soon as the lock is free.
    this.#node = condition.getInLine(true);
    this.#hold = mutex.rest(token, (level, error) => this.#levelEnded(level, error));
  }

  async run(timeoutMs: number | undefined): Promise<ConditionServiceWaitResponse> {
    this.context.cancel = (reason) => this.#cancel(reason);
    try {
      const notified = await this.#notice(timeoutMs);
      const abandoned = await this.#comeBack();
      if (this.#error) throw this.#error;
      if (this.#settle(false)) this.context.handOver(() => this.condition.pass());
      return { notified, abandoned };
    } finally {
      this.context.cancel = undefined;
      this.#settle(true);
      this.condition.leaveLine(this.#node);
    }
  }

  async #notice(timeoutMs: number | undefined): Promise<boolean> {
    const { state } = await this.condition.notice(this.#waiting, this.#node, this.mutex, timeoutMs);
    this.#unnotified = false;
    this.#owed = state === GRANTED;
    if (state !== GRANTED && !this.condition.there) this.#error ??= this.condition.gone();
    if (this.#error) this.#settle(true);
    return state === GRANTED;
  }

  /** Takes the lock back; answers whether the hold before was abandoned. */
  async #comeBack(): Promise<boolean> {
    const { ownership } = this.#hold;
    if (ownership.levels.length === 0) throw this.#error ?? this.mutex.refusal(this.token);
    this.#waiting = { session: ownership.caller, cancel: undefined };
    return this.mutex.resume(this.#hold, this.#waiting);
  }

  /** The notification is used, or goes to another: says whether it was meant for one. */
  #settle(lost: boolean): boolean {
    if (!this.#owed) return false;
    this.#owed = false;
    return this.condition.settle(this.#node, lost);
  }

  #cancel(reason: Error): void {
    // The caller of a session gives the wait up, and goes on holding; others are gone.
    if (reason instanceof CancelledError && this.context.session.id !== '') return this.#giveUp(reason);
    this.mutex.forget(this.#hold);
    this.#fail(reason);
  }

  #levelEnded(token: number, error: Error): void {
    if (this.#hold.ownership.levels.length === 0) this.#fail(error);
    else if (token === this.token) this.#giveUp(error);
  }

  /** It fails as soon as it has the lock back. */
  #giveUp(error: Error): void {
    this.#error ??= error;
    if (this.#unnotified) this.#waiting.cancel?.(error);
    else this.#settle(true);
  }

  /** It fails at once: there is nothing left to take back. */
  #fail(error: Error): void {
    this.#error = error;
    this.#waiting.cancel?.(error);
  }
}
