import { deadlocked, party } from '../../cli/inspection/cycles.js';
import { LOCK_MODES } from '../../engine/core/lock-modes.js';
import type { Holder } from '../../proto/gen/commonhold/v1/lock_wire.js';
import { ManagerService, type LockInfo, type LockWaiter } from '../../proto/gen/commonhold/v1/manager_wire.js';
import { call } from './call.js';

/** Time after which a hold is long while others wait, in milliseconds. */
export const LONG_MS = 10_000;
/** Holders and waiters that are looked at. */
const MOST = 1_000;

/** The locks that are held or waited for. */
export interface LockState {
  readonly locks: readonly LockInfo[];
  /** The parties that wait for each other in a circle. */
  readonly stuck: ReadonlySet<string | undefined>;
  /** True if there are more than were looked at. */
  readonly isPart: boolean;
}

export async function lockState(match: string, abort: AbortSignal): Promise<LockState> {
  const { locks, nextPageToken } = await call(ManagerService.methods.locks, { match, pageToken: '', pageSize: MOST }, abort);
  return { locks, stuck: deadlocked(locks), isPart: nextPageToken !== '' };
}

/** True for a hold that keeps others waiting for long. */
export function isLong({ heldMs }: Holder, { waiting }: LockInfo): boolean {
  return waiting > 0 && heldMs >= LONG_MS;
}

export function isStuck(who: Holder | LockWaiter, { stuck }: LockState): boolean {
  const key = party(who);
  return key !== undefined && stuck.has(key);
}

/** True for a lock that is part of a circle: one party of it holds the lock, and another one waits for it. */
export function isInCircle({ holders, waiters }: LockInfo, state: LockState): boolean {
  return holders.some((who) => isStuck(who, state)) && waiters.some((who) => isStuck(who, state));
}

/** A holder or waiter for people. */
export function partyText({ label, host, pid, owner }: Holder | LockWaiter): string {
  return `${label}${owner === '' ? '' : ` as ${owner}`} (${host} ${pid})`;
}

/** The mode in which somebody holds or wants a lock, or the permits of a semaphore. */
export function modeText({ mode, permits }: Holder | LockWaiter): string {
  return LOCK_MODES[mode ?? 0] ?? (permits === undefined ? '' : `${permits} permits`);
}
