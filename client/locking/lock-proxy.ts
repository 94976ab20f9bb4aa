import { TimeoutError } from '../../proto/errors.js';
import type { Holder } from '../../proto/gen/commonhold/v1/lock_wire.js';
import type { Method } from '../../proto/wire/codec.js';
import type { Kind } from '../../proto/gen/commonhold/v1/services_wire.js';
import { ACQUIRE_OPTIONS, Held, leaseMs, whileHeld, type AcquireOptions, type HoldCalls } from './held.js';
import { holderInfo, type HolderInfo } from './holder.js';
import { asItIs, attempt, ObjectProxy, type ProxyContext, type OpenRequest } from '../objects/object-proxy.js';
import { timeoutOf } from '../wait.js';

/** What a kind's service must offer, so that it can be held by one at a time. */
export interface LockMethods<R extends OpenRequest> {
  open: Method<R, { created: boolean }>;
  acquire: Method<AcquireRequest, { token: number; abandoned: boolean }>;
  release: Method<{ name: string; token: number }, object>;
  extend: Method<{ name: string; token: number; leaseMs: number }, object>;
  holder: Method<{ name: string }, { holder?: Holder | undefined; waiters: number }>;
}

interface AcquireRequest {
  name: string;
  timeoutMs?: number | undefined;
  leaseMs?: number | undefined;
  owner?: string | undefined;
}

/** What is held by one owner at a time: locks, and conditions by their locks. */
export abstract class LockProxy<R extends OpenRequest = OpenRequest> extends ObjectProxy<R> {
  /** @internal */
  constructor(
    context: ProxyContext,
    kind: Kind,
    private readonly methods: LockMethods<R>,
    request: R,
    optional: boolean,
  ) {
    super(context, kind, request.name, { method: methods.open, request }, optional);
  }

  /**
   * Takes the lock, waiting for it. One round trip.
   * @throws TimeoutError when the timeout ends first; the signal's reason when it aborts; DeadlockError,
   * at once and whatever the timeout, where owners would wait for each other in a cycle, or this one for
   * itself (see {@link DeadlockError}); NotFoundError when the lock is destroyed meanwhile
   */
  acquire(options?: AcquireOptions): Promise<Held> {
    return attempt(() => {
      const owner = this.context.owners.name(options?.owner);
      const request = { name: this.name, timeoutMs: timeoutOf(options, ACQUIRE_OPTIONS), leaseMs: leaseMs(options?.lease), owner };
      return this.call(
        this.methods.acquire,
        request,
        (granted) => new Held(this.context.transport, this.name, granted, this.#held, owner),
        options,
      );
    });
  }

  readonly #held: HoldCalls = {
    release: (token) => this.settle(this.methods.release, { name: this.name, token }),
    extend: (token, ms) => this.settle(this.methods.extend, { name: this.name, token, leaseMs: ms }),
  };

  /**
   * Takes the lock if it can be had at once; undefined otherwise, also where the same owner holds it.
   * Never a DeadlockError. One round trip.
   */
  async tryAcquire(options: Omit<AcquireOptions, 'timeout'> = {}): Promise<Held | undefined> {
    try {
      return await this.acquire({ ...options, timeout: 0 });
    } catch (error) {
      if (error instanceof TimeoutError) return undefined;
      throw error;
    }
  }

  /**
   * Runs a task while holding the lock, and releases it however the task ends. The task's signal
   * aborts when the lock is lost. Two round trips.
   *
   * The task is an owner: what it acquires, across all its awaits, it acquires as the one that holds
   * this lock, which so can re-enter what re-enters, and does not wait for itself. Tasks that it runs
   * in their turn act for it, but exclude each other. While a `run` is under way, Node follows the
   * async context; before Node 24, that slows promises.
   */
  run<R>(task: (signal: AbortSignal, held: Held) => R | Promise<R>, options: AcquireOptions = {}): Promise<R> {
    return this.context.owners.run(options.owner, async () => {
      return whileHeld(await this.acquire(options), (held) => task(held.signal, held));
    });
  }

  /** Whether someone holds the lock. One round trip. */
  async locked(): Promise<boolean> {
    return (await this.holder()) !== undefined;
  }

  /** Who holds the lock, or undefined. One round trip. */
  async holder(): Promise<HolderInfo | undefined> {
    const { holder } = await this.call(this.methods.holder, { name: this.name }, asItIs);
    return holder && holderInfo(holder);
  }
}
