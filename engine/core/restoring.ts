import type { CallContext, Caller, HandedOver } from '../../proto/contract.js';
import type { State } from '../../proto/state.js';
import type { Method } from '../../proto/wire/codec.js';
import type { Clock, ClockTimer } from './clock.js';
import { restoreHolds, Session } from './session.js';
import { callerState, found, type CallerState, type CallState } from './state.js';

/** A call that waited when the state was written, until it waits again. */
export interface WaitingCall {
  readonly context: CallContext & { readonly method: Method };
  readonly request: unknown;
  /** Lets it wait for its answer. */
  wait(answer: PromiseLike<unknown>): void;
}

/** Returns the instance of a registered type that an object has, which is users' state; undefined if it is not there. */
export type InstanceOf = (object: string) => object | undefined;

/**
 * Everything that the parts of an engine have in common while they are restored from their states: the callers and calls that states name, the
 * timers of the clock, and the leases by token. All of it happens in one turn:
 *
 * 1. sessions and their open calls are there, without anything that they hold or wait for;
 * 2. the objects get their contents, and places for the calls that wait;
 * 3. each call that waits is started again, and takes its place;
 * 4. what is left is restored: references, the graph of waits, the order of holds.
 */
export class Restoring {
  /** The calls that waited. */
  readonly waiting: WaitingCall[] = [];
  /** The calls with an unacknowledged answer, and the states of the things that it handed over. */
  readonly answered: { readonly call: CallContext; readonly handedOver: State }[] = [];
  /** The holds of locks, permits and deliveries. */
  readonly leases = new Map<number, HandedOver>();
  readonly #sessions = new Map<string, Caller>();
  readonly #calls = new Map<string, CallContext>();
  /** Answers of calls that need not be started again, since their waits were restored. */
  readonly #answers = new Map<CallContext, PromiseLike<unknown>>();
  readonly #last: (() => void)[] = [];
  readonly #holds: (() => void)[] = [];

  constructor(
    readonly clock: Clock,
    readonly instanceOf: InstanceOf = () => undefined,
  ) {}

  /** @param holds the resources that the session has in the end, in their order */
  addSession(session: Caller, holds: readonly State[]): void {
    this.#sessions.set(JSON.stringify(callerState(session)), session);
    this.#holds.push(() => restoreHolds(session, holds));
  }

  /** Returns the session of that name. A unary call whose session is not there any more gets one like it. */
  caller(named: CallerState): Caller {
    const session = this.#sessions.get(JSON.stringify(named));
    if (typeof named === 'string') return found(session, named);
    const [host, pid, label] = named;
    return session ?? new Session('', { host, pid, label });
  }

  addCall(call: CallContext): void {
    this.#calls.set(keyOf(call.session.id, call.id), call);
  }

  call([caller, id]: CallState): CallContext {
    return found(this.#calls.get(keyOf(typeof caller === 'string' ? caller : '', id)), id);
  }

  /** Lets a timer of the clock run on. Returns undefined if none is named. */
  timer(number: number | undefined, run: () => void): ClockTimer | undefined {
    return number === undefined ? undefined : this.clock.resume(number, run);
  }

  /** Gives the answer of a call whose wait is restored. */
  answers(call: CallContext, answer: PromiseLike<unknown>): void {
    this.#answers.set(call, answer);
  }

  answerOf(call: CallContext): PromiseLike<unknown> | undefined {
    return this.#answers.get(call);
  }

  /** Does something once all calls wait again. */
  afterCalls(run: () => void): void {
    this.#last.push(run);
  }

  /** All calls wait again. */
  finish(): void {
    for (const run of [...this.#last, ...this.#holds]) run();
    this.clock.restored();
  }
}

function keyOf(session: string, id: number | undefined): string {
  return `${id} ${session}`;
}
