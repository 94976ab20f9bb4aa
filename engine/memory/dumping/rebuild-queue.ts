import { QueueService } from '../../../proto/gen/commonhold/v1/queue_wire.js';
import type { StateOf } from '../../../proto/state.js';
import type { Payload } from '../../../proto/wire/values.js';
import type { RebuildCall } from '../../core/calls.js';
import { ORDERS } from '../../core/queue-orders.js';
import type { QueueItem } from '../objects/queue-order.js';
import type { MemoryQueue } from '../objects/queue.js';
import { callOn, openOf, portions, until, type CapturedObject } from './rebuilt.js';

/** An item in its place. */
interface PlacedItem {
  readonly value: Payload;
  readonly priority: number;
  readonly attempts: number;
  readonly delayMs: number | undefined;
}

/** The calls that make a queue. Deliveries end with their sessions, so that their items are back. */
export function* rebuildQueue(queue: CapturedObject<StateOf<MemoryQueue>>, mostBytes: number): Generator<RebuildCall> {
  const { open, putMany, shutdown } = QueueService.methods;
  const { capacity, order, deadLetters, ending } = queue.state;
  const deadLetter = deadLetters && { queue: deadLetters[0], maxDeliveries: deadLetters[1] };
  yield openOf(open, queue, { capacity, order: ORDERS.indexOf(order), deadLetter });
  for (const items of alike(itemsOf(queue))) {
    const { priority, attempts, delayMs } = items[0]!;
    const placing = { priority: priority === 0 ? undefined : priority, attempts: attempts || undefined, delayMs };
    for (const portion of portions(items, mostBytes, ({ value }) => value.length)) {
      yield callOn(putMany, queue, { values: portion.map(({ value }) => value), restores: true, ...placing });
    }
  }
  if (ending !== undefined) yield callOn(shutdown, queue, { immediate: ending === 'drop' });
}

/** Yields all items in the order in which they have to be put. */
function* itemsOf({ state: { items, deliveries, delays, ending }, now }: CapturedObject<StateOf<MemoryQueue>>): Generator<PlacedItem> {
  // A queue that was shut down at once drops items that come back.
  if (ending === 'drop') return;
  const placed = [...items.items, ...deliveries.map(([item]) => item)];
  for (const item of placed.sort(byPlace)) yield itemOf(item);
  for (const value of items.fresh) yield { value, priority: 0, attempts: 0, delayMs: undefined };
  for (const [item, due] of delays.items) {
    const delayMs = until(due, now);
    if ('place' in item) yield itemOf(item, delayMs);
    else yield { value: item[0], priority: item[1] ?? 0, attempts: 0, delayMs };
  }
}

function itemOf({ value, priority, attempts }: StateOf<QueueItem>, delayMs?: number): PlacedItem {
  return { value, priority, attempts, delayMs };
}

function byPlace(a: StateOf<QueueItem>, b: StateOf<QueueItem>): number {
  return a.priority - b.priority || a.place - b.place;
}

/** Yields runs of items that one call can put. */
function* alike(items: Iterable<PlacedItem>): Generator<PlacedItem[]> {
  let run: PlacedItem[] = [];
  for (const item of items) {
    const [first] = run;
    const same = first?.priority === item.priority && first.attempts === item.attempts && first.delayMs === item.delayMs;
    if (!same && run.length > 0) {
      yield run;
      run = [];
    }
    run.push(item);
  }
  if (run.length > 0) yield run;
}
