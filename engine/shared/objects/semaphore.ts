import type { CallContext } from '../../../proto/contract.js';
import { InvalidArgumentError, OutOfRangeError, type TimeoutError } from '../../../proto/errors.js';
import type { Holder } from '../../../proto/gen/commonhold/v1/lock_wire.js';
import { permitsTooLong } from '../../core/late.js';
import { LostHolds, Lease, checkLease } from '../../core/lease.js';
import { ObjectView, type EngineContext } from './object-view.js';
import { destroyed, type Make } from './directory.js';
import { blockedBySelf, holderOf } from './holder.js';
import {
  ENDED,
  GRANTED,
  L_HEAD,
  N_HELD,
  N_NEXT,
  N_SIZE,
  N_TOKEN,
  N_WANT,
  NOT_OWNER,
  O_DATA,
  O_HOLDS,
  OUT_OF_RANGE,
  P_BOUND,
  P_FIRST,
  P_HELD,
  P_PERMITS,
  TOO_MANY,
} from '../kernel/layout.js';
import type { PermitRequest } from '../../core/permit-request.js';
import type { SharedObjectKind } from './objects.js';
import type { ObjectAddress } from '../memory/place.js';
import type { ArenaThread } from '../memory/arena-thread.js';
import { STUCK, type Awaited } from '../threads/thread-waits.js';
import { leaseSource } from '../threads/lease-source.js';
import { unoffered } from './unoffered.js';

/** Permits of a call of this thread: its lease, and the node in the memory. */
interface PermitNode {
  readonly lease: Lease;
  readonly node: number;
}

/** Answer to the call that gets the permits. */
export interface Permission {
  token: number;
}

/** A semaphore in shared memory: first come, first served. A hold is a node in the memory, so that others find it if the thread dies. */
export class SharedMemorySemaphore extends ObjectView implements Awaited {
  /** Initial number of permits, which is the maximum of a bounded semaphore. */
  readonly permits: number;
  readonly bounded: boolean;
  readonly #holdings = new Map<number, PermitNode>();
  readonly #lost: LostHolds;

  constructor(surroundings: EngineContext, name: string, place: ObjectAddress) {
    super(surroundings, 'semaphore', name, place);
    this.permits = this.thread.double(this.data + P_FIRST);
    this.bounded = this.thread.double(this.data + P_BOUND) !== Infinity;
    this.#lost = new LostHolds(name);
  }

  override options(): Record<string, string> {
    return { permits: String(this.permits), bounded: String(this.bounded), available: String(this.available()) };
  }

  override holders(): Holder[] {
    const { thread } = this;
    const own = new Map(Array.from(this.#holdings.values(), ({ node, lease }) => [node, lease]));
    return this.guarded(() => {
      const holders: Holder[] = [];
      for (let node = thread.word(this.object + O_HOLDS + L_HEAD); node !== 0; node = thread.word(node + N_NEXT)) {
        thread.region.reach(node + N_SIZE);
        holders.push(own.get(node)?.describe() ?? holderOf(thread, thread.word(node + N_TOKEN), thread.double(node + N_HELD)));
      }
      return holders;
    });
  }

  /** Number of permits, free and held. */
  get total(): number {
    return this.guarded(() => this.thread.double(this.data + P_PERMITS) + this.thread.double(this.data + P_HELD));
  }

  /** Returns the number of free permits. */
  available(): number {
    return this.guarded(() => this.thread.double(this.data + P_PERMITS));
  }

  /**
   * Adds permits, without a hold.
   * @throws InvalidArgumentError above the bound; OutOfRangeError if the number would not fit into 32 bits
   */
  add(permits: number): void {
    const { kernel, self, object, uid, name } = this;
    let answer: number;
    while (this.again((answer = kernel.permitsAdd(self, object, uid, permits))));
    if (answer === OUT_OF_RANGE) {
      throw new InvalidArgumentError(
        `${permits} more permits for "${name}", whose bound is ${this.permits}: release only what was acquired`,
        { object: name },
      );
    }
    if (answer === TOO_MANY) throw new OutOfRangeError(`"${name}" would have more permits than can be counted`, { object: name });
  }

  // ── for blocking threads ──

  /**
   * Takes permits, all at once, and blocks the thread until they are free. Returns the hold, by which they are given back, once.
   * @param timeout in milliseconds; undefined for none
   * @throws TimeoutError; OutOfRangeError for more permits than a bounded semaphore has; NotFoundError; DeadlockError if this thread holds
   * too many permits of a bounded semaphore for other threads to free enough
   */
  acquire(timeout: number | undefined, permits: number): number {
    const { node, granted } = this.#take(false, permits, timeout);
    if (granted) return node;
    const state = this.waits.block(node, this, timeout);
    if (state === GRANTED) return node;
    this.waits.done(node);
    if (state === STUCK) throw blockedBySelf(this.name);
    throw this.#refused(state, permits, timeout);
  }

  /** Uses up permits, and blocks the thread until they are free. As {@link acquire}, but no permit returns. */
  consume(timeout: number | undefined, permits: number): void {
    this.#use(this.acquire(timeout, permits));
  }

  /** Gives back the permits of a hold. @throws NotFoundError */
  free(hold: number): void {
    if (!this.#giveBack(hold)) throw destroyed(this.name);
  }

  // ── for calls ──

  take(context: CallContext, wanted: PermitRequest): Permission | Promise<Permission> {
    checkLease(this.name, wanted.leaseMs);
    return this.#whenFree(context, wanted, (node) => this.#hold(context, node, wanted.leaseMs));
  }

  /** Uses up permits, which are held until the caller has the answer. */
  use(context: CallContext, wanted: PermitRequest): object | Promise<object> {
    return this.#whenFree(context, wanted, (node) => {
      context.handOver({ giveBack: () => void this.#giveBack(node), settled: () => this.#use(node), state: () => node });
      return {};
    });
  }

  #whenFree<R>(context: CallContext, wanted: PermitRequest, give: (node: number) => R): R | Promise<R> {
    if (wanted.priority !== undefined) throw unoffered('priorities', this.name);
    const { timeoutMs } = wanted;
    const permits = wanted.permits || 1;
    const { node, granted } = this.#take(true, permits, timeoutMs);
    return granted ? give(node) : this.#wait(context, node, permits, timeoutMs, give);
  }

  async #wait<R>(
    context: CallContext,
    node: number,
    permits: number,
    timeoutMs: number | undefined,
    give: (node: number) => R,
  ): Promise<R> {
    const { state, reason } = await this.waits.call(context, node, this, timeoutMs);
    if (state === GRANTED) {
      // The call was cancelled just when it got the permits.
      if (reason === undefined) return give(node);
      this.#giveBack(node);
    } else {
      this.waits.done(node);
    }
    throw reason ?? this.#refused(state, permits, timeoutMs);
  }

  #hold(context: CallContext, node: number, leaseMs: number | undefined): Permission {
    const token = this.thread.double(node + N_HELD);
    const lease = new Lease(leaseSource, context.session, token, leaseMs, {
      died: () => this.#end(token),
      expired: () => {
        this.#lost.add(token);
        this.#end(token);
        context.session.lost(token);
      },
      givenBack: () => this.#end(token),
    });
    this.#holdings.set(token, { lease, node });
    context.handOver(lease);
    return { token };
  }

  release(token: number): void {
    if (!this.#end(token)) throw this.#lost.refusal(token);
  }

  extend(token: number, leaseMs: number): void {
    checkLease(this.name, leaseMs);
    const holding = this.#holdings.get(token);
    if (holding === undefined) throw this.#lost.refusal(token);
    holding.lease.startLease(leaseMs);
  }

  /** Ends a call's hold, which may have ended before. Returns false if it has. */
  #end(token: number): boolean {
    const holding = this.#holdings.get(token);
    if (holding === undefined) return false;
    this.#holdings.delete(token);
    holding.lease.end();
    if (!this.thread.closed) this.#giveBack(holding.node);
    return true;
  }

  override ended(): void {
    for (const [token, { lease, node }] of this.#holdings) {
      lease.end();
      this.waits.done(node);
      lease.caller.lost(token);
    }
    this.#holdings.clear();
  }

  // ── for both ──

  /** Takes permits, or gets in line for them unless the timeout is 0. */
  #take(async: boolean, permits: number, timeout: number | undefined): { node: number; granted: boolean } {
    const { kernel, self, object, uid, name } = this;
    if (this.bounded && permits > this.permits) {
      throw new OutOfRangeError(`${permits} permits of "${name}", which has ${this.permits} and never more: ask for fewer`, {
        object: name,
      });
    }
    const node = this.waits.node(async, { want: permits });
    const waits = timeout === 0 ? 0 : 1;
    const take = (): boolean => this.enlist(node, () => kernel.permitsTake(self, object, uid, node, waits)) === 0;
    // A call that does not wait looks whether a holder is dead, which nothing else tells it.
    const granted = take() || (timeout === 0 && this.thread.threads.look(this) && take());
    if (granted || timeout !== 0) return { node, granted };
    this.waits.done(node);
    throw this.#none(permits, 0);
  }

  /** Gives back the permits of a node. Returns false if the semaphore has ended. */
  #giveBack(node: number): boolean {
    const { kernel, self, object, uid, thread } = this;
    const answer = this.finish(() => kernel.permitsFree(self, object, uid, node));
    if (answer === NOT_OWNER) throw this.#lost.refusal(thread.double(node + N_HELD));
    this.waits.done(node);
    return answer === 0;
  }

  /** Uses up the permits of a node. */
  #use(node: number): void {
    const { kernel, self, object, uid } = this;
    this.finish(() => kernel.permitsUse(self, object, uid, node));
    this.waits.done(node);
  }

  /** Without a bound, another thread can add permits. */
  stuck(node: number): boolean {
    if (!this.bounded) return false;
    const { thread } = this;
    return this.guarded(() => {
      let own = 0;
      for (let hold = thread.word(this.object + O_HOLDS + L_HEAD); hold !== 0; hold = thread.word(hold + N_NEXT)) {
        if (thread.word(hold + N_TOKEN) === thread.token) own += thread.word(hold + N_WANT) >>> 0;
      }
      return this.permits - own < thread.word(node + N_WANT) >>> 0;
    });
  }

  quit(node: number): number {
    const { kernel, self, object, uid } = this;
    return this.finish(() => kernel.permitsQuit(self, object, uid, node));
  }

  #refused(state: number, permits: number, timeout = 0): Error {
    return state === ENDED ? destroyed(this.name) : this.#none(permits, timeout);
  }

  #none(permits: number, timeoutMs: number): TimeoutError {
    // A call that does not wait gets no list of holders: it may be repeated often, and the list costs time.
    const [first, ...others] = timeoutMs === 0 ? [] : this.holders();
    return permitsTooLong(this.name, permits, this.available(), { first, count: others.length + 1 }, { timeoutMs, ahead: 0 });
  }
}

/** Returns the creation step of a semaphore. */
export function semaphoreOf(thread: ArenaThread, permits: number, bounded: boolean): Make {
  return (object) => {
    const data = object + O_DATA;
    thread.setDouble(data + P_PERMITS, permits);
    thread.setDouble(data + P_FIRST, permits);
    thread.setDouble(data + P_BOUND, bounded ? permits : Infinity);
  };
}

/** The kind of semaphores. A name alone does not make one. */
export const semaphoreKind: SharedObjectKind<SharedMemorySemaphore> = {
  kind: 'semaphore',
  bind: (surroundings, name, place) => new SharedMemorySemaphore(surroundings, name, place),
};
