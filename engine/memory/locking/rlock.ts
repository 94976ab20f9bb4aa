import type { Handlers } from '../../../proto/contract.js';
import type { RLockService } from '../../../proto/gen/commonhold/v1/rlock_wire.js';
import { mutexHandlers } from '../../core/mutex-handlers.js';
import type { Keyspace } from '../lifetime/keyspace.js';
import { lockKind } from './lock.js';
import type { Exclusion } from './queued-lock.js';

export function rlockHandlers(keyspace: Keyspace, exclusion: Exclusion): Handlers<typeof RLockService> {
  const kind = lockKind('rlock', exclusion);
  return {
    open: (request, context) => ({ created: keyspace.create(kind, request, context).created }),
    ...mutexHandlers((name, context) => keyspace.open(kind, name, context).mutex),
  };
}
