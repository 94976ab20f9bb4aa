import type { CallContext } from '../../../proto/contract.js';
import { ClosedError, ManagerUnavailableError, NotFoundError, TimeoutError } from '../../../proto/errors.js';
import { duration } from '../../../proto/duration.js';
import { ended, AT_ONCE, type Late } from '../../core/late.js';
import { WaitList } from '../locking/waiters.js';
import type { Clock } from '../../core/clock.js';

/** A piece of work for the queue. */
export interface Work<V, R> {
  /** Starts the work. A promise keeps the queue busy until it settles. */
  begin(): V | PromiseLike<V>;
  /** Converts what the work threw into an error. */
  failure(error: unknown): Error;
  /** Converts the result into a response while the queue is still busy. Not called once the caller has given up. */
  answer(value: V): R;
}

/** Runs the work on one object one at a time, in order of arrival. Asynchronous work holds up the work behind it. */
export class SerialQueue {
  #busy = false;
  #began = 0;
  /** Calls whose work has not started. Empty while nothing runs. */
  readonly #queued: WaitList<void, void>;
  /** The call whose work runs; empty once its caller has given up. */
  readonly #running: WaitList<void, unknown>;
  #whenIdle: (() => void) | undefined;

  constructor(
    private readonly clock: Clock,
    readonly object: string,
  ) {
    this.#queued = new WaitList(clock);
    this.#running = new WaitList(clock);
  }

  /** Number of calls without a response. */
  get waiting(): number {
    return this.#queued.size + this.#running.size;
  }

  /** Runs the work, at once if nothing else runs. The timeout covers the time in the queue and the work itself. */
  do<V, R>(context: CallContext, timeoutMs: number | undefined, work: Work<V, R>): R | Promise<R> {
    if (!this.#busy) return this.#begin(context, timeoutMs, work);
    const since = this.clock.now;
    const left = (): number | undefined => timeoutMs && Math.max(0, timeoutMs - (this.clock.now - since));
    const late = (_none: void, late: Late): Error => {
      const running = `another call has run on "${this.object}" for ${duration(this.clock.now - this.#began)}`;
      return new TimeoutError(running + ended(late, 'it did not end'), { object: this.object });
    };
    if (timeoutMs === 0) throw late(undefined, AT_ONCE);
    return new Promise((resolve, reject) => {
      const begin = (): void => {
        try {
          resolve(this.#begin(context, left(), work));
        } catch (error) {
          reject(error);
        }
      };
      this.#queued.add(context, undefined, begin, reject, timeoutMs, late);
    });
  }

  #begin<V, R>(context: CallContext, timeoutMs: number | undefined, work: Work<V, R>): R | Promise<R> {
    const value = beginning(work);
    if (!(value instanceof Later)) return work.answer(value);
    this.#busy = true;
    this.#began = this.clock.now;
    return this.#await(context, timeoutMs, value.promise, work);
  }

  #await<V, R>(context: CallContext, timeoutMs: number | undefined, later: Promise<V>, work: Work<V, R>): Promise<R> {
    return new Promise((resolve, reject) => {
      let waits = true;
      const gaveUp = (error: Error): void => {
        waits = false;
        reject(executing(error));
      };
      const late = (_none: void, late: Late): Error =>
        new TimeoutError(`the call on "${this.object}" runs on${ended(late, 'it did not end')}`, {
          object: this.object,
          mayHaveExecuted: true,
        });
      const caller = this.#running.add(context, undefined, resolve as (answer: unknown) => void, gaveUp, timeoutMs, late);
      const answered = (value: V): void => {
        try {
          caller.succeed(work.answer(value));
        } catch (error) {
          caller.fail(error as Error);
        }
      };
      void later
        .then(
          (value) => waits && answered(value),
          (error: unknown) => waits && caller.fail(work.failure(error)),
        )
        .then(() => this.#over());
    });
  }

  /** Called when asynchronous work has ended: starts queued work until one of it is asynchronous again. */
  #over(): void {
    this.#busy = false;
    while (!this.#busy && this.#queued.first) this.#queued.first.succeed();
    if (!this.#busy) this.#whenIdle?.();
  }

  /** Fails all calls because the object was destroyed. `then` is called when no work runs any more. */
  end(then: () => void): void {
    const gone = (mayHaveExecuted: boolean): Error =>
      new NotFoundError(`"${this.object}" was destroyed`, { object: this.object, mayHaveExecuted });
    this.#running.failAll(() => gone(true));
    this.#queued.failAll(() => gone(false));
    if (this.#busy) this.#whenIdle = then;
    else then();
  }
}

/**
 * Adds `mayHaveExecuted` to an error that ends the wait for running work: the code that ends waits when the manager stops does not know
 * that the work has started.
 */
function executing(error: Error): Error {
  if (error instanceof ManagerUnavailableError) return new ManagerUnavailableError(error.message, { mayHaveExecuted: true });
  return error instanceof ClosedError ? new ClosedError(error.message, { mayHaveExecuted: true }) : error;
}

/** A result that is not there yet. */
class Later<V> {
  constructor(readonly promise: Promise<V>) {}
}

/** Starts the work. Looks for `then` inside the `try`, because a getter of the user may run and throw. */
function beginning<V, R>(work: Work<V, R>): V | Later<V> {
  try {
    const value = work.begin();
    return isThenable(value) ? new Later(Promise.resolve(value)) : value;
  } catch (error) {
    throw work.failure(error);
  }
}

function isThenable<V>(value: V | PromiseLike<V>): value is PromiseLike<V> {
  return typeof value === 'object' && value !== null && typeof (value as Partial<PromiseLike<V>>).then === 'function';
}
