import { RLockService } from '../../proto/gen/commonhold/v1/rlock_wire.js';
import { LockProxy } from './lock-proxy.js';
import type { ProxyContext } from '../objects/object-proxy.js';
import { SyncLock } from '../shared/sync/lock.js';

/**
 * A lock that its owner can acquire again while holding it: Python's RLock. Each acquisition is a level, with a handle, a token and a lease
 * of its own; the lock is free once all levels are released, in any order. The owner is the task of `run(...)`, or the option `owner`: a
 * handle, or a token of {@link Manager.owner}. Without either, the acquisition is its own owner and does not re-enter: two independent
 * tasks of one process exclude each other.
 *
 * Waits are served first come, first served. The end of the holder's session ends all levels, and the next hold has `abandoned` set.
 */
export class RLock extends LockProxy {
  /** @internal */
  constructor(context: ProxyContext, name: string) {
    super(context, 'rlock', RLockService.methods, { name, exclusive: false }, false);
  }

  /** Synchronous API, for a lock in shared memory. @throws InvalidArgumentError if it is not in shared memory */
  get sync(): SyncLock {
    return (this.#sync ??= new SyncLock(this));
  }
  #sync: SyncLock | undefined;
}
