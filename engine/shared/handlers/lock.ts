import type { Handlers } from '../../../proto/contract.js';
import { LockService } from '../../../proto/gen/commonhold/v1/lock_wire.js';
import { RLockService } from '../../../proto/gen/commonhold/v1/rlock_wire.js';
import { lockKind, type SharedMemoryLock } from '../objects/lock.js';
import { mutexHandlers } from '../../core/mutex-handlers.js';
import type { SharedObjectKind, Objects } from '../objects/objects.js';
import { openCall, type RebuildCalls } from './rebuild.js';

export function lockHandlers(objects: Objects): Handlers<typeof LockService> {
  return handlersOf(objects, lockKind('lock'));
}

export function rlockHandlers(objects: Objects): Handlers<typeof RLockService> {
  return handlersOf(objects, lockKind('rlock'));
}

function handlersOf(objects: Objects, kind: SharedObjectKind<SharedMemoryLock>): Handlers<typeof LockService> {
  return {
    open(request) {
      return { created: objects.create(kind, request, () => {}).created };
    },
    ...mutexHandlers((name, context) => objects.open(kind, name, context)),
  };
}

export function rebuildLock(lock: SharedMemoryLock): RebuildCalls {
  return [openCall(LockService.methods.open, lock)];
}

export function rebuildRLock(lock: SharedMemoryLock): RebuildCalls {
  return [openCall(RLockService.methods.open, lock)];
}
