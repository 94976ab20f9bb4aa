import type { ConditionServiceWaitResponse } from '../../../proto/gen/commonhold/v1/condition_wire.js';
import type { CallContext, HandedOver } from '../../../proto/contract.js';
import { CancelledError, LimitExceededError, TimeoutError } from '../../../proto/errors.js';
import type { Stateful, StateOf } from '../../../proto/state.js';
import type { MemoryMutex } from './mutex.js';
import { asManagerError } from '../../core/calls.js';
import { Future } from '../../core/future.js';
import type { Ownership } from '../../core/ownership.js';
import { errorOf, errorState } from '../../core/state.js';
import type { WaitList, Waiter } from './waiters.js';

/** A condition, as its waits see it. */
export interface Notifier {
  readonly name: string;
  /** True once it was destroyed. */
  readonly ended: boolean;
  /** Waits for a notification. */
  readonly waits: WaitList<ConditionWait, boolean>;
  /** Wakes up to `count` waiters. */
  wake(count: number): void;
}

/** A notification for one waiter, which goes to another if the answer that reports it does not arrive. */
export class HandedNotification implements HandedOver {
  constructor(private readonly condition: Notifier) {}

  giveBack(): void {
    this.condition.wake(1);
  }

  state() {
    const { name, ended } = this.condition;
    return { handed: 'notification', condition: name, ended } as const;
  }
}

/** A position in a queue that can be given up. */
type Failing = Pick<Waiter<unknown, unknown>, 'fail'>;

/**
 * One wait on a condition, from suspending the hold of the mutex to resuming it. A wait that fails resumes the hold too, if its caller is
 * still there.
 */
export class ConditionWait implements Stateful {
  readonly answer: Future<ConditionServiceWaitResponse>;
  readonly #ownership: Ownership;
  /** Its position in the queue for a notification, then in the queue for the mutex. */
  #waiter: Failing | undefined;
  /** Result of the wait for a notification. */
  #outcome: { notified: boolean } | { error: Error } | undefined;
  /** True if it got a notification meant for one waiter, which goes to another if this one cannot use it. */
  #owed = false;

  constructor(
    readonly condition: Notifier,
    readonly mutex: MemoryMutex,
    readonly context: CallContext,
    readonly token: number,
    /** Returns the hold of the mutex, which is suspended. */
    suspend: (levelEnded: (token: number, error: Error) => void) => Ownership,
  ) {
    this.answer = new Future(condition.waits.clock);
    this.#ownership = suspend((level, error) => this.#levelEnded(level, error));
  }

  begin(timeoutMs: number | undefined): void {
    if (timeoutMs === 0) this.#reacquire({ notified: false });
    else this.#awaitNotification(timeoutMs);
  }

  /** Waits again, for the notification or for the mutex. */
  restore({ outcome, owed }: StateOf<ConditionWait>, timeoutMs: number | undefined): void {
    this.#owed = owed;
    if (outcome === undefined) this.#awaitNotification(timeoutMs);
    else this.#reacquire(typeof outcome === 'boolean' ? { notified: outcome } : { error: errorOf(outcome) });
  }

  #awaitNotification(timeoutMs: number | undefined): void {
    const woken = (owed: boolean): void => {
      this.#owed = owed;
      this.#reacquire({ notified: true });
    };
    const ended = (error: Error): void => this.#reacquire(error instanceof TimeoutError ? { notified: false } : { error });
    this.#waitAt(this.condition.waits.add(this.context, this, woken, ended, timeoutMs));
  }

  /** The mutex knows the suspended hold, by the tokens of its levels. */
  state() {
    const outcome = this.#outcome && ('error' in this.#outcome ? errorState(asManagerError(this.#outcome.error)) : this.#outcome.notified);
    const levels = this.#ownership.levels.map(({ token }) => token);
    const { name, ended } = this.condition;
    return { condition: name, ended, token: this.token, levels, outcome, owed: this.#owed };
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
    if (this.#owed) this.context.handOver(new HandedNotification(this.condition));
    this.answer.resolve({ notified: outcome.notified, abandoned: this.mutex.takeAbandoned() });
  }

  #fail(error: Error): void {
    this.#waiter = undefined;
    this.#passOn();
    this.answer.reject(error);
  }

  #passOn(): void {
    if (!this.#owed) return;
    this.#owed = false;
    this.condition.wake(1);
  }

  #cancel(reason: Error): void {
    // A caller whose wait was refused, or who gave it up and has a session, keeps the hold. Otherwise the caller is gone, and its hold ends.
    if (reason instanceof LimitExceededError) return this.#giveUp(reason);
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
