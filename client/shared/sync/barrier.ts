import type { SharedMemoryBarrier } from '../../../engine/shared/objects/barrier.js';
import type { ObjectProxy } from '../../objects/object-proxy.js';
import { blocking, SyncProxy, type SyncOptions } from './sync-proxy.js';

/** A barrier without promises. */
export class SyncBarrier extends SyncProxy<SharedMemoryBarrier> {
  /** @internal */
  constructor(
    proxy: ObjectProxy,
    private readonly action: (() => unknown) | undefined,
  ) {
    super(proxy);
  }

  /**
   * Blocks until all parties have come; answers the index of this one. An action that the proxy was made with
   * runs in the last party that has one, and must not be async.
   * @throws BrokenBarrierError; what the action throws
   */
  wait(options?: SyncOptions): number {
    return this.object.wait(blocking(options), this.action);
  }

  /** Breaks the barrier: all who wait fail. */
  abort(): void {
    this.object.abort();
  }

  /** Makes a broken barrier usable again; all who wait fail. */
  reset(): void {
    this.object.reset();
  }

  /** How many parties wait. */
  waiting(): number {
    return this.object.waiting;
  }

  /** Whether the barrier is broken. */
  broken(): boolean {
    return this.object.broken !== undefined;
  }
}
