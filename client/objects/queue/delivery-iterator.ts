import { QueueEmptyError, QueueShutDownError } from '../../../proto/errors.js';
import { Timer } from '../../../proto/timer.js';
import type { Delivery } from './delivery.js';
import { AdaptiveBatchSize } from '../../pace.js';
import { HandOver, type CallOptions } from '../../connect/transport/transport.js';

/** What an iteration keeps to. */
export interface DeliveryLimits {
  /** Deliveries that are not settled, at most. */
  readonly prefetch: number;
  /** Milliseconds a delivery has. */
  readonly lease: number;
  /** Milliseconds that one turn of the loop waits at most. */
  readonly timeout: number | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Fetches up to `max` deliveries, waiting for the first; `over` is to be called for each, once, when it is settled or lost. */
export type FetchDeliveries<V> = (
  max: number,
  timeout: number | undefined,
  options: CallOptions,
  over: () => void,
) => Promise<readonly Delivery<V>[]>;

/** Deliveries fetched at once and not yet reached. */
interface DeliveryBatch<V> {
  readonly deliveries: readonly Delivery<V>[];
  readonly handOver: HandOver;
  readonly resting: Timer;
  next: number;
}

/** A delivery that the loop did not reach in this part of its lease goes back: the loop is slow, and others may not be. */
const REST = 1 / 4;

/** Why an iteration stops that its loop left. */
const LEFT = new Error('the loop was left');
const DONE = { done: true, value: undefined } as const;

/**
 * Iterates over the deliveries of a queue: in batches whose size follows the loop's pace, with no more
 * than so many unsettled at a time. What the loop does not reach, because it is left or because it is
 * slow, goes back as if it had never been delivered.
 */
export class DeliveryIterator<V> implements AsyncIterableIterator<Delivery<V>, undefined> {
  readonly #batchSize: AdaptiveBatchSize;
  readonly #stop = new AbortController();
  #batch: DeliveryBatch<V> | undefined;
  #unsettled = 0;
  /** Resumes a next() that waits until one is settled. */
  #resume: () => void = () => {};
  #over = false;
  /** The next() under way: later ones wait behind it. */
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

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Delivery<V>, undefined>> {
    const turn = this.#turn.then(() => this.#next());
    this.#turn = turn.catch(() => {});
    return turn;
  }

  /** Leaves the loop: what it did not reach goes back. */
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

  /** The next delivery of the batch that is not lost meanwhile; the last one when its acknowledgement has left. */
  async #reach(): Promise<Delivery<V> | undefined> {
    while (this.#batch) {
      const { deliveries, handOver, resting } = this.#batch;
      const delivery = deliveries[this.#batch.next++]!;
      if (this.#batch.next < deliveries.length) {
        handOver.progressed(this.#batch.next);
      } else {
        resting.stop();
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
        const late = (): void => reject(new QueueEmptyError(`${this.limits.prefetch} deliveries are unsettled: no more are fetched`));
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
    const resting = new Timer(lease * REST, () => this.#giveBackRest()).unref();
    const batch = { deliveries, handOver, resting, next: 0 };
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

  #giveBack({ deliveries, handOver, resting, next }: DeliveryBatch<V>): void {
    resting.stop();
    handOver.giveBack();
    for (const delivery of deliveries.slice(next)) delivery.drop();
    this.#batchSize.workedOff(deliveries.length);
  }
}
