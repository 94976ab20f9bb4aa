import { LockService } from '../../proto/gen/commonhold/v1/lock_wire.js';
import { LockProxy } from './lock-proxy.js';
import type { ProxyContext } from '../objects/object-proxy.js';
import { SyncLock } from '../shared/sync/lock.js';

/**
 * A mutual exclusion lock shared between processes. Waits are served first come, first served. The end of the holder's session releases the
 * lock, and the next hold has `abandoned` set. It is not re-entrant: an owner that holds it and acquires it again gets DeadlockError, as do
 * owners that would wait for each other.
 */
export class Lock extends LockProxy {
  /** @internal */
  constructor(context: ProxyContext, name: string) {
    super(context, 'lock', LockService.methods, { name, exclusive: false }, false);
  }

  /** Synchronous API, for a lock in shared memory. @throws InvalidArgumentError if it is not in shared memory */
  get sync(): SyncLock {
    return (this.#sync ??= new SyncLock(this));
  }
  #sync: SyncLock | undefined;
}
