import { InvalidArgumentError } from '../../proto/errors.js';
import { ConditionService, type ConditionServiceOpenRequest } from '../../proto/gen/commonhold/v1/condition_wire.js';
import { count } from '../objects/arguments.js';
import { LockProxy } from './lock-proxy.js';
import { Held } from './held.js';
import { Lock } from './lock.js';
import { RLock } from './rlock.js';
import { attempt, nothing, type ProxyContext } from '../objects/object-proxy.js';
import { timeoutOf, type WaitOptions } from '../wait.js';
import { SyncCondition } from '../shared/sync/condition.js';

const { methods } = ConditionService;

/**
 * A condition variable: holders of a lock wait until another holder notifies them of a change. Python's Condition. `acquire`, `tryAcquire`,
 * `run`, `locked` and `holder` act on its lock, which is a re-entrant lock of its own unless one was given.
 *
 * Every method may throw KindMismatchError if the name belongs to another kind, OptionsConflictError if the condition was created with
 * another lock, and NotFoundError if the given lock was destroyed: only a call on that lock makes it again.
 */
export class Condition extends LockProxy<ConditionServiceOpenRequest> {
  /** @internal Without a lock, uses the lock that the condition has, or creates one for it. */
  constructor(context: ProxyContext, name: string, lock?: Lock | RLock) {
    super(context, 'condition', methods, { name, exclusive: false, ...named(context, lock) }, lock !== undefined);
  }

  /** Synchronous API, for a condition in shared memory. @throws InvalidArgumentError if it is not in shared memory */
  get sync(): SyncCondition {
    return (this.#sync ??= new SyncCondition(this));
  }
  #sync: SyncCondition | undefined;

  /**
   * Releases all levels of the lock, waits for a notification, then takes the lock back with the same levels and tokens. Returns true if
   * notified, false if the timeout ended first. The timeout does not include the wait for the lock; with 0, other holders get a turn. One
   * round trip.
   *
   * The lock is held again also after a failed wait, so that `await using` and `finally` run under it: an aborted wait first takes the lock
   * back. A notification that crosses with the abort goes to the next waiter. Nothing is held only if the hold itself was lost.
   *
   * Leases keep running: a hold whose lease ends during the wait is lost. A hold that is released during the wait does not come back.
   * @param held a hold of the lock, acquired through this condition or the lock itself
   * @throws NotOwnerError if `held` does not hold the lock, or is released meanwhile; LockLostError if its lease or session ended; the
   * signal's reason; NotFoundError if the condition or lock is destroyed; TimeoutError if the timeout ends and the manager, which would
   * have to give the lock back first, does not respond; DeadlockError if the waits to take locks back form a cycle, which concurrent tasks
   * of one owner can cause: this hold is then lost. In any other cycle, another wait fails
   */
  wait(held: Held, options?: WaitOptions): Promise<boolean> {
    return attempt(() => {
      const request = { name: this.name, token: this.#tokenOf(held), timeoutMs: timeoutOf(options) };
      const read = ({ notified, abandoned }: { notified: boolean; abandoned: boolean }): boolean => {
        if (abandoned) held.resumedAbandoned();
        return notified;
      };
      // The lock comes back first, for which the timeout is no limit.
      return this.call(methods.wait, request, read, { ...options, lingers: true });
    });
  }

  /**
   * Waits until the predicate is true. Returns its last result: false if the timeout ended first. The predicate runs in this process while
   * the lock is held, first at once and then after each notification. The timeout covers the whole call, except for the waits for the lock.
   * No round trip if the predicate is true at once, and one per notification.
   * @throws the errors of {@link wait} and of the predicate
   */
  async waitFor(held: Held, predicate: () => boolean | Promise<boolean>, options: WaitOptions = {}): Promise<boolean> {
    const timeout = timeoutOf(options);
    const { signal } = options;
    this.#tokenOf(held);
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
   * Wakes up to `waiters` waits, first come, first served; they continue once they get the lock. A notification is not stored: if fewer
   * wait, the rest has no effect. One round trip.
   * @param held a hold of the lock, acquired through this condition or the lock itself
   * @param waiters number of waits to wake, 0 or more
   * @throws NotOwnerError if `held` does not hold the lock; LockLostError if its lease or session ended
   */
  notify(held: Held, waiters = 1): Promise<void> {
    return attempt(() => {
      const request = { name: this.name, token: this.#tokenOf(held), count: count('waiters', waiters, 0) };
      return this.call(methods.notify, request, nothing);
    });
  }

  /** Wakes all waits. One round trip. @throws the errors of {@link notify} */
  notifyAll(held: Held): Promise<void> {
    return attempt(() => this.call(methods.notifyAll, { name: this.name, token: this.#tokenOf(held) }, nothing));
  }

  /** Returns the token of a hold that was neither released nor lost. */
  #tokenOf(held: Held): number {
    const token = Held.tokenOf(held, this.context.transport);
    held.assertHeld();
    return token;
  }
}

/** Converts a lock to the fields of the open request. */
function named(context: ProxyContext, lock: Lock | RLock | undefined): { lock?: string; rlock?: string } {
  if (lock === undefined) return {};
  if (lock instanceof Lock) return { lock: lock.nameFor(context) };
  if (lock instanceof RLock) return { rlock: lock.nameFor(context) };
  throw new InvalidArgumentError('the lock of a condition must be a lock or an rlock: give one of them, or none');
}
