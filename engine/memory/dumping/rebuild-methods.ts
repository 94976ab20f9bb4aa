import { ArrayService } from '../../../proto/gen/commonhold/v1/array_wire.js';
import { BarrierService } from '../../../proto/gen/commonhold/v1/barrier_wire.js';
import { ConditionService } from '../../../proto/gen/commonhold/v1/condition_wire.js';
import { DictService } from '../../../proto/gen/commonhold/v1/dict_wire.js';
import { EventService } from '../../../proto/gen/commonhold/v1/event_wire.js';
import { ListService } from '../../../proto/gen/commonhold/v1/list_wire.js';
import { LockService } from '../../../proto/gen/commonhold/v1/lock_wire.js';
import { ManagerService } from '../../../proto/gen/commonhold/v1/manager_wire.js';
import { NamespaceService } from '../../../proto/gen/commonhold/v1/namespace_wire.js';
import { PipeService } from '../../../proto/gen/commonhold/v1/pipe_wire.js';
import { QueueService } from '../../../proto/gen/commonhold/v1/queue_wire.js';
import { RLockService } from '../../../proto/gen/commonhold/v1/rlock_wire.js';
import { RWLockService } from '../../../proto/gen/commonhold/v1/rwlock_wire.js';
import { SemaphoreService } from '../../../proto/gen/commonhold/v1/semaphore_wire.js';
import { SetService } from '../../../proto/gen/commonhold/v1/set_wire.js';
import { ValueService } from '../../../proto/gen/commonhold/v1/value_wire.js';
import { isOpener } from '../../../proto/methods.js';
import type { Method } from '../../../proto/wire/codec.js';

/** The methods that rebuild an object after its `Open`. */
const FILLERS: ReadonlySet<Method> = new Set<Method>([
  ArrayService.methods.write,
  ArrayService.methods.lock,
  BarrierService.methods.abort,
  ConditionService.methods.acquire,
  DictService.methods.set,
  DictService.methods.setMany,
  DictService.methods.getMany,
  EventService.methods.set,
  ListService.methods.push,
  LockService.methods.acquire,
  ManagerService.methods.expire,
  NamespaceService.methods.assign,
  PipeService.methods.send,
  PipeService.methods.close,
  QueueService.methods.putMany,
  QueueService.methods.pause,
  QueueService.methods.shutdown,
  RLockService.methods.acquire,
  RWLockService.methods.acquire,
  SemaphoreService.methods.add,
  SemaphoreService.methods.consume,
  SetService.methods.add,
  ValueService.methods.lock,
]);

/** Returns true for the methods that a dump can have. */
export function isRebuilding(method: Method): boolean {
  return isOpener(method) || FILLERS.has(method);
}
