import type { Mutex } from '../../engine/shared/mutex.js';
import { NotOwnerError } from '../../proto/errors.js';

/** What is held by a thread that took it without a promise. `using`, or {@link release}, gives it back. */
export class SyncHeld {
  /** The hold before this one ended without a release: its thread ended, perhaps in the middle of a change. */
  readonly abandoned: boolean;
  #released = false;

  /** @internal */
  constructor(
    /** @internal */
    readonly mutex: Mutex,
    /** @internal Names the hold in the memory. */
    readonly number: number,
  ) {
    this.abandoned = mutex.abandoned;
  }

  /** Names the hold: it grows from hold to hold. */
  get token(): bigint {
    return BigInt(this.number);
  }

  /** Whether it was given back. */
  get released(): boolean {
    return this.#released;
  }

  /**
   * Gives it back.
   * @throws NotOwnerError when released already
   */
  release(): void {
    this.givenBack();
    this.mutex.free(this.number);
  }

  /** @internal From now on it is not held. Throws where it was not. */
  protected givenBack(): void {
    this.assertHeld();
    this.#released = true;
  }

  /** @internal Throws where it was released. */
  assertHeld(): void {
    if (this.#released) throw new NotOwnerError(`"${this.mutex.name}" was released already`, { object: this.mutex.name });
  }

  /** Gives it back; silent where that was done. */
  [Symbol.dispose](): void {
    if (!this.#released) this.release();
  }
}
