import type { Handlers } from '../../../proto/contract.js';
import { InvalidArgumentError, type NotFoundError } from '../../../proto/errors.js';
import type { RWLockService } from '../../../proto/gen/commonhold/v1/rwlock_wire.js';
import type { StateOf } from '../../../proto/state.js';
import { LOCK_MODES, type LockMode } from '../../core/lock-modes.js';
import type { Restoring } from '../../core/restoring.js';
import { SharedObject, type Keyspace, type ObjectKind } from '../lifetime/keyspace.js';
import { firstOf, MOST_HOLDERS } from './locks.js';
import type { Exclusion } from './queued-lock.js';
import { ReadWriteLock } from './read-write-lock.js';

/** A reader-writer lock with its name. */
export class MemoryRWLock extends SharedObject {
  readonly kind = 'rwlock';
  readonly size = 1;
  readonly mutex: ReadWriteLock;

  constructor(name: string, exclusion: Exclusion) {
    super(name);
    this.mutex = new ReadWriteLock(name, exclusion);
  }

  override get waiters(): number {
    return this.mutex.waiters;
  }

  override state() {
    return this.mutex.state();
  }

  override restore(state: StateOf<MemoryRWLock>, restoring: Restoring): void {
    this.mutex.restore(state, restoring);
  }

  /** A hold for reading fences nothing: other readers hold the lock as well. */
  override heldUnder(token: number): boolean {
    return this.mutex.writesUnder(token);
  }

  override holders() {
    return [...this.mutex.holders()];
  }

  override destroyed(gone: () => NotFoundError): void {
    this.mutex.destroy(gone);
  }
}

export function rwlockHandlers(keyspace: Keyspace, exclusion: Exclusion): Handlers<typeof RWLockService> {
  const kind: ObjectKind<MemoryRWLock> = { kind: 'rwlock', make: (name) => new MemoryRWLock(name, exclusion) };
  return {
    open: (request, context) => ({ created: keyspace.create(kind, request, context).created }),

    acquire: (request, context) =>
      keyspace.open(kind, request.name, context).mutex.acquire(context, modeOf(request.name, request.mode), request),

    release({ name, token }, context) {
      keyspace.open(kind, name, context).mutex.release(token);
      return {};
    },

    extend({ name, token, leaseMs }, context) {
      keyspace.open(kind, name, context).mutex.extend(token, leaseMs);
      return {};
    },

    holders({ name }, context) {
      const { mutex } = keyspace.open(kind, name, context);
      return { holders: firstOf(mutex.holders(), MOST_HOLDERS), held: mutex.held, waiters: mutex.waiters };
    },
  };
}

function modeOf(object: string, number: number): LockMode {
  const mode = LOCK_MODES[number];
  if (mode === undefined)
    throw new InvalidArgumentError(`a mode ${number}: a rwlock is acquired for reading, 1, or writing, 2`, { object });
  return mode;
}
