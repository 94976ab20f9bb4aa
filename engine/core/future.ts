import { isThenable } from '../../proto/thenable.js';
import type { Clock } from './clock.js';

/**
 * The answer of a call that waits. It has the `then` of a promise, so that callers can await it, but it uses no microtask: once it is
 * settled, its callbacks run at the end of the turn, in the order in which the futures of the turn were settled. The callbacks of a future
 * that `then` returned run right after the callback that settled it.
 */
export class Future<T> implements PromiseLike<T> {
  #state: 'pending' | 'resolved' | 'rejected' = 'pending';
  /** The value or the error. */
  #outcome: unknown;
  /** True once the futures that follow were told of the outcome. */
  #told = false;
  /** Futures that `then` returned. In most cases there is one. */
  #follower: Future<unknown> | Future<unknown>[] | undefined;

  constructor(
    private readonly clock: Clock,
    /** Callbacks for the outcome of the future that this one follows. */
    private readonly onValue?: Callback,
    private readonly onError?: Callback,
  ) {}

  /** Waits for all answers. Fails with the first error. */
  static all<T>(clock: Clock, answers: readonly (T | PromiseLike<T>)[]): Future<T[]> {
    const all = new Future<T[]>(clock);
    const values: T[] = new Array<T>(answers.length);
    let missing = answers.length;
    if (missing === 0) all.resolve(values);
    const arrive = (index: number, value: T): void => {
      values[index] = value;
      if (--missing === 0) all.resolve(values);
    };
    for (const [index, answer] of answers.entries()) {
      if (isThenable(answer)) {
        answer.then(
          (value) => arrive(index, value),
          (error: unknown) => all.reject(error),
        );
      } else {
        arrive(index, answer);
      }
    }
    return all;
  }

  /** Settles it with a value, or with the outcome of another answer once that is there. Does nothing if it is settled. */
  resolve(value: T | PromiseLike<T>): void {
    if (isThenable(value)) this.#adopt(value);
    else if (this.#settle('resolved', value)) this.clock.defer(() => this.#tell());
  }

  /** Settles it with an error. Does nothing if it is settled. */
  reject(error: unknown): void {
    if (this.#settle('rejected', error)) this.clock.defer(() => this.#tell());
  }

  then<A = T, B = never>(
    onValue?: ((value: T) => A | PromiseLike<A>) | null,
    onError?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Future<A | B> {
    const next = new Future<A | B>(this.clock, onValue as Callback, onError);
    if (this.#told) this.clock.turn(() => this.clock.defer(() => next.#follow(this)));
    else if (this.#follower === undefined) this.#follower = next;
    else if (Array.isArray(this.#follower)) this.#follower.push(next);
    else this.#follower = [this.#follower, next];
    return next;
  }

  #settle(state: 'resolved' | 'rejected', outcome: unknown): boolean {
    if (this.#state !== 'pending') return false;
    this.#state = state;
    this.#outcome = outcome;
    return true;
  }

  #tell(): void {
    this.#told = true;
    const follower = this.#follower;
    if (follower === undefined) return;
    if (!Array.isArray(follower)) follower.#follow(this);
    else for (const each of follower) each.#follow(this);
  }

  /** Settles this future by its callback for the outcome of the future that it follows. */
  #follow(first: Future<unknown>): void {
    const callback = first.#state === 'resolved' ? this.onValue : this.onError;
    try {
      if (!callback) this.#pass(first.#state as 'resolved' | 'rejected', first.#outcome);
      else this.#take(callback(first.#outcome) as T | PromiseLike<T>);
    } catch (error) {
      this.#pass('rejected', error);
    }
  }

  #take(answer: T | PromiseLike<T>): void {
    if (isThenable(answer)) this.#adopt(answer);
    else this.#pass('resolved', answer);
  }

  #adopt(answer: PromiseLike<T>): void {
    answer.then(
      (value) => this.#pass('resolved', value),
      (error: unknown) => this.#pass('rejected', error),
    );
  }

  #pass(state: 'resolved' | 'rejected', outcome: unknown): void {
    if (this.#settle(state, outcome)) this.#tell();
  }
}

type Callback = ((outcome: unknown) => unknown) | null | undefined;
