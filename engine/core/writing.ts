import type { CallContext } from '../../proto/contract.js';
import type { State } from '../../proto/state.js';
import { messageState } from './state.js';

/** Options of a write for a lock that another owner may hold: the write waits, or it runs under the token of its own hold. */
export interface Writing {
  timeoutMs?: number | undefined;
  /** Token of the hold under which the write runs. */
  token?: number | undefined;
  owner?: string | undefined;
}

/** An object whose lock delays the writes of others. */
interface WriteLocked {
  /** @throws NotOwnerError, LockLostError if the token does not hold the lock */
  check(token: number): void;
  /** @param asked the write, for the state of the lock while it waits */
  whenFree<R>(context: CallContext, wanted: Writing, change: () => R, asked: State): R | PromiseLike<R>;
}

/** Makes a change when the lock is free, or at once under a token that holds it. */
export function write<R>(lock: WriteLocked, context: CallContext, request: Writing, change: () => R): R | PromiseLike<R> {
  const { token } = request;
  if (token === undefined) return lock.whenFree(context, request, change, messageState(request));
  lock.check(token);
  return change();
}
