import { brokenBarrier, type BarrierBreak } from '../../core/broken-barrier.js';
import type { CallContext, Caller, Handlers } from '../../../proto/contract.js';
import {
  BrokenBarrierError,
  CancelledError,
  InvalidArgumentError,
  LimitExceededError,
  ManagerUnavailableError,
  NotFoundError,
  NotOwnerError,
  OptionsConflictError,
  type BrokenBarrierReason,
} from '../../../proto/errors.js';
import type { BarrierService, BarrierServiceWaitResponse } from '../../../proto/gen/commonhold/v1/barrier_wire.js';
import type { StateOf } from '../../../proto/state.js';
import { SharedObject, type Keyspace, type ObjectKind } from '../lifetime/keyspace.js';
import type { Future } from '../../core/future.js';
import type { Restoring } from '../../core/restoring.js';
import { Lease } from '../../core/lease.js';
import { WaitList, type Waiter } from './waiters.js';
import type { HoldTokens } from '../../core/hold-tokens.js';

/** A party that waits. */
interface Party {
  readonly hasAction: boolean;
}

/** The party that runs its action while the others of its round wait. */
interface BarrierAction {
  readonly lease: Lease;
  readonly index: number;
}

type Arrival = Waiter<Party, BarrierServiceWaitResponse>;

const TIMED_OUT: BarrierBreak = { reason: 'timeout', what: 'the timeout of a party ended' };
const GAVE_UP: BarrierBreak = { reason: 'abort', what: 'a party gave up its wait' };
const ABORTED: BarrierBreak = { reason: 'abort', what: 'it was aborted' };
const RESET: BarrierBreak = { reason: 'reset', what: 'it was reset' };
const DIED: BarrierBreak = { reason: 'death', what: 'the session of a party ended' };

/**
 * A barrier on which parties wait for each other, as Python's Barrier. The first `parties` waiters in the queue are a round. While one of
 * them runs its action, later arrivals wait for the next round.
 */
export class MemoryBarrier extends SharedObject {
  readonly kind = 'barrier';
  readonly size = 1;
  readonly #arrivals: WaitList<Party, BarrierServiceWaitResponse>;
  #action: BarrierAction | undefined;
  #broken: BarrierBreak | undefined;
  /** The last action that was interrupted. Its party gets this error when it reports its end. */
  #interrupted: { token: number; by: BarrierBreak } | undefined;

  constructor(
    name: string,
    readonly tokens: HoldTokens,
    readonly parties: number,
    /** Timeout of a wait that gives none. */
    readonly timeoutMs: number | undefined,
  ) {
    super(name);
    this.#arrivals = new WaitList(tokens.clock, (_, error) => this.#gaveUp(error));
    if (parties === 0) throw new InvalidArgumentError(`"${name}" for 0 parties: a barrier has at least 1`, { object: name });
  }

  /** Number of parties that wait or run the action. */
  get waiting(): number {
    return this.#arrivals.size + (this.#action ? 1 : 0);
  }

  get broken(): BrokenBarrierReason | undefined {
    return this.#broken?.reason;
  }

  override get waiters(): number {
    return this.#arrivals.size;
  }

  override options(): Record<string, string> {
    const timeout = this.timeoutMs === undefined ? {} : { timeoutMs: String(this.timeoutMs) };
    return { parties: String(this.parties), ...timeout, broken: this.broken ?? 'false', inAction: String(this.#action !== undefined) };
  }

  override state() {
    return {
      parties: this.parties,
      timeoutMs: this.timeoutMs,
      arrivals: this.#arrivals.state(({ hasAction }) => hasAction),
      action: this.#action && ([this.#action.lease.state(), this.#action.index] as const),
      broken: this.#broken && { ...this.#broken },
      interrupted: this.#interrupted && ([this.#interrupted.token, { ...this.#interrupted.by }] as const),
    };
  }

  override restore({ arrivals, action, broken, interrupted }: StateOf<MemoryBarrier>, restoring: Restoring): void {
    this.#arrivals.restore(arrivals, restoring);
    if (action !== undefined) {
      const [state, index] = action;
      const lease = this.#lease(restoring.caller(state.caller), state.token);
      lease.restore(state, restoring);
      this.#action = { lease, index };
    }
    this.#broken = broken;
    this.#interrupted = interrupted && { token: interrupted[0], by: interrupted[1] };
  }

  wait(context: CallContext, party: Party, timeoutMs = this.timeoutMs): Future<BarrierServiceWaitResponse> {
    if (this.#broken) throw brokenBarrier(this.name, this.#broken);
    const passage = this.#arrivals.wait(context, party, timeoutMs === 0 ? undefined : timeoutMs, () => brokenBarrier(this.name, TIMED_OUT));
    this.#advance();
    // With a timeout of 0 the wait fails at once, unless this party completed the round.
    if (timeoutMs === 0) context.cancel?.(brokenBarrier(this.name, TIMED_OUT));
    return passage;
  }

  release(token: number): void {
    const { lease, index } = this.#actionOf(token);
    lease.end();
    this.#action = undefined;
    this.#letGo(index);
    this.#advance();
  }

  fail(token: number, message: string): void {
    this.#actionOf(token);
    this.#break({ reason: 'action', what: message === '' ? 'its action failed' : `its action failed: ${message}` });
  }

  abort(): void {
    this.#break(ABORTED);
  }

  reset(): void {
    this.#broken = undefined;
    this.#interrupt(RESET);
  }

  override destroyed(gone: () => NotFoundError): void {
    this.#action?.lease.end();
    this.#action = undefined;
    this.#arrivals.failAll(gone);
  }

  /** Starts the action of each complete round, or lets the round through if it has none. */
  #advance(): void {
    while (this.#action === undefined && this.#arrivals.size >= this.parties) {
      const actor = this.#actor();
      if (actor) this.#beginAction(actor);
      else this.#letGo();
    }
  }

  /** Finds the last party of the round that brought an action. */
  #actor(): { arrival: Arrival; index: number } | undefined {
    let actor: { arrival: Arrival; index: number } | undefined;
    for (let arrival = this.#arrivals.first, index = 0; arrival && index < this.parties; arrival = arrival.next, index++) {
      if (arrival.want.hasAction) actor = { arrival, index };
    }
    return actor;
  }

  #beginAction({ arrival, index }: { arrival: Arrival; index: number }): void {
    const lease = this.#lease(arrival.context.session, this.tokens.next());
    this.#action = { lease, index };
    arrival.succeed({ index, actionToken: lease.token, parties: this.parties });
  }

  #lease(caller: Caller, token: number): Lease {
    const lost = (): void => this.#break(DIED);
    return new Lease(this.tokens, caller, token, undefined, { died: lost, expired: lost });
  }

  /** Answers the parties of the round, except for the one that ran the action. */
  #letGo(actor?: number): void {
    for (let index = 0; index < this.parties; index++) {
      if (index !== actor) this.#arrivals.first?.succeed({ index, parties: this.parties });
    }
  }

  #actionOf(token: number): BarrierAction {
    if (this.#action?.lease.token === token) return this.#action;
    if (this.#interrupted?.token === token) throw brokenBarrier(this.name, this.#interrupted.by);
    throw new NotOwnerError(`token ${token} runs no action of "${this.name}"`, { object: this.name });
  }

  #gaveUp(error: Error): void {
    // The manager stops: every party gets that error, not one about another party that gave up. A party that was refused has not come.
    if (error instanceof ManagerUnavailableError || error instanceof LimitExceededError) return;
    if (error instanceof BrokenBarrierError) this.#break(TIMED_OUT);
    else this.#break(error instanceof CancelledError ? GAVE_UP : DIED);
  }

  #break(by: BarrierBreak): void {
    if (this.#broken) return;
    this.#broken = by;
    this.#interrupt(by);
  }

  /** Ends the running action, if there is one, and fails all waits. */
  #interrupt(by: BarrierBreak): void {
    if (this.#action) {
      this.#action.lease.end();
      this.#interrupted = { token: this.#action.lease.token, by };
      this.#action = undefined;
    }
    this.#arrivals.failAll(() => brokenBarrier(this.name, by));
  }
}

/** Finds existing barriers. A call that gives only a name cannot make one. */
const kind: ObjectKind<MemoryBarrier> = {
  kind: 'barrier',
  make(name) {
    throw new NotFoundError(`there is no barrier "${name}": open it with its parties first`, { object: name });
  },
};

export function barrierHandlers(keyspace: Keyspace, tokens: HoldTokens): Handlers<typeof BarrierService> {
  return {
    open(request, context) {
      const { name, parties, timeoutMs } = request;
      const make = (): MemoryBarrier =>
        parties === undefined ? kind.make(name, keyspace) : new MemoryBarrier(name, tokens, parties, timeoutMs);
      const { object, created } = keyspace.create({ kind: kind.kind, make }, request, context);
      if (parties !== undefined && object.parties !== parties) {
        throw new OptionsConflictError(`"${name}" is for ${object.parties} parties, not ${parties}`, { object: name });
      }
      if (timeoutMs !== undefined && object.timeoutMs !== timeoutMs) {
        throw new OptionsConflictError(`"${name}" has ${milliseconds(object.timeoutMs)}, not ${milliseconds(timeoutMs)}`, { object: name });
      }
      return { created };
    },

    wait: ({ name, timeoutMs, hasAction }, context) => keyspace.open(kind, name, context).wait(context, { hasAction }, timeoutMs),

    release({ name, token }, context) {
      keyspace.open(kind, name, context).release(token);
      return {};
    },

    fail({ name, token, message }, context) {
      keyspace.open(kind, name, context).fail(token, message);
      return {};
    },

    abort({ name }, context) {
      keyspace.open(kind, name, context).abort();
      return {};
    },

    reset({ name }, context) {
      keyspace.open(kind, name, context).reset();
      return {};
    },

    state({ name }, context) {
      const { parties, waiting, broken } = keyspace.open(kind, name, context);
      return { parties, waiting, broken };
    },
  };
}

function milliseconds(timeoutMs: number | undefined): string {
  return timeoutMs === undefined ? 'no timeout' : `a timeout of ${timeoutMs} ms`;
}
