import type { SharedMutex } from '../../../engine/shared/objects/mutex.js';
import { holderInfo, type HolderInfo } from '../../locking/holder.js';
import { blocking, SyncProxy, type SyncOptions, taken } from './sync-proxy.js';
import { SyncHold, type SyncHeld } from './held.js';

/** A lock without promises. The thread is the owner: it re-enters an rlock, and a lock that it holds already is a DeadlockError. */
export class SyncLock extends SyncProxy<SharedMutex> {
  /**
   * Takes the lock, blocking until it is free.
   * @throws TimeoutError; DeadlockError where this thread holds it, or a promise of this thread is given it meanwhile; NotFoundError where it is destroyed meanwhile
   */
  acquire(options?: SyncOptions): SyncHeld {
    const mutex = this.mutex;
    return new SyncHold(mutex, mutex.seize(blocking(options)));
  }

  /** Takes the lock if it is free; undefined otherwise. */
  tryAcquire(): SyncHeld | undefined {
    const mutex = this.mutex;
    return taken(() => new SyncHold(mutex, mutex.seize(0)));
  }

  /** Runs a function, which must not be async, while holding the lock. Throws as {@link acquire}, and what it throws. */
  run<R>(task: (held: SyncHeld) => R, options?: SyncOptions): R {
    const held = this.acquire(options);
    try {
      return task(held);
    } finally {
      held[Symbol.dispose]();
    }
  }

  /** Whether someone holds the lock. */
  locked(): boolean {
    return this.mutex.holder() !== undefined;
  }

  /** Who holds the lock, or undefined. Of a hold of another thread no more is known than its token and the thread. */
  holder(): HolderInfo | undefined {
    const holder = this.mutex.holder();
    return holder && holderInfo(holder);
  }

  /** @internal The lock itself: of a condition, that which it goes with. */
  protected get mutex(): SharedMutex {
    return this.object;
  }
}
