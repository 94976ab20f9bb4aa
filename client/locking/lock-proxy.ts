import type { Holder } from '../../proto/gen/commonhold/v1/lock_wire.js';
import type { Method } from '../../proto/wire/codec.js';
import type { Kind } from '../../proto/gen/commonhold/v1/services_wire.js';
import { acquisitionOf, Held, runHeld, acquiredAtOnce, type AcquireOptions, type HoldCalls } from './held.js';
import { holderInfo, type HolderInfo } from './holder.js';
import { asItIs, attempt, ObjectProxy, type ProxyContext, type OpenRequest } from '../objects/object-proxy.js';

/** The methods that a service needs for its objects to be held as locks. */
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
  priority?: number | undefined;
}

/** Base of the objects that one owner holds at a time: locks, and conditions through their locks. */
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
   * Acquires the lock, waiting for it if necessary. One round trip.
   * @throws TimeoutError if the timeout ends first; the signal's reason if it aborts; DeadlockError, immediately and regardless of the
   * timeout, if owners would wait for each other in a cycle, or this owner for itself (see {@link DeadlockError}); NotFoundError if the
   * lock is destroyed meanwhile
   */
  acquire(options?: AcquireOptions): Promise<Held> {
    return attempt(() => {
      const owner = this.context.owners.name(options?.owner);
      const request = { name: this.name, owner, ...acquisitionOf(options) };
      return this.call(
        this.methods.acquire,
        request,
        (granted) => new Held(this.context.transport, this.name, granted, this.#held, owner),
        options,
      );
    });
  }

  readonly #held: HoldCalls = {
    release: (token) => this.callForHold(this.methods.release, { name: this.name, token }),
    extend: (token, ms) => this.callForHold(this.methods.extend, { name: this.name, token, leaseMs: ms }),
  };

  /**
   * Acquires the lock if that is possible without waiting. Returns undefined otherwise, also if the same owner holds it. Never throws
   * DeadlockError. One round trip.
   */
  tryAcquire(options: Omit<AcquireOptions, 'timeout'> = {}): Promise<Held | undefined> {
    return acquiredAtOnce((options) => this.acquire(options), options);
  }

  /**
   * Runs a task while holding the lock, and releases it however the task ends. The task's signal aborts when the lock is lost. Two round
   * trips.
   *
   * The task is an owner: its acquisitions, across all its awaits, are made by the owner of this lock, so they can re-enter and do not wait
   * for it. Nested `run` tasks act for the same owner, but exclude each other. While a `run` is in progress, Node tracks the async context;
   * before Node 24, that slows promises.
   */
  run<R>(task: (signal: AbortSignal, held: Held) => R | Promise<R>, options?: AcquireOptions): Promise<R> {
    return runHeld(this.context.owners, (options) => this.acquire(options), task, options);
  }

  /** Returns true if the lock is held. One round trip. */
  async locked(): Promise<boolean> {
    return (await this.holder()) !== undefined;
  }

  /** Returns the holder of the lock, or undefined. One round trip. */
  async holder(): Promise<HolderInfo | undefined> {
    const { holder } = await this.call(this.methods.holder, { name: this.name }, asItIs);
    return holder && holderInfo(holder);
  }
}
