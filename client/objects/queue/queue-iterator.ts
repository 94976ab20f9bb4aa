import { inspect } from 'node:util';
import { QueueShutDownError } from '../../../proto/errors.js';
import { valueOf, type Outcome } from '../../outcome.js';
import { AdaptiveBatchSize } from '../../pace.js';
import { HandOver } from '../../connect/transport/transport.js';
import { shown } from '../../shown.js';

/** Fetches up to `max` items, waiting for the first. */
type Fetch<V> = (max: number, signal: AbortSignal, handOver: HandOver) => Promise<Outcome<V>[]>;

/** Items fetched at once that the loop has not reached. */
interface ItemBatch<V> {
  readonly items: readonly Outcome<V>[];
  readonly handOver: HandOver;
  next: number;
}

/** A requested batch. */
interface ItemRequest<V> {
  readonly handOver: HandOver;
  readonly batch: Promise<ItemBatch<V>>;
}

const MOST = 512;
/** Batch size from which the next batch is fetched while one is being consumed. */
const AHEAD = 16;

const DONE = { done: true, value: undefined } as const;

/**
 * Iterates over a queue, or an end of a pipe, in batches whose size adapts to the loop's pace: one item at a time for a slow loop. An item
 * is taken when the loop receives it; the rest of a batch goes back when the loop is left.
 */
export class QueueIterator<V> implements AsyncIterableIterator<V> {
  #stop = new AbortController();
  #batch: ItemBatch<V> | undefined;
  /** The next batch, if it was requested. */
  #ahead: ItemRequest<V> | undefined;
  readonly #batchSize = new AdaptiveBatchSize(MOST);
  #over = false;
  /** The pending next() that waits for a batch, which later ones wait for. */
  #turn: Promise<IteratorResult<V, undefined>> | undefined;

  constructor(
    private readonly fetch: Fetch<V>,
    /** Type of the error that ends the iteration. */
    private readonly end: abstract new (...args: never[]) => Error = QueueShutDownError,
  ) {}

  /** Returns the state in one line, as `console.log` shows it. */
  toString(): string {
    return this[inspect.custom]();
  }

  /** @internal */
  [inspect.custom](): string {
    return shown(this, this.#over ? 'ended' : 'running');
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<V, undefined>> {
    if (this.#turn === undefined && this.#batch !== undefined) {
      try {
        return Promise.resolve(this.#take(this.#batch));
      } catch (error) {
        return Promise.reject(error);
      }
    }
    const before = this.#turn ?? Promise.resolve();
    const turn: Promise<IteratorResult<V, undefined>> = before
      .then(() => this.#waitForNext())
      .finally(() => {
        if (this.#turn === turn) this.#turn = undefined;
      });
    return (this.#turn = turn);
  }

  /** Ends the iteration, and gives back the items that the loop has not reached. */
  async return(): Promise<IteratorResult<V, undefined>> {
    this.#over = true;
    const ahead = this.#ahead;
    this.#giveBack();
    await ahead?.batch.catch(() => {});
    return DONE;
  }

  /** Gives back the fetched items that the loop has not reached. */
  #giveBack(): void {
    this.#stop.abort();
    // The later batch first, so that the earlier one ends up at the head.
    this.#ahead?.handOver.giveBack();
    this.#batch?.handOver.giveBack();
    this.#batch = undefined;
  }

  async #waitForNext(): Promise<IteratorResult<V, undefined>> {
    if (this.#over) return DONE;
    if (this.#batch) return this.#take(this.#batch);
    let batch: ItemBatch<V>;
    try {
      this.#ahead ??= this.#request();
      batch = await this.#ahead.batch;
    } catch (error) {
      const stopped = this.#over;
      this.#over = true;
      if (stopped || error instanceof this.end) return DONE;
      throw error;
    }
    // The loop was left meanwhile, and the batch went back.
    if (this.#over) return DONE;
    this.#batch = batch;
    this.#ahead = undefined;
    this.#batchSize.arrived();
    if (this.#batchSize.size >= AHEAD) {
      this.#ahead = this.#request();
      // Its failure is reported by the next() that needs it.
      this.#ahead.batch.catch(() => {});
    }
    return this.#take(batch);
  }

  #request(): ItemRequest<V> {
    const handOver = new HandOver();
    const items = this.fetch(this.#batchSize.size, this.#stop.signal, handOver);
    return { handOver, batch: items.then((all) => ({ items: all, handOver, next: 0 })) };
  }

  /** Returns the next item of a batch; for the last one, waits until the acknowledgement of the batch was sent. */
  #take(batch: ItemBatch<V>): IteratorResult<V, undefined> | Promise<IteratorResult<V, undefined>> {
    const item = batch.items[batch.next++]!;
    if (batch.next < batch.items.length) {
      batch.handOver.progressed(batch.next);
      return this.#result(item);
    }
    this.#batch = undefined;
    this.#batchSize.workedOff(batch.items.length);
    return batch.handOver.taken().then(() => this.#result(item));
  }

  #result(item: Outcome<V>): IteratorResult<V, undefined> {
    try {
      return { done: false, value: valueOf(item) };
    } catch (error) {
      // This item is taken, and the error has it. A loop ends with this error without calling return(), so the rest is given back; a later
      // next() fetches it again.
      this.#giveBack();
      this.#ahead = undefined;
      this.#stop = new AbortController();
      throw error;
    }
  }
}
