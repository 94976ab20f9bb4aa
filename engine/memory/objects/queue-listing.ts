import { InvalidArgumentError } from '../../../proto/errors.js';
import type { QueuedItem, QueueServiceItemsRequest, QueueServiceItemsResponse } from '../../../proto/gen/commonhold/v1/queue_wire.js';
import { PAGE_BYTES } from '../../core/page.js';
import { ITEM_STATES } from '../../core/queue-orders.js';
import { until } from '../dumping/rebuilt.js';
import { detailsOf } from './dead-letters.js';
import { bytesOf, payloadOf, QueueItem, type Item } from './queue-item.js';
import type { MemoryQueue } from './queue.js';

/** Items of a list that names no number. */
const DEFAULT_COUNT = 100;
/** Limit of the items of a list, so that it is made in little time. */
const MOST_ITEMS = 10_000;

/** An item, and the time at which it can be taken if it is delayed. */
type DueItem = readonly [item: Item, due?: number];

/** Lists items of a queue in one state, at most a page of bytes. @param now the time, from which delays count */
export function listItems(queue: MemoryQueue, request: QueueServiceItemsRequest, now: number): QueueServiceItemsResponse {
  const count = Math.min(request.count || DEFAULT_COUNT, MOST_ITEMS);
  const [found, total] = itemsIn(queue, request, count);
  const items: QueuedItem[] = [];
  let bytes = 0;
  for (const item of found) {
    if (bytes >= PAGE_BYTES) break;
    items.push(described(item, now));
    bytes += bytesOf(item[0]);
  }
  return { items, total };
}

/** Returns `count` items in a state, and the number of all. */
function itemsIn(queue: MemoryQueue, { state, start }: QueueServiceItemsRequest, count: number): [DueItem[], number] {
  const { name, items, deliveries } = queue;
  switch (ITEM_STATES[state || 1]) {
    case 'waiting':
      return [items.peek(count, start).map((item) => [item]), items.length];
    case 'delayed':
      return [items.peekDelayed(count, start), items.delayed];
    case 'delivered':
      return [Array.from(deliveries.open, ({ item }): DueItem => [item]).slice(start, start + count), deliveries.size];
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
