import type { SharedMemoryArray } from '../../../engine/shared/objects/array.js';
import type { ElementOf, ElementsOf, TypedArrayOf } from '../../../proto/codec/elements.js';
import type { Typecode } from '../../../proto/codec/typecode.js';
import { elementIndex, whole } from '../../objects/arguments.js';
import type { OptionNames } from '../../../proto/known-options.js';
import { blocking, SyncProxy, passing, SYNC_OPTIONS, type SyncOptions } from './sync-proxy.js';
import { SyncHold, type SyncHeld } from './held.js';

/** Options of writes to an array. */
export interface SyncWriteOptions extends SyncOptions {
  /** A hold of the array's lock: the write is made under it, and does not wait. */
  held?: SyncHeld | undefined;
}

const WRITE_OPTIONS = { ...SYNC_OPTIONS, held: true } satisfies OptionNames<SyncWriteOptions>;

/** The synchronous API of an array. */
export class SyncArray<T extends Typecode> extends SyncProxy<SharedMemoryArray> implements Iterable<ElementOf<T>> {
  /** Type of the elements. */
  get type(): T {
    return this.object.type as T;
  }

  /**
   * The memory itself, as a typed array: writes are visible to all threads immediately, ignore the lock, and are not checked. Use Atomics
   * if threads write to the same element. As an argument of `thread`, this view is shared; to store the elements, copy them:
   * `Int32Array.from(view)`, or {@link read}.
   */
  get view(): TypedArrayOf<T> {
    return this.object.view as TypedArrayOf<T>;
  }

  /** Returns the number of elements. */
  length(): number {
    return this.object.length;
  }

  /** Returns the element at an index. @throws OutOfRangeError if there is none */
  get(index: number): ElementOf<T> {
    return this.object.get(elementIndex(this.object.name, index)) as ElementOf<T>;
  }

  /** Replaces the element at an index. Waits while another owner holds the lock. */
  set(index: number, value: ElementOf<T>, options?: SyncWriteOptions): void {
    const timeout = writing(options);
    this.object.set(elementIndex(this.object.name, index), value, timeout, options?.held?.number);
  }

  /** Adds to the element at an index, atomically; returns the new element. */
  add(index: number, delta: ElementOf<T> & (number | bigint), options?: SyncWriteOptions): ElementOf<T> {
    const timeout = writing(options);
    return this.object.add(elementIndex(this.object.name, index), delta, timeout, options?.held?.number) as ElementOf<T>;
  }

  /** Replaces the element at an index if it equals `expected`; returns true if it did. NaN equals itself. */
  compareAndSet(index: number, expected: ElementOf<T>, next: ElementOf<T>, options?: SyncWriteOptions): boolean {
    const timeout = writing(options);
    return this.object.compareAndSet(elementIndex(this.object.name, index), expected, next, timeout, options?.held?.number);
  }

  /** Returns a copy of the elements from `start` to before `end`, by default all. */
  read(start?: number, end?: number): TypedArrayOf<T> {
    return this.object.read(start === undefined ? undefined : whole(start), end === undefined ? undefined : whole(end)) as TypedArrayOf<T>;
  }

  /** Replaces the elements from `start` on, all or none. */
  write(start: number, values: ElementsOf<T>, options?: SyncWriteOptions): void {
    const timeout = writing(options);
    this.object.write(whole(start), values, timeout, options?.held?.number);
  }

  /** Sets all elements from `start` to before `end`, by default all, to one value. */
  fill(value: ElementOf<T>, start = 0, end?: number, options?: SyncWriteOptions): void {
    const timeout = writing(options);
    this.object.fill(value, whole(start), end === undefined ? undefined : whole(end), timeout, options?.held?.number);
  }

  /** Acquires the lock: the writes of others wait from then on. @throws TimeoutError; DeadlockError if this thread holds it */
  lock(options?: SyncOptions): SyncHeld {
    const { object } = this;
    return new SyncHold(object, object.acquireSync(blocking(options)));
  }

  /** Iterates over the elements in order, each read on demand. */
  *[Symbol.iterator](): Generator<ElementOf<T>, void, undefined> {
    const length = this.length();
    for (let index = 0; index < length; index++) yield this.get(index);
  }
}

/** Returns the maximum wait of a write for the lock. @throws NotOwnerError if the hold of the write was released */
function writing(options: SyncWriteOptions | undefined): number | undefined {
  options?.held?.assertHeld();
  return passing(options, WRITE_OPTIONS);
}
