import { QueueService, type ItemPlacing } from '../../../proto/gen/commonhold/v1/queue_wire.js';
import type { StateOf } from '../../../proto/state.js';
import type { Payload } from '../../../proto/wire/values.js';
import type { RebuildCall } from '../../core/calls.js';
import { ORDERS } from '../../core/queue-orders.js';
import { detailsOf } from '../objects/dead-letters.js';
import { NO_PLACE, type QueueItem } from '../objects/queue-item.js';
import type { MemoryQueue } from '../objects/queue.js';
import { callOn, openOf, portions, until, type CapturedObject } from './rebuilt.js';

/** An item and where it goes. */
interface PlacedItem {
  readonly value: Payload;
  readonly placing: ItemPlacing;
}

/** The calls that make a queue. Deliveries end with their sessions, so that their items are back. */
export function* rebuildQueue(queue: CapturedObject<StateOf<MemoryQueue>>, mostBytes: number): Generator<RebuildCall> {
  const { open, putMany, pause, shutdown } = QueueService.methods;
  const { capacity, order, deadLetters, rate, paused, ending } = queue.state;
  const deadLetter = deadLetters && { queue: deadLetters[0], maxDeliveries: deadLetters[1] };
  const given = rate && { max: rate[0], perMs: rate[1] };
  yield openOf(open, queue, { capacity, order: ORDERS.indexOf(order), deadLetter, rate: given });
  if (paused) yield callOn(pause, queue, {});
  for (const portion of portions(itemsOf(queue), mostBytes, ({ value }) => value.length)) {
    const values = portion.map(({ value }) => value);
    const each = portion.some(({ placing }) => placing !== PLAIN) ? portion.map(({ placing }) => placing) : [];
    yield callOn(putMany, queue, { values, each, restores: true });
  }
  if (ending !== undefined) yield callOn(shutdown, queue, { immediate: ending === 'drop' });
}

/** The placing of items that have no more than their payloads. */
const PLAIN: ItemPlacing = {};

/** Yields all items in the order in which they have to be put. */
function* itemsOf({ state: { items, deliveries, ending }, now }: CapturedObject<StateOf<MemoryQueue>>): Generator<PlacedItem> {
  // A queue that was shut down at once drops items that come back.
  if (ending === 'drop') return;
  const { waiting, delays } = items;
  const placed = [...waiting.items, ...deliveries.map(([item]) => item)];
  for (const item of placed.sort(byPlace)) yield itemOf(item, now);
  for (const item of waiting.fresh) {
    if (typeof item === 'string' || item instanceof Uint8Array) yield { value: item, placing: PLAIN };
    else yield itemOf(item, now);
  }
  for (const [item, due] of delays.items) yield itemOf(item, now, until(due, now));
}

function itemOf({ value, priority, attempts, place, id, letter }: StateOf<QueueItem>, now: number, delayMs?: number): PlacedItem {
  const placing: ItemPlacing = {
    id,
    delayMs,
    priority: priority === 0 ? undefined : priority,
    attempts: attempts === 0 ? undefined : attempts,
    head: place === NO_PLACE ? undefined : true,
    letter: letter && detailsOf(letter, now),
  };
  const isPlain = Object.values(placing).every((part) => part === undefined);
  return { value, placing: isPlain ? PLAIN : placing };
}

function byPlace(a: StateOf<QueueItem>, b: StateOf<QueueItem>): number {
  return a.priority - b.priority || a.place - b.place;
}
