import { DEAD_LETTER_CAUSES, ITEM_STATES, type ItemStateName } from '../../../engine/core/queue-orders.js';
import { InvalidArgumentError } from '../../../proto/errors.js';
import type { DeadLetterDetails, QueuedItem as WireItem, QueueServiceItemsRequest } from '../../../proto/gen/commonhold/v1/queue_wire.js';
import type { Payload } from '../../../proto/wire/values.js';
import { checkOptions, type OptionNames } from '../../../proto/known-options.js';
import { quoted } from '../../../proto/given.js';
import { count } from '../arguments.js';
import type { Frozen } from '../frozen.js';

/** An item that a queue holds. */
export interface QueuedItem<V = unknown> {
  readonly value: Frozen<V>;
  readonly id: string | undefined;
  readonly priority: number;
  /** Number of its deliveries. */
  readonly attempts: number;
  /** Time at which it can be taken, if it is delayed. */
  readonly due: Date | undefined;
  /** If it is a dead letter. */
  readonly letter: Letter | undefined;
}

/** Why and when an item became a dead letter. Times are on this computer's clock. */
export interface Letter {
  /** Name of the queue in which it failed. */
  readonly queue: string;
  /** Its id there. */
  readonly id: string | undefined;
  /** The end of its last delivery: it was given back, or its lease or its session ended. */
  readonly cause: 'nak' | 'lease' | 'session' | undefined;
  /** The reason that the last `nak` gave. */
  readonly reason: string | undefined;
  /** Number of its deliveries there. */
  readonly attempts: number;
  /** Time of its first delivery there. */
  readonly delivered: Date;
  /** Time at which it became a dead letter. */
  readonly died: Date;
}

/** Options of `items`. */
export interface ItemsOptions {
  /**
   * Items that wait for a consumer, in the order in which they are taken; delayed ones, the earliest first; or delivered ones that are not
   * settled, in the order of their deliveries. Default: `'waiting'`.
   */
  state?: 'waiting' | 'delayed' | 'delivered' | undefined;
  /** Number of items to pass over. Default: 0. */
  start?: number | undefined;
  /** Maximum number of items, up to 10,000. Default: 100. */
  count?: number | undefined;
}

const ITEMS_OPTIONS = { state: true, start: true, count: true } satisfies OptionNames<ItemsOptions>;
const DEFAULT_COUNT = 100;
/** Latest time of a Date, in milliseconds since 1970. */
const LATEST = 8.64e15;

export function itemsRequest(name: string, options: ItemsOptions): QueueServiceItemsRequest {
  checkOptions(options, ITEMS_OPTIONS);
  const { state = 'waiting', start = 0, count: most = DEFAULT_COUNT } = options;
  return { name, state: stateNumber(state), start: count('start', start, 0), count: count('count', most, 1) };
}

function stateNumber(state: ItemStateName): number {
  const found = ITEM_STATES.indexOf(state);
  if (found > 0) return found;
  throw new InvalidArgumentError(`state is ${quoted(state)}: give 'waiting', 'delayed' or 'delivered'`);
}

export function queuedItem<V>(
  { value, id, priority, attempts, dueMs, letter }: WireItem,
  decode: (payload: Payload) => Frozen<V>,
): QueuedItem<V> {
  const due = dueMs === undefined ? undefined : dateIn(dueMs);
  return { value: decode(value), id, priority, attempts, due, letter: letter && letterOf(letter) };
}

export function letterOf({ queue, id, cause, reason, attempts, deliveredAgoMs, diedAgoMs }: DeadLetterDetails): Letter {
  return {
    queue,
    id,
    cause: DEAD_LETTER_CAUSES[cause],
    reason,
    attempts,
    delivered: dateIn(-deliveredAgoMs),
    died: dateIn(-diedAgoMs),
  };
}

/** Returns the date that is `ms` milliseconds from now, or the latest or earliest possible one. */
function dateIn(ms: number): Date {
  return new Date(Math.min(Math.max(Date.now() + ms, -LATEST), LATEST));
}
