import type { SharedMutex } from '../../../engine/shared/objects/mutex.js';
import { assertStackWithin } from '../../../engine/shared/threads/stack.js';
import { NotOwnerError } from '../../../proto/errors.js';

/** What is held by a thread that took it without a promise. `using`, or {@link SyncHeld.release}, gives it back. */
export interface SyncHeld {
  /** The hold before this one ended without a release: its thread ended, perhaps in the middle of a change. */
  readonly abandoned: boolean;
  /** Names the hold: it grows from hold to hold. */
  readonly token: bigint;
  /** Whether it was given back. */
  readonly released: boolean;
  /** @internal Names the hold in the memory. */
  readonly number: number;
  /**
   * Gives it back.
   * @throws NotOwnerError when released already
   */
  release(): void;
  /** Gives it back; silent where that was done. */
  [Symbol.dispose](): void;
  /** @internal Throws NotOwnerError where it was released. */
  assertHeld(): void;
}

/** A lock that a thread holds. Nothing extends it: a constructor that calls `super()` is not inlined, and takes as long as the lock does. */
export class SyncHold implements SyncHeld {
  readonly abandoned: boolean;
  #released = false;

  constructor(
    private readonly mutex: SharedMutex,
    readonly number: number,
  ) {
    this.abandoned = mutex.abandoned;
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
