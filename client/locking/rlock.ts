import { RLockService } from '../../proto/gen/commonhold/v1/rlock_wire.js';
import { LockProxy } from './lock-proxy.js';
import type { ProxyContext } from '../objects/object-proxy.js';
import { SyncLock } from '../shared/sync/lock.js';

/**
 * A lock that its owner may take again while it holds it: Python's RLock. Each time is a level, with
 * a handle, a token and a lease of its own; the lock is free when all levels are released, in any
 * order. The owner is the task of `run(...)`, or what `{ owner }` says: a handle, or what
 * {@link Manager.owner} made. Without either, the acquisition is an owner by itself and does not
 * re-enter: two independent tasks of one process exclude each other.
 *
 * Those who wait are served first come, first served. The death of its holder's session ends all
 * levels, and the next holder is told by `abandoned`.
 */
export class RLock extends LockProxy {
  /** @internal */
  constructor(context: ProxyContext, name: string) {
    super(context, 'rlock', RLockService.methods, { name, exclusive: false }, false);
  }

  /** The same without promises, where the lock is in shared memory. @throws InvalidArgumentError where it is not */
  get sync(): SyncLock {
    return (this.#sync ??= new SyncLock(this));
  }
  #sync: SyncLock | undefined;
}
