import type { CallContext } from '../../../proto/contract.js';
import { TimeoutError } from '../../../proto/errors.js';
import type { State } from '../../../proto/state.js';
import { Future } from '../../core/future.js';
import { MOST_COUNTED, type Late } from '../../core/late.js';
import { timerState, type Clock, type ClockTimer } from '../../core/clock.js';
import type { Restoring } from '../../core/restoring.js';
import { callState, found, type CallState } from '../../core/state.js';

/** A call that waits, with its request. */
export class Waiter<W, R> {
  /** @internal */ previous: Waiter<W, R> | undefined;
  /** @internal */ next: Waiter<W, R> | undefined;
  readonly #timer: ClockTimer | undefined;

  constructor(
    readonly list: WaitList<W, R>,
    readonly context: CallContext,
    readonly want: W,
    readonly resolve: (response: R) => void,
    readonly reject: (error: Error) => void,
    readonly timeoutMs: number | undefined,
    timedOut: (want: W, late: Late) => Error,
    /** The call's place, if it waited when the state was written. */
    place?: WaiterState<State>,
  ) {
    if (timeoutMs !== undefined) {
      const late = (): void => this.giveUp(timedOut(want, { timeoutMs, ahead: this.#ahead() }));
      this.#timer = place === undefined ? list.clock.after(timeoutMs, late) : list.clock.resume(found(place.timer, 'timer'), late);
    }
    context.cancel = (reason) => this.giveUp(reason);
  }

  /** Ends the wait with a response. */
  succeed(response: R): void {
    this.#leave();
    this.resolve(response);
  }

  /** Ends the wait with an error. */
  fail(error: Error): void {
    this.#leave();
    this.reject(error);
  }

  /** @param want its want as state. The method of the call says what it does in the end */
  state<S extends State>(want: S) {
    return { call: callState(this.context), want, timeoutMs: this.timeoutMs, timer: timerState(this.#timer) };
  }

  /** Number of calls that wait before this one, up to `MOST_COUNTED`. */
  #ahead(): number {
    let count = 0;
    for (let before = this.previous; before !== undefined && count < MOST_COUNTED; before = before.previous) count++;
    return count;
  }

  /** Ends the wait before it was its turn: because of its timeout or its caller, or to end a deadlock. */
  giveUp(error: Error): void {
    this.fail(error);
    this.list.gaveUp?.(this.want, error);
  }

  #leave(): void {
    this.#timer?.stop();
    this.context.cancel = undefined;
    this.list.remove(this);
  }
}

/** A call that waited when the state was written. */
export interface WaiterState<S extends State> {
  readonly [field: string]: State;
  readonly call: CallState;
  readonly want: S;
  readonly timeoutMs: number | undefined;
  readonly timer: number | undefined;
}

/** The place of a call that waited when the state was written, and the call once it waits again. */
interface Place<W, R> {
  readonly state: WaiterState<State>;
  waiter: Waiter<W, R> | undefined;
}

/** Calls that wait for the same thing, by their priorities, and first come, first served among equal ones. Removes a call from any position in constant time. */
export class WaitList<W, R> {
  #first: Waiter<W, R> | undefined;
  /** The last call of each priority, in the order of the priorities. */
  readonly #lasts: Waiter<W, R>[] = [];
  #size = 0;
  /** The places of calls that have not begun to wait again, in their order, while the list is restored. */
  #places: Map<CallContext, Place<W, R>> | undefined;

  constructor(
    readonly clock: Clock,
    /** Called when a wait ended before its turn, because the calls behind it may be able to go on. */
    readonly gaveUp?: (want: W, error: Error) => void,
    /** Returns the priority of a call, lowest first. Without it, all calls are equal. */
    readonly priorityOf: (want: W) => number = equal,
  ) {}

  get size(): number {
    return this.#size;
  }

  /** Returns true if a call would be the first to serve. A call that has a place would not: it waited before. */
  leads(want: W): boolean {
    if (this.#size === 0) return true;
    return this.#first !== undefined && this.priorityOf(want) < this.priorityOf(this.#first.want);
  }

  /** The call to serve next. A call whose fence is stale by now fails instead. */
  get first(): Waiter<W, R> | undefined {
    for (let first = this.#first; first !== undefined; first = this.#first) {
      const stale = first.context.stale?.();
      if (stale === undefined) return first;
      first.fail(stale);
    }
    return undefined;
  }

  /** The waiting calls in order. */
  state<S extends State>(describe: (want: W) => S): WaiterState<S>[] {
    return Array.from(this, (waiter) => waiter.state(describe(waiter.want)));
  }

  /** Keeps places for calls, each of which takes its own when it begins to wait again. */
  restore(waiting: readonly WaiterState<State>[], restoring: Restoring): void {
    if (waiting.length === 0) return;
    this.#size = waiting.length;
    this.#places = new Map(waiting.map((state) => [restoring.call(state.call), { state, waiter: undefined }]));
    restoring.afterCalls(() => this.#takePlaces());
  }

  /** Returns the calls for which places are kept. */
  kept(): [CallContext, WaiterState<State>][] {
    return Array.from(this.#places ?? [], ([context, { state }]) => [context, state]);
  }

  /** Returns the place that is kept for a call. */
  placeOf(context: CallContext): WaiterState<State> | undefined {
    return this.#places?.get(context)?.state;
  }

  /** Returns the time since which a call waits that begins to wait now, or waits again after it was restored. Its want as state has it. */
  since(context: CallContext): number {
    const want = this.placeOf(context)?.want as { readonly since: number } | undefined;
    return want?.since ?? this.clock.now;
  }

  /** Yields the waiting calls in the order in which they are served. */
  *[Symbol.iterator](): Generator<Waiter<W, R>, void, undefined> {
    for (let waiter = this.#first; waiter !== undefined; waiter = waiter.next) yield waiter;
  }

  #takePlaces(): void {
    const places = this.#places!;
    this.#places = undefined;
    this.#size = 0;
    for (const { state, waiter } of places.values()) this.#insert(found(waiter, state.call[1]));
  }

  /** Waits behind all calls of its priority. With a timeout of 0 it throws at once. */
  wait(context: CallContext, want: W, timeoutMs: number | undefined, timedOut: (want: W, late: Late) => Error = ranOut): Future<R> {
    if (timeoutMs === 0) throw timedOut(want, { timeoutMs, ahead: Math.min(this.#size, MOST_COUNTED) });
    const answer = new Future<R>(this.clock);
    const resolve = (response: R): void => answer.resolve(response);
    const reject = (error: Error): void => answer.reject(error);
    this.add(context, want, resolve, reject, timeoutMs, timedOut);
    return answer;
  }

  /** Adds a call behind all others of its priority. `resolve` or `reject` is called synchronously by the code that serves or ends it. */
  add(
    context: CallContext,
    want: W,
    resolve: (response: R) => void,
    reject: (error: Error) => void,
    timeoutMs: number | undefined,
    timedOut: (want: W, late: Late) => Error = ranOut,
  ): Waiter<W, R> {
    const place = this.#places?.get(context);
    const waiter = new Waiter(this, context, want, resolve, reject, timeoutMs, timedOut, place?.state);
    if (place === undefined) this.#insert(waiter);
    else place.waiter = waiter;
    return waiter;
  }

  #insert(waiter: Waiter<W, R>): void {
    const index = this.#indexOf(waiter);
    const equal = this.#isEqual(waiter, this.#lasts[index]);
    const before = this.#lasts[equal ? index : index - 1];
    const after = before === undefined ? this.#first : before.next;
    waiter.previous = before;
    waiter.next = after;
    if (before) before.next = waiter;
    else this.#first = waiter;
    if (after) after.previous = waiter;
    if (equal) this.#lasts[index] = waiter;
    else this.#lasts.splice(index, 0, waiter);
    this.#size++;
  }

  /** Returns the index of its priority among the ones that wait, or the one that it would have. */
  #indexOf({ want }: Waiter<W, R>): number {
    const priority = this.priorityOf(want);
    let [low, high] = [0, this.#lasts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.priorityOf(this.#lasts[middle]!.want) < priority) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #isEqual({ want }: Waiter<W, R>, other: Waiter<W, R> | undefined): other is Waiter<W, R> {
    return other !== undefined && this.priorityOf(other.want) === this.priorityOf(want);
  }

  /** Fails all waits, each with its own error. */
  failAll(error: (want: W) => Error): void {
    while (this.#first) this.#first.fail(error(this.#first.want));
  }

  /** @internal Called by the waiter itself. */
  remove(waiter: Waiter<W, R>): void {
    const index = this.#indexOf(waiter);
    if (this.#lasts[index] === waiter) {
      const { previous } = waiter;
      if (this.#isEqual(waiter, previous)) this.#lasts[index] = previous;
      else this.#lasts.splice(index, 1);
    }
    if (waiter.previous) waiter.previous.next = waiter.next;
    else this.#first = waiter.next;
    if (waiter.next) waiter.next.previous = waiter.previous;
    waiter.previous = waiter.next = undefined;
    this.#size--;
  }
}

function equal(): number {
  return 0;
}

/** Describes the want of a list whose calls all wait for the same. */
export function nothing(): undefined {
  return undefined;
}

function ranOut(): Error {
  return new TimeoutError('the wait ended by its timeout');
}
