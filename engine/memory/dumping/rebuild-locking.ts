import { BarrierService } from '../../../proto/gen/commonhold/v1/barrier_wire.js';
import { ConditionService } from '../../../proto/gen/commonhold/v1/condition_wire.js';
import { EventService } from '../../../proto/gen/commonhold/v1/event_wire.js';
import { LockService } from '../../../proto/gen/commonhold/v1/lock_wire.js';
import { RLockService } from '../../../proto/gen/commonhold/v1/rlock_wire.js';
import { RWLockService } from '../../../proto/gen/commonhold/v1/rwlock_wire.js';
import { SemaphoreService } from '../../../proto/gen/commonhold/v1/semaphore_wire.js';
import type { StateOf } from '../../../proto/state.js';
import type { Method } from '../../../proto/wire/codec.js';
import type { RebuildCall } from '../../core/calls.js';
import { LOCK_MODES } from '../../core/lock-modes.js';
import type { Acquisition } from '../../core/mutex-handlers.js';
import type { MemoryBarrier } from '../locking/barrier.js';
import type { MemoryCondition } from '../locking/condition.js';
import type { MemoryEvent } from '../locking/event.js';
import type { MemoryLock } from '../locking/lock.js';
import type { MemoryMutex } from '../locking/mutex.js';
import type { MemoryRWLock } from '../locking/rwlock.js';
import type { MemorySemaphore } from '../locking/semaphore.js';
import { callOn, openOf, type CapturedObject } from './rebuilt.js';

/**
 * Acquires a lock that was held, or abandoned: it is abandoned when the session of the load ends, and its next holder learns that whatever it
 * protects may be half done.
 */
export function* abandonedLock<I extends Acquisition & { readonly name: string }>(
  method: Method<I>,
  object: { name: string },
  { held, abandoned, suspended }: StateOf<MemoryMutex>,
): Generator<RebuildCall> {
  if (held === undefined && !abandoned && suspended.length === 0) return;
  yield callOn(method, object, { timeoutMs: 0 } as Omit<I, 'name'>);
}

export function* rebuildLock(lock: CapturedObject<StateOf<MemoryLock>>): Generator<RebuildCall> {
  yield openOf(LockService.methods.open, lock, {});
  yield* abandonedLock(LockService.methods.acquire, lock, lock.state);
}

export function* rebuildRLock(rlock: CapturedObject<StateOf<MemoryLock>>): Generator<RebuildCall> {
  yield openOf(RLockService.methods.open, rlock, {});
  yield* abandonedLock(RLockService.methods.acquire, rlock, rlock.state);
}

/** A hold for reading leaves nothing half done. */
export function* rebuildRWLock(rwlock: CapturedObject<StateOf<MemoryRWLock>>): Generator<RebuildCall> {
  const { open, acquire } = RWLockService.methods;
  const { abandoned, holds } = rwlock.state;
  yield openOf(open, rwlock, {});
  const written = abandoned || holds.some(({ modes }) => modes.includes('write'));
  if (written) yield callOn(acquire, rwlock, { mode: LOCK_MODES.indexOf('write'), timeoutMs: 0 });
}

export function* rebuildCondition(condition: CapturedObject<StateOf<MemoryCondition>>): Generator<RebuildCall> {
  const { lock, mutex } = condition.state;
  yield openOf(ConditionService.methods.open, condition, lock === undefined ? {} : { [lock.kind]: lock.name });
  if (mutex !== undefined) yield* abandonedLock(ConditionService.methods.acquire, condition, mutex);
}

/** The permits that are held are free again. */
export function* rebuildSemaphore(semaphore: CapturedObject<StateOf<MemorySemaphore>>): Generator<RebuildCall> {
  const { open, add, consume } = SemaphoreService.methods;
  const { permits, bounded, available, holdings } = semaphore.state;
  yield openOf(open, semaphore, { permits, bounded });
  const added = holdings.reduce((sum, [, held]) => sum + held, available) - permits;
  if (added > 0 && !bounded) yield callOn(add, semaphore, { permits: added });
  if (added < 0) yield callOn(consume, semaphore, { permits: -added, timeoutMs: 0 });
}

export function* rebuildEvent(event: CapturedObject<StateOf<MemoryEvent>>): Generator<RebuildCall> {
  const { open, set } = EventService.methods;
  yield openOf(open, event, {});
  if (event.state.set) yield callOn(set, event, {});
}

export function* rebuildBarrier(barrier: CapturedObject<StateOf<MemoryBarrier>>): Generator<RebuildCall> {
  const { open, abort } = BarrierService.methods;
  const { parties, timeoutMs, broken } = barrier.state;
  yield openOf(open, barrier, { parties, timeoutMs });
  if (broken !== undefined) yield callOn(abort, barrier, {});
}
