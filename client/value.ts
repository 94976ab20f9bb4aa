import { coerce, type Typecode } from '../proto/codec/typecode.js';
import { ValueService, type ValueServiceOpenRequest } from '../proto/gen/commonhold/v1/value_wire.js';
import type { Payload } from '../proto/wire/values.js';
import { Held, leaseMs, type AcquireOptions, type HoldCalls } from './held.js';
import { attempt, nothing, Structure, type Home } from './structure.js';
import type { Transport } from './transport/transport.js';
import { milliseconds, type WaitOptions } from './wait.js';

const { methods } = ValueService;

/** Options of a shared value. */
export interface ValueOptions {
  /** Typecode that every value is checked against; out of range is an error, never a wrap. Default: any value. */
  type?: Typecode | undefined;
}

/**
 * One value that many processes share, with a lock of its own. While one holds the lock, the writes
 * of others wait; `get` does not, and gives what was last written. Of the holder's own owner, or one
 * that the holder waits for, they are a DeadlockError.
 *
 * Every method may throw KindMismatchError where the name belongs to another kind,
 * OptionsConflictError where the value has another type, and for typed values OutOfRangeError or
 * InvalidArgumentError.
 */
export class SharedValue<T = unknown> extends Structure<ValueServiceOpenRequest> {
  readonly #type: Typecode | undefined;

  /** @internal Without an initial value it is a proxy of one that exists. */
  constructor(home: Home, name: string, initial: { value: T } | undefined, options: ValueOptions = {}) {
    const checked = initial && { value: options.type === undefined ? initial.value : coerce(options.type, initial.value) };
    const request: ValueServiceOpenRequest = { name, exclusive: false, type: options.type };
    super(home, 'value', name, { method: methods.open, request }, initial !== undefined);
    if (checked) request.initial = this.encode(checked.value);
    this.#type = options.type;
  }

  /** The value as last written. Does not wait for the lock. One round trip. */
  get(): Promise<T> {
    return this.call(methods.get, { name: this.name }, this.#value);
  }

  /** Replaces the value; waits while another holds the lock. One round trip. */
  set(value: T, options?: WaitOptions): Promise<void> {
    return attempt(() => {
      const request = {
        name: this.name,
        value: this.encodeChecked(value),
        timeoutMs: milliseconds('timeout', options?.timeout),
        owner: this.#writer,
      };
      return this.call(methods.set, request, nothing, options);
    });
  }

  /**
   * Adds to the number, atomically; answers the new one. Waits while another holds the lock. One
   * round trip.
   * @param delta a number, or a bigint where the value is one
   */
  add(delta: T & (number | bigint), options?: WaitOptions): Promise<T> {
    return attempt(() => {
      const request = {
        name: this.name,
        delta: this.encode(delta),
        timeoutMs: milliseconds('timeout', options?.timeout),
        owner: this.#writer,
      };
      return this.call(methods.add, request, this.#value, options);
    });
  }

  /**
   * Replaces the value if it is what is expected, compared by deep equality; answers whether it did.
   * Waits while another holds the lock. One round trip.
   */
  compareAndSet(expected: T, next: T, options?: WaitOptions): Promise<boolean> {
    return attempt(() => {
      const timeoutMs = milliseconds('timeout', options?.timeout);
      const request = { name: this.name, expected: this.encode(expected), next: this.encodeChecked(next), timeoutMs, owner: this.#writer };
      return this.call(methods.compareAndSet, request, ({ swapped }) => swapped, options);
    });
  }

  /**
   * Changes the value by a function of the present one, while holding the lock; answers what was
   * stored. Two round trips.
   */
  async update(change: (value: T) => T, options: WaitOptions = {}): Promise<T> {
    const owner = this.home.owners.step();
    await using held = await this.#lock(owner, options);
    const changed = change(held.value);
    held.value = changed;
    await held.release();
    return changed;
  }

  /**
   * Takes the lock, and the value with it. What is assigned to `held.value` is written at the release.
   * One round trip.
   * @throws TimeoutError when the timeout ends first; the signal's reason when it aborts; DeadlockError
   * where owners would wait for each other in a circle, or this one for itself
   */
  lock(options?: AcquireOptions): Promise<HeldValue<T>> {
    return attempt(() => this.#lock(this.home.owners.name(options?.owner), options));
  }

  #lock(owner: string | undefined, options: AcquireOptions | undefined): Promise<HeldValue<T>> {
    const request = { name: this.name, timeoutMs: milliseconds('timeout', options?.timeout), leaseMs: leaseMs(options?.lease), owner };
    return this.call(
      methods.lock,
      request,
      (granted) => new HeldValue<T>(this.home.transport, this.name, granted, this.#value(granted), this.#held, owner),
      options,
    );
  }

  /** Owner of a write that is made here and now. */
  get #writer(): string | undefined {
    return this.home.owners.name(undefined);
  }

  readonly #value = ({ value }: { value: Payload }): T => this.decode(value) as T;

  readonly #held: ValueCalls<T> = {
    encode: (value) => this.encodeChecked(value),
    unlock: (token, value) => this.call(methods.unlock, { name: this.name, token, value }, nothing),
    extend: (token, ms) => this.call(methods.extend, { name: this.name, token, leaseMs: ms }, nothing),
  };

  private encodeChecked(value: T): Payload {
    return this.encode(this.#type === undefined ? value : coerce(this.#type, value));
  }
}

/** What a locked value does with the manager. */
interface ValueCalls<T> extends Omit<HoldCalls, 'release'> {
  encode(value: T): Payload;
  unlock(token: number, changed: Payload | undefined): Promise<unknown>;
}

/** A value whose lock is held. */
export class HeldValue<T> extends Held {
  readonly #now: { value: T; changed: Payload | undefined };
  readonly #encode: (value: T) => Payload;

  /** @internal */
  constructor(
    transport: Transport,
    object: string,
    granted: { token: number; abandoned: boolean },
    value: T,
    calls: ValueCalls<T>,
    owner: string | undefined,
  ) {
    const now: { value: T; changed: Payload | undefined } = { value, changed: undefined };
    super(
      transport,
      object,
      granted,
      {
        release: (token) => calls.unlock(token, now.changed),
        extend: (token, ms) => calls.extend(token, ms),
      },
      owner,
    );
    this.#now = now;
    this.#encode = (next) => calls.encode(next);
  }

  /**
   * The value; an assigned one is written when the lock is released, in the same round trip.
   * Assigning throws what {@link SharedValue.set} would.
   */
  get value(): T {
    return this.#now.value;
  }

  set value(value: T) {
    this.assertHeld();
    this.#now.changed = this.#encode(value);
    this.#now.value = value;
  }

  /**
   * Gives the lock back; silent where it was released or lost before. Where the changed value is
   * refused, the lock is given back all the same.
   * @throws LockLostError where a changed value would be lost with the lock
   */
  override async [Symbol.asyncDispose](): Promise<void> {
    if (this.lost && this.#now.changed !== undefined) this.assertHeld();
    try {
      await super[Symbol.asyncDispose]();
    } catch (error) {
      this.#now.changed = undefined;
      await super[Symbol.asyncDispose]();
      throw error;
    }
  }
}
