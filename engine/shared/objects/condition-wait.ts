import type { ConditionServiceWaitResponse } from '../../../proto/gen/commonhold/v1/condition_wire.js';
import type { CallContext } from '../../../proto/contract.js';
import { CancelledError } from '../../../proto/errors.js';
import { GRANTED } from '../kernel/layout.js';
import type { ThreadHold, SharedMutex, LockCaller } from './mutex.js';

/** The condition, as a wait uses it. */
export interface Notices {
  readonly there: boolean;
  /** Creates the error of a wait on a destroyed condition. */
  gone(): Error;
  getInLine(async: boolean): number;
  leaveLine(node: number): void;
  notice(waiting: LockCaller, node: number, mutex: SharedMutex, timeoutMs: number | undefined): Promise<{ state: number }>;
  endWait(node: number, lost: boolean): boolean;
  /** Notifies one more wait in place of one that did not use its notification. */
  pass(): void;
}

/**
 * One wait of a call on a condition, from giving up the lock to holding it again. It takes the lock back also if the wait fails, as long as
 * its caller can still hold it.
 */
export class SharedConditionWait {
  readonly #hold: ThreadHold;
  readonly #node: number;
  /** Caller of the present wait: for a notification, then for the lock. */
  #waiting: LockCaller;
  /** True while it waits for a notification. */
  #unnotified = true;
  /** Error with which it fails once it has the lock back. */
  #error: Error | undefined;
  /** True if its notification, which may be meant for this wait alone, is neither used nor passed on yet. */
  #owed = false;

  /** Gives up the lock. Throws if the token does not hold it. */
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
    this.#hold = mutex.suspend(token, (level, error) => this.#levelEnded(level, error));
  }

  async run(timeoutMs: number | undefined): Promise<ConditionServiceWaitResponse> {
    this.context.cancel = (reason) => this.#cancel(reason);
    try {
      const notified = await this.#notice(timeoutMs);
      const abandoned = await this.#comeBack();
      if (this.#error) {
        if (abandoned) this.mutex.keepAbandoned(this.#hold);
        throw this.#error;
      }
      if (this.#endWait(false)) this.context.handOver({ giveBack: () => this.condition.pass(), state: () => this.token });
      return { notified, abandoned };
    } finally {
      this.context.cancel = undefined;
      this.#endWait(true);
      this.condition.leaveLine(this.#node);
    }
  }

  async #notice(timeoutMs: number | undefined): Promise<boolean> {
    const { state } = await this.condition.notice(this.#waiting, this.#node, this.mutex, timeoutMs);
    this.#unnotified = false;
    this.#owed = state === GRANTED;
    if (state !== GRANTED && !this.condition.there) this.#error ??= this.condition.gone();
    if (this.#error) this.#endWait(true);
    return state === GRANTED;
  }

  /** Takes the lock back. Returns true if the previous hold was abandoned. */
  async #comeBack(): Promise<boolean> {
    const { ownership } = this.#hold;
    if (ownership.levels.length === 0) throw this.#error ?? this.mutex.refusal(this.token);
    this.#waiting = { session: ownership.caller, cancel: undefined };
    return this.mutex.resume(this.#hold, this.#waiting);
  }

  /** Ends the notification: used, or lost to another wait. Returns true if it was meant for this wait alone. */
  #endWait(lost: boolean): boolean {
    if (!this.#owed) return false;
    this.#owed = false;
    return this.condition.endWait(this.#node, lost);
  }

  #cancel(reason: Error): void {
    // The caller of a session ends the wait, and holds the lock again; other callers are gone.
    if (reason instanceof CancelledError && this.context.session.id !== '') return this.#giveUp(reason);
    this.mutex.forget(this.#hold);
    this.#fail(reason);
  }

  #levelEnded(token: number, error: Error): void {
    if (this.#hold.ownership.levels.length === 0) this.#fail(error);
    else if (token === this.token) this.#giveUp(error);
  }

  /** Makes the wait fail as soon as it has the lock back. */
  #giveUp(error: Error): void {
    this.#error ??= error;
    if (this.#unnotified) this.#waiting.cancel?.(error);
    else this.#endWait(true);
  }

  /** Makes the wait fail at once: no level of the hold is left to take back. */
  #fail(error: Error): void {
    this.#error = error;
    this.#waiting.cancel?.(error);
  }
}
