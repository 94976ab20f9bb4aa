import {
  bytesPerElement,
  elementsAt,
  elementsOf,
  shown,
  stored,
  storedPayload,
  type Elements,
  type StoredElement,
} from '../../../proto/codec/elements.js';
import { encodePayload } from '../../../proto/codec/payload.js';
import type { Typecode } from '../../../proto/codec/typecode.js';
import type { Payload } from '../../../proto/wire/values.js';
import { sum } from '../../core/arithmetic.js';
import { equal, placeOf, rangeOf, roomOf } from '../../core/array-elements.js';
import type { EngineContext } from './object-view.js';
import type { Make } from './directory.js';
import { INTERNAL, O_DATA, O_HELD, O_OWNER, R_BLOCK, R_LENGTH, V_TYPE } from '../kernel/layout.js';
import { SharedMutex } from './mutex.js';
import type { SharedObjectKind } from './objects.js';
import type { ObjectAddress } from '../memory/place.js';
import { TYPECODES } from './value.js';

/** Number of attempts of a read to take the lock between the writes of other threads. */
const TRIES = 100;

/**
 * An array of numbers of one type in one block, with a lock. Elements are read and written atomically. An operation on several elements is
 * one step: under the lock, which excludes writes, and under the guard, which excludes reads of a part.
 */
export class SharedMemoryArray extends SharedMutex {
  readonly type: Typecode;
  readonly length: number;
  /** The elements themselves, in the shared memory. */
  readonly view: Elements;
  /**
   * Offset of an array of doubles, which the kernel reads and writes; 0 for other types. JavaScript accesses those atomically, integers of
   * 64 bits through #longs.
   */
  readonly #doubles: number;
  readonly #longs: BigInt64Array | undefined;

  constructor(surroundings: EngineContext, name: string, place: ObjectAddress) {
    super(surroundings, 'array', name, place);
    const { thread } = this;
    this.type = TYPECODES[thread.word(this.data + V_TYPE)]!;
    this.length = thread.word(this.data + R_LENGTH);
    const block = thread.word(this.data + R_BLOCK);
    const { words } = thread.region.reached(block + this.length * bytesPerElement(this.type));
    this.view = elementsAt(this.type, words.buffer, block, this.length);
    this.#doubles = this.type === 'f64' ? block : 0;
    this.#longs = this.type === 'i64' || this.type === 'u64' ? (this.view as unknown as BigInt64Array) : undefined;
  }

  override get size(): number {
    return this.length;
  }

  override get bytes(): number {
    return this.view.byteLength;
  }

  override options(): Record<string, string> {
    return { type: this.type };
  }

  // ── single elements, in the format of the array ──

  #load(place: number): StoredElement {
    if (this.#doubles !== 0) return this.kernel.doubleGet(this.#doubles + 8 * place);
    return this.#longs === undefined ? this.view[place]! : Atomics.load(this.#longs, place);
  }

  /** Writes an element. Requires the lock. */
  store(place: number, element: StoredElement): void {
    if (this.#doubles !== 0) this.kernel.doubleSet(this.#doubles + 8 * place, element as number);
    else if (this.#longs === undefined) this.view[place] = element;
    else Atomics.store(this.#longs, place, element as bigint);
  }

  /** Like {@link get}, but returns a payload. */
  payload(place: number): Payload {
    return encodePayload(shown(this.type, this.#read(place)));
  }

  #read(place: number): StoredElement {
    const element = this.#load(place);
    this.assertThere();
    return element;
  }

  /** Adds to an element, and returns the sum. Requires the lock. Throws if the sum does not fit the type, before it changes anything. */
  addPayload(place: number, delta: Payload): StoredElement {
    const next = storedPayload(this.type, sum(encodePayload(shown(this.type, this.#load(place))), delta));
    this.store(place, next);
    return next;
  }

  /** Replaces an element if it equals the expected one. Requires the lock. */
  swap(place: number, expected: StoredElement, next: StoredElement): boolean {
    if (!equal(this.#load(place), expected)) return false;
    this.store(place, next);
    return true;
  }

  // ── several elements ──

  /** Returns a copy of the elements from `start` up to `end`, as `Array.slice` does. */
  read(start?: number, end?: number): Elements {
    const [from, to] = rangeOf(this, start, end);
    return this.#still(() => this.view.slice(from, to));
  }

  /**
   * Runs a read that sees each write of several elements completely or not at all. It does not wait while a user holds the lock: it then
   * reads between the steps of that user.
   */
  #still<R>(read: () => R): R {
    const { kernel, self, object, uid, thread } = this;
    for (let tries = TRIES; tries > 0; tries--) {
      const answer = kernel.lockTake(self, object, uid, INTERNAL);
      if (answer >= 0) {
        const number = thread.double(object + O_HELD);
        try {
          return read();
        } finally {
          this.free(number);
        }
      }
      this.again(answer);
      if (thread.word(object + O_OWNER) !== INTERNAL) break;
    }
    return this.guarded(read);
  }

  /** Writes elements, starting at a place. Requires the lock. */
  storeAll(place: number, elements: Elements): void {
    this.guarded(() => this.view.set(elements, place));
  }

  /** Fills a range with one element. Requires the lock. */
  fillAll(element: StoredElement, start?: number, end?: number): void {
    this.guarded(() => this.view.fill(element, ...rangeOf(this, start, end)));
  }

  // ── for blocking threads; with `held`, the number of a hold of this thread, a write does not wait ──

  get(index: number): number | bigint | boolean {
    return shown(this.type, this.#read(placeOf(this, index)));
  }

  set(index: number, value: unknown, timeout?: number, held?: number): void {
    const place = placeOf(this, index);
    const element = stored(this.type, value);
    const number = this.#enter(timeout, held);
    this.store(place, element);
    this.#leave(number);
  }

  /** Adds to an element, and returns the sum. */
  add(index: number, delta: unknown, timeout?: number, held?: number): number | bigint | boolean {
    const place = placeOf(this, index);
    const number = this.#enter(timeout, held);
    try {
      return shown(this.type, this.#sum(place, delta));
    } finally {
      this.#leave(number);
    }
  }

  #sum(place: number, delta: unknown): StoredElement {
    const present = this.#load(place);
    if (typeof present !== typeof delta || this.type === 'bool') return this.addPayload(place, encodePayload(delta));
    const next = stored(this.type, (present as number) + (delta as number));
    this.store(place, next);
    return next;
  }

  compareAndSet(index: number, expected: unknown, next: unknown, timeout?: number, held?: number): boolean {
    const place = placeOf(this, index);
    const [wanted, element] = [stored(this.type, expected), stored(this.type, next)];
    const number = this.#enter(timeout, held);
    const swapped = this.swap(place, wanted, element);
    this.#leave(number);
    return swapped;
  }

  write(start: number, values: Iterable<unknown>, timeout?: number, held?: number): void {
    const elements = elementsOf(this.type, values) as Elements;
    const place = roomOf(this, start, elements.length);
    const number = this.#enter(timeout, held);
    try {
      this.storeAll(place, elements);
    } finally {
      this.#leave(number);
    }
  }

  fill(value: unknown, start?: number, end?: number, timeout?: number, held?: number): void {
    const element = stored(this.type, value);
    const number = this.#enter(timeout, held);
    try {
      this.fillAll(element, start, end);
    } finally {
      this.#leave(number);
    }
  }

  /** Takes the lock for one operation, unless the thread holds it. Returns the hold to give back, or 0. */
  #enter(timeout: number | undefined, held: number | undefined): number {
    if (held === undefined) return this.acquireSync(timeout, INTERNAL);
    this.assertSeized(held);
    return 0;
  }

  #leave(number: number): void {
    if (number !== 0) this.free(number);
  }

  override dispose(): void {
    this.kernel.dropField(this.self, this.data + R_BLOCK);
  }
}

/** Returns the creation step of an array. @param elements initial elements; zeros by default */
export function arrayOf({ thread }: EngineContext, type: Typecode, length: number, elements?: Elements): Make {
  return (object) => {
    const bytes = length * bytesPerElement(type);
    const block = thread.alloc(bytes);
    const { octets, words } = thread.region;
    if (elements === undefined) octets.fill(0, block, block + bytes);
    else (elementsAt(type, words.buffer, block, length) as Elements).set(elements, 0);
    thread.setWord(object + O_DATA + V_TYPE, TYPECODES.indexOf(type));
    thread.setWord(object + O_DATA + R_BLOCK, block);
    thread.setWord(object + O_DATA + R_LENGTH, length);
  };
}

/** The kind of arrays. A name alone does not make one. */
export const arrayKind: SharedObjectKind<SharedMemoryArray> = {
  kind: 'array',
  bind: (surroundings, name, place) => new SharedMemoryArray(surroundings, name, place),
};
