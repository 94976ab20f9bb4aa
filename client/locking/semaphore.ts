import { TimeoutError } from '../../proto/errors.js';
import { SemaphoreService, type SemaphoreServiceOpenRequest } from '../../proto/gen/commonhold/v1/semaphore_wire.js';
import { count, priorityOf } from '../objects/arguments.js';
import { ACQUIRE_OPTIONS, acquisitionOf, Held, acquiredAtOnce, type AcquireOptions, type HoldCalls } from './held.js';
import { attempt, nothing, ObjectProxy, type ProxyContext } from '../objects/object-proxy.js';
import type { OptionNames } from '../../proto/known-options.js';
import { timeoutOf, WAIT_OPTIONS, type WaitOptions } from '../wait.js';
import { SyncSemaphore } from '../shared/sync/semaphore.js';

const { methods } = SemaphoreService;

/** Options of an acquisition of permits. */
export interface AcquirePermitsOptions extends AcquireOptions {
  /** Number of permits to take together. Default: 1. */
  permits?: number | undefined;
}

const PERMITS_OPTIONS = { ...ACQUIRE_OPTIONS, permits: true } satisfies OptionNames<AcquirePermitsOptions>;

/** Options of a call that uses permits up. */
export interface ConsumeOptions extends WaitOptions, Pick<AcquireOptions, 'priority'> {}

const CONSUME_OPTIONS = { ...WAIT_OPTIONS, priority: true } satisfies OptionNames<ConsumeOptions>;

/**
 * A counting semaphore shared between processes: Python's Semaphore. Waits are served first come, first served, so that small requests do
 * not overtake a large one. A handle holds the permits; they return when it is released, when its lease ends, or when its session ends.
 *
 * Every method may throw KindMismatchError if the name belongs to another kind, OptionsConflictError if the semaphore was created with a
 * different number of permits or another bound, and NotFoundError if the proxy was received as a reference and no semaphore of that name
 * exists.
 */
export class Semaphore extends ObjectProxy<SemaphoreServiceOpenRequest> {
  /** @internal Without options, a proxy of an existing semaphore. */
  constructor(context: ProxyContext, name: string, options?: { permits: number; bounded: boolean }) {
    const request = options
      ? { name, exclusive: false, permits: count('permits', options.permits, 0), bounded: options.bounded }
      : { name, exclusive: false };
    super(context, 'semaphore', name, { method: methods.open, request }, options !== undefined);
  }

  /** Synchronous API, for a semaphore in shared memory. @throws InvalidArgumentError if it is not in shared memory */
  get sync(): SyncSemaphore {
    return (this.#sync ??= new SyncSemaphore(this));
  }
  #sync: SyncSemaphore | undefined;

  /**
   * Takes permits, waiting until all of them are free. One round trip. `abandoned` of the handle is always false, because permits have no
   * previous holder. A semaphore does not re-enter; the handle can be given as `owner` and then stands for its owner.
   * @throws TimeoutError if the timeout ends first; the signal's reason; OutOfRangeError for more permits than a bounded semaphore has;
   * NotFoundError if the semaphore is destroyed meanwhile
   */
  acquire(options?: AcquirePermitsOptions): Promise<Held> {
    return attempt(() => {
      const owner = this.context.owners.name(options?.owner);
      const permits = count('permits', options?.permits ?? 1, 1);
      const request = { name: this.name, permits, ...acquisitionOf(options, PERMITS_OPTIONS) };
      return this.call(
        methods.acquire,
        request,
        ({ token }) => new Held(this.context.transport, this.name, { token, abandoned: false }, this.#held, owner),
        options,
      );
    });
  }

  /**
   * Takes permits if they are free and no other call waits; returns undefined otherwise. One round trip. @throws the errors of {@link
   * acquire}
   */
  tryAcquire(options: Omit<AcquirePermitsOptions, 'timeout'> = {}): Promise<Held | undefined> {
    return acquiredAtOnce((options) => this.acquire(options), options);
  }

  /**
   * Uses up permits, waiting until all of them are free: nothing holds them, and only {@link release} makes new ones. They stay used up when
   * the session ends. One round trip.
   * @param permits number of permits to use up together
   * @throws TimeoutError if the timeout ends first; the signal's reason; OutOfRangeError for more permits than a bounded semaphore has;
   * NotFoundError if the semaphore is destroyed meanwhile
   */
  consume(permits = 1, options?: ConsumeOptions): Promise<void> {
    return attempt(() => {
      const timeoutMs = timeoutOf(options, CONSUME_OPTIONS);
      const request = { name: this.name, permits: count('permits', permits, 1), timeoutMs, priority: priorityOf(options) };
      return this.call(methods.consume, request, nothing, options);
    });
  }

  /** Uses up permits if they are free and no other call waits; returns whether it did. One round trip. @throws the errors of {@link consume} */
  async tryConsume(permits = 1): Promise<boolean> {
    try {
      await this.consume(permits, { timeout: 0 });
      return true;
    } catch (error) {
      if (error instanceof TimeoutError) return false;
      throw error;
    }
  }

  /**
   * Adds permits, as Python's release. No hold ends: the permits of a handle return with the handle. (Permits that were added to a bounded
   * semaphore in a holder's stead do not return a second time.) One round trip.
   * @throws InvalidArgumentError if a bounded semaphore would exceed its bound; OutOfRangeError beyond 2^32 - 1
   */
  release(permits = 1): Promise<void> {
    return attempt(() => this.call(methods.add, { name: this.name, permits: count('permits', permits, 1) }, nothing));
  }

  /** Returns the number of free permits. One round trip. */
  available(): Promise<number> {
    return this.call(methods.available, { name: this.name }, ({ permits }) => permits);
  }

  readonly #held: HoldCalls = {
    release: (token) => this.callForHold(methods.release, { name: this.name, token }),
    extend: (token, ms) => this.callForHold(methods.extend, { name: this.name, token, leaseMs: ms }),
  };
}

/**
 * A semaphore that never has more permits than it was created with: Python's BoundedSemaphore. The bound belongs to the shared object and
 * holds for all of its proxies.
 */
export class BoundedSemaphore extends Semaphore {
  /** @internal */
  constructor(context: ProxyContext, name: string, permits: number) {
    super(context, name, { permits, bounded: true });
  }
}
