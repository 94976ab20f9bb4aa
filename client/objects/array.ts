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
import { ACQUIRE_OPTIONS, Held, leaseMs, type AcquireOptions, type HoldCalls } from '../locking/held.js';
import { whole } from './arguments.js';
import { attempt, nothing, ObjectProxy, type ProxyContext } from './object-proxy.js';
import { timeoutOf } from '../wait.js';
import { tokenOf, WRITE_OPTIONS, type WriteOptions } from './write-options.js';
import { SyncArray } from '../shared/sync/array.js';

const { methods } = ArrayService;

/** How many elements an iteration reads at once. */
const PAGE = 16_384;

/** Options of what writes to an array. */
export type ArrayWriteOptions = WriteOptions;

/** What an array is made of, where it does not exist yet. */
export interface ArrayInit<T extends Typecode> {
  readonly type: T;
  /** How many zeros, or which elements. */
  readonly init: number | ElementsOf<T>;
}

/**
 * An array of numbers that many processes share: of one type, of fixed length, with a lock of its own
 * (Python's `Array`). Negative indexes count from the end. Elements of `i64` and `u64` are bigints, of
 * `bool` booleans; `f32` rounds. Nothing wraps: what its type does not have is an OutOfRangeError.
 *
 * Many elements travel as bytes, in one call, which is one step for everyone who reads and writes.
 * Where that exceeds the largest message (64 MiB, unless the manager was started with another
 * `maxPayload`), it is a PayloadTooLargeError: read and write in parts, of which each is a step, or
 * iterate. An array that is larger than that is made with its length and then written. The elements
 * that one is made of travel with each call until one has succeeded: where they are many,
 * await `create()` or a first call before making others.
 *
 * While one holds the lock, the writes of others wait, and those of its holder that are not made under
 * `held`; of the holder's own owner, or one that the holder waits for, such are a DeadlockError. Reads do not wait. A write throws
 * TimeoutError when its timeout ends first, the signal's reason when it aborts, and with `held`
 * NotOwnerError or LockLostError where that does not hold the lock any more; each time nothing is
 * written. Every method may throw KindMismatchError where the name belongs to another kind,
 * OptionsConflictError where the array has another type or length, NotFoundError where it was
 * destroyed, OutOfRangeError for an index or number that it does not have, and InvalidArgumentError for
 * what is none.
 */
export class SharedArray<T extends Typecode = Typecode>
  extends ObjectProxy<ArrayServiceOpenRequest>
  implements AsyncIterable<ElementOf<T>>
{
  #type: T | undefined;

  /** @internal Without a beginning it is a proxy of one that exists. */
  constructor(context: ProxyContext, name: string, beginning?: ArrayInit<T>) {
    const request: ArrayServiceOpenRequest = { name, exclusive: false, ...(beginning && madeOf(beginning)) };
    super(context, 'array', name, { method: methods.open, request }, beginning !== undefined);
    this.#type = beginning?.type;
  }

  /** Type of the elements. A proxy that came by a reference knows it from its first read on. */
  get type(): T | undefined {
    return this.#type;
  }

  /** The same without promises, where the array is in shared memory. @throws InvalidArgumentError where it is not */
  get sync(): SyncArray<T> {
    return (this.#sync ??= new SyncArray<T>(this));
  }
  #sync: SyncArray<T> | undefined;

  /** In shared memory, the memory itself: see {@link SyncArray.view}. Undefined elsewhere. No round trip. */
  get view(): TypedArrayOf<T> | undefined {
    return this.context.shared === undefined ? undefined : this.sync.view;
  }

  /** Number of elements. One round trip. */
  length(): Promise<number> {
    return this.call(methods.length, { name: this.name }, ({ length }) => length);
  }

  /** The element at an index. One round trip. */
  get(index: number): Promise<ElementOf<T>> {
    return attempt(() => this.call(methods.get, { name: this.name, index: whole(index) }, this.#element));
  }

  /** Replaces the element at an index. One round trip. */
  set(index: number, value: ElementOf<T>, options?: ArrayWriteOptions): Promise<void> {
    return attempt(() => {
      const request = {
        name: this.name,
        index: whole(index),
        value: this.#encoded(value),
        timeoutMs: timeoutOf(options, WRITE_OPTIONS),
        token: tokenOf(options),
        owner: this.#writer,
      };
      return this.call(methods.set, request, nothing, options);
    });
  }

  /**
   * Adds to the element at an index, atomically; answers the new one. One round trip.
   * @param delta a number, or a bigint for `i64` and `u64`; `bool` has no sums
   */
  add(index: number, delta: ElementOf<T> & (number | bigint), options?: ArrayWriteOptions): Promise<ElementOf<T>> {
    return attempt(() => {
      const request = {
        name: this.name,
        index: whole(index),
        delta: this.encode(delta),
        timeoutMs: timeoutOf(options, WRITE_OPTIONS),
        token: tokenOf(options),
        owner: this.#writer,
      };
      return this.call(methods.add, request, this.#element, options);
    });
  }

  /** Replaces the element at an index if it is what is expected; answers whether it did. NaN equals itself. One round trip. */
  compareAndSet(index: number, expected: ElementOf<T>, next: ElementOf<T>, options?: ArrayWriteOptions): Promise<boolean> {
    return attempt(() => {
      const request = {
        name: this.name,
        index: whole(index),
        expected: this.#encoded(expected),
        next: this.#encoded(next),
        timeoutMs: timeoutOf(options, WRITE_OPTIONS),
        token: tokenOf(options),
        owner: this.#writer,
      };
      return this.call(methods.compareAndSet, request, ({ swapped }) => swapped, options);
    });
  }

  /**
   * The elements from `start` to before `end`, by default all, as they are at one moment; what lies
   * beyond the ends is left out, as by `slice`. A copy, of `bool` a Uint8Array of 0 and 1. One round trip.
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
   * @param values of any typed array or iterable; each is checked, except of the typed array of this type
   */
  write(start: number, values: ElementsOf<T>, options?: ArrayWriteOptions): Promise<void> {
    return attempt(() => {
      const type = this.#type;
      // Where the type is unknown here, the manager converts.
      const sent = type === undefined ? travellingElements(values) : { type, elements: elementsOf(type, values) };
      const request = {
        name: this.name,
        start: whole(start),
        type: sent.type,
        elements: bytesOf(sent.elements),
        timeoutMs: timeoutOf(options, WRITE_OPTIONS),
        token: tokenOf(options),
        owner: this.#writer,
      };
      return this.call(methods.write, request, nothing, options);
    });
  }

  /** Makes all elements from `start` to before `end`, by default all, the same; what lies beyond the ends is left out. One round trip. */
  fill(value: ElementOf<T>, start = 0, end?: number, options?: ArrayWriteOptions): Promise<void> {
    return attempt(() => {
      const request = {
        name: this.name,
        value: this.#encoded(value),
        start: whole(start),
        end: end === undefined ? undefined : whole(end),
        timeoutMs: timeoutOf(options, WRITE_OPTIONS),
        token: tokenOf(options),
        owner: this.#writer,
      };
      return this.call(methods.fill, request, nothing, options);
    });
  }

  /**
   * Takes the lock, waiting for it: the writes of others wait from then on. One's own are made under
   * it with the option `held`. One round trip.
   * @throws TimeoutError when the timeout ends first; the signal's reason when it aborts; DeadlockError
   * where the same owner holds it
   */
  lock(options?: AcquireOptions): Promise<Held> {
    return attempt(() => {
      const owner = this.context.owners.name(options?.owner);
      const request = { name: this.name, timeoutMs: timeoutOf(options, ACQUIRE_OPTIONS), leaseMs: leaseMs(options?.lease), owner };
      return this.call(
        methods.lock,
        request,
        (granted) => new Held(this.context.transport, this.name, granted, this.#held, owner),
        options,
      );
    });
  }

  readonly #held: HoldCalls = {
    release: (token) => this.settle(methods.unlock, { name: this.name, token }),
    extend: (token, ms) => this.settle(methods.extend, { name: this.name, token, leaseMs: ms }),
  };

  /** The elements in order, page by page while they are asked for, each page as it is then; a round trip for each 16,384. */
  async *[Symbol.asyncIterator](): AsyncGenerator<ElementOf<T>, void, undefined> {
    for (let start = 0; ; start += PAGE) {
      const page: Elements = await this.read(start, start + PAGE);
      for (const stored of page) yield shown(this.#type!, stored) as ElementOf<T>;
      if (page.length < PAGE) return;
    }
  }

  /** Owner of a write that is made here and now. */
  get #writer(): string | undefined {
    return this.context.owners.name(undefined);
  }

  /** An element as it travels, checked where the type is known here. */
  #encoded(value: ElementOf<T>): Payload {
    return this.encode(this.#type === undefined ? value : element(this.#type, value));
  }

  readonly #element = ({ value }: { value: Payload }): ElementOf<T> => this.decode(value) as ElementOf<T>;
}

/** How the request for an array says what it is made of. */
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
