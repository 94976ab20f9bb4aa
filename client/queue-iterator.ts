import { QueueShutDownError } from '../proto/errors.js';
import type { Payload } from '../proto/wire/values.js';
import { HandOver } from './transport/transport.js';

/** Fetches up to `max` items, waiting for the first. */
type Fetch = (max: number, signal: AbortSignal, handOver: HandOver) => Promise<Payload[]>;

/** Items fetched at once and not yet reached. */
interface Batch {
  readonly items: readonly Payload[];
  readonly handOver: HandOver;
  next: number;
}

const MOST = 512;
/** A batch that the loop works off within this time asks for a larger one. */
const FAST_MS = 4;
/** One that takes longer than this asks for a smaller one, so that others get their share. */
const SLOW_MS = 20;
/** From this size on, the next batch is fetched while one is worked off. */
const AHEAD = 16;

const DONE = { done: true, value: undefined } as const;

/**
 * Iterates over a queue: in batches whose size follows the loop's pace, one item at a time for a slow
 * loop. An item is taken when the loop gets it; the rest of a batch goes back when the loop is left.
 */
export class QueueIterator<V> implements AsyncIterableIterator<V> {
  readonly #stop = new AbortController();
  #batch: Batch | undefined;
  #ahead: Promise<Batch> | undefined;
  #size = 1;
  #arrived = 0;
  #over = false;
  /** The next() under way, where one waits for a batch: later ones wait behind it. */
  #turn: Promise<IteratorResult<V, undefined>> | undefined;

  constructor(
    private readonly fetch: Fetch,
    private readonly decode: (payload: Payload) => V,
  ) {}

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<V, undefined>> {
    if (this.#turn === undefined && this.#batch !== undefined) return Promise.resolve(this.#take(this.#batch));
    const before = this.#turn ?? Promise.resolve();
    const turn: Promise<IteratorResult<V, undefined>> = before
      .then(() => this.#waitForNext())
      .finally(() => {
        if (this.#turn === turn) this.#turn = undefined;
      });
    return (this.#turn = turn);
  }

  /** Leaves the loop: what it did not reach goes back. */
  async return(): Promise<IteratorResult<V, undefined>> {
    this.#over = true;
    this.#batch?.handOver.giveBack();
    this.#batch = undefined;
    this.#stop.abort();
    const ahead = await this.#ahead?.catch(() => undefined);
    ahead?.handOver.giveBack();
    return DONE;
  }

  async #waitForNext(): Promise<IteratorResult<V, undefined>> {
    if (this.#over) return DONE;
    if (this.#batch) return this.#take(this.#batch);
    try {
      this.#batch = await (this.#ahead ?? this.#request());
    } catch (error) {
      const stopped = this.#over;
      this.#over = true;
      if (stopped || error instanceof QueueShutDownError) return DONE;
      throw error;
    }
    this.#ahead = undefined;
    this.#arrived = performance.now();
    if (this.#size >= AHEAD) {
      this.#ahead = this.#request();
      // Its failure is reported when its turn comes.
      this.#ahead.catch(() => {});
    }
    return this.#take(this.#batch);
  }

  async #request(): Promise<Batch> {
    const handOver = new HandOver();
    const items = await this.fetch(this.#size, this.#stop.signal, handOver);
    return { items, handOver, next: 0 };
  }

  #take(batch: Batch): IteratorResult<V, undefined> {
    const item = batch.items[batch.next++]!;
    if (batch.next < batch.items.length) {
      batch.handOver.taken(batch.next);
    } else {
      batch.handOver.taken();
      this.#batch = undefined;
      this.#pace(batch.items.length);
    }
    return { done: false, value: this.decode(item) };
  }

  #pace(length: number): void {
    const elapsed = performance.now() - this.#arrived;
    if (elapsed > SLOW_MS) this.#size = Math.max(1, this.#size >> 2);
    else if (elapsed < FAST_MS && length === this.#size) this.#size = Math.min(MOST, this.#size * 2);
  }
}
