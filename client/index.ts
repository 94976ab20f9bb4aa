export { Arena, type ArenaOptions, type ArenaStats } from './shared/arena.js';
export type { SyncOptions } from './shared/sync/sync-proxy.js';
export type { SyncArray, SyncWriteOptions } from './shared/sync/array.js';
export type { SyncBarrier } from './shared/sync/barrier.js';
export type { SyncCondition } from './shared/sync/condition.js';
export type { SyncDict } from './shared/sync/dict.js';
export type { SyncEvent } from './shared/sync/event.js';
export type { SyncHeld } from './shared/sync/held.js';
export type { SyncList } from './shared/sync/list.js';
export type { SyncLock } from './shared/sync/lock.js';
export type { SyncQueue } from './shared/sync/queue.js';
export type { SyncPermits, SyncPermitsOptions, SyncSemaphore } from './shared/sync/semaphore.js';
export type { SyncHeldValue } from './shared/sync/held-value.js';
export type { SyncValue } from './shared/sync/value.js';
export { Manager, type ManagerEvents, type ObjectFilter } from './connect/manager.js';
export type { ObjectOptions, ValuesOptions } from './objects/object-options.js';
export type { Schema, StandardIssue, StandardResult, StandardSchema } from './objects/schema.js';
export type { MessageSchema } from '../proto/codec/message.js';
export { AnyMessage } from '../proto/codec/opaque.js';
export type { ConnectOptions } from './connect/options.js';
export type { TlsOptions } from './connect/tls-options.js';
export type { StartOptions } from './connect/start.js';
export type { EmbedOptions } from './connect/embed.js';
export type { LockInfo, WaiterInfo, WaitForGraph } from './locking/graph.js';
export type { LimitUse, ManagerStats, ObjectHome, ObjectInfo, SessionInfo, SlowCall } from './connect/info.js';
export type { ManagerWarning } from './connect/warning.js';
export type { AnyProxy } from './objects/registry.js';
export type { Kind } from '../proto/gen/commonhold/v1/services_wire.js';
export type { WaitOptions } from './wait.js';
export type { DictWatchOptions, StateWatchOptions, WatchOptions } from './objects/watch.js';
export type { DictChange, ListChange } from './objects/changes.js';
export { AtomicBatch, type Committed } from './objects/atomic.js';
export { SharedDict } from './objects/dict.js';
export type { DictChangeOptions, DictOptions, DictScanOptions, DictSetManyOptions, DictSetOptions } from './objects/dict-options.js';
export { PathOperations } from './objects/path.js';
export { CachedDict, type CacheOptions, type CacheStats } from './objects/cached-dict.js';
export { SharedList } from './objects/list.js';
export type { SortOptions } from './objects/sort-options.js';
export { SharedSet, type OtherSet } from './objects/set.js';
export { Namespace } from './objects/namespace.js';
export { PipeEnd, type PipeOptions, type PipeReceiver, type PipeSender } from './objects/pipe.js';
export { SharedQueue } from './objects/queue/queue.js';
export type {
  DeadLetterOptions,
  DeliveriesOptions,
  DeliveryOptions,
  QueueOptions,
  RateOptions,
  RequeueOptions,
  ShutdownOptions,
} from './objects/queue/queue-options.js';
export type { ItemOptions, PlaceOptions, PutManyOptions, PutOptions } from './objects/queue/put-options.js';
export type { ItemsOptions, Letter, QueuedItem } from './objects/queue/queued-item.js';
export type { Backoff, BackoffPolicy } from './objects/queue/backoff.js';
export type { Schedule } from './schedules/schedule.js';
export type { CronRule, EveryRule, ScheduleRule } from './schedules/ticks.js';
export { Delivery, type NakOptions } from './objects/queue/delivery.js';
export { SharedArray, type ArrayWriteOptions } from './objects/array.js';
export { SharedValue, HeldValue, type ValueOptions, type ValueWriteOptions } from './objects/value.js';
export { Lock } from './locking/lock.js';
export { RLock } from './locking/rlock.js';
export { RWLock, type LockForMode } from './locking/rwlock.js';
export type { LockMode } from '../engine/core/lock-modes.js';
export { Condition } from './locking/condition.js';
export type { HolderInfo } from './locking/holder.js';
export { OwnerToken } from './locking/owner.js';
export { Semaphore, BoundedSemaphore, type AcquirePermitsOptions, type ConsumeOptions } from './locking/semaphore.js';
export { Event } from './objects/event.js';
export type { Frozen } from './objects/frozen.js';
export type { RemoteHandle, RemoteObject } from './objects/remote.js';
export { Barrier, type BarrierOptions } from './locking/barrier.js';
export { Held, type AcquireOptions, type Owner } from './locking/held.js';
export { move, type Movable } from './shared/moved.js';
export { share, receive, type Transportable } from './shared/share.js';
export { currentWorker, taskSignal, type CurrentWorker } from './workers/current.js';
export type { WorkerFactory } from './workers/factory.js';
export type { ArgumentsOf, ResultOf, WorkerHandle, WorkerModule } from './workers/handle.js';
export type { ResultIterator } from './workers/pool/imap-job.js';
export type { WorkerOptions, WorkerSurroundings } from './workers/options.js';
export type { LostTask, PoolEvents, PoolOutput, PoolWorkerDeath } from './workers/pool/events.js';
export { Pool } from './workers/pool/pool.js';
export type { PoolStats, PoolWorkerInfo, PoolWorkerState, TaskTimes } from './workers/pool/stats.js';
export type {
  InitializerOf,
  InputOf,
  Inputs,
  MapOptions,
  PoolOptions,
  PoolParameters,
  Progress,
  TaskOptions,
} from './workers/pool/options.js';
export type { Key } from '../proto/wire/values.js';
export type { Handle } from '../proto/codec/handle.js';
export type { Reference } from '../proto/codec/reference.js';
export type { Typecode } from '../proto/codec/typecode.js';
export type { ElementOf, ElementsOf, TypedArrayOf } from '../proto/codec/elements.js';
export * from './errors.js';
