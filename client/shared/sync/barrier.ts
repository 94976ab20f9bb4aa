import type { SharedMemoryBarrier } from '../../../engine/shared/objects/barrier.js';
import type { ObjectProxy } from '../../objects/object-proxy.js';
import { blocking, SyncProxy, type SyncOptions } from './sync-proxy.js';

/** The synchronous API of a barrier. */
export class SyncBarrier extends SyncProxy<SharedMemoryBarrier> {
  /** @internal */
  constructor(
    proxy: ObjectProxy,
    private readonly action: (() => unknown) | undefined,
  ) {
    super(proxy);
  }

  /**
   * Blocks until all parties have arrived; returns the index of this one. The action of a proxy runs in the last party to arrive whose
   * proxy has one, and must not be async.
   * @throws BrokenBarrierError; the error of the action
   */
  wait(options?: SyncOptions): number {
    return this.object.wait(blocking(options), this.action);
  }

  /** Breaks the barrier: all waits fail. */
  abort(): void {
    this.object.abort();
  }

  /** Resets the barrier to its initial state; pending waits fail. */
  reset(): void {
    this.object.reset();
  }

  /** Returns the number of waiting parties. */
  waiting(): number {
    return this.object.waiting;
  }

  /** Returns true if the barrier is broken. */
  broken(): boolean {
    return this.object.broken !== undefined;
  }
}
