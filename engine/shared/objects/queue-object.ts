import {
  InvalidArgumentError,
  LimitExceededError,
  QueueEmptyError,
  QueueFullError,
  QueueShutDownError,
  TimeoutError,
  type ManagerError,
} from '../../../proto/errors.js';
import type { Payload } from '../../../proto/wire/values.js';
import { emptyText, fullText, unfinishedText } from '../../core/late.js';
import { ObjectView, partsOf, type EngineContext } from './object-view.js';
import { readPayload, writePayload } from '../memory/cells.js';
import { cellsOf, type CellCopy } from '../memory/chunk.js';
import { destroyed } from './directory.js';
import {
  C_SIZE,
  D_COUNT,
  DRAINING,
  ENDED,
  GONE,
  GROW,
  ITEM,
  MOST_UNFINISHED,
  OPEN,
  OUT_OF_RANGE,
  PLACE,
  Q_CAPACITY,
  Q_PHASE,
  Q_PROMISED_ITEMS,
  Q_PROMISED_PLACES,
  Q_UNFINISHED,
  SHUT,
  SHUT_DOWN,
  TOO_MANY,
} from '../kernel/layout.js';
import type { ObjectAddress } from '../memory/place.js';
import { arenaEnded } from '../memory/region.js';
import { ringBytes, ringReader } from './ring.js';
import { GIVEN_UP, LATE, type Awaited } from '../threads/thread-waits.js';

/** The thing that a node of a queue waits for: ITEM, PLACE or ALL_DONE. */
export type QueueWant = number;

/** Maximum number of cells written or taken in one step. */
const MOST = 16_384;
/** Number of items given back in one step. */
const BATCH = 512;

/** A queue in shared memory, with steps that do not wait. */
export abstract class QueueObject extends ObjectView implements Awaited {
  /** Maximum number of items; 0 for no limit. */
  readonly capacity: number;

  constructor(surroundings: EngineContext, name: string, place: ObjectAddress) {
    super(surroundings, 'queue', name, place);
    this.capacity = this.#field(Q_CAPACITY);
  }

  #field(field: number): number {
    return this.thread.word(this.data + field);
  }

  /** Number of items that are not promised to a waiting call. */
  override get size(): number {
    const { kernel, self, object, uid } = this;
    let answer: number;
    while (this.again((answer = kernel.queueSize(self, object, uid))));
    return answer;
  }

  /** Number of items that can probably be put now, at least 1. */
  get room(): number {
    if (this.capacity === 0) return Infinity;
    const taken = this.#field(D_COUNT) - this.#field(Q_PROMISED_ITEMS) + this.#field(Q_PROMISED_PLACES);
    return Math.max(this.capacity - taken, 1);
  }

  override options(): Record<string, string> {
    const [unfinished, phase] = this.guarded(() => [this.#field(Q_UNFINISHED), this.#field(Q_PHASE)]);
    return { capacity: String(this.capacity), order: 'fifo', unfinished: String(unfinished), shutDown: String(phase !== OPEN) };
  }

  /**
   * Puts the first `count` cells of the thread, all or none, and returns their number. Returns WAIT if there is no room, in line if a node
   * is given: see `queuePut` of the kernel.
   * @throws QueueShutDownError; LimitExceededError; NotFoundError; OutOfMemoryError
   */
  push(count: number, node = 0, more = false): number {
    const { kernel, self, object, uid, thread } = this;
    for (;;) {
      const answer = kernel.queuePut(self, object, uid, thread.cells, count, node, more ? 1 : 0);
      if (answer > 0) return answer;
      if (answer === SHUT_DOWN || answer === TOO_MANY) {
        kernel.discard(self);
        throw answer === SHUT_DOWN ? this.closed() : this.#uncounted();
      }
      if (answer === GROW) while (this.again(kernel.ringGrow(self, object, uid, count)));
      else if (!this.again(answer)) return answer;
    }
  }

  /** Checks that `count` more items can be counted, so that a put in several steps does not fail in the middle. @throws LimitExceededError */
  assertCounted(count: number): void {
    if (count > MOST_UNFINISHED - this.#field(Q_UNFINISHED)) throw this.#uncounted();
  }

  /**
   * Takes up to `most` items to the thread's cells, and returns their number. Returns WAIT if there is none, in line if a node is given:
   * see `queueGet` of the kernel. The blocks of the items remain until {@link Kernel.sweep}.
   * @throws QueueShutDownError; NotFoundError
   */
  pull(most: number, node = 0): number {
    const { kernel, self, object, uid, thread } = this;
    for (;;) {
      const answer = kernel.queueGet(self, object, uid, thread.cells, most, node);
      if (answer > 0) return answer;
      if (answer === SHUT_DOWN) throw this.closed();
      if (!this.again(answer)) return answer;
    }
  }

  /** Makes room for taking up to `most` items, and returns the number that one step can take. */
  reserve(most: number): number {
    if (most <= 1) return 1;
    this.thread.reserveCells(Math.min(most, MOST, Math.max(this.#field(D_COUNT), 1)));
    return Math.min(most, this.thread.cellsRoom);
  }

  /** Frees the blocks of cells that were written and not put. */
  discard(): void {
    this.kernel.discard(this.self);
  }

  /** Returns the items in the thread's cells as payloads, and frees their blocks. */
  taken(count: number): Payload[] {
    const { thread } = this;
    const payloads = Array.from({ length: count }, (_, index) => readPayload(thread, thread.cells + C_SIZE * index));
    this.kernel.sweep(this.self);
    return payloads;
  }

  /** Puts items back at the head, in order, beyond the capacity if need be. If the queue has ended, they are lost. */
  giveBack(payloads: readonly Payload[]): void {
    const { kernel, self, object, uid, thread } = this;
    for (let end = payloads.length; end > 0; end -= BATCH) {
      const batch = payloads.slice(Math.max(end - BATCH, 0), end);
      thread.reserveCells(batch.length);
      batch.forEach((payload, index) => writePayload(thread, thread.cells + C_SIZE * index, payload));
      let answer: number;
      while ((answer = kernel.queueReturn(self, object, uid, thread.cells, batch.length)) !== 0) {
        if (answer === GROW) answer = kernel.ringGrow(self, object, uid, batch.length);
        if (answer === GONE) return this.discard();
        thread.again(answer, object, true);
      }
    }
    kernel.sweep(self);
  }

  /** Returns the first items without taking them. */
  first(count: number): Payload[] {
    return Array.from(this.copies(count), ([chunk, cell]) => chunk.payload(cell));
  }

  /** Returns copies of the first items without taking them. */
  protected copies(count: number): Iterable<[CellCopy, cell: number]> {
    const copies = this.guarded(() => {
      const promised = this.#field(Q_PROMISED_ITEMS);
      const next = ringReader(this.thread, this.object, promised, Math.min(promised + count, this.#field(D_COUNT)));
      return [...partsOf(next)];
    });
    return cellsOf(copies);
  }

  override get bytes(): number {
    let bytes = 0;
    for (let from = 0; from < this.#field(D_COUNT); from += MOST) {
      bytes += this.guarded(() => {
        const promised = this.#field(Q_PROMISED_ITEMS);
        return ringBytes(this.thread, this.object, Math.max(from, promised), Math.min(from + MOST, this.#field(D_COUNT)));
      });
    }
    return bytes;
  }

  /** Removes all items, which count as done, and returns their number. */
  clear(): number {
    const { kernel, self, object, uid } = this;
    let answer: number;
    while (this.again((answer = kernel.queueClear(self, object, uid))));
    kernel.sweep(self);
    return answer;
  }

  /** Reports `count` items done. @throws InvalidArgumentError if fewer are unfinished */
  taskDone(count: number): void {
    const { kernel, self, object, uid } = this;
    // The kernel would take a larger count for a negative one.
    let answer = OUT_OF_RANGE;
    if (count <= MOST_UNFINISHED) while (this.again((answer = kernel.queueDone(self, object, uid, count))));
    else this.assertThere();
    if (answer !== OUT_OF_RANGE) return;
    throw new InvalidArgumentError(
      `taskDone(${count}) when ${this.#field(Q_UNFINISHED)} items are unfinished: call it once for each item taken`,
      { object: this.name },
    );
  }

  /** Returns true if all items are done; otherwise puts the node in line for that. */
  isDone(node: number): boolean {
    const { kernel, self, object, uid } = this;
    let answer: number;
    while (this.again((answer = kernel.queueJoin(self, object, uid, node))));
    return answer === 1;
  }

  /** Shuts the queue down. @param immediate true to drop the present items */
  shutdown(immediate: boolean): void {
    const { kernel, self, object, uid } = this;
    while (this.again(kernel.queueShutdown(self, object, uid, immediate ? SHUT : DRAINING)));
    kernel.sweep(self);
  }

  // ── for waits ──

  quit(node: number, _why: typeof LATE | typeof GIVEN_UP): number {
    return this.#quit(node, 1);
  }

  /** Takes a node out of the line, and releases it; its promise goes to the next in line. */
  withdraw(node: number): void {
    if (!this.thread.present) return;
    this.#quit(node, 0);
    this.kernel.sweep(this.self);
    this.waits.done(node);
  }

  #quit(node: number, keep: 0 | 1): number {
    const { kernel, self, object, uid } = this;
    return this.finish(() => kernel.queueQuit(self, object, uid, node, keep));
  }

  /**
   * Creates the error of a failed wait.
   * @param state end of the wait @param timeout of the call @param accepted number of items that a put had put
   */
  failure(state: number, want: QueueWant, timeout = 0, accepted = 0): ManagerError {
    if (state === ENDED) return destroyed(this.name);
    if (state === GIVEN_UP) return arenaEnded();
    if (state !== LATE) return this.closed();
    if (want === PLACE) return this.full(accepted, timeout);
    if (want === ITEM) return this.empty(timeout);
    return this.unfinished(timeout);
  }

  full(accepted: number, timeoutMs = 0): QueueFullError {
    const about = { object: this.name, accepted, mayHaveExecuted: accepted > 0 };
    return new QueueFullError(fullText(this.name, this.capacity, { timeoutMs, ahead: 0 }), about);
  }

  empty(timeoutMs = 0): QueueEmptyError {
    return new QueueEmptyError(emptyText(this.name, { timeoutMs, ahead: 0 }), { object: this.name });
  }

  unfinished(timeoutMs = 0): TimeoutError {
    return new TimeoutError(unfinishedText(this.name, this.#field(Q_UNFINISHED), timeoutMs), { object: this.name });
  }

  #uncounted(): LimitExceededError {
    return new LimitExceededError(`"${this.name}" counts up to ${MOST_UNFINISHED} unfinished items: report finished ones by taskDone()`, {
      object: this.name,
    });
  }

  closed(): QueueShutDownError {
    return new QueueShutDownError(`"${this.name}" was shut down`, { object: this.name });
  }

  override dispose(): void {
    this.kernel.ringEmpty(this.self, this.object);
  }
}
