import { LockService } from '../../proto/gen/commonhold/v1/lock_wire.js';
import { LockProxy } from './lock-proxy.js';
import type { ProxyContext } from '../objects/object-proxy.js';
import { SyncLock } from '../shared/sync/lock.js';

/**
 * A lock that many processes share. One holds it at a time; those who wait are served first come,
 * first served. The death of its holder's session frees it, and the next holder is told by
 * `abandoned`. It does not re-enter: an owner that holds it and wants it again gets DeadlockError, as do
 * owners that would wait for each other.
 */
export class Lock extends LockProxy {
  /** @internal */
  constructor(context: ProxyContext, name: string) {
    super(context, 'lock', LockService.methods, { name, exclusive: false }, false);
  }

  /** The same without promises, where the lock is in shared memory. @throws InvalidArgumentError where it is not */
  get sync(): SyncLock {
    return (this.#sync ??= new SyncLock(this));
  }
  #sync: SyncLock | undefined;
}
