import { inspect } from 'node:util';
import type { CallContext } from '../../../proto/contract.js';
import { CancelledError, InvalidArgumentError, NotOwnerError, type BrokenBarrierReason } from '../../../proto/errors.js';
import type { BarrierServiceWaitResponse } from '../../../proto/gen/commonhold/v1/barrier_wire.js';
import { Lease } from '../../core/lease.js';
import { ObjectView, type EngineContext } from './object-view.js';
import { breakError, reasonOf } from './breaks.js';
import { destroyed, type Make } from './directory.js';
import {
  ABORTED,
  ACTION_FAILED,
  BROKEN_DOWN,
  DIED,
  ENDED,
  GRANTED,
  N_HELD,
  N_RESULT,
  NOT_OWNER,
  O_DATA,
  O_HOLDS,
  O_LIST0,
  RESET,
  TIMED_OUT,
  W_ACTOR,
  W_BROKEN,
  W_MESSAGE,
  W_PARTIES,
  W_TIMEOUT,
} from '../kernel/layout.js';
import type { SharedObjectKind } from './objects.js';
import type { ObjectAddress } from '../memory/place.js';
import type { ArenaThread } from '../memory/arena-thread.js';
import { readText, writeText } from '../memory/text.js';
import { GIVEN_UP, LATE, type Awaited } from '../threads/thread-waits.js';
import { leaseSource } from '../threads/lease-source.js';

/** Maximum length of an action's error message that the other parties receive, in characters. */
const LONGEST_MESSAGE = 1000;

/** A call of this thread that runs an action while the other parties of its round wait. */
interface SharedAction {
  readonly lease: Lease;
  readonly node: number;
}

/** A barrier in shared memory. */
export class SharedMemoryBarrier extends ObjectView implements Awaited {
  readonly parties: number;
  /** Default timeout of a party, in milliseconds; undefined for none. */
  readonly timeoutMs: number | undefined;
  /** Running actions by token, including interrupted ones until their parties learn of it. */
  readonly #turns = new Map<number, SharedAction>();

  constructor(surroundings: EngineContext, name: string, place: ObjectAddress) {
    super(surroundings, 'barrier', name, place);
    this.parties = this.thread.word(this.data + W_PARTIES);
    const timeout = this.thread.double(this.data + W_TIMEOUT);
    this.timeoutMs = timeout < 0 ? undefined : timeout;
  }

  /** Number of parties that have arrived and were not released yet. */
  get waiting(): number {
    return this.guarded(() => this.countOf(O_LIST0) + this.countOf(O_HOLDS));
  }

  /** Reason why the barrier is broken; undefined if it is not. */
  get broken(): BrokenBarrierReason | undefined {
    return this.guarded(() => reasonOf(this.thread.word(this.data + W_BROKEN)));
  }

  override options(): Record<string, string> {
    const timeout = this.timeoutMs === undefined ? {} : { timeoutMs: String(this.timeoutMs) };
    const acts = this.guarded(() => this.countOf(O_HOLDS) > 0);
    return { parties: String(this.parties), ...timeout, broken: this.broken ?? 'false', inAction: String(acts) };
  }

  /** Breaks the barrier: all waiting and later parties fail. */
  abort(): void {
    this.#break(ABORTED);
  }

  /** Resets the barrier: all waiting parties fail. */
  reset(): void {
    this.#break(RESET);
  }

  // ── for blocking threads ──

  /**
   * Blocks the thread until all parties have arrived, and returns this party's index.
   * @param action run before any party is released, if this is the last party of the round with an action
   * @throws BrokenBarrierError; NotFoundError; the error of the action
   */
  wait(timeout = this.timeoutMs, action?: () => void): number {
    const node = this.#come(false, action !== undefined);
    const state = this.waits.block(node, this, timeout);
    const index = this.thread.word(node + N_RESULT);
    if (state === GRANTED && index >= 0 && this.#turnOf(node) !== 0) this.#act(node, action!);
    else this.waits.done(node);
    if (state !== GRANTED || index < 0) throw this.#failure(state, index);
    return index;
  }

  #act(node: number, action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#fail(node, error instanceof Error ? error.message : inspect(error));
      throw error;
    }
    this.#release(node);
  }

  // ── for calls ──

  arrive(
    context: CallContext,
    hasAction: boolean,
    timeoutMs = this.timeoutMs,
  ): BarrierServiceWaitResponse | Promise<BarrierServiceWaitResponse> {
    const node = this.#come(true, hasAction);
    // Only the last party of a round can continue at once.
    if (this.waits.state(node) === GRANTED) return this.#passage(context, node, GRANTED, undefined);
    return this.#wait(context, node, timeoutMs);
  }

  async #wait(context: CallContext, node: number, timeoutMs: number | undefined): Promise<BarrierServiceWaitResponse> {
    if (timeoutMs === 0) return this.#passage(context, node, this.quit(node, LATE) === GRANTED ? GRANTED : LATE, undefined);
    const { state, reason } = await this.waits.call(context, node, this, timeoutMs);
    return this.#passage(context, node, state, reason);
  }

  #passage(context: CallContext, node: number, state: number, reason: Error | undefined): BarrierServiceWaitResponse {
    const index = this.thread.word(node + N_RESULT);
    const token = this.#turnOf(node);
    if (state === GRANTED && index >= 0 && token !== 0) {
      if (reason === undefined) return { index, actionToken: this.#beginTurn(context, node, token), parties: this.parties };
      this.#break(whyOf(reason), node);
    }
    this.waits.done(node);
    if (state === GRANTED && index >= 0 && token === 0) return { index, parties: this.parties };
    throw reason ?? this.#failure(state, index);
  }

  #beginTurn(context: CallContext, node: number, token: number): number {
    const lost = (): void => {
      this.#turns.delete(token);
      lease.end();
      if (this.there) this.#break(DIED, node);
      this.waits.done(node);
    };
    const lease: Lease = new Lease(leaseSource, context.session, token, undefined, { died: lost, expired: lost });
    this.#turns.set(token, { lease, node });
    return token;
  }

  /** Ends the action, and releases all parties. @throws BrokenBarrierError if the barrier broke meanwhile; NotOwnerError */
  release(token: number): void {
    this.#release(this.#endTurn(token));
  }

  /** Breaks the barrier because the action failed. Throws like {@link release}. */
  fail(token: number, message: string): void {
    const interrupted = this.#fail(this.#endTurn(token), message);
    if (interrupted !== undefined) throw interrupted;
  }

  #endTurn(token: number): number {
    const turn = this.#turns.get(token);
    if (turn === undefined) throw new NotOwnerError(`token ${token} runs no action of "${this.name}"`, { object: this.name });
    this.#turns.delete(token);
    turn.lease.end();
    return turn.node;
  }

  override ended(): void {
    for (const { lease, node } of this.#turns.values()) {
      lease.end();
      this.waits.done(node);
    }
    this.#turns.clear();
  }

  override dispose(): void {
    this.kernel.dropField(this.self, this.data + W_MESSAGE);
  }

  // ── for both ──

  /** Joins the waiting parties. @throws BrokenBarrierError if the barrier is broken */
  #come(async: boolean, hasAction: boolean): number {
    const { kernel, self, object, uid } = this;
    const node = this.waits.node(async, { want: hasAction ? 1 : 0 });
    if (this.enlist(node, () => kernel.barrierWait(self, object, uid, node)) !== BROKEN_DOWN) return node;
    // Use the reason in the node: the barrier may have been reset since.
    const why = this.thread.word(node + N_RESULT);
    this.waits.done(node);
    throw this.#error(why);
  }

  /** Number of the turn in which the party runs its action; 0 if it was released. */
  #turnOf(node: number): number {
    return this.thread.double(node + N_HELD);
  }

  /** Releases the other parties, and the node. */
  #release(node: number): void {
    const { kernel, self, object, uid } = this;
    const answer = this.enlist(node, () => kernel.barrierRelease(self, object, uid, node), true);
    const interrupted = -this.thread.word(node + N_RESULT);
    this.waits.done(node);
    if (answer === NOT_OWNER) throw this.#error(interrupted);
  }

  /** Breaks the barrier after a failed action, and releases the node. Returns the error if the barrier broke before. */
  #fail(node: number, message: string): Error | undefined {
    const answer = this.enlist(node, () => this.#tryBreak(ACTION_FAILED, node, message), true);
    const interrupted = -this.thread.word(node + N_RESULT);
    this.waits.done(node);
    return answer === NOT_OWNER ? this.#error(interrupted) : undefined;
  }

  /** @param actor the party whose turn it must be; 0 for any caller */
  #break(why: number, actor = 0): void {
    while (this.again(this.#tryBreak(why, actor, ''), actor !== 0));
  }

  #tryBreak(why: number, actor: number, message: string): number {
    const { kernel, self, object, uid, thread } = this;
    const block = message === '' ? 0 : writeText(thread, message.slice(0, LONGEST_MESSAGE));
    const answer = kernel.barrierBreak(self, object, uid, why, actor, block);
    // The block is still pending if the kernel did not use it.
    kernel.discard(self);
    return answer;
  }

  quit(node: number, why: typeof LATE | typeof GIVEN_UP, reason?: Error): number {
    const { kernel, self, object, uid } = this;
    const by = why === LATE ? TIMED_OUT : whyOf(reason);
    return this.finish(() => kernel.barrierQuit(self, object, uid, node, by));
  }

  /** Creates the error of a party that was not released. */
  #failure(state: number, result: number): Error {
    if (state === ENDED) return destroyed(this.name);
    if (state === LATE) return this.#error(TIMED_OUT);
    return this.#error(state === GIVEN_UP ? DIED : Math.abs(result));
  }

  #error(why: number): Error {
    return breakError(this.name, why, why === ACTION_FAILED ? this.#message() : '');
  }

  /** Returns the error message of the last failed action. */
  #message(): string {
    return this.guarded(() => {
      const block = this.thread.word(this.data + W_MESSAGE);
      return block === 0 ? '' : readText(this.thread, block);
    });
  }
}

/** Returns the reason with which the end of a party's call breaks the barrier. */
function whyOf(reason: Error | undefined): number {
  return reason instanceof CancelledError ? ABORTED : DIED;
}

/** No arena has room for more waits. */
const MOST_PARTIES = 2 ** 31 - 1;

/** Returns the creation step of a barrier. @throws InvalidArgumentError */
export function barrierOf(thread: ArenaThread, parties: number, timeoutMs: number | undefined): Make {
  if (parties > MOST_PARTIES) throw new InvalidArgumentError(`${parties} parties: a barrier in shared memory has up to ${MOST_PARTIES}`);
  return (object) => {
    const data = object + O_DATA;
    thread.setWord(data + W_PARTIES, parties);
    thread.setWord(data + W_ACTOR, -1);
    thread.setDouble(data + W_TIMEOUT, timeoutMs ?? -1);
  };
}

/** The kind of barriers. A name alone does not make one. */
export const barrierKind: SharedObjectKind<SharedMemoryBarrier> = {
  kind: 'barrier',
  bind: (surroundings, name, place) => new SharedMemoryBarrier(surroundings, name, place),
};
