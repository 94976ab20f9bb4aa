import type { Holder } from '../../proto/gen/commonhold/v1/lock_wire.js';

/** Who holds a lock. */
export interface HolderInfo {
  /** Names the hold; of several levels, the outermost. */
  readonly token: bigint;
  /** Session of the holder; empty for a unary call. */
  readonly sessionId: string;
  readonly host: string;
  readonly pid: number;
  /** What the holder's client calls itself. */
  readonly label: string;
  /** Name of the owner within its session, which ends with its label where it has one; undefined for an acquisition by itself. */
  readonly owner: string | undefined;
  /** How many times it is held: above 1 only where its kind re-enters. */
  readonly levels: number;
  /** Milliseconds since the acquisition. */
  readonly heldFor: number;
  /** Milliseconds until the lease ends; undefined where there is none. */
  readonly leaseRemaining: number | undefined;
}

/** @internal */
export function holderInfo({ token, heldMs, leaseRemainingMs, owner, ...rest }: Holder): HolderInfo {
  return { token: BigInt(token), ...rest, owner: owner || undefined, heldFor: heldMs, leaseRemaining: leaseRemainingMs };
}
