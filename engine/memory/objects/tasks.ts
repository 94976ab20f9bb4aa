import type { CallContext } from '../../../proto/contract.js';
import { InvalidArgumentError, TimeoutError } from '../../../proto/errors.js';
import type { Stateful, StateOf } from '../../../proto/state.js';
import type { Future } from '../../core/future.js';
import type { Restoring } from '../../core/restoring.js';
import { unfinishedText } from '../../core/late.js';
import { WaitList, nothing } from '../locking/waiters.js';
import type { Clock } from '../../core/clock.js';

/** The unfinished tasks of a queue, one for each item that was put and not reported as done, and the calls that wait for the last one. */
export class Tasks implements Stateful {
  #unfinished = 0;
  readonly #joiners: WaitList<void, void>;

  constructor(
    clock: Clock,
    readonly queue: string,
  ) {
    this.#joiners = new WaitList(clock);
  }

  get unfinished(): number {
    return this.#unfinished;
  }

  get waiters(): number {
    return this.#joiners.size;
  }

  state() {
    return { unfinished: this.#unfinished, joiners: this.#joiners.state(nothing) };
  }

  restore({ unfinished, joiners }: StateOf<Tasks>, restoring: Restoring): void {
    this.#unfinished = unfinished;
    this.#joiners.restore(joiners, restoring);
  }

  add(count: number): void {
    this.#unfinished += count;
  }

  /** Finishes tasks that a client reports as done. Throws if there are fewer. */
  done(count: number): void {
    if (count > this.#unfinished) {
      throw new InvalidArgumentError(`taskDone(${count}) when ${this.#unfinished} items are unfinished: call it once for each item taken`, {
        object: this.queue,
      });
    }
    this.finish(count);
  }

  /**
   * Finishes tasks of items that are done or dropped. There may be fewer than `count`, if a client has reported items as done that were not
   * taken.
   */
  finish(count: number): void {
    this.#unfinished -= Math.min(count, this.#unfinished);
    while (this.#unfinished === 0 && this.#joiners.first) this.#joiners.first.succeed();
  }

  /** Waits until all tasks are finished. */
  join(context: CallContext, timeoutMs: number | undefined): void | Future<void> {
    if (this.#unfinished === 0) return;
    return this.#joiners.wait(
      context,
      undefined,
      timeoutMs,
      (_want, late) => new TimeoutError(unfinishedText(this.queue, this.#unfinished, late.timeoutMs), { object: this.queue }),
    );
  }

  failAll(error: () => Error): void {
    this.#joiners.failAll(error);
  }
}
