import { availableParallelism } from 'node:os';
import { InvalidArgumentError } from '../../../proto/errors.js';
import { allTakenOut, copyValue, encoded, takenOut, writeReady, writeValue, type ValueCodec } from '../memory/cells.js';
import { ALL_DONE, C_SIZE, GRANTED, ITEM, O_DATA, PLACE, Q_CAPACITY, WAIT } from '../kernel/layout.js';
import type { EngineContext } from './object-view.js';
import type { Make } from './directory.js';
import type { SharedObjectKind } from './objects.js';
import { now } from '../threads/parking.js';
import { QueueObject, type QueueWant } from './queue-object.js';

/** Number of looks at a queue before a thread falls asleep: initial, minimum and maximum. */
const LOOKS = 50;
const FEWEST = 5;
const MOST = 1000;
/** Number of further attempts after a look that found something, which another thread may have taken meanwhile. */
const ROUNDS = 8;
/** True on a single processor, where nothing changes while this thread looks. */
const ALONE = availableParallelism() === 1;

/** A queue in shared memory, with its operations for blocking threads. */
export class SharedMemoryQueue extends QueueObject {
  /** Present number of looks: grows when they succeed, shrinks when they do not. */
  #looks = LOOKS;

  /** Puts an item, and blocks until there is room. @throws QueueFullError, QueueShutDownError, LimitExceededError */
  put(value: unknown, codec: ValueCodec, timeout: number | undefined): void {
    writeValue(this.thread, this.thread.cells, value, codec);
    if (this.push(1) !== WAIT || (timeout !== 0 && this.#pushSoon())) return;
    if (timeout !== 0) return this.#pushInLine([value], codec, 0, timeout);
    this.discard();
    throw this.full(0);
  }

  /** Puts items in order, and blocks until there is room for each. @throws QueueFullError, with `accepted`; QueueShutDownError */
  putMany(values: readonly unknown[], codec: ValueCodec, timeout: number | undefined): void {
    // Encode first: if one value cannot be encoded, no item is put.
    const items = values.map((value) => encoded(this.thread, value, codec));
    this.assertCounted(items.length);
    for (let accepted = 0; accepted < items.length;) {
      const count = Math.min(items.length - accepted, this.room, this.thread.cellsRoom);
      for (let index = 0; index < count; index++) this.#write(items[accepted + index], codec, index);
      if (this.push(count) !== WAIT) {
        accepted += count;
      } else if (count > 1) {
        // Another thread took a part of the room.
        this.discard();
      } else if (timeout === 0) {
        this.discard();
        throw this.full(accepted);
      } else if (this.#pushSoon()) {
        accepted++;
      } else {
        return this.#pushInLine(items, codec, accepted, timeout);
      }
    }
  }

  /** Puts an item if there is room. Returns false if there is none. @throws QueueShutDownError */
  tryPut(value: unknown, codec: ValueCodec): boolean {
    writeValue(this.thread, this.thread.cells, value, codec);
    if (this.push(1) !== WAIT) return true;
    this.discard();
    return false;
  }

  /** Takes the first item, and blocks until there is one. @throws QueueEmptyError, QueueShutDownError */
  get(codec: ValueCodec, timeout: number | undefined): unknown {
    if (this.pull(1) === WAIT) this.#pullLater(1, timeout);
    return this.#one(codec);
  }

  /** Takes the first item; returns undefined if there is none. @throws QueueShutDownError */
  tryGet(codec: ValueCodec): unknown {
    return this.pull(1) === WAIT ? undefined : this.#one(codec);
  }

  /** Blocks until there is an item, and takes up to `max` items. Throws like {@link get}. */
  getMany(max: number, codec: ValueCodec, timeout: number | undefined): unknown[] {
    const most = this.reserve(max);
    const pulled = this.pull(most);
    return this.#many(pulled === WAIT ? this.#pullLater(most, timeout) : pulled, codec);
  }

  /** Returns the first items without taking them. */
  peek(count: number, codec: ValueCodec): unknown[] {
    return Array.from(this.copies(count), ([chunk, cell]) => chunk.value(cell, codec));
  }

  /** Blocks until all items are done. @throws TimeoutError */
  join(timeout: number | undefined): void {
    if (this.isDone(0)) return;
    if (timeout === 0) throw this.unfinished();
    const node = this.waits.node(false, { want: ALL_DONE });
    const state = this.isDone(node) ? GRANTED : this.waits.block(node, this, timeout);
    this.waits.done(node);
    if (state !== GRANTED) throw this.failure(state, ALL_DONE, timeout);
  }

  /** Returns the item in the first cell: see {@link takenOut}. */
  #one(codec: ValueCodec): unknown {
    const copy = copyValue(this.thread, this.thread.cells, codec);
    this.kernel.sweep(this.self);
    return takenOut(copy, codec, (payload) => this.giveBack([payload]));
  }

  #many(count: number, codec: ValueCodec): unknown[] {
    const { thread } = this;
    const copies = Array.from({ length: count }, (_, index) => copyValue(thread, thread.cells + C_SIZE * index, codec));
    this.kernel.sweep(this.self);
    return allTakenOut(copies, codec, (payloads) => this.giveBack(payloads));
  }

  #write(item: unknown, codec: ValueCodec, index: number): void {
    writeReady(this.thread, this.thread.cells + C_SIZE * index, item, codec);
  }

  /** Looks at the queue. Returns true if an item or a place appeared. */
  #sees(want: QueueWant): boolean {
    if (ALONE) return false;
    const seen = this.kernel.queueLook(this.object, want, this.#looks) === 1;
    this.#looks = seen ? Math.min(2 * this.#looks, MOST) : Math.max(this.#looks >> 1, FEWEST);
    return seen;
  }

  /** Puts the first cell if there is room soon. Returns false if not. */
  #pushSoon(): boolean {
    for (let round = 0; round < ROUNDS && this.#sees(PLACE); round++) if (this.push(1) !== WAIT) return true;
    return false;
  }

  /** Puts items one by one, as first in line until the last one is in. The first item is in the first cell already. */
  #pushInLine(items: readonly unknown[], codec: ValueCodec, from: number, timeout: number | undefined): void {
    const end = timeout === undefined ? undefined : now() + timeout;
    const node = this.waits.node(false, { want: PLACE });
    const { length } = items;
    let at = from;
    try {
      for (let inLine = false; at < length; at++, inLine = true) {
        if (inLine) this.#write(items[at], codec, 0);
        if (!inLine && this.push(1, node, at + 1 < length) !== WAIT) continue;
        const state = this.waits.block(node, this, end === undefined ? undefined : Math.max(end - now(), 0));
        if (state !== GRANTED) throw this.failure(state, PLACE, timeout, at);
        this.push(1, node, at + 1 < length);
      }
    } catch (error) {
      this.discard();
      this.withdraw(node);
      throw error;
    }
    this.waits.done(node);
  }

  /** Takes items as soon as there are some, and returns their number. */
  #pullLater(most: number, timeout: number | undefined): number {
    if (timeout === 0) throw this.empty();
    for (let round = 0; round < ROUNDS && this.#sees(ITEM); round++) {
      const pulled = this.pull(most);
      if (pulled !== WAIT) return pulled;
    }
    const node = this.waits.node(false, { want: ITEM });
    let pulled: number;
    try {
      pulled = this.pull(most, node);
      if (pulled === WAIT) {
        const state = this.waits.block(node, this, timeout);
        if (state !== GRANTED) throw this.failure(state, ITEM, timeout);
        pulled = this.pull(most, node);
      }
    } catch (error) {
      this.withdraw(node);
      throw error;
    }
    this.waits.done(node);
    return pulled;
  }
}

/** No arena has room for more items. */
const LARGEST = 2 ** 31 - 1;

/** Returns the creation step of a queue. @throws InvalidArgumentError */
export function queueOf({ thread }: EngineContext, capacity: number): Make {
  if (capacity > LARGEST)
    throw new InvalidArgumentError(`a capacity of ${capacity}: a queue in shared memory has one of up to ${LARGEST}, or none`);
  return (object) => thread.setWord(object + O_DATA + Q_CAPACITY, capacity);
}

export const queueKind: SharedObjectKind<SharedMemoryQueue> = {
  kind: 'queue',
  make: (surroundings) => queueOf(surroundings, 0),
  bind: (surroundings, name, place) => new SharedMemoryQueue(surroundings, name, place),
};
