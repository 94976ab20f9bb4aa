import { DeadlockError, type DeadlockStep } from '../../../proto/errors.js';
import type { Lockable, LockRequest } from './lock-queue.js';
import type { Waiter } from './waiters.js';

/** How many of those who wait in a cycle the message names. */
const NAMED = 5;

/** One who waits in a cycle. */
export interface Link {
  readonly wanted: Lockable;
  readonly request: LockRequest;
  /** Its place in the line; undefined for one that would close the cycle, and is in no line yet. */
  readonly waiter: Waiter<LockRequest, unknown> | undefined;
}

/** Each waits for what the next one holds, the last one for what the first one does. */
export type Cycle = readonly Link[];

/**
 * The cycle that runs along a way, of which the holder of each thing waits for the next one.
 * @param closing waits for the first thing, or would; without it, the holder of the last one does
 */
export function cycleAlong(way: readonly Lockable[], closing?: LockRequest): Cycle {
  return way.map((wanted, index) => {
    if (index === 0 && closing) return { wanted, request: closing, waiter: undefined };
    const waiter = wanted.line.firstOf(way.at(index - 1)!.ownership!)!;
    return { wanted, request: waiter.want, waiter };
  });
}

/**
 * The one of a cycle whose wait fails, so that the others go on: the first, which closes it. One that
 * takes a mutex back for a condition would lose its hold; it goes before another only where all do that.
 */
export function victim(cycle: Cycle): Link {
  return cycle.find(({ request }) => request.returning === undefined) ?? cycle[0]!;
}

/** The error of one in a cycle. */
export function deadlock(links: Cycle, link: Link): DeadlockError {
  const at = links.indexOf(link);
  const own = [...links.slice(at), ...links.slice(0, at)];
  const object = link.wanted.name;
  const cycle = own.map(({ wanted, request }) => stepOf(wanted, request));
  return new DeadlockError(own.length === 1 ? ofItself(object) : ofOthers(object, cycle.slice(1)), { object, cycle });
}

/** One who waits, as the error and the warning tell of it. */
export function stepOf({ name }: Lockable, { caller, owner }: LockRequest): DeadlockStep {
  return { object: name, sessionId: caller.id, label: caller.label, pid: caller.pid, owner: owner ?? '' };
}

function ofItself(object: string): string {
  return (
    `"${object}" is held by the owner that wants it, which would wait for itself: use an rlock to re-enter, ` +
    'and run() or an owner for each of several tasks that run at once'
  );
}

function ofOthers(object: string, others: readonly DeadlockStep[]): string {
  const named = others.slice(0, NAMED).map((step) => `held by ${nameOf(step)}, which waits for "${step.object}"`);
  const left = others.length - named.length;
  return (
    `the wait would never end: "${object}" is ${named.join(', ')}${left > 0 ? `, and so on through ${left} more` : ''}, ` +
    `held by the owner that wants "${object}". Release what you hold and try again, or acquire in the same order everywhere`
  );
}

function nameOf({ owner, label, pid }: DeadlockStep): string {
  return `the owner "${owner}" of ${pid === 0 ? label : `process ${pid}`}`;
}
