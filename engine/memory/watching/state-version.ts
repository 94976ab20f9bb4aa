import type { CallContext } from '../../../proto/contract.js';
import { TimeoutError } from '../../../proto/errors.js';
import type { Stateful, StateOf } from '../../../proto/state.js';
import type { Future } from '../../core/future.js';
import type { Restoring } from '../../core/restoring.js';
import { WaitList } from '../locking/waiters.js';
import type { GrowingNumbers } from '../../core/growing-numbers.js';

/** The want of a watch that waits. */
interface Wanted {
  /** True if the end of the object ends the wait with an answer, because the watch goes on with the next object of the name; false if it fails. */
  readonly follow: boolean;
}

/** A version number of an object's state. Wakes the watchers when it changes. Keeps no changes, because only the current state counts. */
export class StateVersion implements Stateful {
  #first: number;
  #revision: number;
  #reporting = false;
  readonly #waiting: WaitList<Wanted, void>;

  constructor(readonly revisions: GrowingNumbers) {
    this.#waiting = new WaitList(revisions.clock);
    this.#first = this.#revision = revisions.next();
  }

  /** Version of the current state. */
  get revision(): number {
    return this.#revision;
  }

  get waiters(): number {
    return this.#waiting.size;
  }

  state() {
    return { first: this.#first, revision: this.#revision, waiting: this.#waiting.state(({ follow }) => ({ follow })) };
  }

  restore({ first, revision, waiting }: StateOf<StateVersion>, restoring: Restoring): void {
    this.#first = first;
    this.#revision = revision;
    this.#waiting.restore(waiting, restoring);
  }

  /** Returns true if the revision is of this object, and not of an earlier object of its name. */
  knows(revision: number): boolean {
    return revision >= this.#first;
  }

  /** Records that the state changed. */
  bump(): void {
    this.#revision = this.revisions.next();
    if (this.#waiting.size === 0 || this.#reporting) return;
    this.#reporting = true;
    // All changes of a turn are reported as one.
    this.revisions.clock.defer(() => this.#report());
  }

  /** Waits while the state has the known revision, for at most `timeoutMs` milliseconds. */
  watch(known: number | undefined, context: CallContext, timeoutMs: number | undefined, follow = false): void | Future<void> {
    if (known !== this.#revision || timeoutMs === 0) return;
    return this.#waiting.wait(context, { follow }, timeoutMs).then(undefined, (error) => {
      if (!(error instanceof TimeoutError)) throw error;
    });
  }

  destroyed(gone: () => Error): void {
    for (const waiter of [...this.#waiting]) {
      if (waiter.want.follow) waiter.succeed();
      else waiter.fail(gone());
    }
  }

  #report(): void {
    this.#reporting = false;
    while (this.#waiting.first) this.#waiting.first.succeed();
  }
}
