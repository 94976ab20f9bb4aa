import { SharedMutex } from './mutex.js';
import type { SharedObjectKind } from './objects.js';

/** A lock or an rlock. */
export class SharedMemoryLock extends SharedMutex {}

/** Returns the kind of locks or of rlocks. */
export function lockKind(kind: 'lock' | 'rlock'): SharedObjectKind<SharedMemoryLock> {
  return {
    kind,
    make: () => () => {},
    bind: (surroundings, name, place) => new SharedMemoryLock(surroundings, kind, name, place, kind === 'rlock'),
  };
}
