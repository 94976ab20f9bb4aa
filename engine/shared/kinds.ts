import type { Handlers } from '../../proto/contract.js';
import type { KINDS } from '../../proto/gen/commonhold/v1/services_wire.js';
import { arrayHandlers, rebuildArray } from './handlers/array.js';
import { barrierHandlers, rebuildBarrier } from './handlers/barrier.js';
import { conditionHandlers, rebuildCondition } from './handlers/condition.js';
import { dictHandlers, rebuildDict } from './handlers/dict.js';
import { eventHandlers, rebuildEvent } from './handlers/event.js';
import { listHandlers, rebuildList } from './handlers/list.js';
import { lockHandlers, rebuildLock, rebuildRLock, rlockHandlers } from './handlers/lock.js';
import { queueHandlers, rebuildQueue } from './handlers/queue.js';
import type { RebuildCalls } from './handlers/rebuild.js';
import { rebuildSemaphore, semaphoreHandlers } from './handlers/semaphore.js';
import { rebuildValue, valueHandlers } from './handlers/value.js';
import { arrayKind } from './objects/array.js';
import { barrierKind } from './objects/barrier.js';
import { conditionKind } from './objects/condition.js';
import { dictKind } from './objects/dict.js';
import { eventKind } from './objects/event.js';
import type { SharedKind } from './objects/kind-numbers.js';
import { listKind } from './objects/list.js';
import { lockKind } from './objects/lock.js';
import type { ObjectView } from './objects/object-view.js';
import type { Objects, SharedObjectKind } from './objects/objects.js';
import { queueKind } from './objects/queue.js';
import { semaphoreKind } from './objects/semaphore.js';
import { valueKind } from './objects/value.js';

/** Describes one kind of objects to this engine. */
interface SharedKindDescriptor<K extends SharedKind> {
  /** Makes objects, and binds a thread to existing ones. */
  readonly object: SharedObjectKind<ObjectView>;
  /** Returns the handlers of the kind's service. */
  readonly handlers: (objects: Objects) => Handlers<(typeof KINDS)[K]>;
  /** Returns the calls that recreate the object in another engine. */
  readonly rebuild: (object: never) => RebuildCalls;
}

/** The kinds of shared memory. A kind with a number in objects/kind-numbers.ts and no descriptor here does not compile. */
export const SHARED_KINDS: { readonly [K in SharedKind]: SharedKindDescriptor<K> } = {
  dict: { object: dictKind, handlers: dictHandlers, rebuild: rebuildDict },
  list: { object: listKind, handlers: listHandlers, rebuild: rebuildList },
  queue: { object: queueKind, handlers: queueHandlers, rebuild: rebuildQueue },
  value: { object: valueKind, handlers: valueHandlers, rebuild: rebuildValue },
  array: { object: arrayKind, handlers: arrayHandlers, rebuild: rebuildArray },
  lock: { object: lockKind('lock'), handlers: lockHandlers, rebuild: rebuildLock },
  rlock: { object: lockKind('rlock'), handlers: rlockHandlers, rebuild: rebuildRLock },
  semaphore: { object: semaphoreKind, handlers: semaphoreHandlers, rebuild: rebuildSemaphore },
  condition: { object: conditionKind, handlers: conditionHandlers, rebuild: rebuildCondition },
  event: { object: eventKind, handlers: eventHandlers, rebuild: rebuildEvent },
  barrier: { object: barrierKind, handlers: barrierHandlers, rebuild: rebuildBarrier },
};

/** Names of the kinds. */
export const SHARED_KIND_NAMES = Object.keys(SHARED_KINDS) as readonly SharedKind[];

/** Returns the calls that recreate an object with its present state in another engine. */
export function rebuildCalls(object: ObjectView): RebuildCalls {
  return SHARED_KINDS[object.kind].rebuild(object as never);
}
