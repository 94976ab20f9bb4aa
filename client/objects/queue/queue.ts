import { QueueEmptyError, QueueFullError } from '../../../proto/errors.js';
import {
  QueueService,
  type QueueServiceDeliverRequest,
  type QueueServiceDeliverResponse,
  type QueueServiceOpenRequest,
  type QueueServicePutResponse,
  type QueueServiceWatchResponse,
} from '../../../proto/gen/commonhold/v1/queue_wire.js';
import type { Payload } from '../../../proto/wire/values.js';
import { count, listOf } from '../arguments.js';
import { checkOptions } from '../../../proto/known-options.js';
import { DeliveryIterator } from './delivery-iterator.js';
import { Delivery, deliveryLease, type DeliveryCalls } from './delivery.js';
import type { Outcome } from '../../outcome.js';
import {
  idOf,
  manyPlacings,
  PLACE_OPTIONS,
  placingOf,
  PUT_MANY_OPTIONS,
  PUT_OPTIONS,
  type ItemOptions,
  type PlaceOptions,
  type PutManyOptions,
  type PutOptions,
} from './put-options.js';
import { itemsRequest, queuedItem, type ItemsOptions, type QueuedItem } from './queued-item.js';
import { QueueIterator } from './queue-iterator.js';
import {
  DELIVERIES_OPTIONS,
  GET_OPTIONS,
  REQUEUE_OPTIONS,
  SHUTDOWN_OPTIONS,
  hasAny,
  openRequest,
  type DeliveriesOptions,
  type DeliveryOptions,
  type QueueOptions,
  type RequeueOptions,
  type ShutdownOptions,
} from './queue-options.js';
import type { Held } from '../../locking/held.js';
import { attempt, nothing, ObjectProxy, type ProxyContext } from '../object-proxy.js';
import type { CallOptions } from '../../connect/transport/transport.js';
import { milliseconds, timeoutOf, withoutWait, type WaitOptions } from '../../wait.js';
import { watchState, type AskState, type StateWatchOptions } from '../watch.js';
import { SyncQueue } from '../../shared/sync/queue.js';
import type { Frozen } from '../frozen.js';

const { methods } = QueueService;

const isNew = ({ duplicate }: QueueServicePutResponse): boolean => !duplicate;

/** Default lease of a delivery, in milliseconds. */
const LEASE = 30_000;
const PREFETCH = 16;
/** Number of letters that one call sends back, so that other clients do not wait for it. */
const REQUEUED_AT_ONCE = 10_000;

/**
 * A queue shared between processes: Python's Queue, LifoQueue and PriorityQueue. Waits are served first come, first served.
 *
 * `get` takes an item for good: the manager keeps it until the client has acknowledged its arrival, so a client that dies while it waits,
 * or before it has its answer, loses nothing. The acknowledgement was sent by the time the promise resolves: if the program ends at that
 * moment, the item is no longer in the queue. Only if the session is lost just then can an item be handed out twice. `get({ ack: true })`
 * and `deliveries()` lend items: see {@link Delivery}.
 *
 * Every method may throw KindMismatchError if the name belongs to another kind, and OptionsConflictError if the queue has another capacity,
 * order or dead letter queue; with a schema, SchemaError for a refused item, on writes and on reads. A taken item is then the error's
 * `value`.
 */
export class SharedQueue<V = unknown> extends ObjectProxy<QueueServiceOpenRequest> implements AsyncIterable<Frozen<V>> {
  /** @internal */
  constructor(context: ProxyContext, name: string, options: QueueOptions = {}) {
    super(context, 'queue', name, { method: methods.open, request: openRequest(context, name, options) }, hasAny(options));
  }

  /** Synchronous API, for a queue in shared memory. @throws InvalidArgumentError if it is not in shared memory */
  get sync(): SyncQueue<V> {
    return (this.#sync ??= new SyncQueue<V>(this));
  }
  #sync: SyncQueue<V> | undefined;

  /**
   * Returns this queue for writes under a fence: each goes through only while the hold is held, and otherwise rejects with StaleFenceError,
   * so that a holder that has lost its lock without knowing it changes nothing. A write that waits is checked again when it takes effect. No
   * round trip.
   * @throws InvalidArgumentError if `held` is no hold, or one of another manager; UnimplementedError for an object in shared memory
   */
  fencedBy(held: Held): SharedQueue<V> {
    return this.fenced(held, new SharedQueue<V>(this.context, this.name));
  }

  /**
   * Puts an item into the queue, waiting for room. Returns false if it was not put, because the queue holds an item with its id. One round
   * trip.
   * @throws QueueFullError if the timeout ends first; QueueShutDownError; InvalidArgumentError for a priority in a queue without
   * priorities, and for an item at the head with a delay; the signal's reason
   */
  put(value: V | Frozen<V>, options?: PutOptions): Promise<boolean> {
    return attempt(() => {
      const timeoutMs = timeoutOf(options, PUT_OPTIONS);
      const { priority, delayMs, id, head } = placingOf(options);
      const request = { name: this.name, value: this.encode(value), timeoutMs, priority, delayMs, id, head };
      return this.call(methods.put, request, isNew, options);
    });
  }

  /**
   * Puts items into the queue, in order, waiting for room. Returns the number of items that were put: all but the ones with ids that the
   * queue holds already. One round trip.
   * @param options a priority and a delay, for each item or as functions of its value, and a function that gives ids
   * @throws QueueFullError, with `accepted`, the number of values from the first that are in the queue, if the timeout ends first;
   * QueueShutDownError; InvalidArgumentError for a priority in a queue without priorities; the signal's reason, after which some items may
   * have been put
   */
  putMany(values: Iterable<V | Frozen<V>>, options: PutManyOptions<V | Frozen<V>> = {}): Promise<number> {
    return attempt(() => {
      const timeoutMs = timeoutOf(options, PUT_MANY_OPTIONS);
      const all = listOf('values', values);
      const request = { name: this.name, values: all.map((value) => this.encode(value)), timeoutMs, ...manyPlacings(all, options) };
      return this.call(methods.putMany, request, ({ duplicates }) => all.length - duplicates, options);
    });
  }

  /**
   * Removes and returns the first item, waiting for one. One round trip.
   * @throws QueueEmptyError if the timeout ends first; QueueShutDownError if the queue is shut down and no item can follow; the signal's
   * reason
   */
  get(options?: WaitOptions & { ack?: false | undefined }): Promise<Frozen<V>>;
  /**
   * Waits for the first item, and returns a delivery of it: until it is acknowledged, it belongs to the queue and can return to it. One
   * round trip, and one to settle it.
   * @throws the errors without `ack`; InvalidArgumentError for a lease of 0
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

  /**
   * Waits for a first item, and returns it with the next ones, at most `max`, and fewer if they are large (1 MiB and one item). One round
   * trip. @throws the errors of {@link get}
   */
  getMany(max: number, options?: WaitOptions): Promise<Frozen<V>[]> {
    return attempt(() => {
      const request = { name: this.name, max: count('max', max, 1), timeoutMs: timeoutOf(options) };
      return this.call(methods.getMany, request, this.#decodeAll, options);
    });
  }

  /** Puts an item if there is room, and none with its id; returns true if it was put. One round trip. */
  async tryPut(value: V | Frozen<V>, options: ItemOptions = {}): Promise<boolean> {
    try {
      return await this.put(value, withoutWait(options));
    } catch (error) {
      if (error instanceof QueueFullError) return false;
      throw error;
    }
  }

  /** Removes and returns the first item, or undefined if there is none now. One round trip. */
  async tryGet(): Promise<Frozen<V> | undefined> {
    try {
      return await this.get({ timeout: 0 });
    } catch (error) {
      if (error instanceof QueueEmptyError) return undefined;
      throw error;
    }
  }

  /** Returns the first items without removing them. One round trip. */
  async peek(howMany = 1): Promise<Frozen<V>[]> {
    const wanted = count('count', howMany, 0);
    if (wanted === 0) return [];
    return this.call(methods.peek, { name: this.name, count: wanted }, this.#decodeAll);
  }

  /**
   * Returns items that wait, are delayed or are delivered, with their ids, priorities and attempts, without removing them; at most 10,000,
   * and fewer than asked for if they are large (1 MiB with their ids, and one item). One round trip.
   * @throws InvalidArgumentError for an invalid option
   */
  items(options: ItemsOptions = {}): Promise<QueuedItem<V>[]> {
    const decode = (payload: Payload): Frozen<V> => this.decode(payload) as Frozen<V>;
    return attempt(() =>
      this.call(methods.items, itemsRequest(this.name, options), ({ items }) => items.map((item) => queuedItem(item, decode))),
    );
  }

  /**
   * Removes the item with this id, if it waits or is delayed; it counts as done. Returns false if there is none, or a consumer has it. Looks
   * through the items that wait. One round trip.
   */
  cancel(id: string): Promise<boolean> {
    return attempt(() => this.call(methods.cancel, { name: this.name, id: idOf(id) }, ({ cancelled }) => cancelled));
  }

  /**
   * Gives the item with this id another place, if it waits or is delayed, as if it were put now: at the end, at the head, or when a delay is
   * over, with another priority or the one that it has. Returns false if there is none, or a consumer has it. Looks through the items that
   * wait. One round trip.
   * @throws InvalidArgumentError for a priority in a queue without priorities, and for an item at the head with a delay
   */
  move(id: string, options: PlaceOptions = {}): Promise<boolean> {
    return attempt(() => {
      checkOptions(options, PLACE_OPTIONS);
      const { priority, delayMs, head } = placingOf(options);
      return this.call(methods.move, { name: this.name, id: idOf(id), priority, delayMs, head }, ({ moved }) => moved);
    });
  }

  /**
   * Stops handing out items, to all consumers, until {@link resume}. Calls for items wait; puts, and work on items that were handed out
   * before, go on. One round trip.
   */
  pause(): Promise<void> {
    return this.call(methods.pause, { name: this.name }, nothing);
  }

  /** Goes on handing out items after {@link pause}. One round trip. */
  resume(): Promise<void> {
    return this.call(methods.resume, { name: this.name }, nothing);
  }

  /**
   * Sends dead letters of this queue back to the queues that they came from, past the capacity there, with no attempts; returns their number.
   * Letters that consumers have stay, and letters with an id that their queue holds again. Works on all, or with `ids`, on the letters that
   * had these ids, and on the first `max` at most. One round trip for each 10,000 letters.
   * @throws with none of these 10,000 sent: NotFoundError if a queue that a letter came from is gone, QueueShutDownError if it is shut down,
   * PermissionDeniedError
   */
  requeue(options: RequeueOptions = {}): Promise<number> {
    return attempt(() => {
      checkOptions(options, REQUEUE_OPTIONS);
      const { ids, max } = options;
      const wanted = ids && listOf('ids', ids).map((id) => idOf(id));
      if (wanted?.length === 0) return Promise.resolve(0);
      return this.#requeue(wanted ?? [], max === undefined ? Infinity : count('max', max, 1));
    });
  }

  async #requeue(ids: string[], most: number): Promise<number> {
    let sent = 0;
    for (;;) {
      const max = Math.min(most - sent, REQUEUED_AT_ONCE);
      const requeued = await this.call(methods.requeue, { name: this.name, ids, max }, (response) => response.requeued);
      sent += requeued;
      if (requeued < max || sent === most) return sent;
    }
  }

  /** Returns the number of items that can be taken now, excluding delivered and delayed ones. One round trip. */
  size(): Promise<number> {
    return this.call(methods.size, { name: this.name }, ({ size }) => size);
  }

  /**
   * Iterates over the {@link size}, the current one first and then each change, until the queue is destroyed. Of sizes that change faster
   * than the loop or the reports, only the latest is returned, and equal successive sizes once. Otherwise as {@link SharedValue.watch}.
   */
  watch(options: StateWatchOptions = {}): AsyncIterableIterator<number, undefined> {
    const ask: AskState<QueueServiceWatchResponse, number> = (asked, read, call) =>
      this.watching(methods.watch, { name: this.name, ...asked }, read, call);
    return watchState(this.name, ask, ({ size }) => size, options, true);
  }

  /** Removes all items, including delayed ones, which count as done; returns their number. Deliveries are not affected. One round trip. */
  clear(): Promise<number> {
    return this.call(methods.clear, { name: this.name }, ({ cleared }) => cleared);
  }

  /**
   * Marks `howMany` items taken earlier as processed. One round trip.
   * @throws InvalidArgumentError if that is more than were put
   */
  async taskDone(howMany = 1): Promise<void> {
    const done = count('count', howMany, 0);
    if (done > 0) await this.call(methods.taskDone, { name: this.name, count: done }, nothing);
  }

  /**
   * Waits until all items ever put are processed. One round trip.
   * @throws TimeoutError if the timeout ends first; the signal's reason
   */
  join(options?: WaitOptions): Promise<void> {
    return attempt(() => this.call(methods.join, { name: this.name, timeoutMs: timeoutOf(options) }, nothing, options));
  }

  /**
   * Shuts the queue down: no more items can be put. Present items can still be taken, delayed ones when they are due, and delivered ones if
   * they return; then `get` throws QueueShutDownError and iterations end. One round trip.
   */
  shutdown(options: ShutdownOptions = {}): Promise<void> {
    return attempt(() => {
      checkOptions(options, SHUTDOWN_OPTIONS);
      return this.call(methods.shutdown, { name: this.name, immediate: options.immediate ?? false }, nothing);
    });
  }

  /**
   * Iterates over the items, waiting for each, until the queue is shut down and drained. A fast loop fetches several at once; items that it
   * has not reached go back to the head when the loop is left, or when its process dies. Reached items are acknowledged at the end of each
   * turn of the event loop, and before the last item of a batch is returned (so before each item, for a slow loop that fetches one at a
   * time): a process that dies may leave the items of its last turn in the queue. An item that a schema refuses rejects one `next()`, which
   * ends the loop; the following `next()` continues after it.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<Frozen<V>> {
    const read = ({ values }: { values: Payload[] }): Outcome<Frozen<V>>[] => values.map((value) => this.outcome<Frozen<V>>(value));
    return new QueueIterator<Frozen<V>>((max, signal, handOver) =>
      this.call(methods.getMany, { name: this.name, max }, read, { signal, handOver }),
    );
  }

  /**
   * Iterates over deliveries, waiting for each, until the queue is shut down and no item can follow. Acknowledge each, in any order. At
   * most `prefetch` are unsettled at a time: `next()` waits for a settlement. A fast loop fetches several at once; deliveries that it has
   * not reached, as of the end of a turn of the event loop, go back to the head as if they had not been delivered: when the loop is left,
   * when its process dies, or after a quarter of their lease.
   * @throws InvalidArgumentError, OutOfRangeError for an invalid option. The loop: QueueEmptyError if there is no next one within the
   * timeout; the signal's reason
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
    ack: (token) => this.callForHold(methods.ack, { name: this.name, token }),
    nak: (token, delayMs, reason) => this.callForHold(methods.nak, { name: this.name, token, delayMs, reason }),
    extend: (token, ms) => this.callForHold(methods.extend, { name: this.name, token, leaseMs: ms }),
  };

  readonly #decodeAll = ({ values }: { values: Payload[] }): Frozen<V>[] => this.decodeAll(values);
}
