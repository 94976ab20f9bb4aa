import type { CallContext } from '../../../proto/contract.js';
import { ClosedError, ManagerUnavailableError, NotFoundError, TimeoutError } from '../../../proto/errors.js';
import { duration } from '../../../proto/duration.js';
import type { Stateful } from '../../../proto/state.js';
import type { Clock } from '../../core/clock.js';
import { Future } from '../../core/future.js';
import { ended, AT_ONCE, type Late } from '../../core/late.js';
import type { CodeOutcome, UserCode, WrittenOutcome } from '../../core/system.js';
import { WaitList, nothing, type Waiter } from '../locking/waiters.js';

/** A piece of work for the queue: users' code, and its outcome as a response. */
export interface Work<R, W extends WrittenOutcome> extends Stateful {
  /** Starts the code. If its outcome comes later, the queue is busy until then. */
  begin(): unknown;
  /** Writes the outcome down. @param wanted false once the caller has given up */
  write(outcome: CodeOutcome, wanted: boolean): W;
  /** Makes a response of the written outcome while the queue is still busy. @throws the error of the code */
  answer(written: W): R;
}

/** Runs the work on one object one at a time, in order of arrival. Asynchronous code holds up the work behind it. */
export class SerialQueue implements Stateful {
  #busy = false;
  #began = 0;
  /** Calls whose work has not started. Empty while nothing runs. */
  readonly #queued: WaitList<Stateful, void>;
  /** The call whose work runs; empty once its caller has given up. */
  readonly #running: WaitList<void, unknown>;
  #whenIdle: (() => void) | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly userCode: UserCode,
    readonly object: string,
  ) {
    this.#queued = new WaitList(clock);
    this.#running = new WaitList(clock);
  }

  /** The state of the work that runs is in the users' code. */
  state() {
    return {
      busy: this.#busy,
      began: this.#busy ? this.#began : undefined,
      queued: this.#queued.state((work) => work.state()),
      running: this.#running.state(nothing),
    };
  }

  /** Number of calls without a response. */
  get waiting(): number {
    return this.#queued.size + this.#running.size;
  }

  /** Runs the work, at once if nothing else runs. The timeout covers the time in the queue and the work itself. */
  do<R, W extends WrittenOutcome>(context: CallContext, timeoutMs: number | undefined, work: Work<R, W>): R | Future<R> {
    if (!this.#busy) return this.#begin(context, timeoutMs, work);
    const since = this.clock.now;
    const left = (): number | undefined => timeoutMs && Math.max(0, timeoutMs - (this.clock.now - since));
    const late = (_work: unknown, late: Late): Error => {
      const running = `another call has run on "${this.object}" for ${duration(this.clock.now - this.#began)}`;
      return new TimeoutError(running + ended(late, 'it did not end'), { object: this.object });
    };
    if (timeoutMs === 0) throw late(undefined, AT_ONCE);
    const answer = new Future<R>(this.clock);
    const begin = (): void => {
      try {
        answer.resolve(this.#begin(context, left(), work));
      } catch (error) {
        answer.reject(error);
      }
    };
    this.#queued.add(context, work, begin, (error) => answer.reject(error), timeoutMs, late);
    return answer;
  }

  #begin<R, W extends WrittenOutcome>(context: CallContext, timeoutMs: number | undefined, work: Work<R, W>): R | Future<R> {
    let caller: Waiter<void, unknown> | undefined;
    let wanted = true;
    const completed = (written: () => W): void => {
      settle(caller, () => work.answer(written()));
      this.#over();
    };
    const written = this.userCode.run<W>(
      () => work.begin(),
      (outcome) => work.write(outcome, wanted),
      completed,
    );
    if (written !== undefined) return work.answer(written);
    this.#busy = true;
    this.#began = this.clock.now;
    const answer = new Future<R>(this.clock);
    const gaveUp = (error: Error): void => {
      caller = undefined;
      wanted = false;
      answer.reject(executing(error));
    };
    const late = (_none: void, late: Late): Error =>
      new TimeoutError(`the call on "${this.object}" runs on${ended(late, 'it did not end')}`, {
        object: this.object,
        mayHaveExecuted: true,
      });
    caller = this.#running.add(context, undefined, (response) => answer.resolve(response as R), gaveUp, timeoutMs, late);
    return answer;
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

/** Ends the wait for work that is over, unless the caller has given up. */
function settle(caller: Waiter<void, unknown> | undefined, answer: () => unknown): void {
  try {
    const response = answer();
    caller?.succeed(response);
  } catch (error) {
    caller?.fail(error as Error);
  }
}
