import { ORDERS } from '../../../engine/core/queue-orders.js';
import { InvalidArgumentError } from '../../../proto/errors.js';
import type { QueueServiceOpenRequest } from '../../../proto/gen/commonhold/v1/queue_wire.js';
import { count } from '../arguments.js';
import { ObjectProxy, type ProxyContext } from '../object-proxy.js';
import { checkOptions, type OptionNames } from '../../../proto/known-options.js';
import { quoted } from '../../../proto/given.js';
import { VALUES_OPTIONS, type ValuesOptions } from '../object-options.js';
import { givenMilliseconds, WAIT_OPTIONS, type WaitOptions } from '../../wait.js';

/** Options of a shared queue. */
export interface QueueOptions<V = unknown> extends ValuesOptions<V> {
  /** Maximum number of items, including delayed ones; `put` waits for room. Default: 0, no limit. */
  capacity?: number | undefined;
  /**
   * Which item is first: the oldest (`'fifo'`), the newest (`'lifo'`), or the oldest of those with the lowest priority (`'priority'`).
   * Python's Queue, LifoQueue and PriorityQueue. Default: `'fifo'`.
   */
  order?: 'fifo' | 'lifo' | 'priority' | undefined;
  /** Destination of items that were delivered too often without being acknowledged. Default: none, they are delivered again. */
  deadLetter?: DeadLetterOptions | undefined;
  /**
   * Limit of the pace at which all consumers together get items. Each item that is handed out counts, also one that comes back. Default:
   * none.
   */
  rate?: RateOptions | undefined;
}

/** Limit of the pace of a queue. */
export interface RateOptions {
  /** Maximum number of items in any period, 1 or more. */
  max: number;
  /** Length of the period in milliseconds, 1 or more. */
  per: number;
}

/** Destination of items that are not acknowledged. */
export interface DeadLetterOptions {
  /**
   * Another queue, or its name, which receives them regardless of its capacity; it is created with the first item. While it is shut down,
   * or if the name belongs to another kind, items are delivered again instead.
   */
  queue: string | ObjectProxy;
  /** Maximum number of deliveries of an item, 1 or more. */
  maxDeliveries: number;
}

/** Options of a delivery. */
export interface DeliveryOptions extends WaitOptions {
  /** Milliseconds after which the delivery is lost unless it is settled or extended. Default: 30,000. */
  lease?: number | undefined;
}

/** Options of an iteration over deliveries. */
export interface DeliveriesOptions extends DeliveryOptions {
  /** Maximum number of deliveries that are neither acknowledged nor given back, 1 or more. Default: 16. */
  prefetch?: number | undefined;
}

/** Options of `requeue`. */
export interface RequeueOptions {
  /** The ids that the letters had in the queues that they came from. Default: all letters, also those without an id. */
  ids?: Iterable<string> | undefined;
  /** Maximum number of letters, from the first. Default: no limit. */
  max?: number | undefined;
}

/** Options of `shutdown`. */
export interface ShutdownOptions {
  /** If true, drops waiting, delayed and returning items, which count as done. Default: false. */
  immediate?: boolean | undefined;
}

export const QUEUE_OPTIONS = {
  ...VALUES_OPTIONS,
  capacity: true,
  order: true,
  deadLetter: true,
  rate: true,
} satisfies OptionNames<QueueOptions>;
const RATE_OPTIONS = { max: true, per: true } satisfies OptionNames<RateOptions>;
const DEAD_LETTER_OPTIONS = { queue: true, maxDeliveries: true } satisfies OptionNames<DeadLetterOptions>;
const DELIVERY_OPTIONS = { ...WAIT_OPTIONS, lease: true } satisfies OptionNames<DeliveryOptions>;
export const GET_OPTIONS = { ...DELIVERY_OPTIONS, ack: true } satisfies OptionNames<DeliveryOptions & { ack: boolean }>;
export const DELIVERIES_OPTIONS = { ...DELIVERY_OPTIONS, prefetch: true } satisfies OptionNames<DeliveriesOptions>;
export const REQUEUE_OPTIONS = { ids: true, max: true } satisfies OptionNames<RequeueOptions>;
export const SHUTDOWN_OPTIONS = { immediate: true } satisfies OptionNames<ShutdownOptions>;

/** Builds the open request of a queue with these options. */
export function openRequest(
  context: ProxyContext,
  name: string,
  { capacity, order, deadLetter, rate }: QueueOptions,
): QueueServiceOpenRequest {
  checkOptions(deadLetter, DEAD_LETTER_OPTIONS);
  checkOptions(rate, RATE_OPTIONS);
  return {
    name,
    exclusive: false,
    capacity: capacity === undefined ? undefined : count('capacity', capacity, 0),
    order: order === undefined ? 0 : orderNumber(order),
    deadLetter: deadLetter && {
      queue: queueName(context, deadLetter.queue),
      maxDeliveries: count('maxDeliveries', deadLetter.maxDeliveries, 1),
    },
    rate: rate && { max: count('rate.max', rate.max, 1), perMs: period(rate.per) },
  };
}

function period(per: number): number {
  const ms = givenMilliseconds('rate.per', per);
  if (ms === 0) throw new InvalidArgumentError('rate.per is 0: give at least 1 ms');
  return ms;
}

/** Returns true if an option is set that the name alone does not determine. */
export function hasAny({ capacity, order, deadLetter, rate }: QueueOptions): boolean {
  return capacity !== undefined || order !== undefined || deadLetter !== undefined || rate !== undefined;
}

function queueName(context: ProxyContext, queue: DeadLetterOptions['queue']): string {
  if (typeof queue === 'string') return queue;
  if (!(queue instanceof ObjectProxy)) throw new InvalidArgumentError('deadLetter.queue: give a queue, or the name of one');
  if (queue.kind === 'queue') return queue.nameFor(context);
  throw new InvalidArgumentError(`"${queue.name}" is a ${queue.kind}: dead letters go to a queue`);
}

function orderNumber(order: string): number {
  const found = (ORDERS as readonly unknown[]).indexOf(order);
  if (found > 0) return found;
  throw new InvalidArgumentError(`order is ${quoted(order)}: give 'fifo', 'lifo' or 'priority'`);
}
