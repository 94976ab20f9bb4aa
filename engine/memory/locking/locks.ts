import type { LockInfo, LockWaiter, ManagerServiceLocksResponse } from '../../../proto/gen/commonhold/v1/manager_wire.js';
import type { SharedObject } from '../lifetime/keyspace.js';
import type { LockRequest } from './lock-queue.js';
import { MemoryMutex } from './mutex.js';

/** Maximum number of waiters shown for one lock. */
const MOST_WAITERS = 1000;

/** Describes the held locks among the objects, in order of their names, as of the time `now`. A page ends once `size` holders and waiters are shown. */
export function heldLocks(objects: readonly SharedObject[], now: number, size: number): ManagerServiceLocksResponse {
  const held = objects.filter((object) => mutexOf(object)?.held).sort((a, b) => (a.name < b.name ? -1 : 1));
  const locks: LockInfo[] = [];
  let shown = 0;
  for (const object of held) {
    const info = infoOf(object, mutexOf(object)!, now);
    locks.push(info);
    shown += 1 + info.waiters.length;
    if (shown >= size) break;
  }
  return { locks, nextPageToken: locks.length < held.length ? locks.at(-1)!.name : '' };
}

/** Returns the mutex of an object, if it has its own. */
export function mutexOf(object: SharedObject | undefined): MemoryMutex | undefined {
  const { mutex } = (object ?? {}) as { mutex?: unknown };
  return mutex instanceof MemoryMutex ? mutex : undefined;
}

function infoOf({ kind, name }: SharedObject, { queue, ownership }: MemoryMutex, now: number): LockInfo {
  const waiters: LockWaiter[] = [];
  for (const request of queue.requests()) {
    if (waiters.length === MOST_WAITERS) break;
    waiters.push(waiterOf(request, now));
  }
  return { kind, name, holder: ownership!.describe(), waiters, waiting: queue.size };
}

function waiterOf({ caller: { id, host, pid, label }, owner, since }: LockRequest, now: number): LockWaiter {
  return { sessionId: id, host, pid, label, owner: owner ?? '', waitedMs: Math.round(now - since) };
}
