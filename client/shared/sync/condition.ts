import type { SharedMemoryCondition } from '../../../engine/shared/objects/condition.js';
import type { SharedMutex } from '../../../engine/shared/objects/mutex.js';
import { count } from '../../objects/arguments.js';
import { now } from '../../../engine/shared/threads/parking.js';
import { blocking, type SyncOptions } from './sync-proxy.js';
import { assertHold, type SyncHeld } from './held.js';
import { SyncLock } from './lock.js';

/** The synchronous API of a condition; `acquire`, `tryAcquire`, `run` and `locked` act on its lock. */
export class SyncCondition extends SyncLock {
  protected override get mutex(): SharedMutex {
    return this.#condition.mutex;
  }

  get #condition(): SharedMemoryCondition {
    return this.object as SharedMemoryCondition;
  }

  /**
   * Releases the lock, blocks until notified, and takes the lock back; returns true if notified, false if the timeout ended first.
   * @throws NotOwnerError if the lock is not held
   */
  wait(held: SyncHeld, options?: SyncOptions): boolean {
    assertHold(held);
    return this.#condition.wait(held, blocking(options));
  }

  /**
   * Waits until the predicate, which runs while the lock is held, is true; returns its last result.
   * @throws NotOwnerError if the lock is not held
   */
  waitFor(held: SyncHeld, predicate: () => boolean, options?: SyncOptions): boolean {
    const timeout = blocking(options);
    assertHold(held);
    this.mutex.assertSeized(held.number);
    const end = timeout === undefined ? undefined : now() + timeout;
    for (;;) {
      const left = end === undefined ? undefined : end - now();
      const result = predicate();
      if (result || (left !== undefined && left <= 0)) return result;
      held.assertHeld();
      this.#condition.wait(held, left);
    }
  }

  /** Wakes up to `waiters` waits, first come, first served. @throws NotOwnerError if the lock is not held */
  notify(held: SyncHeld, waiters = 1): void {
    assertHold(held);
    this.#condition.notify(held.number, count('waiters', waiters, 0));
  }

  /** Wakes all waits. @throws NotOwnerError if the lock is not held */
  notifyAll(held: SyncHeld): void {
    assertHold(held);
    this.#condition.notifyAll(held.number);
  }
}
