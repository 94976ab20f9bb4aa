import type { CallContext, HandedOver } from '../../../proto/contract.js';
import { InvalidArgumentError, QueueEmptyError, QueueFullError, QueueShutDownError, type NotFoundError } from '../../../proto/errors.js';
import type { DeliveredItem } from '../../../proto/gen/commonhold/v1/queue_wire.js';
import type { StateOf } from '../../../proto/state.js';
import type { Payload } from '../../../proto/wire/values.js';
import { compact, compactAll } from '../collections/bytes.js';
import { Delays } from '../lifetime/delays.js';
import { Deliveries } from './deliveries.js';
import { SharedObject, type ObjectKind } from '../lifetime/keyspace.js';
import { AT_ONCE, emptyText, fullText, type Late } from '../../core/late.js';
import type { Future } from '../../core/future.js';
import { PAGE_BYTES } from '../../core/page.js';
import type { Restoring } from '../../core/restoring.js';
import type { Histories } from '../watching/history.js';
import { StateVersion } from '../watching/state-version.js';
import { type OrderName } from '../../core/queue-orders.js';
import { QueueItem, itemState, makeOrder, payloadOf, payloadsOf, type Item, type Order } from './queue-order.js';
import type { DeadLetters, Placing, QueueSettings } from './queue-settings.js';
import { Tasks } from './tasks.js';
import { WaitList } from '../locking/waiters.js';
import type { GrowingNumbers } from '../../core/growing-numbers.js';
import { OVERHEAD } from '../../core/use.js';

/** A put that waits for room, with the number of values that are in the queue already. */
interface PendingPut {
  readonly values: readonly Payload[];
  readonly priority: number | undefined;
  readonly delayMs: number | undefined;
  accepted: number;
}

/** The part of a waiting put that its request does not have. */
type PutState = Pick<PendingPut, 'accepted'>;

/** An item of a put with a delay. */
interface Delayed {
  readonly value: Payload;
  readonly priority: number | undefined;
}

/** A call that takes items. */
interface TakeRequest {
  readonly most: number;
  /** The deliveries that it makes of the items; undefined if it takes them for good. */
  readonly delivery: { readonly leaseMs: number; readonly tokens: GrowingNumbers } | undefined;
}

/** The response to such a call. */
type TakenItems = Payload[] | DeliveredItem[];

/** A queue, as Python's Queue, LifoQueue and PriorityQueue. */
export class MemoryQueue extends SharedObject {
  readonly kind = 'queue';
  readonly capacity: number;
  readonly order: OrderName;
  readonly deadLetters: DeadLetters | undefined;
  readonly tasks: Tasks;
  /** Version of the number of items that wait to be taken. */
  readonly version: StateVersion;
  readonly #items: Order;
  /** Items put with a delay, which count towards the capacity, and items given back with a delay, which do not. */
  readonly #delays: Delays<Delayed | QueueItem>;
  #delayedPuts = 0;
  readonly deliveries: Deliveries;
  /** Calls that wait for items. While calls wait, there are no items. */
  readonly #getters: WaitList<TakeRequest, TakenItems>;
  /** Calls that wait to put items. While calls wait, there is no room. */
  readonly #putters: WaitList<PendingPut, void>;
  /** Set by a shutdown: `drain` lets the remaining items be taken, `drop` drops them, and any that come back. */
  #ending: 'drain' | 'drop' | undefined;

  constructor(name: string, { revisions, use }: Histories, { capacity = 0, order = 'fifo', deadLetters }: QueueSettings = {}) {
    super(name);
    const { clock } = revisions;
    this.#delays = new Delays(clock, (due) => this.#arrive(due));
    this.#getters = new WaitList(clock);
    this.#putters = new WaitList(clock);
    this.version = new StateVersion(revisions);
    this.capacity = capacity;
    this.order = order;
    this.deadLetters = deadLetters;
    this.tasks = new Tasks(clock, name);
    this.#items = makeOrder(order);
    this.deliveries = new Deliveries(name, { clock, use }, (item) => this.#returned(item, 0));
  }

  get size(): number {
    return this.#items.length;
  }

  override get waiters(): number {
    return this.#getters.size + this.#putters.size + this.tasks.waiters + this.version.waiters;
  }

  override get watches(): number {
    return this.version.waiters;
  }

  override options(): Record<string, string> {
    const { capacity, order, deadLetters } = this;
    return {
      capacity: String(capacity),
      order,
      unfinished: String(this.tasks.unfinished),
      delayed: String(this.#delays.length),
      delivered: String(this.deliveries.size),
      shutDown: String(this.#ending !== undefined),
      ...(deadLetters && { deadLetter: `${deadLetters.queue} after ${deadLetters.maxDeliveries} deliveries` }),
    };
  }

  /** The number of delayed puts is that of the delayed items that were not delivered before. */
  override state() {
    const { capacity, order, deadLetters } = this;
    return {
      capacity,
      order,
      deadLetters: deadLetters && ([deadLetters.queue, deadLetters.maxDeliveries] as const),
      items: this.#items.state(),
      delays: this.#delays.state((item) => (item instanceof QueueItem ? item.state() : ([item.value, item.priority] as const))),
      deliveries: this.deliveries.state(),
      tasks: this.tasks.state(),
      version: this.version.state(),
      getters: this.#getters.state(({ most, delivery }) => [most, delivery?.leaseMs]),
      putters: this.#putters.state(({ values, priority, delayMs, accepted }) => {
        return { values: compactAll(values.slice(accepted)), priority, delayMs, accepted };
      }),
      ending: this.#ending,
    };
  }

  override restore(state: StateOf<MemoryQueue>, restoring: Restoring): void {
    this.#items.restore(state.items);
    this.#delays.restore(state.delays, restoring, (item) => {
      if ('place' in item) return QueueItem.of(item);
      this.#delayedPuts++;
      return { value: item[0], priority: item[1] };
    });
    this.deliveries.restore(state.deliveries, restoring);
    this.tasks.restore(state.tasks, restoring);
    this.version.restore(state.version, restoring);
    this.#getters.restore(state.getters, restoring);
    this.#putters.restore(state.putters, restoring);
    this.#ending = state.ending;
  }

  put(
    values: readonly Payload[],
    { priority, delayMs }: Placing,
    context: CallContext,
    timeoutMs: number | undefined,
  ): void | Future<void> {
    if (priority !== undefined) this.#checkPriority(priority);
    if (this.#ending) throw this.#closed();
    const before = this.#putters.placeOf(context)?.want as PutState | undefined;
    const pending: PendingPut = { values, priority, delayMs, accepted: before?.accepted ?? 0 };
    if (this.#putters.size === 0) this.#addSome(pending);
    if (pending.accepted === values.length) return;
    return this.#putters.wait(context, pending, timeoutMs, ({ accepted }, late) => this.#full(accepted, late));
  }

  /** Puts items of a dump, although there may be no room. @param attempts number of deliveries that they have had */
  restorePut(values: readonly Payload[], { priority, delayMs }: Placing, attempts: number): void {
    if (priority !== undefined) this.#checkPriority(priority);
    if (this.#ending) throw this.#closed();
    for (const each of values) {
      const value = compact(each);
      this.links.add(value);
      if (attempts > 0) this.#restoreDelivered(value, priority, attempts, delayMs);
      else this.#place(value, { priority, delayMs });
    }
    this.tasks.add(values.length);
    this.version.bump();
    this.#serve();
  }

  #restoreDelivered(value: Payload, priority: number | undefined, attempts: number, delayMs: number | undefined): void {
    const item = this.#items.delivered(value, priority, attempts);
    if (delayMs) this.#delays.add(item, delayMs);
    else this.#items.putBack([item]);
  }

  /** Adds a new item. */
  #place(value: Payload, { priority, delayMs }: Placing): void {
    if (delayMs) {
      this.#delays.add({ value, priority }, delayMs);
      this.#delayedPuts++;
    } else {
      this.#items.push(value, priority);
    }
  }

  /** Throws the error that a put of `count` items with this priority would fail with at once. */
  assertRoom(count: number, priority?: number): void {
    if (priority !== undefined) this.#checkPriority(priority);
    if (this.#ending) throw this.#closed();
    if (this.#putters.size > 0 || this.#room < count) throw this.#full(0, AT_ONCE);
  }

  /** Accepts a dead letter of another queue, regardless of the capacity. Returns false if this queue is shut down. */
  accept({ value, priority }: QueueItem): boolean {
    if (this.#ending) return false;
    this.links.add(value);
    this.#items.push(value, priority);
    this.tasks.add(1);
    this.version.bump();
    this.#serve();
    return true;
  }

  get(most: number, context: CallContext, timeoutMs: number | undefined): Payload[] | Future<Payload[]> {
    return this.#take({ most, delivery: undefined }, context, timeoutMs) as Payload[] | Future<Payload[]>;
  }

  deliver(
    most: number,
    leaseMs: number,
    tokens: GrowingNumbers,
    context: CallContext,
    timeoutMs: number | undefined,
  ): DeliveredItem[] | Future<DeliveredItem[]> {
    return this.#take({ most, delivery: { leaseMs, tokens } }, context, timeoutMs) as DeliveredItem[] | Future<DeliveredItem[]>;
  }

  acknowledge(token: number): void {
    this.links.remove(this.deliveries.settle(token).value);
    this.tasks.finish(1);
    this.#endIfSpent();
  }

  giveBack(token: number, delayMs: number): void {
    this.#returned(this.deliveries.settle(token), delayMs);
  }

  extend(token: number, leaseMs: number): void {
    this.deliveries.extend(token, leaseMs);
  }

  peek(count: number): Payload[] {
    return this.#items.peek(Math.min(count, this.#items.length));
  }

  clear(): number {
    const values = this.#items.peek(this.#items.length);
    const count = this.#items.length + this.#delays.length;
    this.#items.clear();
    values.push(...this.#delays.clear().map(({ value }) => value));
    for (const value of values) this.links.remove(value);
    this.#delayedPuts = 0;
    this.tasks.finish(count);
    this.version.bump();
    this.#endIfSpent();
    this.#admit();
    return count;
  }

  shutDown(immediate: boolean): void {
    if (immediate) this.#ending = 'drop';
    this.#ending ??= 'drain';
    this.#putters.failAll(({ accepted }) => this.#closed(accepted));
    if (immediate) this.clear();
    this.#endIfSpent();
  }

  override destroyed(gone: () => NotFoundError): void {
    for (const list of [this.#getters, this.#putters, this.tasks]) list.failAll(gone);
    this.version.destroyed(gone);
    this.#delays.clear();
    this.deliveries.drop();
  }

  get #room(): number {
    return this.capacity === 0 ? Infinity : this.capacity - this.#items.length - this.#delayedPuts;
  }

  #checkPriority(priority: number): void {
    if (Number.isNaN(priority)) throw new InvalidArgumentError('priority is NaN: give a number', { object: this.name });
    if (this.order === 'priority') return;
    throw new InvalidArgumentError(
      `"${this.name}" has the order ${this.order}, which has no priorities: open it with { order: 'priority' }`,
      { object: this.name },
    );
  }

  /** Adds as many items as there is room for, and serves the waiting getters, which may make room for more. */
  #addSome(pending: PendingPut): void {
    const { values } = pending;
    while (pending.accepted < values.length && this.#room > 0) {
      const end = Math.min(values.length, pending.accepted + this.#room);
      for (let i = pending.accepted; i < end; i++) {
        const value = compact(values[i]!);
        this.links.add(value);
        this.#place(value, pending);
      }
      this.tasks.add(end - pending.accepted);
      pending.accepted = end;
      this.version.bump();
      this.#serve();
    }
  }

  /** Called when delayed items are due. */
  #arrive(due: readonly (Delayed | QueueItem)[]): void {
    for (const item of due) {
      if (item instanceof QueueItem) {
        this.#items.putBack([item]);
      } else {
        this.#delayedPuts--;
        this.#items.push(item.value, item.priority);
      }
    }
    this.version.bump();
    this.#serve();
    this.#admit();
  }

  #take(request: TakeRequest, context: CallContext, timeoutMs: number | undefined): TakenItems | Future<TakenItems> {
    if (this.#items.length > 0) {
      const taken = this.#handOver(request, context);
      this.version.bump();
      this.#admit();
      return taken;
    }
    if (this.#spent) throw this.#closed();
    const empty = (_request: unknown, late: Late): Error => new QueueEmptyError(emptyText(this.name, late), { object: this.name });
    return this.#getters.wait(context, request, timeoutMs, empty);
  }

  /** Gives items to the calls that wait for them. */
  #serve(): void {
    for (let getter = this.#getters.first; getter !== undefined && this.#items.length > 0; getter = this.#getters.first) {
      getter.succeed(this.#handOver(getter.want, getter.context));
    }
    this.#endIfSpent();
  }

  /** Accepts items of the puts that wait for room. */
  #admit(): void {
    for (let putter = this.#putters.first; putter !== undefined && this.#room > 0; putter = this.#putters.first) {
      this.#addSome(putter.want);
      if (putter.want.accepted === putter.want.values.length) putter.succeed();
    }
  }

  #handOver({ most, delivery }: TakeRequest, context: CallContext): TakenItems {
    const items = this.#shiftPage(most, delivery === undefined ? 0 : OVERHEAD.hold);
    if (delivery !== undefined) return this.deliveries.handOver(items, delivery.leaseMs, delivery.tokens, context);
    for (const item of items) this.links.remove(payloadOf(item));
    context.handOver(new HandedItems(this, items));
    return payloadsOf(items);
  }

  /** Takes back items of a response that was not acknowledged. */
  regain(items: readonly Item[]): void {
    for (const item of items) this.links.add(payloadOf(item));
    this.#takeBack(items);
  }

  /** Removes up to `most` items, or fewer if they are large with what is kept for each. */
  #shiftPage(most: number, overhead: number): Item[] {
    const items: Item[] = [];
    for (let bytes = 0; items.length < most && bytes < PAGE_BYTES && this.#items.length > 0;) {
      const item = this.#items.shift()!;
      items.push(item);
      bytes += payloadOf(item).length + overhead;
    }
    return items;
  }

  /** Puts items that were handed over back at the front. */
  #takeBack(items: readonly Item[]): void {
    if (this.#ending === 'drop') {
      for (const item of items) this.links.remove(payloadOf(item));
      return this.tasks.finish(items.length);
    }
    this.#items.putBack(items);
    this.version.bump();
    this.#serve();
  }

  /** Called when a delivery ended without being acknowledged. */
  #returned(item: QueueItem, delayMs: number): void {
    if (this.#moveToDeadLetters(item)) {
      this.links.remove(item.value);
      this.tasks.finish(1);
    } else if (delayMs > 0 && this.#ending !== 'drop') this.#delays.add(item, delayMs);
    else this.#takeBack([item]);
    this.#endIfSpent();
  }

  /**
   * Moves an item that was delivered often enough to the queue of dead letters. Returns false if that queue does not accept it; then the
   * item stays here, so that it is not lost.
   */
  #moveToDeadLetters(item: QueueItem): boolean {
    const { deadLetters } = this;
    return deadLetters !== undefined && item.attempts >= deadLetters.maxDeliveries && deadLetters.accept(item);
  }

  /** True if the queue was shut down and no item can become available. */
  get #spent(): boolean {
    if (this.#ending === undefined || this.#items.length > 0) return false;
    return this.#ending === 'drop' || (this.#delays.length === 0 && this.deliveries.size === 0);
  }

  #endIfSpent(): void {
    if (this.#spent) this.#getters.failAll(() => this.#closed());
  }

  /** @param accepted number of items that the put has added nevertheless */
  #closed(accepted = 0): QueueShutDownError {
    return new QueueShutDownError(`"${this.name}" was shut down`, { object: this.name, mayHaveExecuted: accepted > 0 });
  }

  #full(accepted: number, late: Late): QueueFullError {
    const about = { object: this.name, accepted, mayHaveExecuted: accepted > 0 };
    return new QueueFullError(fullText(this.name, this.capacity, late), about);
  }
}

/** The items that a response hands over for good. */
export class HandedItems implements HandedOver {
  constructor(
    private readonly queue: MemoryQueue,
    private readonly items: readonly Item[],
  ) {}

  giveBack(taken: number): void {
    this.queue.regain(this.items.slice(taken));
  }

  state() {
    const { name, links } = this.queue;
    return { handed: 'items', queue: name, ended: links.ended, items: this.items.map(itemState) } as const;
  }
}

export const queueKind: ObjectKind<MemoryQueue> = {
  kind: 'queue',
  make: (name, { histories }) => new MemoryQueue(name, histories),
};
