import type { LockInfo as WireLock, LockWaiter } from '../../proto/gen/commonhold/v1/manager_wire.js';
import { LOCK_MODES, type LockMode } from '../../engine/core/lock-modes.js';
import { holderInfo, type HolderInfo } from './holder.js';
import type { Kind } from '../../proto/gen/commonhold/v1/services_wire.js';

/**
 * The locks that are held or waited for: locks, rlocks, rwlocks, values, arrays, conditions with a lock of their own, and semaphores.
 */
export interface WaitForGraph {
  /** The objects by name. */
  readonly locks: readonly LockInfo[];
}

/** An object that is held, or waited for. */
export interface LockInfo {
  readonly kind: Kind;
  readonly name: string;
  /** The first 1,000 holders, in the order in which they got it: one, or several of a rwlock or a semaphore. */
  readonly holders: readonly HolderInfo[];
  /** Number of holders: 0 if permits are waited for that nothing holds. */
  readonly held: number;
  /** The first 1,000 waiters, in the order in which they are served. */
  readonly waiters: readonly WaiterInfo[];
  /** Number of waiters. */
  readonly waiting: number;
}

/** A waiter for a lock. */
export interface WaiterInfo {
  /** Session of the waiter; empty for a unary call. */
  readonly sessionId: string;
  readonly host: string;
  readonly pid: number;
  /** Label of its client. */
  readonly label: string;
  /** Name of the owner within its session, as in {@link HolderInfo}; undefined for an acquisition without an owner. */
  readonly owner: string | undefined;
  /** Milliseconds since the wait began. */
  readonly waitingFor: number;
  /** Its priority among the waiters, lowest first. */
  readonly priority: number;
  /** Mode in which it wants a rwlock; undefined for other objects. */
  readonly mode: LockMode | undefined;
  /** Permits that it wants of a semaphore; undefined for other objects. */
  readonly permits: number | undefined;
}

/** @internal */
export function lockInfo({ kind, name, holders, held, waiters, waiting }: WireLock): LockInfo {
  return { kind: kind as Kind, name, holders: holders.map(holderInfo), held, waiters: waiters.map(waiterInfo), waiting };
}

function waiterInfo({ waitedMs, owner, mode, permits, ...rest }: LockWaiter): WaiterInfo {
  return { ...rest, owner: owner || undefined, waitingFor: waitedMs, mode: LOCK_MODES[mode ?? 0], permits };
}
