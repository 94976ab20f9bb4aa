import type { CallContext, Handlers } from '../../proto/contract.js';
import type { Holder, LockService } from '../../proto/gen/commonhold/v1/lock_wire.js';

/** Answer to the call that gets the lock. */
export interface LockGrant {
  token: number;
  abandoned: boolean;
}

/** A mutex of either engine. */
export interface MutexStore {
  /** Number of waiting calls. */
  readonly waiting: number;
  acquire(
    context: CallContext,
    timeoutMs: number | undefined,
    leaseMs: number | undefined,
    owner?: string,
  ): LockGrant | PromiseLike<LockGrant>;
  release(token: number): void;
  extend(token: number, leaseMs: number): void;
  holder(): Holder | undefined;
}

/** Returns the handlers of each kind with a lock's operations: acquire, release, extend, holder. */
export function mutexHandlers(find: (name: string, context: CallContext) => MutexStore): Omit<Handlers<typeof LockService>, 'open'> {
  return {
    acquire: ({ name, timeoutMs, leaseMs, owner }, context) => find(name, context).acquire(context, timeoutMs, leaseMs, owner),

    release({ name, token }, context) {
      find(name, context).release(token);
      return {};
    },

    extend({ name, token, leaseMs }, context) {
      find(name, context).extend(token, leaseMs);
      return {};
    },

    holder({ name }, context) {
      const mutex = find(name, context);
      return { holder: mutex.holder(), waiters: mutex.waiting };
    },
  };
}
