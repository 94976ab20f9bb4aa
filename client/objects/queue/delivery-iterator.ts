import { inspect } from 'node:util';
import { QueueEmptyError, QueueShutDownError } from '../../../proto/errors.js';
import { Timer } from '../../../proto/timer.js';
import type { Delivery } from './delivery.js';
import { AdaptiveBatchSize } from '../../pace.js';
import { HandOver, type CallOptions } from '../../connect/transport/transport.js';
import { shown } from '../../shown.js';

/** Limits of an iteration over deliveries. */
export interface DeliveryLimits {
  /** Maximum number of unsettled deliveries. */
  readonly prefetch: number;
  /** Lease of a delivery, in milliseconds. */
  readonly lease: number;
  /** Maximum wait of one `next()`, in milliseconds. */
  readonly timeout: number | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Fetches up to `max` deliveries, waiting for the first. `over` is called once for each, when it is settled or lost. */
export type FetchDeliveries<V> = (
  max: number,
  timeout: number | undefined,
  options: CallOptions,
  over: () => void,
) => Promise<readonly Delivery<V>[]>;

/** Deliveries fetched at once that the loop has not reached. */
interface DeliveryBatch<V> {
  readonly deliveries: readonly Delivery<V>[];
  readonly handOver: HandOver;
  readonly restTimer: Timer;
  next: number;
}

/**
 * Share of the lease after which deliveries that the loop has not reached go back, because this loop is slow and other consumers may be
 * faster.
 */
const REST = 1 / 4;

/** Abort reason of an iteration whose loop was left. */
const LEFT = new Error('the loop was left');
const DONE = { done: true, value: undefined } as const;

/**
 * Iterates over the deliveries of a queue: in batches whose size adapts to the loop's pace, with a limited number of unsettled deliveries.
 * Deliveries that the loop does not reach, because it is left or slow, go back as if they had never been delivered.
 */
export class DeliveryIterator<V> implements AsyncIterableIterator<Delivery<V>, undefined> {
  readonly #batchSize: AdaptiveBatchSize;
  readonly #stop = new AbortController();
  #batch: DeliveryBatch<V> | undefined;
  #unsettled = 0;
  /** Resumes a next() that waits for a settlement. */
  #resume: () => void = () => {};
  #over = false;
  /** The pending next(), which later ones wait for. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly fetch: FetchDeliveries<V>,
    private readonly limits: DeliveryLimits,
  ) {
    this.#batchSize = new AdaptiveBatchSize(limits.prefetch);
    const { signal } = limits;
    if (signal?.aborted) this.#leave(signal.reason);
    else signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** Returns the state in one line, as `console.log` shows it. */
  toString(): string {
    return this[inspect.custom]();
  }

  /** @internal */
  [inspect.custom](): string {
    return shown(this, `${this.#over ? 'ended' : 'running'}, unsettled: ${this.#unsettled}`);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Delivery<V>, undefined>> {
    const turn = this.#turn.then(() => this.#next());
    this.#turn = turn.catch(() => {});
    return turn;
  }

  /** Ends the iteration, and gives back the deliveries that the loop has not reached. */
  async return(): Promise<IteratorResult<Delivery<V>, undefined>> {
    this.#leave(LEFT);
    await this.#turn;
    this.#over = true;
    return DONE;
  }

  async #next(): Promise<IteratorResult<Delivery<V>, undefined>> {
    if (this.#over) return DONE;
    const deadline = performance.now() + (this.limits.timeout ?? Infinity);
    try {
      for (;;) {
        this.#stop.signal.throwIfAborted();
        const delivery = await this.#reach();
        if (delivery) return { done: false, value: delivery };
        await this.#settlement(deadline);
        this.#batch = await this.#fetchBatch(deadline);
      }
    } catch (error) {
      this.#over = true;
      this.#leave(LEFT);
      if (error === LEFT || error instanceof QueueShutDownError) return DONE;
      throw error;
    }
  }

  /**
   * Returns the next delivery of the batch that is still held; before the last one, waits until the acknowledgement of the batch was sent.
   */
  async #reach(): Promise<Delivery<V> | undefined> {
    while (this.#batch) {
      const { deliveries, handOver, restTimer } = this.#batch;
      const delivery = deliveries[this.#batch.next++]!;
      if (this.#batch.next < deliveries.length) {
        handOver.progressed(this.#batch.next);
      } else {
        restTimer.stop();
        this.#batch = undefined;
        this.#batchSize.workedOff(deliveries.length);
        await handOver.taken();
      }
      if (delivery.held) return delivery;
    }
    return undefined;
  }

  /** Waits until one more delivery may be fetched. */
  async #settlement(deadline: number): Promise<void> {
    while (this.#unsettled >= this.limits.prefetch) {
      const left = deadline - performance.now();
      let timer: Timer | undefined;
      await new Promise<void>((resolve, reject) => {
        this.#resume = resolve;
        const late = (): void => reject(new QueueEmptyError(`${this.limits.prefetch} deliveries are unsettled (prefetch): settle one`));
        timer = new Timer(left, late);
      }).finally(() => timer?.stop());
      this.#stop.signal.throwIfAborted();
    }
  }

  async #fetchBatch(deadline: number): Promise<DeliveryBatch<V>> {
    const handOver = new HandOver();
    const { signal } = this.#stop;
    const { prefetch, timeout, lease } = this.limits;
    const most = Math.min(this.#batchSize.size, prefetch - this.#unsettled);
    const left = timeout === undefined ? undefined : Math.max(0, deadline - performance.now());
    const deliveries = await this.fetch(most, left, { signal, handOver }, this.#settled);
    this.#unsettled += deliveries.length;
    this.#batchSize.arrived();
    const restTimer = new Timer(lease * REST, () => this.#giveBackRest()).unref();
    const batch = { deliveries, handOver, restTimer, next: 0 };
    if (signal.aborted) this.#giveBack(batch);
    return batch;
  }

  readonly #settled = (): void => {
    this.#unsettled--;
    this.#resume();
  };

  readonly #onAbort = (): void => this.#leave(this.limits.signal?.reason);

  #leave(reason: unknown): void {
    this.limits.signal?.removeEventListener('abort', this.#onAbort);
    this.#giveBackRest();
    this.#stop.abort(reason);
    this.#resume();
  }

  #giveBackRest(): void {
    if (this.#batch) this.#giveBack(this.#batch);
    this.#batch = undefined;
  }

  #giveBack({ deliveries, handOver, restTimer, next }: DeliveryBatch<V>): void {
    restTimer.stop();
    handOver.giveBack();
    for (const delivery of deliveries.slice(next)) delivery.drop();
    this.#batchSize.workedOff(deliveries.length);
  }
}
