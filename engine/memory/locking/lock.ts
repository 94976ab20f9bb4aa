import type { Handlers } from '../../../proto/contract.js';
import type { NotFoundError } from '../../../proto/errors.js';
import type { LockService } from '../../../proto/gen/commonhold/v1/lock_wire.js';
import type { StateOf } from '../../../proto/state.js';
import { SharedObject, type Keyspace, type ObjectKind } from '../lifetime/keyspace.js';
import type { Restoring } from '../../core/restoring.js';
import { mutexHandlers } from '../../core/mutex-handlers.js';
import { MemoryMutex } from './mutex.js';
import type { Exclusion } from './queued-lock.js';

/** A lock or an rlock. Its holder is a token, not a connection or a process. */
export class MemoryLock extends SharedObject {
  readonly size = 1;
  readonly mutex: MemoryMutex;

  constructor(
    readonly kind: 'lock' | 'rlock',
    name: string,
    exclusion: Exclusion,
  ) {
    super(name);
    this.mutex = new MemoryMutex(name, exclusion, kind === 'rlock');
  }

  override get waiters(): number {
    return this.mutex.waiters;
  }

  override state() {
    return this.mutex.state();
  }

  override restore(state: StateOf<MemoryLock>, restoring: Restoring): void {
    this.mutex.restore(state, restoring);
  }

  override heldUnder(token: number): boolean {
    return this.mutex.holds(token);
  }

  override holders() {
    const holder = this.mutex.holder();
    return holder ? [holder] : [];
  }

  override destroyed(gone: () => NotFoundError): void {
    this.mutex.destroy(gone);
  }
}

/** Returns the constructor of locks of one kind. */
export function lockKind(kind: 'lock' | 'rlock', exclusion: Exclusion): ObjectKind<MemoryLock> {
  return { kind, make: (name) => new MemoryLock(kind, name, exclusion) };
}

export function lockHandlers(keyspace: Keyspace, exclusion: Exclusion): Handlers<typeof LockService> {
  const kind = lockKind('lock', exclusion);
  return {
    open: (request, context) => ({ created: keyspace.create(kind, request, context).created }),
    ...mutexHandlers((name, context) => keyspace.open(kind, name, context).mutex),
  };
}
