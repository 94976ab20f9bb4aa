import type { SharedMemoryEvent } from '../../../engine/shared/objects/event.js';
import { blocking, SyncProxy, type SyncOptions } from './sync-proxy.js';

/** An event without promises. */
export class SyncEvent extends SyncProxy<SharedMemoryEvent> {
  /** Whether the flag is set. */
  isSet(): boolean {
    return this.object.isSet();
  }

  /** Sets the flag: all who wait go on. */
  set(): void {
    this.object.set();
  }

  /** Takes the flag back. */
  clear(): void {
    this.object.clear();
  }

  /** Blocks until the flag is set, and answers true; or false when the timeout ends first. */
  wait(options?: SyncOptions): boolean {
    return this.object.wait(blocking(options));
  }
}
