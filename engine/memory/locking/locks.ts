import type { Holder } from '../../../proto/gen/commonhold/v1/lock_wire.js';
import type { LockInfo, LockWaiter, ManagerServiceLocksResponse } from '../../../proto/gen/commonhold/v1/manager_wire.js';
import { LOCK_MODES } from '../../core/lock-modes.js';
import type { SharedObject } from '../lifetime/keyspace.js';
import type { WaitingRequest } from './lock-queue.js';
import { QueuedLock } from './queued-lock.js';
import { MemorySemaphore } from './semaphore.js';

/** Maximum number of holders shown for one lock. */
export const MOST_HOLDERS = 1000;
/** Maximum number of waiters shown for one lock. */
const MOST_WAITERS = 1000;

/** Something that owners hold and others wait for, as reports show it. */
interface Inspectable {
  /** Number of holders. */
  readonly held: number;
  /** Number of waiting calls. */
  readonly waiters: number;
  holders(): Iterable<Holder>;
  /** The waiting calls in the order in which they are served. */
  requests(): Iterable<WaitingRequest>;
}

/**
 * Describes the locks and semaphores among the objects that are held or waited for, in order of their names, as of the time `now`. A page ends
 * once `size` holders and waiters are shown.
 */
export function busyLocks(objects: readonly SharedObject[], now: number, size: number): ManagerServiceLocksResponse {
  const busy = objects.filter((object) => isBusy(lockableOf(object))).sort((a, b) => (a.name < b.name ? -1 : 1));
  const locks: LockInfo[] = [];
  let shown = 0;
  for (const object of busy) {
    const info = infoOf(object, lockableOf(object)!, now);
    locks.push(info);
    shown += info.holders.length + info.waiters.length;
    if (shown >= size) break;
  }
  return { locks, nextPageToken: locks.length < busy.length ? locks.at(-1)!.name : '' };
}

/** Returns the lock of an object, if it has its own. */
export function queuedLockOf(object: SharedObject | undefined): QueuedLock | undefined {
  const { mutex } = (object ?? {}) as { mutex?: unknown };
  return mutex instanceof QueuedLock ? mutex : undefined;
}

/** Returns the part of an object in whose queue calls wait for its holders. */
export function lockableOf(object: SharedObject | undefined): MemorySemaphore | QueuedLock | undefined {
  return object instanceof MemorySemaphore ? object : queuedLockOf(object);
}

/** Returns the first items, at most `most`. */
export function firstOf<T>(items: Iterable<T>, most: number): T[] {
  const first: T[] = [];
  for (const item of items) {
    if (first.length === most) break;
    first.push(item);
  }
  return first;
}

function isBusy(lock: Inspectable | undefined): boolean {
  return lock !== undefined && lock.held + lock.waiters > 0;
}

function infoOf({ kind, name }: SharedObject, lock: Inspectable, now: number): LockInfo {
  const waiters = firstOf(lock.requests(), MOST_WAITERS).map((request) => waiterOf(request, now));
  return { kind, name, holders: firstOf(lock.holders(), MOST_HOLDERS), held: lock.held, waiters, waiting: lock.waiters };
}

function waiterOf({ caller: { id, host, pid, label }, owner, since, mode, permits, priority }: WaitingRequest, now: number): LockWaiter {
  return {
    sessionId: id,
    host,
    pid,
    label,
    owner: owner ?? '',
    waitedMs: Math.round(now - since),
    mode: mode && LOCK_MODES.indexOf(mode),
    permits,
    priority,
  };
}
