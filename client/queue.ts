import { InvalidArgumentError, QueueEmptyError, QueueFullError } from '../proto/errors.js';
import { QueueService, type QueueServiceOpenRequest } from '../proto/gen/commonhold/v1/queue_wire.js';
import type { Payload } from '../proto/wire/codec.js';
import { QueueIterator } from './queue-iterator.js';
import { Structure, type Home } from './structure.js';
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
  async put(value: V, options: WaitOptions = {}): Promise<void> {
    const request = { name: this.name, value: this.encode(value), timeoutMs: milliseconds('timeout', options.timeout) };
    await this.call(methods.put, request, options);
  }

  /**
   * Appends items in order, waiting for room. One round trip.
   * @throws QueueFullError, with `accepted` (how many went in), when the timeout ends first;
   * QueueShutDownError; the signal's reason, by which time some may have gone in
   */
  async putMany(values: Iterable<V>, options: WaitOptions = {}): Promise<void> {
    const encoded = Array.from(values, (value) => this.encode(value));
    await this.call(methods.putMany, { name: this.name, values: encoded, timeoutMs: milliseconds('timeout', options.timeout) }, options);
  }

  /**
   * Removes and answers the first item, waiting for one. One round trip.
   * @throws QueueEmptyError when the timeout ends first; QueueShutDownError when the queue is shut
   * down and drained; the signal's reason
   */
  async get(options: WaitOptions = {}): Promise<V> {
    const { value } = await this.call(methods.get, { name: this.name, timeoutMs: milliseconds('timeout', options.timeout) }, options);
    return this.decode(value) as V;
  }

  /** Waits for a first item and answers it with those behind it, at most `max`. One round trip. Throws as {@link get}. */
  async getMany(max: number, options: WaitOptions = {}): Promise<V[]> {
    const request = { name: this.name, max: count('max', max, 1), timeoutMs: milliseconds('timeout', options.timeout) };
    return this.#decodeAll((await this.call(methods.getMany, request, options)).values);
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
    return this.#decodeAll((await this.call(methods.peek, { name: this.name, count: wanted })).values);
  }

  /** Number of items waiting to be taken. One round trip. */
  async size(): Promise<number> {
    return (await this.call(methods.size, { name: this.name })).size;
  }

  /** Removes all items, which count as done; answers how many there were. One round trip. */
  async clear(): Promise<number> {
    return (await this.call(methods.clear, { name: this.name })).cleared;
  }

  /**
   * Says that so many items taken earlier are worked off. One round trip.
   * @throws InvalidArgumentError when that is more than were put
   */
  async taskDone(howMany = 1): Promise<void> {
    const done = count('count', howMany, 0);
    if (done > 0) await this.call(methods.taskDone, { name: this.name, count: done });
  }

  /**
   * Waits until all items ever put are worked off. One round trip.
   * @throws TimeoutError when the timeout ends first; the signal's reason
   */
  async join(options: WaitOptions = {}): Promise<void> {
    await this.call(methods.join, { name: this.name, timeoutMs: milliseconds('timeout', options.timeout) }, options);
  }

  /**
   * Ends the queue: nothing more goes in, what is there can be taken, then `get` throws
   * QueueShutDownError and iterations end. One round trip.
   * @param options.immediate drop what is there as well; it counts as done
   */
  async shutdown(options: { immediate?: boolean } = {}): Promise<void> {
    await this.call(methods.shutdown, { name: this.name, immediate: options.immediate ?? false });
  }

  /**
   * Takes the items one by one, waiting for each, until the queue is shut down and drained. A fast
   * loop fetches several at once: those it did not reach go back to the head when it is left, or
   * when its process dies.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<V> {
    return new QueueIterator<V>(
      async (max, signal, handOver) => (await this.call(methods.getMany, { name: this.name, max }, { signal, handOver })).values,
      (payload) => this.decode(payload) as V,
    );
  }

  #decodeAll(payloads: readonly Payload[]): V[] {
    return payloads.map((payload) => this.decode(payload) as V);
  }
}

function count(name: string, value: number, least: number): number {
  if (Number.isInteger(value) && value >= least && value < 2 ** 32) return value;
  throw new InvalidArgumentError(`${name} is ${String(value)}: give a whole number, ${least} or more`);
}
