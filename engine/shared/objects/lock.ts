import { SharedMutex } from './mutex.js';
import type { SharedObjectKind } from './objects.js';

/** A lock of either kind: nothing but what all that have a lock have. */
export class SharedMemoryLock extends SharedMutex {}

/** How locks of either kind are made. */
export function lockKind(kind: 'lock' | 'rlock'): SharedObjectKind<SharedMemoryLock> {
  return {
    kind,
    make: () => () => {},
    bind: (surroundings, name, place) => new SharedMemoryLock(surroundings, kind, name, place, kind === 'rlock'),
  };
}
