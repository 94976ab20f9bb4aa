import type { State, Stateful, StateOf } from '../../../proto/state.js';
import type { Payload } from '../../../proto/wire/values.js';
import type { OrderName } from '../../core/queue-orders.js';
import { Deque } from '../collections/deque.js';
import { Heap } from '../../core/heap.js';

/** An item with the state that the queue keeps beside its payload. */
export class QueueItem implements Stateful {
  constructor(
    readonly value: Payload,
    readonly priority: number,
    /** Order of the put among items of the same priority. */
    readonly place: number,
    /** Number of deliveries. */
    public attempts = 0,
  ) {}

  static of({ value, priority, place, attempts }: StateOf<QueueItem>): QueueItem {
    return new QueueItem(value, priority, place, attempts);
  }

  state() {
    const { value, attempts, priority, place } = this;
    return { value, attempts, priority, place };
  }
}

/** An item of a queue. Items without such state are bare payloads, which saves memory. */
export type Item = Payload | QueueItem;

/** The state of an item. */
export type ItemState = Payload | StateOf<QueueItem>;

export function itemState(item: Item): ItemState {
  return item instanceof QueueItem ? item.state() : item;
}

export function itemOf(state: ItemState): Item {
  return typeof state === 'string' || state instanceof Uint8Array ? state : QueueItem.of(state);
}

export function payloadOf(item: Item): Payload {
  return item instanceof QueueItem ? item.value : item;
}

/** Returns the payloads of items. Returns the same array if all items are bare payloads, as in most queues. */
export function payloadsOf(items: Item[]): Payload[] {
  return items.some((item) => item instanceof QueueItem) ? items.map(payloadOf) : (items as Payload[]);
}

/** The items of a queue that wait to be taken, in its order. */
export interface Order extends Stateful {
  state(): OrderState;
  readonly length: number;
  /** Adds a new item. A missing priority counts as 0. */
  push(value: Payload, priority: number | undefined): void;
  /** Returns an item as if it had been put and delivered: after all that came back so far, and before all others of its priority. */
  delivered(value: Payload, priority: number | undefined, attempts: number): QueueItem;
  /** Puts back items that were taken, in the order in which they were taken. */
  putBack(items: readonly Item[]): void;
  /** Removes and returns the first item. */
  shift(): Item | undefined;
  /** Returns the first items without removing them. */
  peek(count: number): Payload[];
  clear(): void;
  restore(state: OrderState): void;
}

/** The items of an order, fresh ones and others, and the last place that it has given. */
export interface OrderState {
  readonly [field: string]: State;
  readonly fresh: readonly Payload[];
  readonly items: readonly StateOf<QueueItem>[];
  readonly puts: number;
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

/** Orders items by the time of their put. Delivered items that came back go first, the oldest of them before the others. */
abstract class PutOrder implements Order {
  protected readonly fresh = new Deque<Payload>();
  readonly #returned = new Heap<QueueItem>((a, b) => a.place < b.place);
  /** Number of items of a dump. Their places are less than tokens, which are the places of delivered items. */
  #restored = 0;

  /** Removes and returns the next item that was not delivered before. */
  protected abstract take(): Payload | undefined;
  protected abstract untake(values: readonly Payload[]): void;
  protected abstract peekFresh(count: number): Payload[];

  get length(): number {
    return this.fresh.length + this.#returned.length;
  }

  state(): OrderState {
    return {
      fresh: this.fresh.slice(0, this.fresh.length),
      items: this.#returned.peek(this.#returned.length).map((item) => item.state()),
      puts: this.#restored,
    };
  }

  restore({ fresh, items, puts }: OrderState): void {
    this.fresh.pushAll(fresh);
    for (const item of items) this.#returned.push(QueueItem.of(item));
    this.#restored = puts;
  }

  push(value: Payload): void {
    this.fresh.push(value);
  }

  delivered(value: Payload, _priority: number | undefined, attempts: number): QueueItem {
    return new QueueItem(value, 0, ++this.#restored, attempts);
  }

  putBack(items: readonly Item[]): void {
    const fresh: Payload[] = [];
    for (const item of items) {
      if (item instanceof QueueItem) this.#returned.push(item);
      else fresh.push(item);
    }
    this.untake(fresh);
  }

  shift(): Item | undefined {
    return this.#returned.pop() ?? this.take();
  }

  peek(count: number): Payload[] {
    const returned = this.#returned.peek(count).map(payloadOf);
    return returned.concat(this.peekFresh(Math.min(count - returned.length, this.fresh.length)));
  }

  clear(): void {
    this.fresh.replace([]);
    this.#returned.clear();
  }
}

class Fifo extends PutOrder {
  protected override take(): Payload | undefined {
    return this.fresh.shift();
  }

  protected override untake(values: readonly Payload[]): void {
    this.fresh.unshiftAll(values);
  }

  protected override peekFresh(count: number): Payload[] {
    return this.fresh.slice(0, count);
  }
}

class Lifo extends PutOrder {
  protected override take(): Payload | undefined {
    return this.fresh.pop();
  }

  protected override untake(values: readonly Payload[]): void {
    this.fresh.pushAll(values.toReversed());
  }

  protected override peekFresh(count: number): Payload[] {
    return this.fresh.slice(this.fresh.length - count, this.fresh.length).reverse();
  }
}

/** Orders items by priority, the lowest first. Items of equal priority keep the order of their puts, also after they came back. */
class ByPriority implements Order {
  readonly #heap = new Heap<QueueItem>((a, b) => a.priority < b.priority || (a.priority === b.priority && a.place < b.place));
  #puts = 0;

  get length(): number {
    return this.#heap.length;
  }

  state(): OrderState {
    return { fresh: [], items: this.#heap.peek(this.#heap.length).map((item) => item.state()), puts: this.#puts };
  }

  restore({ items, puts }: OrderState): void {
    for (const item of items) this.#heap.push(QueueItem.of(item));
    this.#puts = puts;
  }

  push(value: Payload, priority = 0): void {
    this.#heap.push(new QueueItem(value, priority, ++this.#puts));
  }

  delivered(value: Payload, priority = 0, attempts: number): QueueItem {
    return new QueueItem(value, priority, ++this.#puts, attempts);
  }

  putBack(items: readonly Item[]): void {
    for (const item of items) this.#heap.push(item as QueueItem);
  }

  shift(): Item | undefined {
    return this.#heap.pop();
  }

  peek(count: number): Payload[] {
    return this.#heap.peek(count).map(payloadOf);
  }

  clear(): void {
    this.#heap.clear();
  }
}
