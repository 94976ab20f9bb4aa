import { LOCK_MODES, type LockMode } from '../../engine/core/lock-modes.js';
import type { Holder } from '../../proto/gen/commonhold/v1/lock_wire.js';

/** The holder of a lock, or of permits. */
export interface HolderInfo {
  /** Token of the hold; of several levels, the outermost. */
  readonly token: bigint;
  /** Session of the holder; empty for a unary call. */
  readonly sessionId: string;
  readonly host: string;
  readonly pid: number;
  /** Label of the holder's client. */
  readonly label: string;
  /** Name of the owner within its session, which ends with its label if it has one; undefined for an acquisition without an owner. */
  readonly owner: string | undefined;
  /** Number of levels held: above 1 only for kinds that re-enter. */
  readonly levels: number;
  /** Milliseconds since the acquisition; 0 in shared memory, where an acquisition writes no time. */
  readonly heldFor: number;
  /** Milliseconds until the lease ends; undefined without a lease. */
  readonly leaseRemaining: number | undefined;
  /** Mode in which it holds a rwlock; undefined for other objects. */
  readonly mode: LockMode | undefined;
  /** Permits that it holds of a semaphore; undefined for other objects. */
  readonly permits: number | undefined;
}

/** @internal */
export function holderInfo({ token, heldMs, leaseRemainingMs, owner, mode, permits, ...rest }: Holder): HolderInfo {
  return {
    token: BigInt(token),
    ...rest,
    owner: owner || undefined,
    heldFor: heldMs,
    leaseRemaining: leaseRemainingMs,
    mode: LOCK_MODES[mode ?? 0],
    permits,
  };
}
