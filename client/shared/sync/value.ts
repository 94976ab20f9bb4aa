import type { SharedMemoryValue } from '../../../engine/shared/objects/value.js';
import { blocking, SyncProxy, passing, type SyncOptions } from './sync-proxy.js';
import { SyncHeldValue } from './held-value.js';
import type { Frozen } from '../../objects/frozen.js';

/** The synchronous API of a value. */
export class SyncValue<T> extends SyncProxy<SharedMemoryValue> {
  /** Returns the value last written. Does not wait for the lock. */
  get(): Frozen<T> {
    return this.object.get(this.codec) as Frozen<T>;
  }

  /**
   * Replaces the value; waits while another owner holds the lock. @throws TimeoutError; the errors of {@link SharedValue.set} for the value
   */
  set(value: T | Frozen<T>, options?: SyncOptions): void {
    const { object, codec } = this;
    if (object.type !== undefined && codec.plain) object.setNumber(value, passing(options));
    else object.whileFree(passing(options), () => object.writeValue(object.checked(value, codec), codec));
  }

  /** Adds to the number, atomically; returns the new one. Waits while another owner holds the lock. */
  add(delta: T & (number | bigint), options?: SyncOptions): Frozen<T> {
    return this.object.addValue(delta, passing(options)) as Frozen<T>;
  }

  /** Replaces the value if it equals `expected`, compared by deep equality; returns true if it did. */
  compareAndSet(expected: T | Frozen<T>, next: T | Frozen<T>, options?: SyncOptions): boolean {
    const { object, codec } = this;
    const before = codec.encode(expected);
    const after = codec.encode(next);
    return object.whileFree(passing(options), () => object.swap(before, after));
  }

  /** Changes the value with a function of the current one, while holding the lock; returns the stored value. */
  update(change: (value: Frozen<T>) => T | Frozen<T>, options?: SyncOptions): Frozen<T> {
    const { object, codec } = this;
    return object.updateHeld(object.acquireSync(passing(options)), change as (value: unknown) => unknown, codec) as Frozen<T>;
  }

  /**
   * Acquires the lock. A value assigned to `held.value` is written at the release.
   * @throws TimeoutError; DeadlockError if this thread holds it
   */
  lock(options?: SyncOptions): SyncHeldValue<T> {
    const { object } = this;
    return new SyncHeldValue<T>(object, object.acquireSync(blocking(options)), this.codec);
  }
}
