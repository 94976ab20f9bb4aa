import { duration } from '../../proto/duration.js';
import { TimeoutError } from '../../proto/errors.js';
import type { Holder } from '../../proto/gen/commonhold/v1/lock_wire.js';

/** Timeout of a call that timed out, and the number of calls ahead of it. */
export interface Late {
  /** The requested timeout; 0 if the call did not wait. */
  readonly timeoutMs: number;
  /** Number of calls that wait before it, at most {@link MOST_COUNTED}. */
  readonly ahead: number;
}

/** Limit for counting the calls ahead. */
export const MOST_COUNTED = 1000;

/** For a call that does not wait, with none ahead. */
export const AT_ONCE: Late = { timeoutMs: 0, ahead: 0 };

/**
 * Returns the end of an error message: the timeout, and the calls that wait before this one.
 * @param what - the event that did not happen, as `no item came`
 */
export function ended({ timeoutMs, ahead }: Late, what: string): string {
  const within = timeoutMs === 0 ? '' : `; ${what} within ${Math.ceil(timeoutMs)} ms`;
  if (ahead === 0) return within;
  const count = ahead === MOST_COUNTED ? `${ahead} or more calls wait` : ahead === 1 ? '1 call waits' : `${ahead} calls wait`;
  return `${within}, and ${count} before`;
}

/**
 * Describes the holder, and for how long it has held.
 * @param what - the thing held, as `"door"` or `2 permits`
 */
function holding({ pid, label, heldMs }: Holder, what: string): string {
  const who = pid === 0 ? label || 'a caller without a session' : `process ${pid} (${label})`;
  return heldMs === 0 ? `${who} holds ${what}` : `${who} has held ${what} for ${duration(heldMs)}`;
}

/** Creates the error of a call that timed out waiting for a lock. */
export function lockedTooLong(name: string, holder: Holder | undefined, late: Late): TimeoutError {
  const held = holder === undefined ? `"${name}" is locked` : holding(holder, `"${name}"`);
  return new TimeoutError(held + ended(late, 'it was not free'), { object: name });
}

/** The holders of permits, for an error message. */
export interface PermitHolders {
  /** The one that has held its permits longest. */
  readonly first: Holder | undefined;
  readonly count: number;
}

/** Creates the error of a call that timed out waiting for permits. */
export function permitsTooLong(name: string, permits: number, available: number, holders: PermitHolders, late: Late): TimeoutError {
  const { first, count } = holders;
  const others = count > 1 ? `, and ${count - 1} more hold some` : '';
  const who = first === undefined ? '' : `: ${holding(first, 'some')}${others}`;
  const text = `"${name}" has ${available} permits free, ${permits} are wanted${who}${ended(late, 'they were not free')}`;
  return new TimeoutError(text, { object: name });
}

/** Message of a timeout on an empty queue. */
export function emptyText(name: string, late: Late): string {
  return `"${name}" is empty${ended(late, 'no item came')}`;
}

/** Message of a timeout on a queue that hands out nothing now. @param why as `is paused` */
export function heldBackText(name: string, why: string, late: Late): string {
  return `"${name}" ${why}${ended(late, 'no item was handed out')}`;
}

/** Message of a timeout on a full queue. */
export function fullText(name: string, capacity: number, late: Late): string {
  return `"${name}" is full: it holds ${capacity}${ended(late, 'there was no room')}`;
}

/** Message of a timeout on a queue with unfinished items. */
export function unfinishedText(name: string, unfinished: number, timeoutMs: number): string {
  return `${unfinished} items of "${name}" are unfinished${ended({ timeoutMs, ahead: 0 }, 'they were not done')}`;
}
