import type { SharedMemoryEvent } from '../../../engine/shared/objects/event.js';
import { blocking, SyncProxy, type SyncOptions } from './sync-proxy.js';

/** The synchronous API of an event. */
export class SyncEvent extends SyncProxy<SharedMemoryEvent> {
  /** Returns true if the flag is set. */
  isSet(): boolean {
    return this.object.isSet();
  }

  /** Sets the flag: all waits continue. */
  set(): void {
    this.object.set();
  }

  /** Clears the flag. */
  clear(): void {
    this.object.clear();
  }

  /** Blocks until the flag is set. Returns true, or false if the timeout ends first. */
  wait(options?: SyncOptions): boolean {
    return this.object.wait(blocking(options));
  }
}
