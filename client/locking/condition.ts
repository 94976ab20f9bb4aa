import { InvalidArgumentError } from '../../proto/errors.js';
import { ConditionService, type ConditionServiceOpenRequest } from '../../proto/gen/commonhold/v1/condition_wire.js';
import { count } from '../objects/arguments.js';
import { LockProxy } from './lock-proxy.js';
import type { Held } from './held.js';
import { Lock } from './lock.js';
import { RLock } from './rlock.js';
import { attempt, nothing, type ProxyContext } from '../objects/object-proxy.js';
import { timeoutOf, type WaitOptions } from '../wait.js';
import { SyncCondition } from '../shared/sync/condition.js';

const { methods } = ConditionService;

/**
 * Holders of a lock wait here until another holder says that something has changed: Python's
 * Condition. `acquire`, `tryAcquire`, `run`, `locked` and `holder` are those of its lock, which is a
 * re-entrant one of its own unless another was given.
 *
 * Every method may throw KindMismatchError where the name belongs to another kind, and
 * OptionsConflictError where the condition goes with another lock.
 */
export class Condition extends LockProxy<ConditionServiceOpenRequest> {
  /** @internal Without a lock, it is the one that the condition has, or one of its own. */
  constructor(context: ProxyContext, name: string, lock?: Lock | RLock) {
    super(context, 'condition', methods, { name, exclusive: false, ...named(context, lock) }, lock !== undefined);
  }

  /** The same without promises, where the condition is in shared memory. @throws InvalidArgumentError where it is not */
  get sync(): SyncCondition {
    return (this.#sync ??= new SyncCondition(this));
  }
  #sync: SyncCondition | undefined;

  /**
   * Gives up the lock, all levels of it, and waits for a notification; then takes the lock back, the
   * same levels under the same tokens, and answers true: or false, when the timeout ended before the
   * notification. The timeout does not count the wait for the lock; with 0, the others get their turn.
   * One round trip.
   *
   * The lock is held again also when the wait fails, so that `await using` and `finally` run under it:
   * an aborted wait first takes the lock back. A notification that crosses with the abort goes to the
   * next who waits. Only with the loss of the hold itself is nothing held.
   *
   * Leases run on: where that of a hold ends during the wait, it is lost. A hold that is released
   * during the wait does not come back.
   * @param held a hold of the lock, by this condition or by the lock itself
   * @throws NotOwnerError where it does not hold the lock, or is released meanwhile; LockLostError when
   * its lease or session ended; the signal's reason; NotFoundError when condition or lock is destroyed; TimeoutError when
   * the timeout is over and the manager, which would have to give the lock back first, gives no sign of life;
   * DeadlockError where others wait to take locks back in a cycle with it, which tasks side by side of
   * one owner can come to: this hold is lost then. In any other cycle, another wait fails
   */
  wait(held: Held, options?: WaitOptions): Promise<boolean> {
    return attempt(() => {
      held.assertHeld();
      const request = { name: this.name, token: held.tokenFor(this.context.transport), timeoutMs: timeoutOf(options) };
      const read = ({ notified, abandoned }: { notified: boolean; abandoned: boolean }): boolean => {
        if (abandoned) held.resumedAbandoned();
        return notified;
      };
      return this.call(methods.wait, request, read, options);
    });
  }

  /**
   * Waits until the predicate is true, and answers what it last was: false when the timeout ended
   * first. The predicate is run here, while the lock is held: at first, and after each notification.
   * The timeout is that of the whole, except for the waits for the lock. No round trip where the
   * predicate is true, and one for each notification.
   * @throws what {@link wait} or the predicate throws
   */
  async waitFor(held: Held, predicate: () => boolean | Promise<boolean>, options: WaitOptions = {}): Promise<boolean> {
    const { signal } = options;
    const timeout = timeoutOf(options);
    held.assertHeld();
    signal?.throwIfAborted();
    const end = timeout === undefined ? undefined : performance.now() + timeout;
    for (;;) {
      const result = await predicate();
      const left = end === undefined ? undefined : end - performance.now();
      if (result || (left !== undefined && left <= 0)) return result;
      await this.wait(held, { signal, timeout: left });
    }
  }

  /**
   * Wakes so many of those who wait, first come, first served; they go on when they get the lock. It
   * is not stored: where fewer wait, the rest is forgotten. One round trip.
   * @param held a hold of the lock, by this condition or by the lock itself
   * @param waiters how many to wake, 0 or more
   * @throws NotOwnerError where it does not hold the lock; LockLostError when its lease or session ended
   */
  notify(held: Held, waiters = 1): Promise<void> {
    return attempt(() => {
      held.assertHeld();
      const request = { name: this.name, token: held.tokenFor(this.context.transport), count: count('waiters', waiters, 0) };
      return this.call(methods.notify, request, nothing);
    });
  }

  /** Wakes all who wait. One round trip. Throws as {@link notify}. */
  notifyAll(held: Held): Promise<void> {
    return attempt(() => {
      held.assertHeld();
      return this.call(methods.notifyAll, { name: this.name, token: held.tokenFor(this.context.transport) }, nothing);
    });
  }
}

/** A lock as a condition's options have it. */
function named(context: ProxyContext, lock: Lock | RLock | undefined): { lock?: string; rlock?: string } {
  if (lock === undefined) return {};
  if (lock instanceof Lock) return { lock: lock.nameFor(context) };
  if (lock instanceof RLock) return { rlock: lock.nameFor(context) };
  throw new InvalidArgumentError('a condition goes with a lock or an rlock: give one of them, or none');
}
