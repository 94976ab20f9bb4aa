import type { SharedMemorySemaphore } from '../../../engine/shared/objects/semaphore.js';
import { assertStackWithin } from '../../../engine/shared/threads/stack.js';
import { NotOwnerError } from '../../../proto/errors.js';
import { count } from '../../objects/arguments.js';
import { checkOptions, type OptionNames } from '../../known-options.js';
import { blocking, SyncProxy, SYNC_OPTIONS, type SyncOptions, taken } from './sync-proxy.js';

/** Options of taking permits. */
export interface SyncPermitsOptions extends SyncOptions {
  /** How many to take, all at once. Default: 1. */
  permits?: number | undefined;
}

const TRY_OPTIONS = { permits: true } satisfies OptionNames<Pick<SyncPermitsOptions, 'permits'>>;
const PERMITS_OPTIONS = { ...SYNC_OPTIONS, ...TRY_OPTIONS } satisfies OptionNames<SyncPermitsOptions>;

/** A semaphore without promises. */
export class SyncSemaphore extends SyncProxy<SharedMemorySemaphore> {
  /**
   * Takes permits, blocking until all of them are free.
   * @throws TimeoutError; OutOfRangeError for more than a bounded one has; DeadlockError where this thread holds so many of a
   * bounded one that only it could give back enough
   */
  acquire(options?: SyncPermitsOptions): SyncPermits {
    return this.#take(blocking(options, PERMITS_OPTIONS), options?.permits);
  }

  /** Takes permits if they are free and nobody waits; undefined otherwise. */
  tryAcquire(options: Pick<SyncPermitsOptions, 'permits'> = {}): SyncPermits | undefined {
    checkOptions(options, TRY_OPTIONS);
    return taken(() => this.#take(0, options.permits));
  }

  #take(timeout: number | undefined, permits = 1): SyncPermits {
    const { object } = this;
    return new SyncPermits(object, object.acquire(timeout, count('permits', permits, 1)));
  }

  /** Adds permits. @throws InvalidArgumentError where a bounded semaphore would have more than its bound */
  release(permits = 1): void {
    this.object.add(count('permits', permits, 1));
  }

  /** How many permits are free. */
  available(): number {
    return this.object.available();
  }
}

/** Permits that a thread holds. `using`, or {@link release}, gives them back. */
export class SyncPermits {
  #released = false;

  /** @internal */
  constructor(
    private readonly semaphore: SharedMemorySemaphore,
    private readonly hold: number,
  ) {}

  /** Gives them back. @throws NotOwnerError when released already */
  release(): void {
    const { name } = this.semaphore;
    if (this.#released) throw new NotOwnerError(`"${name}" was released already`, { object: name });
    assertStackWithin();
    this.#released = true;
    this.semaphore.free(this.hold);
  }

  /** Gives them back; silent where that was done. */
  [Symbol.dispose](): void {
    if (!this.#released) this.release();
  }
}
