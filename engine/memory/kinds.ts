import { elementsOfBytes } from '../../proto/codec/elements.js';
import type { Handlers } from '../../proto/contract.js';
import type { Kind, KINDS } from '../../proto/gen/commonhold/v1/services_wire.js';
import type { StateOf } from '../../proto/state.js';
import type { Restoring } from '../core/restoring.js';
import type { Keyspace, SharedObject } from './lifetime/keyspace.js';
import { MemoryBarrier, barrierHandlers } from './locking/barrier.js';
import { MemoryCondition, conditionHandlers } from './locking/condition.js';
import { MemoryEvent, eventHandlers } from './locking/event.js';
import { MemoryLock, lockHandlers } from './locking/lock.js';
import { rlockHandlers } from './locking/rlock.js';
import { MemoryRWLock, rwlockHandlers } from './locking/rwlock.js';
import { MemorySemaphore, semaphoreHandlers } from './locking/semaphore.js';
import { MemoryArray, arrayHandlers } from './objects/array.js';
import { dictHandlers } from './objects/dict-handlers.js';
import { MemoryDict } from './objects/dict.js';
import { listHandlers } from './objects/list-handlers.js';
import { MemoryList } from './objects/list.js';
import { MemoryNamespace, namespaceHandlers } from './objects/namespace.js';
import type { Instances } from './objects/instances.js';
import type { RegisteredObject } from './objects/registered-object.js';
import { objectHandlers } from './objects/object.js';
import { MemoryPipe, pipeHandlers } from './objects/pipe.js';
import { queueHandlers, restoredSettings } from './objects/queue-handlers.js';
import { MemoryQueue } from './objects/queue.js';
import { MemorySet, setHandlers } from './objects/set.js';
import { MemoryValue, valueHandlers } from './objects/value.js';
import type { Exclusion } from './locking/queued-lock.js';
import type { HoldTokens } from '../core/hold-tokens.js';

/** State of the engine that the handlers of all kinds share. */
interface EngineParts {
  readonly keyspace: Keyspace;
  readonly tokens: HoldTokens;
  readonly exclusion: Exclusion;
  readonly instances: Instances;
}

/** Makes the handlers of all kinds. A kind of the contract that is missing here does not compile. */
export function kindHandlers({ keyspace, tokens, exclusion, instances }: EngineParts): KindHandlers {
  return {
    dict: dictHandlers(keyspace),
    list: listHandlers(keyspace),
    set: setHandlers(keyspace),
    array: arrayHandlers(keyspace, exclusion),
    queue: queueHandlers(keyspace, tokens),
    value: valueHandlers(keyspace, exclusion),
    namespace: namespaceHandlers(keyspace),
    pipe: pipeHandlers(keyspace),
    lock: lockHandlers(keyspace, exclusion),
    rlock: rlockHandlers(keyspace, exclusion),
    rwlock: rwlockHandlers(keyspace, exclusion),
    condition: conditionHandlers(keyspace, exclusion),
    semaphore: semaphoreHandlers(keyspace, exclusion),
    event: eventHandlers(keyspace),
    barrier: barrierHandlers(keyspace, tokens),
    object: objectHandlers(keyspace, instances),
  };
}

/**
 * Makes an object of each kind with the options of its state; undefined for options stands for the usual ones. A kind of the contract that is
 * missing here does not compile.
 */
export function kindMakers({ keyspace, tokens, exclusion, instances }: EngineParts): KindMakers {
  const { clock, histories } = keyspace;
  const { revisions } = histories;
  return {
    dict: (name, state?: StateOf<MemoryDict>) => new MemoryDict(name, histories, state?.maxEntries),
    list: (name) => new MemoryList(name, histories),
    set: (name) => new MemorySet(name),
    array: (name, { type, elements }: StateOf<MemoryArray>) => new MemoryArray(name, exclusion, type, elementsOfBytes(type, elements)),
    queue: (name, state: StateOf<MemoryQueue>) => new MemoryQueue(name, histories, restoredSettings(keyspace, state)),
    value: (name, { value, type }: StateOf<MemoryValue>) => new MemoryValue(name, exclusion, value, type, revisions),
    namespace: (name) => new MemoryNamespace(name),
    pipe: (name, { duplex, capacity }: StateOf<MemoryPipe>) => new MemoryPipe(clock, name, duplex, capacity),
    lock: (name) => new MemoryLock('lock', name, exclusion),
    rlock: (name) => new MemoryLock('rlock', name, exclusion),
    rwlock: (name) => new MemoryRWLock(name, exclusion),
    condition: (name, { lock }: StateOf<MemoryCondition>) => new MemoryCondition(name, keyspace, exclusion, lock),
    semaphore: (name, { permits, bounded }: StateOf<MemorySemaphore>) => new MemorySemaphore(name, exclusion, permits, bounded),
    event: (name) => new MemoryEvent(name, revisions),
    barrier: (name, { parties, timeoutMs }: StateOf<MemoryBarrier>) => new MemoryBarrier(name, tokens, parties, timeoutMs),
    object: (name, state: StateOf<RegisteredObject>, { instanceOf }) => instances.restored(name, state, instanceOf(name)),
  };
}

export type KindMakers = Readonly<Record<Kind, (name: string, state: never, restoring: Restoring) => SharedObject>>;

type KindHandlers = { readonly [K in Kind]: Handlers<(typeof KINDS)[K]> };
