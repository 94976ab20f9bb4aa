import { DeadlockError, type DeadlockStep } from '../../../proto/errors.js';
import type { Ownership } from '../../core/ownership.js';
import type { Lockable, LockRequest } from './lock-queue.js';
import type { Waiter } from './waiters.js';

/** Maximum number of holders that the message names. */
const NAMED = 5;

/** A wait that is part of a cycle. */
export interface Link {
  readonly wanted: Lockable;
  readonly request: LockRequest;
  /** Position in the queue; undefined for the request that would close the cycle, which is not queued yet. */
  readonly waiter: Waiter<LockRequest, unknown> | undefined;
}

/** A hold of an object on a path through the waits. */
export interface HolderStep {
  readonly wanted: Lockable;
  readonly holder: Ownership;
}

/** A cycle of waits: each waits for what the owner of the next one holds, and the last for what the owner of the first holds. */
export type Cycle = readonly Link[];

/**
 * Builds the cycle along a path, on which the holder of each object waits for the next one.
 * @param closing the request that waits, or would wait, for the first object. If it is not given, the holder of the last object waits for
 * it
 */
export function cycleAlong(path: readonly HolderStep[], closing?: LockRequest): Cycle {
  return path.map(({ wanted }, index) => {
    if (index === 0 && closing) return { wanted, request: closing, waiter: undefined };
    const waiter = wanted.queue.firstOf(path.at(index - 1)!.holder)!;
    return { wanted, request: waiter.want, waiter };
  });
}

/**
 * Returns the wait to fail so that the others go on: the first one, which closes the cycle. A request that resumes the hold of a
 * condition's waiter would lose that hold, so it is chosen only if all requests of the cycle are such.
 */
export function victim(cycle: Cycle): Link {
  return cycle.find(({ request }) => request.loseHold === undefined) ?? cycle[0]!;
}

/** Returns the error for one wait of a cycle. Its cycle begins with that wait. */
export function deadlock(links: Cycle, link: Link): DeadlockError {
  const at = links.indexOf(link);
  const own = [...links.slice(at), ...links.slice(0, at)];
  const object = link.wanted.name;
  const cycle = own.map(({ wanted, request }) => stepOf(wanted, request));
  const message = own.length === 1 ? ofItself(link.wanted) : ofOthers(object, cycle.slice(1));
  return new DeadlockError(message, { object, cycle });
}

/** Describes a wait for the error and for the warning. */
export function stepOf({ name }: Lockable, { caller, owner }: LockRequest): DeadlockStep {
  return { object: name, sessionId: caller.id, label: caller.label, pid: caller.pid, owner: owner ?? '' };
}

function ofItself({ name, selfWait }: Lockable): string {
  return `"${name}" is held by the owner that wants it, which would wait for itself: ${selfWait}`;
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
