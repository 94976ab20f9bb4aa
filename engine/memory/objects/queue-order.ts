import type { State, Stateful, StateOf } from '../../../proto/state.js';
import type { OrderName } from '../../core/queue-orders.js';
import { Deque } from '../collections/deque.js';
import { Heap } from '../../core/heap.js';
import { itemOf, itemState, NO_PLACE, QueueItem, type Item, type ItemState } from './queue-item.js';

/** The items of a queue that wait to be taken, in its order. */
export interface Order extends Stateful {
  state(): OrderState;
  readonly length: number;
  /** Adds an item as a new one. */
  push(item: Item): void;
  /** Returns a place behind all that it has returned. A negative one is before all others. */
  nextPlace(): number;
  /** Puts items where they belong by their places; those without one, which were taken, in the order in which they were taken. */
  putBack(items: readonly Item[]): void;
  /** Removes and returns the first item. */
  shift(): Item | undefined;
  /** Returns items without removing them, from a place in the order on. */
  peek(count: number, start?: number): Item[];
  /** Removes an item from its place, in time that grows with their number. Returns false if it is not there. */
  remove(item: QueueItem): boolean;
  /** Removes many items from their places, in time that grows with the number of all. */
  removeAll(items: ReadonlySet<Item>): void;
  /** Removes and returns all items, in no particular order. */
  clear(): Item[];
  restore(state: OrderState): void;
}

/** The items of an order, those in the order of their puts and others, and the number of places that it has given. */
export interface OrderState {
  readonly [field: string]: State;
  readonly fresh: readonly ItemState[];
  readonly items: readonly StateOf<QueueItem>[];
  readonly places: number;
}

export function makeOrder(name: OrderName): Order {
  switch (name) {
    case 'fifo':
      return new Fifo();
    case 'lifo':
      return new Lifo();
    case 'priority':
      return new ByPriority();
  }
}

/**
 * Orders items by the time of their put. Items with a place go first: the ones put at the head, then the ones
 * that were delivered and came back, the oldest of them before the others.
 */
abstract class PutOrder implements Order {
  protected readonly fresh = new Deque<Item>();
  readonly #first = new Heap<QueueItem>((a, b) => a.place < b.place);
  /** Number of places given here. They are less than tokens, which are the places of delivered items. */
  #places = 0;

  /** Removes and returns the next item of {@link fresh}. */
  protected abstract take(): Item | undefined;
  protected abstract untake(items: readonly Item[]): void;
  /** Returns items of {@link fresh} in the order in which they are taken, from a place on. */
  protected abstract peekFresh(count: number, start: number): Item[];

  get length(): number {
    return this.fresh.length + this.#first.length;
  }

  state(): OrderState {
    return {
      fresh: this.fresh.state(itemState),
      items: this.#first.peek(this.#first.length).map((item) => item.state()),
      places: this.#places,
    };
  }

  restore({ fresh, items, places }: OrderState): void {
    this.fresh.pushAll(fresh.map(itemOf));
    for (const item of items) this.#first.push(QueueItem.of(item));
    this.#places = places;
  }

  push(item: Item): void {
    this.fresh.push(item);
  }

  nextPlace(): number {
    return ++this.#places;
  }

  putBack(items: readonly Item[]): void {
    const fresh: Item[] = [];
    for (const item of items) {
      if (item instanceof QueueItem && item.place !== NO_PLACE) this.#first.push(item);
      else fresh.push(item);
    }
    this.untake(fresh);
  }

  shift(): Item | undefined {
    return this.#first.pop() ?? this.take();
  }

  peek(count: number, start = 0): Item[] {
    const first: Item[] = this.#first.peek(count, start);
    const from = Math.min(Math.max(0, start - this.#first.length), this.fresh.length);
    return first.concat(this.peekFresh(Math.min(count - first.length, this.fresh.length - from), from));
  }

  remove(item: QueueItem): boolean {
    return item.place === NO_PLACE ? this.fresh.remove(item) : this.#first.remove(item);
  }

  removeAll(items: ReadonlySet<Item>): void {
    this.fresh.removeAll(items);
    for (const item of this.#first.clear()) if (!items.has(item)) this.#first.push(item);
  }

  clear(): Item[] {
    const fresh = this.fresh.slice(0, this.fresh.length);
    this.fresh.replace([]);
    return fresh.concat(this.#first.clear());
  }
}

class Fifo extends PutOrder {
  protected override take(): Item | undefined {
    return this.fresh.shift();
  }

  protected override untake(items: readonly Item[]): void {
    this.fresh.unshiftAll(items);
  }

  protected override peekFresh(count: number, start: number): Item[] {
    return this.fresh.slice(start, start + count);
  }
}

class Lifo extends PutOrder {
  protected override take(): Item | undefined {
    return this.fresh.pop();
  }

  protected override untake(items: readonly Item[]): void {
    this.fresh.pushAll(items.toReversed());
  }

  protected override peekFresh(count: number, start: number): Item[] {
    const end = this.fresh.length - start;
    return this.fresh.slice(end - count, end).reverse();
  }
}

/** Orders items by priority, the lowest first. Items of equal priority keep the order of their puts, also after they came back. */
class ByPriority implements Order {
  readonly #heap = new Heap<QueueItem>((a, b) => a.priority < b.priority || (a.priority === b.priority && a.place < b.place));
  #places = 0;

  get length(): number {
    return this.#heap.length;
  }

  state(): OrderState {
    return { fresh: [], items: this.#heap.peek(this.#heap.length).map((item) => item.state()), places: this.#places };
  }

  restore({ items, places }: OrderState): void {
    for (const item of items) this.#heap.push(QueueItem.of(item));
    this.#places = places;
  }

  push(item: Item): void {
    const placed = item instanceof QueueItem ? item : new QueueItem(item);
    placed.place = this.nextPlace();
    this.#heap.push(placed);
  }

  nextPlace(): number {
    return ++this.#places;
  }

  putBack(items: readonly Item[]): void {
    for (const item of items) this.#heap.push(item as QueueItem);
  }

  shift(): Item | undefined {
    return this.#heap.pop();
  }

  peek(count: number, start?: number): Item[] {
    return this.#heap.peek(count, start);
  }

  remove(item: QueueItem): boolean {
    return this.#heap.remove(item);
  }

  removeAll(items: ReadonlySet<Item>): void {
    for (const item of this.#heap.clear()) if (!items.has(item)) this.#heap.push(item);
  }

  clear(): Item[] {
    return this.#heap.clear();
  }
}
