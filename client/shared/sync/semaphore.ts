import { inspect } from 'node:util';
import type { SharedMemorySemaphore } from '../../../engine/shared/objects/semaphore.js';
import { assertStackWithin } from '../../../engine/shared/threads/stack.js';
import { NotOwnerError } from '../../../proto/errors.js';
import { count } from '../../objects/arguments.js';
import { checkOptions, type OptionNames } from '../../../proto/known-options.js';
import { quoted } from '../../../proto/given.js';
import { blocking, SyncProxy, SYNC_OPTIONS, type SyncOptions, taken } from './sync-proxy.js';
import { shown } from '../../shown.js';

/** Options of an acquisition of permits. */
export interface SyncPermitsOptions extends SyncOptions {
  /** Number of permits to take together. Default: 1. */
  permits?: number | undefined;
}

const TRY_OPTIONS = { permits: true } satisfies OptionNames<Pick<SyncPermitsOptions, 'permits'>>;
const PERMITS_OPTIONS = { ...SYNC_OPTIONS, ...TRY_OPTIONS } satisfies OptionNames<SyncPermitsOptions>;

/** The synchronous API of a semaphore. */
export class SyncSemaphore extends SyncProxy<SharedMemorySemaphore> {
  /**
   * Takes permits, blocking until all of them are free.
   * @throws TimeoutError; OutOfRangeError for more permits than a bounded semaphore has; DeadlockError if only this thread could release
   * the missing permits of a bounded semaphore
   */
  acquire(options?: SyncPermitsOptions): SyncPermits {
    return this.#take(blocking(options, PERMITS_OPTIONS), options?.permits);
  }

  /** Takes permits if they are free and no other call waits; returns undefined otherwise. */
  tryAcquire(options: Pick<SyncPermitsOptions, 'permits'> = {}): SyncPermits | undefined {
    checkOptions(options, TRY_OPTIONS);
    return taken(() => this.#take(0, options.permits));
  }

  /** Uses up permits, blocking until all of them are free: only {@link release} makes new ones. @throws the errors of {@link acquire} */
  consume(permits = 1, options?: SyncOptions): void {
    this.object.consume(blocking(options), count('permits', permits, 1));
  }

  /** Uses up permits if they are free and no other call waits; returns whether it did. */
  tryConsume(permits = 1): boolean {
    const consumed = taken(() => {
      this.consume(permits, { timeout: 0 });
      return true;
    });
    return consumed === true;
  }

  #take(timeout: number | undefined, permits = 1): SyncPermits {
    const { object } = this;
    return new SyncPermits(object, object.acquire(timeout, count('permits', permits, 1)));
  }

  /** Adds permits. @throws InvalidArgumentError if a bounded semaphore would exceed its bound */
  release(permits = 1): void {
    this.object.add(count('permits', permits, 1));
  }

  /** Returns the number of free permits. */
  available(): number {
    return this.object.available();
  }
}

/** Permits held by a thread. `using`, or {@link release}, releases them. */
export class SyncPermits {
  #released = false;

  /** @internal */
  constructor(
    private readonly semaphore: SharedMemorySemaphore,
    private readonly hold: number,
  ) {}

  /** Releases the permits. @throws NotOwnerError if they were released already */
  release(): void {
    const { name } = this.semaphore;
    if (this.#released) throw new NotOwnerError(`"${name}" was released already`, { object: name });
    assertStackWithin();
    this.#released = true;
    this.semaphore.free(this.hold);
  }

  /** Returns the state in one line, as `console.log` shows it. */
  toString(): string {
    return this[inspect.custom]();
  }

  /** @internal */
  [inspect.custom](): string {
    return shown(this, `${quoted(this.semaphore.name)}${this.#released ? ', released' : ''}`);
  }

  /** Releases the permits, unless they were released already. */
  [Symbol.dispose](): void {
    if (!this.#released) this.release();
  }
}
