import { duration } from '../../proto/duration.js';
import { TimeoutError } from '../../proto/errors.js';
import type { Holder } from '../../proto/gen/commonhold/v1/lock_wire.js';

/** A wait that ended by its timeout. */
export interface Late {
  /** The timeout as it was given; 0 where the call does not wait. */
  readonly timeoutMs: number;
  /** How many calls wait before it, {@link MOST_COUNTED} at most. */
  readonly ahead: number;
}

/** How many of the calls before one are counted. */
export const MOST_COUNTED = 1000;

/** Of a call that does not wait, and has none before it. */
export const AT_ONCE: Late = { timeoutMs: 0, ahead: 0 };

/**
 * Says how a wait ended, behind what it waited for.
 * @param what did not happen, as `no item came`
 */
export function ended({ timeoutMs, ahead }: Late, what: string): string {
  const within = timeoutMs === 0 ? '' : `; ${what} within ${Math.ceil(timeoutMs)} ms`;
  if (ahead === 0) return within;
  const count = ahead === MOST_COUNTED ? `${ahead} or more calls wait` : ahead === 1 ? '1 call waits' : `${ahead} calls wait`;
  return `${within}, and ${count} before`;
}

/** Says who holds something, and for how long. @param what is held, as `"door"` or `2 permits` */
export function holding({ pid, label, heldMs }: Holder, what: string): string {
  const who = pid === 0 ? label || 'a caller without a session' : `process ${pid} (${label})`;
  return heldMs === 0 ? `${who} holds ${what}` : `${who} has held ${what} for ${duration(heldMs)}`;
}

/** The error of a call that did not get what one owner holds at a time. */
export function lockedTooLong(name: string, holder: Holder | undefined, late: Late): TimeoutError {
  const held = holder === undefined ? `"${name}" is locked` : holding(holder, `"${name}"`);
  return new TimeoutError(held + ended(late, 'it was not free'), { object: name });
}

/** Who holds permits. */
export interface PermitHolders {
  /** The one that has held some for the longest time. */
  readonly first: Holder | undefined;
  readonly count: number;
}

/** The error of a call that did not get its permits. */
export function permitsTooLong(name: string, permits: number, available: number, holders: PermitHolders, late: Late): TimeoutError {
  const { first, count } = holders;
  const others = count > 1 ? `, and ${count - 1} more hold some` : '';
  const who = first === undefined ? '' : `: ${holding(first, 'some')}${others}`;
  const text = `"${name}" has ${available} permits free, ${permits} are wanted${who}${ended(late, 'they were not free')}`;
  return new TimeoutError(text, { object: name });
}

/** What an error says of a queue without items. */
export function emptyText(name: string, late: Late): string {
  return `"${name}" is empty${ended(late, 'no item came')}`;
}

/** What an error says of a queue without room. */
export function fullText(name: string, capacity: number, late: Late): string {
  return `"${name}" is full: it holds ${capacity}${ended(late, 'there was no room')}`;
}

/** What an error says of a queue whose items are not all done. */
export function unfinishedText(name: string, unfinished: number, timeoutMs: number): string {
  return `${unfinished} items of "${name}" are unfinished${ended({ timeoutMs, ahead: 0 }, 'they were not done')}`;
}
