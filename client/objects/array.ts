import { bytesOf } from '../../proto/codec/binary.js';
import {
  bytesPerElement,
  element,
  elementsOf,
  elementsOfBytes,
  shown,
  travellingElements,
  typecodeNamed,
  type ElementOf,
  type Elements,
  type ElementsOf,
  type TypedArrayOf,
} from '../../proto/codec/elements.js';
import type { Typecode } from '../../proto/codec/typecode.js';
import { OutOfRangeError } from '../../proto/errors.js';
import { ArrayService, type ArrayServiceOpenRequest } from '../../proto/gen/commonhold/v1/array_wire.js';
import type { Payload } from '../../proto/wire/values.js';
import { acquisitionOf, Held, type AcquireOptions, type HoldCalls } from '../locking/held.js';
import { elementIndex, whole } from './arguments.js';
import { attempt, nothing, ObjectProxy, type ProxyContext } from './object-proxy.js';
import { writeFields, type WriteOptions } from './write-options.js';
import { SyncArray } from '../shared/sync/array.js';

const { methods } = ArrayService;

/** Number of elements that an iteration reads at once. */
const PAGE = 16_384;

/** Options of writes to an array. */
export type ArrayWriteOptions = WriteOptions;

/** Type and initial content of an array that does not exist yet. */
export interface ArrayInit<T extends Typecode> {
  readonly type: T;
  /** Number of zeros, or the elements. */
  readonly init: number | ElementsOf<T>;
}

/**
 * An array of numbers shared between processes, of one type and fixed length, with a lock of its own (Python's `Array`). Negative indexes
 * count from the end. Elements of `i64` and `u64` are bigints, elements of `bool` are booleans; `f32` rounds. Numbers do not wrap: a number
 * outside of the type's range is an OutOfRangeError.
 *
 * Ranges of elements are sent as bytes in one call, which is atomic for all readers and writers. If they exceed the largest message (64
 * MiB, unless the manager was started with another `maxPayload`), the call throws PayloadTooLargeError: read and write in parts, each of
 * which is atomic, or iterate. Create a larger array with its length, then write it. The initial elements are sent with each call until one
 * has succeeded: if there are many, await `create()` or a first call before making further calls.
 *
 * While the lock is held, writes wait, except the holder's with the option `held`. Without `held`, a write by the holder's own
 * owner, or by an owner that the holder waits for, throws DeadlockError. Reads do not wait. A write throws TimeoutError if its timeout ends
 * first, the signal's reason if it aborts, and with `held` NotOwnerError or LockLostError if that no longer holds the lock; in each case
 * nothing is written. Every method may throw KindMismatchError if the name belongs to another kind, OptionsConflictError if the array has
 * another type or length, NotFoundError if it was destroyed, OutOfRangeError for an index or number out of range, and InvalidArgumentError
 * for an argument of the wrong type.
 */
export class SharedArray<T extends Typecode = Typecode>
  extends ObjectProxy<ArrayServiceOpenRequest>
  implements AsyncIterable<ElementOf<T>>
{
  #type: T | undefined;

  /** @internal Without `beginning`, a proxy of an existing array. */
  constructor(context: ProxyContext, name: string, beginning?: ArrayInit<T>) {
    const request: ArrayServiceOpenRequest = { name, exclusive: false, ...(beginning && madeOf(beginning)) };
    super(context, 'array', name, { method: methods.open, request }, beginning !== undefined);
    this.#type = beginning?.type;
  }

  /** Type of the elements. A proxy received as a reference knows it after its first read. */
  get type(): T | undefined {
    return this.#type;
  }

  /** Synchronous API, for an array in shared memory. @throws InvalidArgumentError if it is not in shared memory */
  get sync(): SyncArray<T> {
    return (this.#sync ??= new SyncArray<T>(this));
  }
  #sync: SyncArray<T> | undefined;

  /** A view of the shared memory itself: see {@link SyncArray.view}. Undefined for an array that is not in shared memory. No round trip. */
  get view(): TypedArrayOf<T> | undefined {
    return this.context.shared === undefined ? undefined : this.sync.view;
  }

  /**
   * Returns this array for writes under a fence: each goes through only while the hold is held, and otherwise rejects with StaleFenceError, so that a
   * holder that has lost its lock without knowing it changes nothing. A write that waits is checked again when it takes effect. No round trip.
   * @throws InvalidArgumentError if `held` is no hold, or one of another manager; UnimplementedError for an object in shared memory
   */
  fencedBy(held: Held): SharedArray<T> {
    const array = new SharedArray<T>(this.context, this.name);
    array.#type = this.#type;
    return this.fenced(held, array);
  }

  /** Returns the number of elements. One round trip. */
  length(): Promise<number> {
    return this.call(methods.length, { name: this.name }, ({ length }) => length);
  }

  /** Returns the element at an index. One round trip. */
  get(index: number): Promise<ElementOf<T>> {
    return attempt(() => this.call(methods.get, { name: this.name, index: elementIndex(this.name, index) }, this.#element));
  }

  /** Replaces the element at an index. One round trip. */
  set(index: number, value: ElementOf<T>, options?: ArrayWriteOptions): Promise<void> {
    return attempt(() => {
      const request = {
        name: this.name,
        index: elementIndex(this.name, index),
        value: this.#encoded(value),
        ...writeFields(this.context, options),
      };
      return this.call(methods.set, request, nothing, options);
    });
  }

  /**
   * Adds to the element at an index, atomically; returns the new element. One round trip.
   * @param delta a number, or a bigint for `i64` and `u64`; not available for `bool`
   */
  add(index: number, delta: ElementOf<T> & (number | bigint), options?: ArrayWriteOptions): Promise<ElementOf<T>> {
    return attempt(() => {
      const request = {
        name: this.name,
        index: elementIndex(this.name, index),
        delta: this.encode(delta),
        ...writeFields(this.context, options),
      };
      return this.call(methods.add, request, this.#element, options);
    });
  }

  /** Replaces the element at an index if it equals `expected`; returns true if it did. NaN equals itself. One round trip. */
  compareAndSet(index: number, expected: ElementOf<T>, next: ElementOf<T>, options?: ArrayWriteOptions): Promise<boolean> {
    return attempt(() => {
      const request = {
        name: this.name,
        index: elementIndex(this.name, index),
        expected: this.#encoded(expected),
        next: this.#encoded(next),
        ...writeFields(this.context, options),
      };
      return this.call(methods.compareAndSet, request, ({ swapped }) => swapped, options);
    });
  }

  /**
   * Returns a copy of the elements from `start` to before `end`, by default all, as one atomic read; positions beyond the ends are ignored,
   * as by `slice`. For `bool`, a Uint8Array of 0 and 1. One round trip.
   */
  read(start?: number, end?: number): Promise<TypedArrayOf<T>> {
    return attempt(() => {
      const request = {
        name: this.name,
        start: start === undefined ? undefined : whole(start),
        end: end === undefined ? undefined : whole(end),
      };
      return this.call(methods.read, request, ({ type, elements }) => {
        this.#type ??= typecodeNamed(type) as T;
        return elementsOfBytes(this.#type, elements);
      });
    });
  }

  /**
   * Replaces the elements from `start` on, all or none. One round trip.
   * @param values a typed array or iterable; each element is checked, unless it is the typed array of this type
   */
  write(start: number, values: ElementsOf<T>, options?: ArrayWriteOptions): Promise<void> {
    return attempt(() => {
      const type = this.#type;
      // If this proxy does not know the type, the manager converts.
      const sent = type === undefined ? travellingElements(values) : { type, elements: elementsOf(type, values) };
      const request = {
        name: this.name,
        start: whole(start),
        type: sent.type,
        elements: bytesOf(sent.elements),
        ...writeFields(this.context, options),
      };
      return this.call(methods.write, request, nothing, options);
    });
  }

  /**
   * Sets all elements from `start` to before `end`, by default all, to one value; positions beyond the ends are ignored. One round trip.
   */
  fill(value: ElementOf<T>, start = 0, end?: number, options?: ArrayWriteOptions): Promise<void> {
    return attempt(() => {
      const request = {
        name: this.name,
        value: this.#encoded(value),
        start: whole(start),
        end: end === undefined ? undefined : whole(end),
        ...writeFields(this.context, options),
      };
      return this.call(methods.fill, request, nothing, options);
    });
  }

  /**
   * Acquires the lock, waiting for it if necessary: the writes of others wait from then on. The holder writes with the option `held`. One
   * round trip.
   * @throws TimeoutError if the timeout ends first; the signal's reason if it aborts; DeadlockError if the same owner holds it
   */
  lock(options?: AcquireOptions): Promise<Held> {
    return attempt(() => {
      const owner = this.context.owners.name(options?.owner);
      const request = { name: this.name, owner, ...acquisitionOf(options) };
      return this.call(
        methods.lock,
        request,
        (granted) => new Held(this.context.transport, this.name, granted, this.#held, owner),
        options,
      );
    });
  }

  readonly #held: HoldCalls = {
    release: (token) => this.callForHold(methods.unlock, { name: this.name, token }),
    extend: (token, ms) => this.callForHold(methods.extend, { name: this.name, token, leaseMs: ms }),
  };

  /** Iterates over the elements in order. Each page of 16,384 is read on demand, in its current state, in one round trip. */
  async *[Symbol.asyncIterator](): AsyncGenerator<ElementOf<T>, void, undefined> {
    for (let start = 0; ; start += PAGE) {
      const page: Elements = await this.read(start, start + PAGE);
      for (const stored of page) yield shown(this.#type!, stored) as ElementOf<T>;
      if (page.length < PAGE) return;
    }
  }

  /** Encodes an element, checked if the type is known. */
  #encoded(value: ElementOf<T>): Payload {
    return this.encode(this.#type === undefined ? value : element(this.#type, value));
  }

  readonly #element = ({ value }: { value: Payload }): ElementOf<T> => this.decode(value) as ElementOf<T>;
}

/** Converts the initial content to the fields of the open request. */
function madeOf<T extends Typecode>({ type, init }: ArrayInit<T>): Pick<ArrayServiceOpenRequest, 'type' | 'length' | 'initial'> {
  typecodeNamed(type);
  if (typeof init === 'number') return { type, length: lengthOf(init) };
  const initial = bytesOf(elementsOf(type, init));
  if (initial.some((byte) => byte !== 0)) return { type, initial };
  return { type, length: initial.length / bytesPerElement(type) };
}

function lengthOf(length: number): number {
  if (Number.isInteger(length) && length >= 0 && length < 2 ** 31) return length;
  throw new OutOfRangeError(`a length of ${length}: give a whole number from 0 to ${2 ** 31 - 1}, or the elements`);
}
