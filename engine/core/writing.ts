import type { CallContext } from '../../proto/contract.js';

/** How a write waits while another holds the lock: in line, or not at all under a hold of its own. */
export interface Writing {
  timeoutMs?: number | undefined;
  /** The hold under which the write is made. */
  token?: number | undefined;
  owner?: string | undefined;
}

/** An object whose lock keeps the writes of others waiting. */
interface WriteLocked {
  /** @throws NotOwnerError, LockLostError where the token does not hold the lock */
  check(token: number): void;
  whenFree<R>(context: CallContext, timeoutMs: number | undefined, owner: string | undefined, change: () => R): R | Promise<R>;
}

/** Makes a change when nobody else holds the lock; at once under a hold of it. */
export function write<R>(lock: WriteLocked, context: CallContext, { timeoutMs, token, owner }: Writing, change: () => R): R | Promise<R> {
  if (token === undefined) return lock.whenFree(context, timeoutMs, owner, change);
  lock.check(token);
  return change();
}
