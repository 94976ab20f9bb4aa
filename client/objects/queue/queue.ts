import { QueueEmptyError, QueueFullError } from '../../../proto/errors.js';
import {
  QueueService,
  type QueueServiceDeliverRequest,
  type QueueServiceDeliverResponse,
  type QueueServiceOpenRequest,
} from '../../../proto/gen/commonhold/v1/queue_wire.js';
import type { Payload } from '../../../proto/wire/values.js';
import { count } from '../arguments.js';
import { checkOptions } from '../../known-options.js';
import { DeliveryIterator } from './delivery-iterator.js';
import { Delivery, deliveryLease, type DeliveryCalls } from './delivery.js';
import type { Outcome } from '../../outcome.js';
import { QueueIterator } from './queue-iterator.js';
import {
  DELIVERIES_OPTIONS,
  GET_OPTIONS,
  PUT_OPTIONS,
  SHUTDOWN_OPTIONS,
  delayMs,
  hasAny,
  openRequest,
  priorityOf,
  type DeliveriesOptions,
  type DeliveryOptions,
  type PutOptions,
  type QueueOptions,
  type ShutdownOptions,
} from './queue-options.js';
import { attempt, nothing, ObjectProxy, type ProxyContext } from '../object-proxy.js';
import type { CallOptions } from '../../connect/transport/transport.js';
import { milliseconds, timeoutOf, type WaitOptions } from '../../wait.js';
import { watchState } from '../watch.js';
import { SyncQueue } from '../../shared/sync/queue.js';
import type { Frozen } from '../frozen.js';

const { methods } = QueueService;

/** Milliseconds a delivery has. */
const LEASE = 30_000;
const PREFETCH = 16;

/**
 * A queue that many processes share: Python's Queue, LifoQueue and PriorityQueue. Those who wait are
 * served first come, first served.
 *
 * `get` takes an item for good: the manager keeps it until the client has said that it arrived, so the death of a
 * client that waits, or that has not yet got its answer, loses nothing. That word has left when the promise resolves:
 * a program that ends in that moment finds the item in the queue no more. Only where the connection breaks just then
 * can an item be given a second time. `get({ ack: true })` and `deliveries()` lend it: see {@link Delivery}.
 *
 * Every method may throw KindMismatchError where the name belongs to another kind, and
 * OptionsConflictError where the queue has another capacity, order or dead letter queue; with a schema,
 * SchemaError for an item that it refuses, given or read. What was taken is then the error's `value`.
 */
export class SharedQueue<V = unknown> extends ObjectProxy<QueueServiceOpenRequest> implements AsyncIterable<Frozen<V>> {
  /** @internal */
  constructor(context: ProxyContext, name: string, options: QueueOptions = {}) {
    super(context, 'queue', name, { method: methods.open, request: openRequest(context, name, options) }, hasAny(options));
  }

  /** The same without promises, where the queue is in shared memory. @throws InvalidArgumentError where it is not */
  get sync(): SyncQueue<V> {
    return (this.#sync ??= new SyncQueue<V>(this));
  }
  #sync: SyncQueue<V> | undefined;

  /**
   * Puts an item in its place, waiting for room. One round trip.
   * @throws QueueFullError when the timeout ends first; QueueShutDownError; InvalidArgumentError for a
   * priority where the queue knows none; the signal's reason
   */
  put(value: V | Frozen<V>, options?: PutOptions): Promise<void> {
    return attempt(() => {
      const request = {
        name: this.name,
        value: this.encode(value),
        timeoutMs: timeoutOf(options, PUT_OPTIONS),
        priority: priorityOf(options),
        delayMs: delayMs(options),
      };
      return this.call(methods.put, request, nothing, options);
    });
  }

  /**
   * Puts items in their places, in order, waiting for room; priority and delay are those of each. One
   * round trip.
   * @throws QueueFullError, with `accepted` (how many went in), when the timeout ends first;
   * QueueShutDownError; InvalidArgumentError for a priority where the queue knows none; the signal's
   * reason, by which time some may have gone in
   */
  putMany(values: Iterable<V | Frozen<V>>, options?: PutOptions): Promise<void> {
    return attempt(() => {
      const request = {
        name: this.name,
        values: Array.from(values, (value) => this.encode(value)),
        timeoutMs: timeoutOf(options, PUT_OPTIONS),
        priority: priorityOf(options),
        delayMs: delayMs(options),
      };
      return this.call(methods.putMany, request, nothing, options);
    });
  }

  /**
   * Removes and answers the first item, waiting for one. One round trip.
   * @throws QueueEmptyError when the timeout ends first; QueueShutDownError when the queue is shut
   * down and nothing will come any more; the signal's reason
   */
  get(options?: WaitOptions & { ack?: false | undefined }): Promise<Frozen<V>>;
  /**
   * Waits for the first item, and delivers it: until it is acknowledged it is the queue's, and comes back.
   * One round trip, and one to settle it.
   * @throws as without `ack`; InvalidArgumentError for a lease of 0
   */
  get(options: DeliveryOptions & { ack: true }): Promise<Delivery<V>>;
  get(options?: DeliveryOptions & { ack?: boolean | undefined }): Promise<Frozen<V> | Delivery<V>> {
    return attempt<Frozen<V> | Delivery<V>>(() => {
      const timeoutMs = timeoutOf(options, GET_OPTIONS);
      if (options?.ack !== true)
        return this.call(methods.get, { name: this.name, timeoutMs }, ({ value }) => this.decode(value) as Frozen<V>, options);
      const request = { name: this.name, max: 1, timeoutMs, leaseMs: deliveryLease(options.lease ?? LEASE) };
      return this.#deliver(request, options).then(([delivery]) => delivery!);
    });
  }

  /** Waits for a first item and answers it with those behind it, at most `max`, and fewer where they are large (1 MiB and one item). One round trip. Throws as {@link get}. */
  getMany(max: number, options?: WaitOptions): Promise<Frozen<V>[]> {
    return attempt(() => {
      const request = { name: this.name, max: count('max', max, 1), timeoutMs: timeoutOf(options) };
      return this.call(methods.getMany, request, this.#decodeAll, options);
    });
  }

  /** Puts an item in its place if there is room; answers whether there was. One round trip. */
  async tryPut(value: V | Frozen<V>): Promise<boolean> {
    try {
      await this.put(value, { timeout: 0 });
      return true;
    } catch (error) {
      if (error instanceof QueueFullError) return false;
      throw error;
    }
  }

  /** Removes and answers the first item, or undefined where there is none now. One round trip. */
  async tryGet(): Promise<Frozen<V> | undefined> {
    try {
      return await this.get({ timeout: 0 });
    } catch (error) {
      if (error instanceof QueueEmptyError) return undefined;
      throw error;
    }
  }

  /** The first items, which stay where they are. One round trip. */
  async peek(howMany = 1): Promise<Frozen<V>[]> {
    const wanted = count('count', howMany, 0);
    if (wanted === 0) return [];
    return this.call(methods.peek, { name: this.name, count: wanted }, this.#decodeAll);
  }

  /** Number of items that can be taken now: not those delivered, nor those delayed. One round trip. */
  size(): Promise<number> {
    return this.call(methods.size, { name: this.name }, ({ size }) => size);
  }

  /**
   * Tells the {@link size}, as it is and whenever it changes, until the queue is destroyed. Of sizes that follow
   * each other fast, or faster than the loop, it tells the latest, and equal ones that follow each other once.
   * Otherwise as {@link SharedValue.watch}.
   */
  watch(options: WaitOptions = {}): AsyncIterableIterator<number, undefined> {
    const read = ({ size, revision }: { size: number; revision: number }): { state: number; revision: number } => ({
      state: size,
      revision,
    });
    return watchState(this.name, (asked, call) => this.watching(methods.watch, { name: this.name, ...asked }, read, call), options, true);
  }

  /** Removes all items, delayed ones too, which count as done; answers how many there were. Deliveries stay. One round trip. */
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
    return attempt(() => this.call(methods.join, { name: this.name, timeoutMs: timeoutOf(options) }, nothing, options));
  }

  /**
   * Ends the queue: nothing more goes in. What is there can be taken, what is delayed when it is due, and
   * what comes back of what is delivered; then `get` throws QueueShutDownError and iterations end. One
   * round trip.
   */
  shutdown(options: ShutdownOptions = {}): Promise<void> {
    return attempt(() => {
      checkOptions(options, SHUTDOWN_OPTIONS);
      return this.call(methods.shutdown, { name: this.name, immediate: options.immediate ?? false }, nothing);
    });
  }

  /**
   * Takes the items one by one, waiting for each, until the queue is shut down and drained. A fast
   * loop fetches several at once: those it did not reach go back to the head when it is left, or
   * when its process dies. What a loop reached is told at the end of each turn of the event loop, and before it gets the
   * last item of a batch (for a slow loop, which fetches one at a time, each): a process that dies may leave behind the
   * items of the turn in which it died. An item that a schema refuses rejects one `next()`, which leaves a loop; the
   * next one after it goes on behind.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<Frozen<V>> {
    const read = ({ values }: { values: Payload[] }): Outcome<Frozen<V>>[] => values.map((value) => this.outcome<Frozen<V>>(value));
    return new QueueIterator<Frozen<V>>((max, signal, handOver) =>
      this.call(methods.getMany, { name: this.name, max }, read, { signal, handOver }),
    );
  }

  /**
   * Takes deliveries one by one, waiting for each, until the queue is shut down and nothing will come any
   * more; to be acknowledged one by one, in any order. No more than `prefetch` are unsettled at a time: the
   * next one waits for that. A fast loop fetches several at once; those that it did not reach, as of the end of each
   * turn of the event loop, go back to the head as if they had not been delivered: when it is left, when its process dies, or after a quarter of
   * their lease.
   * @throws InvalidArgumentError, OutOfRangeError for a wrong option. The loop: QueueEmptyError when the
   * next one is not there within the timeout; the signal's reason
   */
  deliveries(options: DeliveriesOptions = {}): AsyncIterableIterator<Delivery<V>, undefined> {
    timeoutOf(options, DELIVERIES_OPTIONS);
    const { prefetch = PREFETCH, lease = LEASE, timeout, signal } = options;
    const leaseMs = deliveryLease(lease);
    return new DeliveryIterator<V>(
      (max, left, call, over) => this.#deliver({ name: this.name, max, timeoutMs: milliseconds('timeout', left), leaseMs }, call, over),
      { prefetch: count('prefetch', prefetch, 1), lease: leaseMs, timeout, signal },
    );
  }

  #deliver(request: QueueServiceDeliverRequest, options: CallOptions, over?: () => void): Promise<Delivery<V>[]> {
    const { transport } = this.context;
    const read = ({ items }: QueueServiceDeliverResponse): Delivery<V>[] => {
      return items.map((item) => new Delivery<V>(transport, this.name, item, this.outcome(item.value), this.#deliveryCalls, over));
    };
    return this.call(methods.deliver, request, read, options);
  }

  readonly #deliveryCalls: DeliveryCalls = {
    ack: (token) => this.settle(methods.ack, { name: this.name, token }),
    nak: (token, ms) => this.settle(methods.nak, { name: this.name, token, delayMs: ms }),
    extend: (token, ms) => this.settle(methods.extend, { name: this.name, token, leaseMs: ms }),
  };

  readonly #decodeAll = ({ values }: { values: Payload[] }): Frozen<V>[] => this.decodeAll(values);
}
