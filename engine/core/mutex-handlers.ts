import type { CallContext, Handlers } from '../../proto/contract.js';
import type { Holder, LockService } from '../../proto/gen/commonhold/v1/lock_wire.js';

/** Answer to the call that gets the lock. */
export interface LockGrant {
  token: number;
  abandoned: boolean;
}

/** A call that wants a lock. */
export interface Acquisition {
  readonly timeoutMs?: number | undefined;
  readonly leaseMs?: number | undefined;
  /** Name of the owner in the caller's session. Without a name the acquisition is its own owner. */
  readonly owner?: string | undefined;
  /** Priority among the calls that wait, lowest first. Default: 0. */
  readonly priority?: number | undefined;
}

/** A mutex of either engine. */
export interface MutexStore {
  /** Number of waiting calls. */
  readonly waiters: number;
  acquire(context: CallContext, wanted: Acquisition): LockGrant | PromiseLike<LockGrant>;
  release(token: number): void;
  extend(token: number, leaseMs: number): void;
  holder(): Holder | undefined;
}

/** Returns the handlers of each kind with a lock's operations: acquire, release, extend, holder. */
export function mutexHandlers(find: (name: string, context: CallContext) => MutexStore): Omit<Handlers<typeof LockService>, 'open'> {
  return {
    acquire: (request, context) => find(request.name, context).acquire(context, request),

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
      return { holder: mutex.holder(), waiters: mutex.waiters };
    },
  };
}
