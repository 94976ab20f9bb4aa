import type { SharedMemoryArray } from '../../../engine/shared/objects/array.js';
import type { ElementOf, ElementsOf, TypedArrayOf } from '../../../proto/codec/elements.js';
import type { Typecode } from '../../../proto/codec/typecode.js';
import { whole } from '../../objects/arguments.js';
import type { OptionNames } from '../../known-options.js';
import { blocking, SyncProxy, passing, SYNC_OPTIONS, type SyncOptions } from './sync-proxy.js';
import { SyncHold, type SyncHeld } from './held.js';

/** Options of what writes to an array. */
export interface SyncWriteOptions extends SyncOptions {
  /** A hold of the array's lock: the write is made under it, and does not wait. */
  held?: SyncHeld | undefined;
}

const WRITE_OPTIONS = { ...SYNC_OPTIONS, held: true } satisfies OptionNames<SyncWriteOptions>;

/** An array without promises. */
export class SyncArray<T extends Typecode> extends SyncProxy<SharedMemoryArray> implements Iterable<ElementOf<T>> {
  /** Type of the elements. */
  get type(): T {
    return this.object.type as T;
  }

  /**
   * The memory itself, as a typed array: what is written here is there at once, for all threads, whoever holds the
   * lock, and unchecked. Use Atomics where threads write to the same element. An argument of `thread` that is this view is
   * the same memory there; to store it, copy it: `Int32Array.from(view)`, or {@link read}.
   */
  get view(): TypedArrayOf<T> {
    return this.object.view as TypedArrayOf<T>;
  }

  /** Number of elements. */
  length(): number {
    return this.object.length;
  }

  /** The element at an index. @throws OutOfRangeError where there is none */
  get(index: number): ElementOf<T> {
    return this.object.get(whole(index)) as ElementOf<T>;
  }

  /** Replaces the element at an index. Waits while another holds the lock. */
  set(index: number, value: ElementOf<T>, options?: SyncWriteOptions): void {
    const timeout = writing(options);
    this.object.set(whole(index), value, timeout, options?.held?.number);
  }

  /** Adds to the element at an index, atomically; answers the new one. */
  add(index: number, delta: ElementOf<T> & (number | bigint), options?: SyncWriteOptions): ElementOf<T> {
    const timeout = writing(options);
    return this.object.add(whole(index), delta, timeout, options?.held?.number) as ElementOf<T>;
  }

  /** Replaces the element at an index if it is what is expected; answers whether it did. NaN equals itself. */
  compareAndSet(index: number, expected: ElementOf<T>, next: ElementOf<T>, options?: SyncWriteOptions): boolean {
    const timeout = writing(options);
    return this.object.compareAndSet(whole(index), expected, next, timeout, options?.held?.number);
  }

  /** A copy of the elements from `start` to before `end`, by default all. */
  read(start?: number, end?: number): TypedArrayOf<T> {
    return this.object.read(start === undefined ? undefined : whole(start), end === undefined ? undefined : whole(end)) as TypedArrayOf<T>;
  }

  /** Replaces the elements from `start` on, all or none. */
  write(start: number, values: ElementsOf<T>, options?: SyncWriteOptions): void {
    const timeout = writing(options);
    this.object.write(whole(start), values, timeout, options?.held?.number);
  }

  /** Makes all elements from `start` to before `end`, by default all, the same. */
  fill(value: ElementOf<T>, start = 0, end?: number, options?: SyncWriteOptions): void {
    const timeout = writing(options);
    this.object.fill(value, whole(start), end === undefined ? undefined : whole(end), timeout, options?.held?.number);
  }

  /** Takes the lock: the writes of others wait from then on. @throws TimeoutError; DeadlockError where this thread holds it */
  lock(options?: SyncOptions): SyncHeld {
    const { object } = this;
    return new SyncHold(object, object.seize(blocking(options)));
  }

  /** The elements in order, each as it is when it is asked for. */
  *[Symbol.iterator](): Generator<ElementOf<T>, void, undefined> {
    const length = this.length();
    for (let index = 0; index < length; index++) yield this.get(index);
  }
}

/** How long a write may wait for the lock. @throws NotOwnerError where the hold that it is made under was released */
function writing(options: SyncWriteOptions | undefined): number | undefined {
  options?.held?.assertHeld();
  return passing(options, WRITE_OPTIONS);
}
