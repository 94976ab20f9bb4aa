import type { Handlers } from '../../proto/contract.js';
import type { Kind, KINDS } from '../../proto/gen/commonhold/v1/services_wire.js';
import type { UserCode } from '../core/system.js';
import type { TypeRegistry } from '../types.js';
import type { Keyspace } from './lifetime/keyspace.js';
import { barrierHandlers } from './locking/barrier.js';
import { conditionHandlers } from './locking/condition.js';
import { eventHandlers } from './locking/event.js';
import { lockHandlers } from './locking/lock.js';
import { rlockHandlers } from './locking/rlock.js';
import { semaphoreHandlers } from './locking/semaphore.js';
import { arrayHandlers } from './objects/array.js';
import { dictHandlers } from './objects/dict-handlers.js';
import { listHandlers } from './objects/list-handlers.js';
import { namespaceHandlers } from './objects/namespace.js';
import { objectHandlers } from './objects/object.js';
import { pipeHandlers } from './objects/pipe.js';
import { queueHandlers } from './objects/queue-handlers.js';
import { setHandlers } from './objects/set.js';
import { valueHandlers } from './objects/value.js';
import type { Exclusion } from './locking/mutex.js';
import type { Tokens } from './locking/tokens.js';

/** State of the engine that the handlers of all kinds share. */
interface EngineParts {
  readonly keyspace: Keyspace;
  readonly tokens: Tokens;
  readonly exclusion: Exclusion;
  readonly types: TypeRegistry;
  readonly userCode: UserCode;
  readonly maxMessageBytes: number;
}

/** Makes the handlers of all kinds. A kind of the contract that is missing here does not compile. */
export function kindHandlers({ keyspace, tokens, exclusion, types, userCode, maxMessageBytes }: EngineParts): KindHandlers {
  return {
    dict: dictHandlers(keyspace),
    list: listHandlers(keyspace, maxMessageBytes),
    set: setHandlers(keyspace),
    array: arrayHandlers(keyspace, exclusion),
    queue: queueHandlers(keyspace, tokens),
    value: valueHandlers(keyspace, exclusion),
    namespace: namespaceHandlers(keyspace),
    pipe: pipeHandlers(keyspace),
    lock: lockHandlers(keyspace, exclusion),
    rlock: rlockHandlers(keyspace, exclusion),
    condition: conditionHandlers(keyspace, exclusion),
    semaphore: semaphoreHandlers(keyspace, tokens),
    event: eventHandlers(keyspace),
    barrier: barrierHandlers(keyspace, tokens),
    object: objectHandlers(keyspace, types, userCode, maxMessageBytes),
  };
}

type KindHandlers = { readonly [K in Kind]: Handlers<(typeof KINDS)[K]> };
