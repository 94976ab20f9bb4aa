import type { LockInfo as WireLock, LockWaiter } from '../../proto/gen/commonhold/v1/manager_wire.js';
import { holderInfo, type HolderInfo } from './holder.js';
import type { Kind } from '../../proto/gen/commonhold/v1/services_wire.js';

/** Who holds what, and who waits for it: locks, rlocks, values, arrays, and conditions with a lock of their own. */
export interface WaitForGraph {
  /** What is held, in the order of its names. */
  readonly locks: readonly LockInfo[];
}

/** An object whose lock is held. */
export interface LockInfo {
  readonly kind: Kind;
  readonly name: string;
  readonly holder: HolderInfo;
  /** Those who wait for it, the one to be served first at the head; of many, the first 1,000. */
  readonly waiters: readonly WaiterInfo[];
  /** How many wait for it. */
  readonly waiting: number;
}

/** Who waits for a lock. */
export interface WaiterInfo {
  /** Session that waits; empty for a unary call. */
  readonly sessionId: string;
  readonly host: string;
  readonly pid: number;
  /** What its client calls itself. */
  readonly label: string;
  /** Name of the owner within its session, as in {@link HolderInfo}; undefined for an acquisition by itself. */
  readonly owner: string | undefined;
  /** Milliseconds since it came. */
  readonly waitingFor: number;
}

/** @internal */
export function lockInfo({ kind, name, holder, waiters, waiting }: WireLock): LockInfo {
  return { kind: kind as Kind, name, holder: holderInfo(holder), waiters: waiters.map(waiterInfo), waiting };
}

function waiterInfo({ waitedMs, owner, ...rest }: LockWaiter): WaiterInfo {
  return { ...rest, owner: owner || undefined, waitingFor: waitedMs };
}
