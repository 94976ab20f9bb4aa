import { InvalidArgumentError, QueueEmptyError, QueueFullError } from '../proto/errors.js';
import { QueueService, type QueueServiceOpenRequest } from '../proto/gen/commonhold/v1/queue_wire.js';
import type { Payload } from '../proto/wire/values.js';
import { QueueIterator } from './queue-iterator.js';
import { attempt, nothing, Structure, type Home } from './structure.js';
import { milliseconds, type WaitOptions } from './wait.js';

const { methods } = QueueService;

/** Options of a shared queue. */
export interface QueueOptions {
  /** Items it holds at most; `put` waits for room. Default: 0, no bound. */
  capacity?: number | undefined;
}

/**
 * A first-in, first-out queue that many processes share: Python's Queue. Those who wait are served
 * first come, first served. An item is the client's when its answer has arrived: the death of a
 * client that waits, or that has not yet got its answer, loses nothing.
 *
 * Every method may throw KindMismatchError where the name belongs to another kind, and
 * OptionsConflictError where the queue has another capacity.
 */
export class SharedQueue<V = unknown> extends Structure<QueueServiceOpenRequest> implements AsyncIterable<V> {
  /** @internal */
  constructor(home: Home, name: string, { capacity }: QueueOptions = {}) {
    const request = { name, exclusive: false, capacity: capacity === undefined ? undefined : count('capacity', capacity, 0) };
    super(home, 'queue', name, { method: methods.open, request }, capacity !== undefined);
  }

  /**
   * Appends an item, waiting for room. One round trip.
   * @throws QueueFullError when the timeout ends first; QueueShutDownError; the signal's reason
   */
  put(value: V, options?: WaitOptions): Promise<void> {
    return attempt(() => {
      const request = { name: this.name, value: this.encode(value), timeoutMs: milliseconds('timeout', options?.timeout) };
      return this.call(methods.put, request, nothing, options);
    });
  }

  /**
   * Appends items in order, waiting for room. One round trip.
   * @throws QueueFullError, with `accepted` (how many went in), when the timeout ends first;
   * QueueShutDownError; the signal's reason, by which time some may have gone in
   */
  putMany(values: Iterable<V>, options?: WaitOptions): Promise<void> {
    return attempt(() => {
      const encoded = Array.from(values, (value) => this.encode(value));
      const request = { name: this.name, values: encoded, timeoutMs: milliseconds('timeout', options?.timeout) };
      return this.call(methods.putMany, request, nothing, options);
    });
  }

  /**
   * Removes and answers the first item, waiting for one. One round trip.
   * @throws QueueEmptyError when the timeout ends first; QueueShutDownError when the queue is shut
   * down and drained; the signal's reason
   */
  get(options?: WaitOptions): Promise<V> {
    return attempt(() => {
      const request = { name: this.name, timeoutMs: milliseconds('timeout', options?.timeout) };
      return this.call(methods.get, request, ({ value }) => this.decode(value) as V, options);
    });
  }

  /** Waits for a first item and answers it with those behind it, at most `max`. One round trip. Throws as {@link get}. */
  getMany(max: number, options?: WaitOptions): Promise<V[]> {
    return attempt(() => {
      const request = { name: this.name, max: count('max', max, 1), timeoutMs: milliseconds('timeout', options?.timeout) };
      return this.call(methods.getMany, request, this.#decodeAll, options);
    });
  }

  /** Appends an item if there is room; answers whether there was. One round trip. */
  async tryPut(value: V): Promise<boolean> {
    try {
      await this.put(value, { timeout: 0 });
      return true;
    } catch (error) {
      if (error instanceof QueueFullError) return false;
      throw error;
    }
  }

  /** Removes and answers the first item, or undefined where there is none now. One round trip. */
  async tryGet(): Promise<V | undefined> {
    try {
      return await this.get({ timeout: 0 });
    } catch (error) {
      if (error instanceof QueueEmptyError) return undefined;
      throw error;
    }
  }

  /** The first items, which stay where they are. One round trip. */
  async peek(howMany = 1): Promise<V[]> {
    const wanted = count('count', howMany, 0);
    if (wanted === 0) return [];
    return this.call(methods.peek, { name: this.name, count: wanted }, this.#decodeAll);
  }

  /** Number of items waiting to be taken. One round trip. */
  size(): Promise<number> {
    return this.call(methods.size, { name: this.name }, ({ size }) => size);
  }

  /** Removes all items, which count as done; answers how many there were. One round trip. */
  clear(): Promise<number> {
    return this.call(methods.clear, { name: this.name }, ({ cleared }) => cleared);
  }

  /**
   * Says that so many items taken earlier are worked off. One round trip.
   * @throws InvalidArgumentError when that is more than were put
   */
  async taskDone(howMany = 1): Promise<void> {
    const done = count('count', howMany, 0);
    if (done > 0) await this.call(methods.taskDone, { name: this.name, count: done }, nothing);
  }

  /**
   * Waits until all items ever put are worked off. One round trip.
   * @throws TimeoutError when the timeout ends first; the signal's reason
   */
  join(options?: WaitOptions): Promise<void> {
    return attempt(() =>
      this.call(methods.join, { name: this.name, timeoutMs: milliseconds('timeout', options?.timeout) }, nothing, options),
    );
  }

  /**
   * Ends the queue: nothing more goes in, what is there can be taken, then `get` throws
   * QueueShutDownError and iterations end. One round trip.
   * @param options.immediate drop what is there as well; it counts as done
   */
  shutdown(options: { immediate?: boolean } = {}): Promise<void> {
    return this.call(methods.shutdown, { name: this.name, immediate: options.immediate ?? false }, nothing);
  }

  /**
   * Takes the items one by one, waiting for each, until the queue is shut down and drained. A fast
   * loop fetches several at once: those it did not reach go back to the head when it is left, or
   * when its process dies.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<V> {
    return new QueueIterator<V>(
      (max, signal, handOver) => this.call(methods.getMany, { name: this.name, max }, ({ values }) => values, { signal, handOver }),
      (payload) => this.decode(payload) as V,
    );
  }

  readonly #decodeAll = ({ values }: { values: Payload[] }): V[] => values.map((payload) => this.decode(payload) as V);
}

function count(name: string, value: number, least: number): number {
  if (Number.isInteger(value) && value >= least && value < 2 ** 32) return value;
  throw new InvalidArgumentError(`${name} is ${String(value)}: give a whole number, ${least} or more`);
}
