import { InvalidArgumentError, OptionsConflictError } from '../../proto/errors.js';

/** The lock that a condition goes with, where it has none of its own. */
export interface NamedLock {
  readonly kind: 'lock' | 'rlock';
  readonly name: string;
}

/** What lock a condition is asked to go with; undefined where that is not said. @throws InvalidArgumentError */
export function namedLock(condition: string, lock: string | undefined, rlock: string | undefined): NamedLock | undefined {
  const name = lock ?? rlock;
  if (name === undefined) return undefined;
  if (lock !== undefined && rlock !== undefined) {
    throw new InvalidArgumentError('a condition goes with one lock: give a lock or an rlock, not both', { object: condition });
  }
  if (name === condition) {
    throw new InvalidArgumentError(`"${condition}" cannot be the condition and its lock: use two names`, { object: condition });
  }
  return { kind: lock === undefined ? 'rlock' : 'lock', name };
}

/** Refuses what is asked of a condition that goes with another lock. @throws OptionsConflictError */
export function checkNamedLock(condition: string, has: NamedLock | undefined, asked: NamedLock | undefined): void {
  if (asked === undefined || (has?.name === asked.name && has.kind === asked.kind)) return;
  const found = has === undefined ? 'a lock of its own' : `the ${has.kind} "${has.name}"`;
  throw new OptionsConflictError(`"${condition}" goes with ${found}, not with the ${asked.kind} "${asked.name}"`, { object: condition });
}
