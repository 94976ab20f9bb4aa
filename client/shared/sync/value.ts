import type { SharedMemoryValue } from '../../../engine/shared/objects/value.js';
import { blocking, SyncProxy, passing, type SyncOptions } from './sync-proxy.js';
import { SyncHeldValue } from './held-value.js';
import type { Frozen } from '../../objects/frozen.js';

/** A value without promises. */
export class SyncValue<T> extends SyncProxy<SharedMemoryValue> {
  /** The value as last written. Does not wait for the lock. */
  get(): Frozen<T> {
    return this.object.get(this.codec) as Frozen<T>;
  }

  /** Replaces the value; waits while another holds the lock. @throws TimeoutError; what {@link SharedValue.set} throws for the value */
  set(value: T | Frozen<T>, options?: SyncOptions): void {
    const { object, codec } = this;
    if (object.type !== undefined && codec.plain) object.setNumber(value, passing(options));
    else object.whileFree(passing(options), () => object.writeValue(object.checked(value, codec), codec));
  }

  /** Adds to the number, atomically; answers the new one. Waits while another holds the lock. */
  add(delta: T & (number | bigint), options?: SyncOptions): Frozen<T> {
    return this.object.addValue(delta, passing(options)) as Frozen<T>;
  }

  /** Replaces the value if it is what is expected, compared by deep equality; answers whether it did. */
  compareAndSet(expected: T | Frozen<T>, next: T | Frozen<T>, options?: SyncOptions): boolean {
    const { object, codec } = this;
    const before = codec.encode(expected);
    const after = codec.encode(next);
    return object.whileFree(passing(options), () => object.swap(before, after));
  }

  /** Changes the value by a function of the present one, while holding the lock; answers what was stored. */
  update(change: (value: Frozen<T>) => T | Frozen<T>, options?: SyncOptions): Frozen<T> {
    const { object, codec } = this;
    return object.updateHeld(object.seize(passing(options)), change as (value: unknown) => unknown, codec) as Frozen<T>;
  }

  /**
   * Takes the lock. What is assigned to `held.value` is written at the release.
   * @throws TimeoutError; DeadlockError where this thread holds it
   */
  lock(options?: SyncOptions): SyncHeldValue<T> {
    const { object } = this;
    return new SyncHeldValue<T>(object, object.seize(blocking(options)), this.codec);
  }
}
