import type { CallContext } from '../../../proto/contract.js';
import { ClosedError, ManagerUnavailableError, NotFoundError, TimeoutError } from '../../../proto/errors.js';
import { duration } from '../../../proto/duration.js';
import { ended, AT_ONCE, type Late } from '../../core/late.js';
import { WaitList } from '../locking/waiters.js';

/** What is to be done in a turn. */
export interface Work<V, R> {
  /** Begins it; it may take until later. */
  begin(): V | PromiseLike<V>;
  /** Makes an error of what it threw. */
  failure(error: unknown): Error;
  /** Makes an answer of what came of it, still within the turn; left out where nobody waits for one any more. */
  answer(value: V): R;
}

/**
 * Lets work of one object be done one at a time, first come, first served: what takes until later holds
 * up what comes behind it.
 */
export class SerialQueue {
  #busy = false;
  #began = 0;
  /** Those whose turn it is not yet; nobody stands here while nothing is under way. */
  readonly #line = new WaitList<void, void>();
  /** Who waits for the work under way; nobody, where they gave up. */
  readonly #asker = new WaitList<void, unknown>();
  #whenIdle: (() => void) | undefined;

  constructor(readonly object: string) {}

  /** Calls that wait. */
  get waiting(): number {
    return this.#line.size + this.#asker.size;
  }

  /** Does the work, at once where nothing is under way. The timeout counts until there is an answer. */
  do<V, R>(context: CallContext, timeoutMs: number | undefined, work: Work<V, R>): R | Promise<R> {
    if (!this.#busy) return this.#begin(context, timeoutMs, work);
    const since = performance.now();
    const left = (): number | undefined => timeoutMs && Math.max(0, timeoutMs - (performance.now() - since));
    const late = (_none: void, late: Late): Error => {
      const running = `another call has run on "${this.object}" for ${duration(performance.now() - this.#began)}`;
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
      this.#line.add(context, undefined, begin, reject, timeoutMs, late);
    });
  }

  #begin<V, R>(context: CallContext, timeoutMs: number | undefined, work: Work<V, R>): R | Promise<R> {
    const value = beginning(work);
    if (!(value instanceof Later)) return work.answer(value);
    this.#busy = true;
    this.#began = performance.now();
    return this.#await(context, timeoutMs, value.promise, work);
  }

  #await<V, R>(context: CallContext, timeoutMs: number | undefined, later: Promise<V>, work: Work<V, R>): Promise<R> {
    return new Promise((resolve, reject) => {
      let asked = true;
      const gaveUp = (error: Error): void => {
        asked = false;
        reject(executing(error));
      };
      const late = (_none: void, late: Late): Error =>
        new TimeoutError(`the call on "${this.object}" runs on${ended(late, 'it did not end')}`, {
          object: this.object,
          mayHaveExecuted: true,
        });
      const asker = this.#asker.add(context, undefined, resolve as (answer: unknown) => void, gaveUp, timeoutMs, late);
      const answered = (value: V): void => {
        try {
          asker.succeed(work.answer(value));
        } catch (error) {
          asker.fail(error as Error);
        }
      };
      void later
        .then(
          (value) => asked && answered(value),
          (error: unknown) => asked && asker.fail(work.failure(error)),
        )
        .then(() => this.#over());
    });
  }

  /** What is under way has ended: those in the line follow, as long as they end at once. */
  #over(): void {
    this.#busy = false;
    while (!this.#busy && this.#line.first) this.#line.first.succeed();
    if (!this.#busy) this.#whenIdle?.();
  }

  /** Ends all waits because the object is gone; `then` is called when nothing is under way any more. */
  end(then: () => void): void {
    const gone = (mayHaveExecuted: boolean): Error =>
      new NotFoundError(`"${this.object}" was destroyed`, { object: this.object, mayHaveExecuted });
    this.#asker.failAll(() => gone(true));
    this.#line.failAll(() => gone(false));
    if (this.#busy) this.#whenIdle = then;
    else then();
  }
}

/** The error of one whose work is under way. The one that ends its wait, as the manager goes away, does not know of the work. */
function executing(error: Error): Error {
  if (error instanceof ManagerUnavailableError) return new ManagerUnavailableError(error.message, { mayHaveExecuted: true });
  return error instanceof ClosedError ? new ClosedError(error.message, { mayHaveExecuted: true }) : error;
}

/** What is there only later. */
class Later<V> {
  constructor(readonly promise: Promise<V>) {}
}

/** Begins work; what is like a promise is looked at here, since that may run code of its own. */
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
