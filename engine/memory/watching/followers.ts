import type { CallContext } from '../../../proto/contract.js';
import { TimeoutError } from '../../../proto/errors.js';
import type { Stateful, StateOf } from '../../../proto/state.js';
import type { Clock } from '../../core/clock.js';
import type { Future } from '../../core/future.js';
import type { Restoring } from '../../core/restoring.js';
import { sortedPairs } from '../../core/state.js';
import { nothing, WaitList } from '../locking/waiters.js';

/** Calls that wait for the next object of a kind and name. They belong to no object, because the one before has ended. */
export class Followers implements Stateful {
  /** By kind and name. */
  readonly #waiting = new Map<string, WaitList<void, void>>();

  constructor(
    private readonly clock: Clock,
    /** Returns true if there is an object of that kind and name. */
    private readonly exists: (kind: string, name: string) => boolean,
  ) {}

  /** Number of calls that wait. */
  get size(): number {
    let size = 0;
    for (const list of this.#waiting.values()) size += list.size;
    return size;
  }

  state() {
    return { waiting: sortedPairs(Array.from(this.#waiting, ([place, list]) => [place, list.state(nothing)])) };
  }

  restore({ waiting }: StateOf<Followers>, restoring: Restoring): void {
    for (const [place, calls] of waiting) this.#at(place).restore(calls, restoring);
  }

  /** Waits for an object, for at most `timeoutMs` milliseconds. */
  wait(kind: string, name: string, context: CallContext, timeoutMs: number | undefined): void | Future<void> {
    if (timeoutMs === 0) return;
    const place = placeOf(kind, name);
    return this.#at(place)
      .wait(context, undefined, timeoutMs)
      .then(
        () => this.#tidy(place),
        (error) => {
          this.#tidy(place);
          if (!(error instanceof TimeoutError)) throw error;
        },
      );
  }

  /** Wakes the calls that wait for an object that was made, at the end of the turn, unless a batch undid it. */
  made(kind: string, name: string): void {
    const list = this.#waiting.get(placeOf(kind, name));
    if (list === undefined) return;
    this.clock.defer(() => {
      if (!this.exists(kind, name)) return;
      while (list.first) list.first.succeed();
    });
  }

  #at(place: string): WaitList<void, void> {
    let list = this.#waiting.get(place);
    if (list === undefined) this.#waiting.set(place, (list = new WaitList(this.clock)));
    return list;
  }

  #tidy(place: string): void {
    if (this.#waiting.get(place)?.size === 0) this.#waiting.delete(place);
  }
}

function placeOf(kind: string, name: string): string {
  return `${kind} ${name}`;
}
