import type { SharedMutex } from '../../../engine/shared/objects/mutex.js';
import { checkOptions, NO_OPTIONS, type NoOptions } from '../../../proto/known-options.js';
import { holderInfo, type HolderInfo } from '../../locking/holder.js';
import { blocking, SyncProxy, type SyncOptions, taken } from './sync-proxy.js';
import { SyncHold, type SyncHeld } from './held.js';

/**
 * The synchronous API of a lock. The thread is the owner: it can re-enter an rlock, and gets DeadlockError for a lock that it holds
 * already.
 */
export class SyncLock extends SyncProxy<SharedMutex> {
  /**
   * Acquires the lock, blocking until it is free.
   * @throws TimeoutError; DeadlockError if this thread holds it, or if it is granted to a promise of this thread meanwhile; NotFoundError
   * if it is destroyed meanwhile
   */
  acquire(options?: SyncOptions): SyncHeld {
    const mutex = this.mutex;
    return new SyncHold(mutex, mutex.acquireSync(blocking(options)));
  }

  /** Acquires the lock if it is free; returns undefined otherwise. */
  tryAcquire(options?: NoOptions): SyncHeld | undefined {
    checkOptions(options, NO_OPTIONS);
    const mutex = this.mutex;
    return taken(() => new SyncHold(mutex, mutex.acquireSync(0)));
  }

  /** Runs a function, which must not be async, while holding the lock. @throws the errors of {@link acquire} and of the function */
  run<R>(task: (held: SyncHeld) => R, options?: SyncOptions): R {
    const held = this.acquire(options);
    try {
      return task(held);
    } finally {
      held[Symbol.dispose]();
    }
  }

  /** Returns true if the lock is held. */
  locked(): boolean {
    return this.mutex.holder() !== undefined;
  }

  /** Returns the holder of the lock, or undefined. For a hold of another thread, only its token and the thread are known. */
  holder(): HolderInfo | undefined {
    const holder = this.mutex.holder();
    return holder && holderInfo(holder);
  }

  /** @internal The lock itself; overridden by conditions, which use the lock they belong to. */
  protected get mutex(): SharedMutex {
    return this.object;
  }
}
