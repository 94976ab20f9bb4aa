export { Arena, type ArenaOptions, type ArenaStats } from './arena.js';
export type { SyncOptions } from './sync/facet.js';
export type { SyncArray, SyncWriteOptions } from './sync/array.js';
export type { SyncBarrier } from './sync/barrier.js';
export type { SyncCondition } from './sync/condition.js';
export type { SyncDict } from './sync/dict.js';
export type { SyncEvent } from './sync/event.js';
export type { SyncHeld } from './sync/held.js';
export type { SyncList } from './sync/list.js';
export type { SyncLock } from './sync/lock.js';
export type { SyncQueue } from './sync/queue.js';
export type { SyncPermits, SyncPermitsOptions, SyncSemaphore } from './sync/semaphore.js';
export type { SyncHeldValue } from './sync/held-value.js';
export type { SyncValue } from './sync/value.js';
export { Manager, type ManagerEvents, type ObjectFilter } from './manager.js';
export type { ObjectOptions, ValuesOptions } from './object-options.js';
export type { Schema, StandardIssue, StandardResult, StandardSchema } from './schema.js';
export type { MessageSchema } from '../proto/codec/message.js';
export { AnyMessage } from '../proto/codec/opaque.js';
export type { ConnectOptions } from './options.js';
export type { StartOptions } from './start.js';
export type { EmbedOptions } from './embed.js';
export type { LockInfo, WaiterInfo, WaitForGraph } from './graph.js';
export type { ManagerStats, ObjectHome, ObjectInfo } from './info.js';
export type { ManagerWarning } from './warning.js';
export type { AnyProxy } from './registry.js';
export type { Kind } from './structure.js';
export type { WaitOptions } from './wait.js';
export type { DictWatchOptions, WatchOptions } from './watch.js';
export type { DictChange, ListChange } from './changes.js';
export { AtomicBatch, type Committed } from './atomic.js';
export { SharedDict } from './dict.js';
export type { DictOptions, DictSetOptions } from './dict-options.js';
export { PathOperations } from './path.js';
export { CachedDict, type CacheOptions, type CacheStats } from './cached-dict.js';
export { SharedList } from './list.js';
export type { SortOptions } from './sort-options.js';
export { SharedSet, type OtherSet } from './set.js';
export { Namespace } from './namespace.js';
export { PipeEnd, type PipeOptions, type PipeReceiver, type PipeSender } from './pipe.js';
export { SharedQueue } from './queue.js';
export type { DeadLetterOptions, DeliveriesOptions, DeliveryOptions, PutOptions, QueueOptions, ShutdownOptions } from './queue-options.js';
export { Delivery } from './delivery.js';
export { SharedArray, type ArrayWriteOptions } from './array.js';
export { SharedValue, HeldValue, type ValueOptions, type ValueWriteOptions } from './value.js';
export { Lock } from './lock.js';
export { RLock } from './rlock.js';
export { Condition } from './condition.js';
export type { HolderInfo } from './holder.js';
export { OwnerToken } from './owner.js';
export { Semaphore, BoundedSemaphore, type AcquirePermitsOptions } from './semaphore.js';
export { Event } from './event.js';
export type { Frozen } from './frozen.js';
export type { RemoteHandle, RemoteObject } from './remote.js';
export { Barrier, type BarrierOptions } from './barrier.js';
export { Held, type AcquireOptions, type Owner } from './held.js';
export { share, receive, type Transportable } from './share.js';
export { currentWorker, taskSignal, type CurrentWorker } from './workers/current.js';
export type { WorkerFactory } from './workers/factory.js';
export type { ArgumentsOf, ResultOf, WorkerHandle, WorkerModule } from './workers/handle.js';
export type { ResultIterator } from './workers/iteration.js';
export type { WorkerOptions, WorkerSurroundings } from './workers/options.js';
export { Pool, type PoolStats, type PoolWorkerInfo } from './workers/pool.js';
export type {
  InitializerOf,
  InputOf,
  Inputs,
  MapOptions,
  PoolOptions,
  PoolParameters,
  Progress,
  TaskOptions,
} from './workers/pool-options.js';
export type { Key } from '../proto/wire/values.js';
export type { Handle } from '../proto/codec/handle.js';
export type { Reference } from '../proto/codec/reference.js';
export type { Typecode } from '../proto/codec/typecode.js';
export type { ElementOf, ElementsOf, TypedArrayOf } from '../proto/codec/elements.js';
export * from './errors.js';
