import type { Stateful, StateOf } from '../../../proto/state.js';
import type { Payload } from '../../../proto/wire/values.js';
import type { Clock } from '../../core/clock.js';
import type { OrderName } from '../../core/queue-orders.js';
import type { Restoring } from '../../core/restoring.js';
import { OVERHEAD } from '../../core/use.js';
import { compact } from '../collections/bytes.js';
import { Delays } from '../lifetime/delays.js';
import type { OutgoingRefs } from '../lifetime/outgoing-refs.js';
import { NO_PLACE, QueueItem, payloadOf, type Item } from './queue-item.js';
import { makeOrder, type Order } from './queue-order.js';
import type { NewPlacing, Placing, RestoredPlacing } from './queue-settings.js';

/**
 * The items of a queue that wait to be taken, in its order, and the delayed ones. An item that is handed out leaves its place; it is
 * the queue's, with its id, until it is {@link release}d.
 */
export class QueueItems implements Stateful {
  readonly #order: Order;
  /** Items put with a delay, which have no place yet, and items given back with a delay, which have one. */
  readonly #delays: Delays<QueueItem>;
  #delayedPuts = 0;
  /** The items that have an id; undefined until there is one. */
  #named: Map<string, QueueItem> | undefined;

  constructor(
    order: OrderName,
    clock: Clock,
    /** The queue, which counts what it holds. */
    private readonly queue: { readonly links: OutgoingRefs },
    /** Called when delayed items have come to their places. */
    arrived: () => void,
  ) {
    this.#order = makeOrder(order);
    this.#delays = new Delays(clock, (due) => {
      this.#arrive(due);
      arrived();
    });
  }

  /** Number of items that wait to be taken. */
  get length(): number {
    return this.#order.length;
  }

  /** Number of delayed items. */
  get delayed(): number {
    return this.#delays.length;
  }

  /** Number of items that count towards the capacity: all but the ones that were given back with a delay. */
  get occupied(): number {
    return this.#order.length + this.#delayedPuts;
  }

  state() {
    return { waiting: this.#order.state(), delays: this.#delays.state((item) => item.state()) };
  }

  restore({ waiting, delays }: StateOf<QueueItems>, restoring: Restoring): void {
    this.#order.restore(waiting);
    this.#delays.restore(delays, restoring, (state) => {
      const item = QueueItem.of(state);
      if (item.place === NO_PLACE) this.#delayedPuts++;
      return item;
    });
    for (const item of this.#order.peek(this.length)) this.name(item);
    for (const [item] of this.#delays.peek(this.delayed)) this.name(item);
  }

  /** True if the queue holds an item with this id: one that waits, is delayed or is delivered. */
  has(id: string): boolean {
    return this.#named?.has(id) === true;
  }

  /** Adds a new item. */
  add(value: Payload, placing: NewPlacing): void {
    const item = makeItem(value, placing);
    this.hold(item);
    if (item instanceof QueueItem) this.#place(item, placing);
    else this.#order.push(item);
  }

  /** Adds an item of a dump; at the head it goes behind the ones that were added there before. Returns false for a duplicate. */
  restoreItem(value: Payload, placing: RestoredPlacing): boolean {
    const { id, head, delayMs } = placing;
    if (id !== undefined && this.has(id)) return false;
    if (head) {
      const item = new QueueItem(compact(value), placing);
      this.hold(item);
      item.place = this.#order.nextPlace();
      if (delayMs) this.#delays.add(item, delayMs);
      else this.#order.putBack([item]);
    } else {
      this.add(value, placing);
    }
    return true;
  }

  /** Adds an item that comes from another queue. */
  accept(item: QueueItem): void {
    this.hold(item);
    this.#order.push(item);
  }

  /** Gives an item a new place, as if it were put now. Returns false if it has none: it is delivered, or there is no such item. */
  move(id: string, placing: Placing): boolean {
    const item = this.#takeOut(id);
    if (item === undefined) return false;
    item.priority = placing.priority ?? item.priority;
    item.place = NO_PLACE;
    this.#place(item, placing);
    return true;
  }

  /** Removes an item from its place for good. Returns false if it has none. */
  cancel(id: string): boolean {
    const item = this.#takeOut(id);
    if (item !== undefined) this.release(item);
    return item !== undefined;
  }

  /** Removes and returns the first item, which the queue still holds. */
  shift(): Item | undefined {
    return this.#order.shift();
  }

  /** Removes items that wait for good. */
  removeAll(items: ReadonlySet<Item>): void {
    this.#order.removeAll(items);
    for (const item of items) this.release(item);
  }

  /** Puts items back that were taken, in the order in which they were taken. */
  putBack(items: readonly Item[]): void {
    this.#order.putBack(items);
  }

  /** Puts an item back after a delay. */
  putBackLater(item: QueueItem, delayMs: number): void {
    this.#delays.add(item, delayMs);
  }

  /** Returns items that wait, from a place in the order on. */
  peek(count: number, start?: number): Item[] {
    return this.#order.peek(Math.min(count, this.length), start);
  }

  /** Returns delayed items in the order in which they are due, from a place on, each with its time. */
  peekDelayed(count: number, start?: number): (readonly [item: QueueItem, due: number])[] {
    return this.#delays.peek(count, start);
  }

  /** Removes all items for good, and returns their number. */
  clear(): number {
    const items = this.#order.clear().concat(this.#delays.clear());
    this.#delayedPuts = 0;
    for (const item of items) this.#discount(item);
    this.#forget(items.filter((item) => item instanceof QueueItem && item.id !== undefined) as QueueItem[]);
    return items.length;
  }

  /** Stops the timer, because the queue was destroyed. */
  end(): void {
    this.#delays.clear();
  }

  /** Counts an item that the queue holds from now on. */
  hold(item: Item): void {
    this.queue.links.add(payloadOf(item));
    if (!(item instanceof QueueItem)) return;
    const { textBytes } = item;
    if (textBytes > 0) this.queue.links.addBytes(textBytes, OVERHEAD.key);
    this.name(item);
  }

  /** Notes the id of an item that is counted already. */
  name(item: Item): void {
    if (!(item instanceof QueueItem) || item.id === undefined) return;
    this.#named ??= new Map<string, QueueItem>();
    this.#named.set(item.id, item);
  }

  /** Discounts an item that the queue no longer holds. */
  release(item: Item): void {
    this.#discount(item);
    if (item instanceof QueueItem && item.id !== undefined) this.#named?.delete(item.id);
  }

  #discount(item: Item): void {
    this.queue.links.remove(payloadOf(item));
    const textBytes = item instanceof QueueItem ? item.textBytes : 0;
    if (textBytes > 0) this.queue.links.removeBytes(textBytes, OVERHEAD.key);
  }

  /** Forgets the ids of items: usually of all that have one, which takes far less time at once. */
  #forget(named: readonly QueueItem[]): void {
    if (named.length === this.#named?.size) this.#named = undefined;
    else for (const { id } of named) this.#named?.delete(id!);
  }

  #place(item: QueueItem, { delayMs, head }: Placing): void {
    if (delayMs) {
      this.#delays.add(item, delayMs);
      this.#delayedPuts++;
    } else if (head) {
      item.place = -this.#order.nextPlace();
      this.#order.putBack([item]);
    } else {
      this.#order.push(item);
    }
  }

  #arrive(due: readonly QueueItem[]): void {
    for (const item of due) {
      if (item.place === NO_PLACE) {
        this.#delayedPuts--;
        this.#order.push(item);
      } else {
        this.#order.putBack([item]);
      }
    }
  }

  /** Removes an item from its place. Returns undefined if it has none. */
  #takeOut(id: string): QueueItem | undefined {
    const item = this.#named?.get(id);
    if (item === undefined || this.#order.remove(item)) return item;
    if (!this.#delays.remove(item)) return undefined;
    if (item.place === NO_PLACE) this.#delayedPuts--;
    return item;
  }
}

/** Makes a new item: a bare payload, unless it has more than that. */
function makeItem(value: Payload, placing: RestoredPlacing): Item {
  const { priority, delayMs, id, head, attempts, letter } = placing;
  const payload = compact(value);
  const bare = priority === undefined && id === undefined && !delayMs && !head && !attempts && letter === undefined;
  return bare ? payload : new QueueItem(payload, placing);
}
