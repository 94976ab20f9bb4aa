import { TimeoutError } from '../../proto/errors.js';
import { SemaphoreService, type SemaphoreServiceOpenRequest } from '../../proto/gen/commonhold/v1/semaphore_wire.js';
import { count } from '../objects/arguments.js';
import { ACQUIRE_OPTIONS, Held, leaseMs, type AcquireOptions, type HoldCalls } from './held.js';
import { attempt, nothing, ObjectProxy, type ProxyContext } from '../objects/object-proxy.js';
import type { OptionNames } from '../known-options.js';
import { timeoutOf } from '../wait.js';
import { SyncSemaphore } from '../shared/sync/semaphore.js';

const { methods } = SemaphoreService;

/** Options of acquiring permits. */
export interface AcquirePermitsOptions extends AcquireOptions {
  /** How many to take, all at once. Default: 1. */
  permits?: number | undefined;
}

const PERMITS_OPTIONS = { ...ACQUIRE_OPTIONS, permits: true } satisfies OptionNames<AcquirePermitsOptions>;

/**
 * Permits that many processes share: Python's Semaphore. Those who wait are served first come, first
 * served, so that who asks for many is not overtaken by who asks for few. Permits are held by a
 * handle, and come back when it is released, when its lease ends, or with the death of its session.
 *
 * Every method may throw KindMismatchError where the name belongs to another kind,
 * OptionsConflictError where the semaphore was made with other permits or another bound, and
 * NotFoundError where the proxy came as a reference and there is no semaphore of that name.
 */
export class Semaphore extends ObjectProxy<SemaphoreServiceOpenRequest> {
  /** @internal Without permits it is a proxy of one that exists. */
  constructor(context: ProxyContext, name: string, options?: { permits: number; bounded: boolean }) {
    const request = options
      ? { name, exclusive: false, permits: count('permits', options.permits, 0), bounded: options.bounded }
      : { name, exclusive: false };
    super(context, 'semaphore', name, { method: methods.open, request }, options !== undefined);
  }

  /** The same without promises, where the semaphore is in shared memory. @throws InvalidArgumentError where it is not */
  get sync(): SyncSemaphore {
    return (this.#sync ??= new SyncSemaphore(this));
  }
  #sync: SyncSemaphore | undefined;

  /**
   * Takes permits, waiting until all of them are free. One round trip. `abandoned` of the handle is
   * always false: permits have no holder before. A semaphore does not re-enter; the handle stands for
   * its owner where it is given as one.
   * @throws TimeoutError when the timeout ends first; the signal's reason; OutOfRangeError for more
   * permits than a bounded semaphore has; NotFoundError when the semaphore is destroyed meanwhile
   */
  acquire(options?: AcquirePermitsOptions): Promise<Held> {
    return attempt(() => {
      const owner = this.context.owners.name(options?.owner);
      const request = {
        name: this.name,
        permits: count('permits', options?.permits ?? 1, 1),
        timeoutMs: timeoutOf(options, PERMITS_OPTIONS),
        leaseMs: leaseMs(options?.lease),
      };
      return this.call(
        methods.acquire,
        request,
        ({ token }) => new Held(this.context.transport, this.name, { token, abandoned: false }, this.#held, owner),
        options,
      );
    });
  }

  /** Takes permits if they are free and nobody waits; undefined otherwise. One round trip. Throws as {@link acquire}. */
  async tryAcquire(options: Omit<AcquirePermitsOptions, 'timeout'> = {}): Promise<Held | undefined> {
    try {
      return await this.acquire({ ...options, timeout: 0 });
    } catch (error) {
      if (error instanceof TimeoutError) return undefined;
      throw error;
    }
  }

  /**
   * Adds permits, as Python's release. It ends nobody's hold: what a handle holds comes back with the
   * handle. (Of a bounded semaphore, permits added in a holder's stead do not come back a second
   * time.) One round trip.
   * @throws InvalidArgumentError where a bounded semaphore would have more permits than its bound;
   * OutOfRangeError beyond 2^32 - 1
   */
  release(permits = 1): Promise<void> {
    return attempt(() => this.call(methods.add, { name: this.name, permits: count('permits', permits, 1) }, nothing));
  }

  /** How many permits are free. One round trip. */
  available(): Promise<number> {
    return this.call(methods.available, { name: this.name }, ({ permits }) => permits);
  }

  readonly #held: HoldCalls = {
    release: (token) => this.settle(methods.release, { name: this.name, token }),
    extend: (token, ms) => this.settle(methods.extend, { name: this.name, token, leaseMs: ms }),
  };
}

/**
 * A semaphore that never has more permits than it began with: Python's BoundedSemaphore. The bound is
 * the shared object's, whatever proxy it is used by.
 */
export class BoundedSemaphore extends Semaphore {
  /** @internal */
  constructor(context: ProxyContext, name: string, permits: number) {
    super(context, name, { permits, bounded: true });
  }
}
