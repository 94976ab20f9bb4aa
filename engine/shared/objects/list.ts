import { equalPayloads, equalTo } from '../../../proto/codec/equal.js';
import { OutOfRangeError } from '../../../proto/errors.js';
import type { Payload } from '../../../proto/wire/values.js';
import { Snapshots } from '../../core/snapshots.js';
import { ObjectView, type EngineContext } from './object-view.js';
import {
  allTakenOut,
  copiedValue,
  copyValue,
  decoded,
  encoded,
  PAYLOADS,
  readPayload,
  takenOut,
  writeReady,
  type ValueCodec,
} from '../memory/cells.js';
import { cellsOf, type Copy } from '../memory/chunk.js';
import { destroyed } from './directory.js';
import { C_SIZE, D_COUNT, GROW, OUT_OF_RANGE } from '../kernel/layout.js';
import { ListOrder, reverseCells, WORDS } from './list-order.js';
import type { SharedObjectKind } from './objects.js';
import type { ObjectAddress } from '../memory/place.js';
import { cellAt, ringBytes, ringReader } from './ring.js';
import type { ArenaThread } from '../memory/arena-thread.js';

/** Minimum capacity of a block of cells. */
const LEAST = 8;
/** Number of items measured in one step. */
const COUNTED = 4096;

/**
 * A list in shared memory: a ring of cells. A codec converts its values, as in a dict. A change other than at an end prepares a new block
 * of cells, and replaces the old one in one step.
 */
export class SharedMemoryList extends ObjectView {
  /** Iterations over the list that this thread serves. */
  readonly snapshots = new Snapshots(this.name);

  constructor(surroundings: EngineContext, name: string, place: ObjectAddress) {
    super(surroundings, 'list', name, place);
  }

  override forgotten(): void {
    this.snapshots.end();
  }

  override get bytes(): number {
    let bytes = 0;
    for (let from = 0; from < this.length; from += COUNTED) {
      bytes += this.guarded(() => ringBytes(this.thread, this.object, from, Math.min(from + COUNTED, this.length)));
    }
    return bytes;
  }

  override get size(): number {
    const length = this.committed(D_COUNT);
    if (!this.there) throw destroyed(this.name);
    return length;
  }

  // ── single items ──

  /** Returns the item at an index, or undefined. */
  at(index: number, codec: ValueCodec): unknown {
    const { thread } = this;
    const answer = this.kernel.ringAt(this.object, this.uid, clamped(index), thread.out, thread.outRoom);
    if (answer === 0) return copiedValue(thread, codec);
    if (answer === OUT_OF_RANGE) return undefined;
    // The item is long, or keeps changing.
    const copy = this.guarded(() => {
      const place = this.#place(index);
      return place === undefined ? undefined : copyValue(thread, this.#cell(place), codec);
    });
    return decoded(copy, codec);
  }

  /** Replaces the item at an index. @throws OutOfRangeError */
  set(index: number, value: unknown, codec: ValueCodec): void {
    const { thread, kernel } = this;
    writeReady(thread, thread.cells, encoded(thread, value, codec), codec);
    let answer: number;
    while (this.again((answer = kernel.ringSet(this.self, this.object, this.uid, clamped(index), thread.cells))));
    if (answer !== OUT_OF_RANGE) return;
    kernel.discard(this.self);
    throw new OutOfRangeError(`index ${index} of a list of ${this.length}: set() replaces what is there, push() and insert() add`, {
      object: this.name,
    });
  }

  /** Replaces the item at an index if it equals the expected one. Returns false if it does not. */
  swap(index: number, expected: Payload, next: Payload): boolean {
    const ready = encoded(this.thread, next, PAYLOADS);
    return this.guarded(() => {
      const place = this.#place(index);
      if (place === undefined || !equalPayloads(readPayload(this.thread, this.#cell(place)), expected)) return false;
      this.#splice(place, 1, [ready], PAYLOADS);
      return true;
    });
  }

  /** Appends items in one change, and returns the new length. */
  push(values: readonly unknown[], codec: ValueCodec): number {
    return this.#put(allEncoded(this.thread, values, codec), codec, false);
  }

  /** Inserts items before the first, in their order and in one change, and returns the new length. */
  unshift(values: readonly unknown[], codec: ValueCodec): number {
    return this.#put(allEncoded(this.thread, values, codec), codec, true);
  }

  /** Removes the item at an index, or the last item, and returns it; undefined if there is none. */
  pop(index: number | undefined, codec: ValueCodec): unknown {
    return index === undefined ? this.#takeOne(codec, false) : this.#popAt(index, codec);
  }

  /** Removes the first item, and returns it or undefined. */
  shift(codec: ValueCodec): unknown {
    return this.#takeOne(codec, true);
  }

  // ── ranges ──

  /** Inserts an item before an index; beyond an end, at that end. */
  insert(index: number, value: unknown, codec: ValueCodec): void {
    const ready = [encoded(this.thread, value, codec)];
    this.guarded(() => this.#splice(this.#gap(index), 0, ready, codec));
  }

  /**
   * Removes and inserts items like `Array.splice`; without a count it removes all items up to the end. If an item cannot be decoded, the
   * removed ones return to their place, before the inserted ones.
   */
  splice(start: number, deleteCount: number | undefined, values: readonly unknown[], codec: ValueCodec): unknown[] {
    const ready = allEncoded(this.thread, values, codec);
    let place = 0;
    const copies = this.guarded(() => this.#splice((place = this.#gap(start)), deleteCount ?? this.length, ready, codec));
    return this.#takenFrom(place, copies, codec);
  }

  /** Returns the items from `start` up to `end`, as of one moment. */
  slice(start: number | undefined, end: number | undefined, codec: ValueCodec): unknown[] {
    return Array.from(cellsOf(this.#copies(start, end)), ([chunk, cell]) => chunk.value(cell, codec));
  }

  /** Returns all items, as of one moment. */
  toArray(codec: ValueCodec): unknown[] {
    return this.slice(undefined, undefined, codec);
  }

  /** Removes all items. */
  clear(): void {
    this.guarded(() => this.kernel.ringEmpty(this.self, this.object));
    this.kernel.sweepLeft(this.self);
  }

  // ── search ──

  /** Returns the index of the first equal item, or -1. */
  indexOf(value: Payload): number {
    return this.#indexOf(equalTo(value));
  }

  /** Returns the number of equal items. */
  count(value: Payload): number {
    const equal = equalTo(value);
    let count = 0;
    for (const [chunk, cell] of cellsOf(this.#copies())) if (equal(chunk.payload(cell))) count++;
    return count;
  }

  /** Removes the first equal item. Returns false if there is none. */
  remove(value: Payload): boolean {
    const equal = equalTo(value);
    return this.prepared(
      () => this.#indexOf(equal),
      (place) => {
        if (place >= 0) this.#splice(place, 1, [], PAYLOADS);
        return place >= 0;
      },
    );
  }

  // ── order ──

  reverse(): void {
    this.guarded(() => {
      const { length } = this;
      this.#replace(length, (block) => {
        this.kernel.ringCopy(this.object, 0, length, block);
        reverseCells(this.thread.region.words.subarray(block >> 2, (block + C_SIZE * length) >> 2));
      });
    });
    this.kernel.sweep(this.self);
  }

  /** Sorts stably, in the order of compareKeys. @param by dotted path of the field to sort by; empty for the item itself */
  sort(descending: boolean, by: string): void {
    const order = new ListOrder(descending, by);
    this.prepared(
      () => order.cells(this.#copies()),
      (words) => this.#replace(words.length / WORDS, (block) => this.thread.region.words.set(words, block >> 2)),
    );
    this.kernel.sweep(this.self);
  }

  override dispose(): void {
    this.kernel.ringEmpty(this.self, this.object);
  }

  // ── steps ──

  /** Number of items, without checking that the list exists. */
  private get length(): number {
    return this.thread.word(this.data + D_COUNT);
  }

  /** Returns the cell at a place. Requires the guard. */
  #cell(place: number): number {
    return cellAt(this.thread, this.object, place);
  }

  /** Returns copies of the cells from `start` up to `end`, as of one moment. */
  #copies(start = 0, end?: number): Copy[] {
    const begin = (): (() => Copy | undefined) => ringReader(this.thread, this.object, this.#gap(start), this.#gap(end ?? this.length));
    return this.picture(begin, (copies) => [...copies]);
  }

  #indexOf(equal: (item: Payload) => boolean): number {
    const begin = (): (() => Copy | undefined) => ringReader(this.thread, this.object, 0, this.length);
    // Reads lazily: after an early match, the rest is not copied.
    return this.picture(begin, (copies) => {
      let place = 0;
      for (const [chunk, cell] of cellsOf(copies)) {
        if (equal(chunk.payload(cell))) return place;
        place++;
      }
      return -1;
    });
  }

  /** Returns the place of an index; undefined if it is out of range. Requires the guard. */
  #place(index: number): number | undefined {
    const place = index < 0 ? index + this.length : index;
    return place >= 0 && place < this.length ? place : undefined;
  }

  #popAt(index: number, codec: ValueCodec): unknown {
    let place: number | undefined;
    const copies = this.guarded(() => ((place = this.#place(index)) === undefined ? [] : this.#splice(place, 1, [], codec)));
    return place === undefined ? undefined : this.#takenFrom(place, copies, codec)[0];
  }

  /** Returns items that were removed from a place: see {@link allTakenOut}. */
  #takenFrom(place: number, copies: readonly unknown[], codec: ValueCodec): unknown[] {
    return allTakenOut(copies, codec, (payloads) => this.splice(place, 0, payloads, PAYLOADS));
  }

  /** Returns the place of an index, clamped to 0 and the length. Requires the guard. */
  #gap(index: number): number {
    return Math.min(Math.max(index < 0 ? index + this.length : index, 0), this.length);
  }

  /** Puts {@link encoded} items at an end, and returns the new length. */
  #put(ready: readonly unknown[], codec: ValueCodec, front: boolean): number {
    const { thread, kernel, self, object, uid } = this;
    if (ready.length === 0) return this.size;
    thread.reserveCells(ready.length);
    for (let i = 0; i < ready.length; i++) writeReady(thread, thread.cells + C_SIZE * i, ready[i], codec);
    for (;;) {
      const answer = kernel.ringPush(self, object, uid, thread.cells, ready.length, front ? 1 : 0);
      if (answer === GROW) while (this.again(kernel.ringGrow(self, object, uid, ready.length)));
      else if (!this.again(answer)) return answer;
    }
  }

  /** Removes the item at an end, and returns it or undefined: see {@link takenOut}. */
  #takeOne(codec: ValueCodec, front: boolean): unknown {
    const [copy] = this.#take(1, codec, front);
    return takenOut(copy, codec, (payload) => (front ? this.unshift([payload], PAYLOADS) : this.push([payload], PAYLOADS)));
  }

  /** Removes up to `most` items from an end, and returns copies of them. */
  #take(most: number, codec: ValueCodec, front: boolean): unknown[] {
    const { thread, kernel, self } = this;
    thread.reserveCells(most);
    let count: number;
    while (this.again((count = kernel.ringPop(self, this.object, this.uid, thread.cells, most, front ? 1 : 0))));
    // The blocks of the cells remain until the next sweep.
    const copies = Array.from({ length: count }, (_, i) => copyValue(thread, thread.cells + C_SIZE * i, codec));
    kernel.sweep(self);
    return copies;
  }

  /**
   * Removes up to `most` items at a place, puts {@link encoded} items there, and returns copies of the removed ones. Requires the guard.
   */
  #splice(place: number, most: number, ready: readonly unknown[], codec: ValueCodec): unknown[] {
    const { length } = this;
    const count = Math.min(most, length - place);
    const front = place === 0;
    if (count === 0 && ready.length === 0) return [];
    if (ready.length === 0 && (front || place + count === length)) return this.#take(count, codec, front);
    if (count === 0 && (front || place === length)) {
      this.#put(ready, codec, place < length);
      return [];
    }
    const copies = Array.from({ length: count }, (_, i) => copyValue(this.thread, this.#cell(place + i), codec));
    const write = (block: number): void => {
      const behind = block + C_SIZE * (place + ready.length);
      this.kernel.ringCopy(this.object, 0, place, block);
      this.kernel.ringCopy(this.object, place + count, length - place - count, behind);
      ready.forEach((one, i) => writeReady(this.thread, block + C_SIZE * (place + i), one, codec));
    };
    this.#replace(length - count + ready.length, write, place, count);
    this.kernel.sweepLeft(this.self);
    return copies;
  }

  /**
   * Replaces the block of cells; `gone` cells, starting at `from`, leave the list. The blocks of cells remain until the next sweep.
   * Requires the guard.
   */
  #replace(count: number, write: (block: number) => void, from = 0, gone = 0): void {
    let room = LEAST;
    while (room < count) room *= 2;
    const block = this.thread.alloc(C_SIZE * room);
    write(block);
    this.kernel.ringReplace(this.self, this.object, block, room, count, from, gone);
  }
}

/** Clamps an index to 32 bits, which the kernel takes: no list is that long. */
function clamped(index: number): number {
  return Math.min(Math.max(index, -(2 ** 31)), 2 ** 31 - 1);
}

function allEncoded(thread: ArenaThread, values: readonly unknown[], codec: ValueCodec): unknown[] {
  return values.map((value) => encoded(thread, value, codec));
}

/** The kind of lists. */
export const listKind: SharedObjectKind<SharedMemoryList> = {
  kind: 'list',
  make: () => () => {},
  bind: (surroundings, name, place) => new SharedMemoryList(surroundings, name, place),
};
