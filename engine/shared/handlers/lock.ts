import type { CallContext, Handlers } from '../../../proto/contract.js';
import type { LockService } from '../../../proto/gen/commonhold/v1/lock_wire.js';
import type { RLockService } from '../../../proto/gen/commonhold/v1/rlock_wire.js';
import { lockKind, type SharedMemoryLock } from '../lock.js';
import type { Mutex } from '../mutex.js';
import type { Kind, Objects } from '../objects.js';
import { unoffered } from './unoffered.js';

export function lockHandlers(objects: Objects): Handlers<typeof LockService> {
  return handlersOf(objects, lockKind('lock'));
}

export function rlockHandlers(objects: Objects): Handlers<typeof RLockService> {
  return handlersOf(objects, lockKind('rlock'));
}

function handlersOf(objects: Objects, kind: Kind<SharedMemoryLock>): Handlers<typeof LockService> {
  return {
    open(request) {
      if (request.ttlMs !== undefined) throw unoffered('a time to live', request.name);
      return { created: objects.create(kind, request, () => {}).created };
    },
    ...mutexHandlers((name, context) => objects.open(kind, name, context)),
  };
}

/** The handlers of every kind that is taken, given back and asked for its holder as a lock is. */
export function mutexHandlers(find: (name: string, context: CallContext) => Mutex): Omit<Handlers<typeof LockService>, 'open'> {
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
      return { holder: mutex.holder(), waiters: mutex.inLine };
    },
  };
}
