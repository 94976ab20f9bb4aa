import type { RebuildCall } from '../../core/calls.js';
import { ORDERS } from '../../core/queue-orders.js';
import { bytesOf } from '../../../proto/codec/binary.js';
import { ArrayService } from '../../../proto/gen/commonhold/v1/array_wire.js';
import { BarrierService } from '../../../proto/gen/commonhold/v1/barrier_wire.js';
import { ConditionService } from '../../../proto/gen/commonhold/v1/condition_wire.js';
import { DictService } from '../../../proto/gen/commonhold/v1/dict_wire.js';
import { EventService } from '../../../proto/gen/commonhold/v1/event_wire.js';
import { ListService } from '../../../proto/gen/commonhold/v1/list_wire.js';
import { LockService } from '../../../proto/gen/commonhold/v1/lock_wire.js';
import { QueueService } from '../../../proto/gen/commonhold/v1/queue_wire.js';
import { RLockService } from '../../../proto/gen/commonhold/v1/rlock_wire.js';
import { SemaphoreService } from '../../../proto/gen/commonhold/v1/semaphore_wire.js';
import { ValueService } from '../../../proto/gen/commonhold/v1/value_wire.js';
import type { Method } from '../../../proto/wire/codec.js';
import type { Payload } from '../../../proto/wire/values.js';
import { SharedMemoryArray } from './array.js';
import { SharedMemoryBarrier } from './barrier.js';
import type { ObjectView } from './object-view.js';
import { PAYLOADS } from '../memory/cells.js';
import { SharedMemoryCondition } from './condition.js';
import { SharedMemoryDict } from './dict.js';
import { SharedMemoryEvent } from './event.js';
import { SharedMemoryList } from './list.js';
import { SharedMemoryQueue } from './queue.js';
import { SharedMemorySemaphore } from './semaphore.js';
import { SharedMemoryValue } from './value.js';

/** Of the orders of a queue on the wire, the one that those in shared memory have. */
const FIFO = ORDERS.indexOf('fifo');

/** The calls that make an object anew as it is now: `Open` first, then those that fill it. Who holds and waits is not in them. */
export function rebuildCalls(object: ObjectView): [opening: RebuildCall, ...filling: RebuildCall[]] {
  const { name } = object;
  const opened = (method: Method, options: object = {}): RebuildCall => ({ method, request: { name, exclusive: false, ...options } });
  const filled = (method: Method, request: object): RebuildCall => ({ method, request: { name, ...request } });
  const { methods: dict } = DictService;
  const { methods: list } = ListService;
  const { methods: queue } = QueueService;

  if (object instanceof SharedMemoryDict) {
    const entries = object.entries(PAYLOADS).map(([key, value]) => ({ key, value: value as Payload }));
    return [opened(dict.open), filled(dict.setMany, { entries })];
  }
  if (object instanceof SharedMemoryList) return [opened(list.open), filled(list.push, { values: object.toArray(PAYLOADS) })];
  if (object instanceof SharedMemoryQueue) {
    const capacity = object.capacity === 0 ? undefined : object.capacity;
    return [opened(queue.open, { capacity, order: FIFO }), filled(queue.putMany, { values: object.peek(object.size, PAYLOADS) })];
  }
  if (object instanceof SharedMemoryValue) {
    return [opened(ValueService.methods.open, { initial: object.payload(), type: object.type })];
  }
  if (object instanceof SharedMemoryArray) {
    return [opened(ArrayService.methods.open, { type: object.type, initial: bytesOf(object.read()) })];
  }
  if (object instanceof SharedMemorySemaphore) {
    const { permits, bounded, total } = object;
    const added: RebuildCall[] = total > permits ? [filled(SemaphoreService.methods.add, { permits: total - permits })] : [];
    return [opened(SemaphoreService.methods.open, { permits, bounded }), ...added];
  }
  if (object instanceof SharedMemoryBarrier) {
    return [opened(BarrierService.methods.open, { parties: object.parties, timeoutMs: object.timeoutMs })];
  }
  if (object instanceof SharedMemoryCondition) {
    const { lock } = object;
    return [opened(ConditionService.methods.open, lock === undefined ? {} : { [lock.kind]: lock.name })];
  }
  if (object instanceof SharedMemoryEvent) {
    const set: RebuildCall[] = object.isSet() ? [filled(EventService.methods.set, {})] : [];
    return [opened(EventService.methods.open), ...set];
  }
  return [opened(object.kind === 'rlock' ? RLockService.methods.open : LockService.methods.open)];
}
