import { InvalidArgumentError, NotFoundError, OptionsConflictError } from '../../proto/errors.js';

/** The lock that a condition uses, if not its own. */
export interface NamedLock {
  readonly kind: 'lock' | 'rlock';
  readonly name: string;
}

/** Returns the lock that a request names for a condition; undefined if it names none. @throws InvalidArgumentError */
export function namedLock(condition: string, lock: string | undefined, rlock: string | undefined): NamedLock | undefined {
  const name = lock ?? rlock;
  if (name === undefined) return undefined;
  if (lock !== undefined && rlock !== undefined) {
    throw new InvalidArgumentError('a condition uses one lock: give a lock or an rlock, not both', { object: condition });
  }
  if (name === condition) {
    throw new InvalidArgumentError(`"${condition}" cannot be the condition and its lock: use two names`, { object: condition });
  }
  return { kind: lock === undefined ? 'rlock' : 'lock', name };
}

/** Refuses to open an existing condition with another lock. @throws OptionsConflictError */
export function checkNamedLock(condition: string, has: NamedLock | undefined, asked: NamedLock | undefined): void {
  if (asked === undefined || (has?.name === asked.name && has.kind === asked.kind)) return;
  const found = has === undefined ? 'a lock of its own' : `the ${has.kind} "${has.name}"`;
  throw new OptionsConflictError(`"${condition}" uses ${found}, not the ${asked.kind} "${asked.name}"`, { object: condition });
}

/** Creates the error of a call on a condition whose named lock was destroyed: only a call on that lock makes it again. */
export function lockDestroyed(condition: string, { kind, name }: NamedLock): NotFoundError {
  return new NotFoundError(`"${condition}" uses the ${kind} "${name}", which was destroyed: acquire that ${kind} itself to make it again`, {
    object: name,
  });
}
