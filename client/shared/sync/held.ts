import { inspect } from 'node:util';
import type { SharedMutex } from '../../../engine/shared/objects/mutex.js';
import { assertStackWithin } from '../../../engine/shared/threads/stack.js';
import { InvalidArgumentError, NotOwnerError } from '../../../proto/errors.js';
import { quoted } from '../../../proto/given.js';
import { shown } from '../../shown.js';

/** A hold of a thread that was acquired synchronously. `using`, or {@link SyncHeld.release}, releases it. */
export interface SyncHeld {
  /** True if the previous hold ended without a release: its thread ended, perhaps in the middle of a change. */
  readonly abandoned: boolean;
  /** Number of the hold: every new hold has a larger one. */
  readonly token: bigint;
  /** True if it was released. */
  readonly released: boolean;
  /** @internal Number of the hold in the memory. */
  readonly number: number;
  /**
   * Releases the hold.
   * @throws NotOwnerError if it was released already
   */
  release(): void;
  /** Releases the hold, unless it was released already. */
  [Symbol.dispose](): void;
  /** @internal Throws NotOwnerError if it was released. */
  assertHeld(): void;
}

/**
 * A lock held by a thread. No class extends this one: a constructor that calls `super()` is not inlined, and takes as long as the lock
 * itself.
 */
export class SyncHold implements SyncHeld {
  /** Also set by a wait on a condition during which another thread abandoned the lock. */
  abandoned: boolean;
  #released = false;

  constructor(
    private readonly mutex: SharedMutex,
    readonly number: number,
  ) {
    this.abandoned = mutex.abandoned;
  }

  /** Returns the state in one line, as `console.log` shows it. */
  toString(): string {
    return this[inspect.custom]();
  }

  /** @internal */
  [inspect.custom](): string {
    return shown(this, `${quoted(this.mutex.name)}${this.#released ? ', released' : ''}`);
  }

  get token(): bigint {
    return BigInt(this.number);
  }

  get released(): boolean {
    return this.#released;
  }

  release(): void {
    this.assertHeld();
    assertStackWithin();
    this.#released = true;
    this.mutex.free(this.number);
  }

  [Symbol.dispose](): void {
    if (!this.#released) this.release();
  }

  assertHeld(): void {
    if (this.#released) throw releasedAlready(this.mutex.name);
  }
}

export function releasedAlready(object: string): NotOwnerError {
  return new NotOwnerError(`"${object}" was released already`, { object });
}

/** @throws NotOwnerError if a hold was released; InvalidArgumentError for anything but a hold */
export function assertHold(held: SyncHeld): void {
  if (!(held instanceof SyncHold)) throw new InvalidArgumentError('a wait or a notification under a hold: give the result of acquire()');
  held.assertHeld();
}
