import type { ConditionServiceWaitResponse } from '../../../proto/gen/commonhold/v1/condition_wire.js';
import type { CallContext, HandedOver } from '../../../proto/contract.js';
import { CancelledError, TimeoutError } from '../../../proto/errors.js';
import type { State } from '../../../proto/state.js';
import type { MemoryMutex } from './mutex.js';
import type { Ownership } from '../../core/ownership.js';
import type { WaitList, Waiter } from './waiters.js';

interface WaitEnd {
  resolve(result: ConditionServiceWaitResponse): void;
  reject(error: Error): void;
  /** Wakes another waiter with a notification that this one could not use. */
  passOn(): void;
}

/** A position in a queue that can be given up. */
type Failing = Pick<Waiter<unknown, unknown>, 'fail'>;

/**
 * One wait on a condition, from suspending the hold of the mutex to resuming it. A wait that fails resumes the hold too, if its caller is
 * still there.
 */
export class ConditionWait implements HandedOver {
  readonly #ownership: Ownership;
  /** Its position in the queue for a notification, then in the queue for the mutex. */
  #waiter: Failing | undefined;
  /** Result of the wait for a notification. */
  #outcome: { notified: boolean } | { error: Error } | undefined;
  /** True if it got a notification meant for one waiter, which goes to another if this one cannot use it. */
  #owed = false;

  /** Suspends the hold of the mutex. Throws if the token does not hold it. */
  constructor(
    readonly condition: string,
    readonly list: WaitList<ConditionWait, boolean>,
    readonly mutex: MemoryMutex,
    readonly context: CallContext,
    readonly token: number,
    readonly ends: WaitEnd,
  ) {
    this.#ownership = mutex.suspend(token, (level, error) => this.#levelEnded(level, error));
  }

  begin(timeoutMs: number | undefined): void {
    if (timeoutMs === 0) return this.#reacquire({ notified: false });
    const woken = (owed: boolean): void => {
      this.#owed = owed;
      this.#reacquire({ notified: true });
    };
    const ended = (error: Error): void => this.#reacquire(error instanceof TimeoutError ? { notified: false } : { error });
    this.#waitAt(this.list.add(this.context, this, woken, ended, timeoutMs));
  }

  /** The mutex knows the suspended hold, by the tokens of its levels. */
  state(): State {
    const outcome = this.#outcome && ('error' in this.#outcome ? String(this.#outcome.error) : this.#outcome.notified);
    const levels = this.#ownership.levels.map(({ token }) => token);
    return { condition: this.condition, token: this.token, levels, outcome, owed: this.#owed };
  }

  /** Gives back the notification that the answer reports. */
  giveBack(): void {
    this.#passOn();
  }

  #waitAt(waiter: Failing | undefined): void {
    this.#waiter = waiter;
    if (waiter) this.context.cancel = (reason) => this.#cancel(reason);
  }

  /** Called when the wait for a notification is over: waits for the mutex. */
  #reacquire(outcome: { notified: boolean } | { error: Error }): void {
    this.#outcome = outcome;
    this.#waiter = undefined;
    if ('error' in outcome && this.#ownership.levels.length === 0) return this.#fail(outcome.error);
    this.#waitAt(
      this.mutex.resume(
        this.#ownership,
        this.context,
        () => this.#resumed(),
        (error) => this.#fail(error),
        this,
      ),
    );
  }

  #resumed(): void {
    this.#waiter = undefined;
    const outcome = this.#outcome!;
    if ('error' in outcome) return this.#fail(outcome.error);
    if (this.#owed) this.context.handOver(this);
    this.ends.resolve({ notified: outcome.notified, abandoned: this.mutex.takeAbandoned() });
  }

  #fail(error: Error): void {
    this.#waiter = undefined;
    this.#passOn();
    this.ends.reject(error);
  }

  #passOn(): void {
    if (!this.#owed) return;
    this.#owed = false;
    this.ends.passOn();
  }

  #cancel(reason: Error): void {
    // With a session the caller gave up the wait but keeps the hold. Otherwise the caller is gone, and its hold ends.
    if (reason instanceof CancelledError && this.context.session.id !== '') return this.#giveUp(reason);
    this.mutex.forget(this.#ownership);
    this.#waiter?.fail(reason);
  }

  #levelEnded(token: number, error: Error): void {
    if (this.#ownership.levels.length === 0) this.#waiter?.fail(error);
    else if (token === this.token) this.#giveUp(error);
  }

  /** Makes the wait fail: at once while it waits for a notification, otherwise when it has resumed the hold. */
  #giveUp(error: Error): void {
    if (this.#outcome === undefined) return this.#waiter?.fail(error);
    this.#outcome = { error };
    this.#passOn();
  }
}
