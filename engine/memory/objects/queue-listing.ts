import { InvalidArgumentError } from '../../../proto/errors.js';
import type { QueuedItem, QueueServiceItemsRequest, QueueServiceItemsResponse } from '../../../proto/gen/commonhold/v1/queue_wire.js';
import { PAGE_BYTES } from '../../core/page.js';
import { ITEM_STATES } from '../../core/queue-orders.js';
import { until } from '../dumping/rebuilt.js';
import { detailsOf } from './dead-letters.js';
import { payloadOf, QueueItem, type Item } from './queue-item.js';
import type { MemoryQueue } from './queue.js';

/** Items of a list that names no number. */
const DEFAULT_COUNT = 100;

/** An item, and the time at which it can be taken if it is delayed. */
type DueItem = readonly [item: Item, due?: number];

/** Lists items of a queue in one state, at most a page of bytes. @param now the time, from which delays count */
export function listItems(queue: MemoryQueue, request: QueueServiceItemsRequest, now: number): QueueServiceItemsResponse {
  const { start } = request;
  const end = start + (request.count || DEFAULT_COUNT);
  const [found, total] = itemsIn(queue, request.state, end);
  const items: QueuedItem[] = [];
  for (let i = start, bytes = 0; i < Math.min(end, found.length) && bytes < PAGE_BYTES; i++) {
    const item = described(found[i]!, now);
    items.push(item);
    bytes += item.value.length;
  }
  return { items, total };
}

/** Returns at least the first `end` items in a state, and the number of all. */
function itemsIn({ name, items, deliveries }: MemoryQueue, state: number, end: number): [DueItem[], number] {
  switch (ITEM_STATES[state || 1]) {
    case 'waiting':
      return [items.peek(end).map((item) => [item]), items.length];
    case 'delayed':
      return [items.peekDelayed(end), items.delayed];
    case 'delivered':
      return [Array.from(deliveries.open, ({ item }) => [item]), deliveries.size];
    default:
      throw new InvalidArgumentError(`a state ${state} of items: this manager knows waiting, delayed and delivered`, { object: name });
  }
}

function described([item, due]: DueItem, now: number): QueuedItem {
  const dueMs = due === undefined ? undefined : until(due, now);
  const value = payloadOf(item);
  if (!(item instanceof QueueItem)) return { value, priority: 0, attempts: 0, dueMs };
  const { id, priority, attempts, letter } = item;
  return { value, id, priority, attempts, dueMs, letter: letter && detailsOf(letter, now) };
}
