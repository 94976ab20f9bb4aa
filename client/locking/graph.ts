import type { LockInfo as WireLock, LockWaiter } from '../../proto/gen/commonhold/v1/manager_wire.js';
import { holderInfo, type HolderInfo } from './holder.js';
import type { Kind } from '../../proto/gen/commonhold/v1/services_wire.js';

/** The held locks and the waits for them: of locks, rlocks, values, arrays, and conditions with a lock of their own. */
export interface WaitForGraph {
  /** The held objects, by name. */
  readonly locks: readonly LockInfo[];
}

/** An object whose lock is held. */
export interface LockInfo {
  readonly kind: Kind;
  readonly name: string;
  readonly holder: HolderInfo;
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
}

/** @internal */
export function lockInfo({ kind, name, holder, waiters, waiting }: WireLock): LockInfo {
  return { kind: kind as Kind, name, holder: holderInfo(holder), waiters: waiters.map(waiterInfo), waiting };
}

function waiterInfo({ waitedMs, owner, ...rest }: LockWaiter): WaiterInfo {
  return { ...rest, owner: owner || undefined, waitingFor: waitedMs };
}
