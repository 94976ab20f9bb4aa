import type { ValueCodec } from '../../engine/shared/cells.js';
import type { SharedMemoryValue } from '../../engine/shared/value.js';
import { blocking, Facet, passing, type SyncOptions } from './facet.js';
import { SyncHeld } from './held.js';
import type { Frozen } from '../frozen.js';

/** A value without promises. */
export class SyncValue<T> extends Facet<SharedMemoryValue> {
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
    const held = this.#lock(passing(options));
    try {
      return (held.value = change(held.value)) as Frozen<T>;
    } finally {
      held[Symbol.dispose]();
    }
  }

  /**
   * Takes the lock. What is assigned to `held.value` is written at the release.
   * @throws TimeoutError; DeadlockError where this thread holds it
   */
  lock(options?: SyncOptions): SyncHeldValue<T> {
    return this.#lock(blocking(options));
  }

  #lock(timeout: number | undefined): SyncHeldValue<T> {
    const { object } = this;
    return new SyncHeldValue<T>(object, object.seize(timeout), this.codec);
  }
}

/** A value whose lock this thread holds. */
export class SyncHeldValue<T> extends SyncHeld {
  #value: T | Frozen<T> | undefined;
  /** Whether it was read, or assigned and is to be written. */
  #state: 'unread' | 'read' | 'changed' = 'unread';

  /** @internal */
  constructor(
    private readonly object: SharedMemoryValue,
    number: number,
    private readonly codec: ValueCodec,
  ) {
    super(object, number);
  }

  /** The value; an assigned one is written when the lock is released. Assigning throws what {@link SharedValue.set} would. */
  get value(): Frozen<T> {
    if (this.#state === 'unread') {
      const { object, codec } = this;
      this.#value = (object.type !== undefined && codec.plain ? object.heldNumber() : object.get(codec)) as Frozen<T>;
      this.#state = 'read';
    }
    return this.#value as Frozen<T>;
  }

  set value(value: T | Frozen<T>) {
    this.#value = this.object.checked(value, this.codec) as Frozen<T>;
    this.#state = 'changed';
  }

  /** Writes a changed value, and gives the lock back. */
  override release(): void {
    const { object } = this;
    if (this.#state !== 'changed' || this.released) {
      super.release();
    } else if (object.type === undefined) {
      object.writeValue(this.#value, this.codec);
      super.release();
    } else {
      this.givenBack();
      object.freeWith(this.number, this.#value as number);
    }
  }
}
