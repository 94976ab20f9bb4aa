import { coerce, type Typecode } from '../../proto/codec/typecode.js';
import { ValueService, type ValueServiceOpenRequest, type ValueServiceWatchResponse } from '../../proto/gen/commonhold/v1/value_wire.js';
import type { Payload } from '../../proto/wire/values.js';
import { acquisitionOf, Held, whileHeld, type AcquireOptions, type HoldCalls } from '../locking/held.js';
import { valueOf, type Outcome } from '../outcome.js';
import { attempt, nothing, ObjectProxy, type ProxyContext } from './object-proxy.js';
import type { Transport } from '../connect/transport/transport.js';
import { checkOptions, type OptionNames } from '../../proto/known-options.js';
import { WAIT_OPTIONS, type WaitOptions } from '../wait.js';
import { writeFields, type WriteOptions } from './write-options.js';
import { VALUES_OPTIONS, type ValuesOptions } from './object-options.js';
import { SyncValue } from '../shared/sync/value.js';
import { watchState, type AskState, type StateWatchOptions } from './watch.js';
import type { Frozen } from './frozen.js';

const { methods } = ValueService;

/** Options of a shared value. */
export interface ValueOptions<T = unknown> extends ValuesOptions<T> {
  /** Typecode that every value is checked against; a value out of range is an error and never wraps. Default: any value. */
  type?: Typecode | undefined;
}

export const VALUE_OPTIONS = { ...VALUES_OPTIONS, type: true } satisfies OptionNames<ValueOptions>;

/** Options of writes to a value. */
export type ValueWriteOptions = WriteOptions;

/**
 * A value shared between processes, with a lock of its own. While the lock is held, the writes of others wait; `get` does not wait, and
 * returns the value last written. The holder writes with the option `held`: such writes do not wait, and are visible immediately. Without
 * `held`, a write by the holder's own owner, or by an owner that the holder waits for, throws DeadlockError. With `held`, a write throws
 * NotOwnerError or LockLostError if that does not hold the lock.
 *
 * Every method may throw KindMismatchError if the name belongs to another kind, OptionsConflictError if the value has another type, and for
 * typed values OutOfRangeError or InvalidArgumentError; with a schema, SchemaError for a refused value, on writes and on reads.
 */
export class SharedValue<T = unknown> extends ObjectProxy<ValueServiceOpenRequest> {
  readonly #type: Typecode | undefined;

  /** @internal Without an initial value, a proxy of an existing value. */
  constructor(context: ProxyContext, name: string, initial: { value: T } | undefined, options: ValueOptions<T> = {}) {
    const checked = initial && { value: options.type === undefined ? initial.value : coerce(options.type, initial.value) };
    const request: ValueServiceOpenRequest = { name, exclusive: false, type: options.type };
    super(context, 'value', name, { method: methods.open, request }, initial !== undefined);
    if (options.schema !== undefined) this.adopt(options.schema);
    if (checked) request.initial = this.encode(checked.value);
    this.#type = options.type;
  }

  /** Synchronous API, for a value in shared memory. @throws InvalidArgumentError if it is not in shared memory */
  get sync(): SyncValue<T> {
    return (this.#sync ??= new SyncValue<T>(this));
  }
  #sync: SyncValue<T> | undefined;

  /**
   * Returns this value for writes under a fence: each goes through only while the hold is held, and otherwise rejects with StaleFenceError, so that a
   * holder that has lost its lock without knowing it changes nothing. A write that waits is checked again when it takes effect. No round trip.
   * @throws InvalidArgumentError if `held` is no hold, or one of another manager; UnimplementedError for an object in shared memory
   */
  fencedBy(held: Held): SharedValue<T> {
    return this.fenced(held, new SharedValue<T>(this.context, this.name, undefined, { type: this.#type }));
  }

  /** Returns the value last written. Does not wait for the lock. One round trip. */
  get(): Promise<Frozen<T>> {
    return this.call(methods.get, { name: this.name }, this.#value);
  }

  /** Replaces the value; waits while another owner holds the lock. One round trip. */
  set(value: T | Frozen<T>, options?: ValueWriteOptions): Promise<void> {
    return attempt(() => {
      const request = {
        name: this.name,
        value: this.encodeChecked(value),
        ...writeFields(this.context, options),
      };
      return this.call(methods.set, request, nothing, options);
    });
  }

  /**
   * Adds to the number, atomically; returns the new one. Waits while another owner holds the lock. A schema does not check it until the
   * number is read. One round trip.
   * @param delta a number, or a bigint if the value is one
   */
  add(delta: T & (number | bigint), options?: ValueWriteOptions): Promise<Frozen<T>> {
    return attempt(() => {
      const request = {
        name: this.name,
        delta: this.encodePlain(delta),
        ...writeFields(this.context, options),
      };
      return this.call(methods.add, request, ({ value: sum }) => this.decodePlain(sum) as Frozen<T>, options);
    });
  }

  /**
   * Replaces the value if it equals `expected`, compared by deep equality; returns true if it did. Waits while another owner holds the
   * lock. One round trip.
   */
  compareAndSet(expected: T | Frozen<T>, next: T | Frozen<T>, options?: ValueWriteOptions): Promise<boolean> {
    return attempt(() => {
      const request = {
        name: this.name,
        expected: this.encode(expected),
        next: this.encodeChecked(next),
        ...writeFields(this.context, options),
      };
      return this.call(methods.compareAndSet, request, ({ swapped }) => swapped, options);
    });
  }

  /** Changes the value with a function of the current one, while holding the lock; returns the stored value. Two round trips. */
  async update(change: (value: Frozen<T>) => T | Frozen<T>, options: WaitOptions = {}): Promise<Frozen<T>> {
    checkOptions(options, WAIT_OPTIONS);
    const owner = this.context.owners.step();
    return whileHeld(await this.#lock(owner, options), async (held) => {
      held.value = change(held.value);
      await held.release();
      return held.value;
    });
  }

  /**
   * Acquires the lock, together with the value. A value assigned to `held.value` is written at the release. One round trip.
   * @throws TimeoutError if the timeout ends first; the signal's reason if it aborts; DeadlockError if owners would wait for each other in
   * a cycle, or this owner for itself
   */
  lock(options?: AcquireOptions): Promise<HeldValue<T>> {
    return attempt(() => this.#lock(this.context.owners.name(options?.owner), options));
  }

  #lock(owner: string | undefined, options: AcquireOptions | undefined): Promise<HeldValue<T>> {
    const request = { name: this.name, owner, ...acquisitionOf(options) };
    return this.call(
      methods.lock,
      request,
      (granted) => new HeldValue<T>(this.context.transport, this.name, granted, this.outcome(granted.value), this.#held, owner),
      options,
    );
  }

  /**
   * Iterates over the values, the current one first and then each written one, until the value is destroyed. Of values written faster than
   * the loop or the reports, only the latest is returned. After a loss of the session, it continues in the next one. One round trip per
   * value.
   * @param options.follow true to wait for the next value of the name after `destroy`, which the loop is not told of: its value comes next
   * @param options.timeout milliseconds without a write after which `next()` throws
   * @throws InvalidArgumentError for an invalid option, and to follow a value without a name. The loop: TimeoutError; the signal's reason; ManagerUnavailableError; NotFoundError
   * if there is no such value
   */
  watch(options: StateWatchOptions = {}): AsyncIterableIterator<Frozen<T>, undefined> {
    const ask: AskState<ValueServiceWatchResponse, Frozen<T>> = (asked, read, call) =>
      this.watching(methods.watch, { name: this.name, ...asked }, read, call);
    return watchState(this.name, ask, ({ value }) => this.decode(value!) as Frozen<T>, options, false);
  }

  readonly #value = ({ value }: { value: Payload }): Frozen<T> => this.decode(value) as Frozen<T>;

  readonly #held: ValueCalls<T> = {
    encode: (value) => this.encodeChecked(value),
    normal: (value) => this.normal<T>(value),
    unlock: (token, value) => this.callForHold(methods.unlock, { name: this.name, token, value }),
    extend: (token, ms) => this.callForHold(methods.extend, { name: this.name, token, leaseMs: ms }),
  };

  private encodeChecked(value: T | Frozen<T>): Payload {
    return this.encode(this.#type === undefined ? value : coerce(this.#type, value));
  }
}

/** The calls of a locked value to the manager. */
interface ValueCalls<T> extends Omit<HoldCalls, 'release'> {
  encode(value: T | Frozen<T>): Payload;
  normal(value: T | Frozen<T>): Frozen<T>;
  unlock(token: number, changed: Payload | undefined): Promise<unknown>;
}

/** A value whose lock is held. */
export class HeldValue<T> extends Held {
  readonly #now: { value: Outcome<Frozen<T>>; changed: Payload | undefined };
  readonly #calls: ValueCalls<T>;

  /** @internal */
  constructor(
    transport: Transport,
    object: string,
    granted: { token: number; abandoned: boolean },
    value: Outcome<Frozen<T>>,
    calls: ValueCalls<T>,
    owner: string | undefined,
  ) {
    const now: { value: Outcome<Frozen<T>>; changed: Payload | undefined } = { value, changed: undefined };
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
    this.#calls = calls;
  }

  /**
   * The value; an assigned one is written when the lock is released, in the same round trip. Assigning throws the errors of {@link
   * SharedValue.set}.
   * @throws SchemaError if a schema refuses the value that is read: another value can be assigned
   */
  get value(): Frozen<T> {
    return valueOf(this.#now.value);
  }

  set value(value: T | Frozen<T>) {
    this.assertHeld();
    this.#now.changed = this.#calls.encode(value);
    this.#now.value = { value: this.#calls.normal(value) };
  }

  /** As {@link Held.release}; writes a changed value. */
  override async release(): Promise<void> {
    try {
      await super.release();
    } catch (error) {
      // The caller has been told that the change is lost, so disposing does not report it again.
      if (this.lost) this.#now.changed = undefined;
      throw error;
    }
  }

  /**
   * Releases the lock. Does nothing if it was released or lost before. If the manager refuses the changed value, the lock is released
   * nevertheless.
   * @throws LockLostError if a changed value is lost with the lock, and no release has reported it
   */
  override async [Symbol.asyncDispose](): Promise<void> {
    const { changed } = this.#now;
    try {
      await super[Symbol.asyncDispose]();
    } catch (error) {
      this.#now.changed = undefined;
      await super[Symbol.asyncDispose]();
      throw error;
    }
    if (this.lost && changed !== undefined) this.assertHeld();
  }
}
