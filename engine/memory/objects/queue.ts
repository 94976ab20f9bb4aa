import type { CallContext, HandedOver } from '../../../proto/contract.js';
import type { NotFoundError } from '../../../proto/errors.js';
import type { StateOf } from '../../../proto/state.js';
import type { Payload } from '../../../proto/wire/values.js';
import { Deliveries, type Delivered, type DeliveryEnd } from './deliveries.js';
import { SharedObject, type ObjectKind } from '../lifetime/keyspace.js';
import type { Future } from '../../core/future.js';
import { PAGE_BYTES } from '../../core/page.js';
import type { Restoring } from '../../core/restoring.js';
import type { Histories } from '../watching/history.js';
import { StateVersion } from '../watching/state-version.js';
import { type OrderName } from '../../core/queue-orders.js';
import { checkPlacing, checkRestored, emptyError, shutDownError } from './queue-errors.js';
import { QueueItem, bytesOf, itemState, payloadsOf, type Item } from './queue-item.js';
import { QueueItems } from './queue-items.js';
import { QueuePuts, placingOf, type Puts } from './queue-puts.js';
import type { DeadLetters, NewPlacing, Placing, QueueSettings, Rate, RestoredPlacing } from './queue-settings.js';
import { RateLimit } from './rate-limit.js';
import { Tasks } from './tasks.js';
import { WaitList } from '../locking/waiters.js';
import type { GrowingNumbers } from '../../core/growing-numbers.js';
import { OVERHEAD } from '../../core/use.js';

/** A call that takes items. */
interface TakeRequest {
  readonly most: number;
  /** The deliveries that it makes of the items; undefined if it takes them for good. */
  readonly delivery: { readonly leaseMs: number; readonly tokens: GrowingNumbers } | undefined;
}

/** The response to such a call. */
type TakenItems = Payload[] | Delivered[];

/** A queue, as Python's Queue, LifoQueue and PriorityQueue. */
export class MemoryQueue extends SharedObject {
  readonly kind = 'queue';
  readonly capacity: number;
  readonly order: OrderName;
  readonly deadLetters: DeadLetters | undefined;
  readonly tasks: Tasks;
  /** Version of the number of items that wait to be taken. */
  readonly version: StateVersion;
  readonly items: QueueItems;
  readonly deliveries: Deliveries;
  /** Calls that wait for items. While calls wait, there are no items that may be taken. */
  readonly #getters: WaitList<TakeRequest, TakenItems>;
  readonly #puts: QueuePuts;
  readonly #rate: RateLimit | undefined;
  #paused = false;
  /** Set by a shutdown: `drain` lets the remaining items be taken, `drop` drops them, and any that come back. */
  #ending: 'drain' | 'drop' | undefined;

  constructor(name: string, { revisions, use }: Histories, { capacity = 0, order = 'fifo', deadLetters, rate }: QueueSettings = {}) {
    super(name);
    const { clock } = revisions;
    this.#getters = new WaitList(clock);
    this.#puts = new QueuePuts(this, clock);
    this.version = new StateVersion(revisions);
    this.capacity = capacity;
    this.order = order;
    this.deadLetters = deadLetters;
    this.tasks = new Tasks(clock, name);
    this.items = new QueueItems(order, clock, this, () => this.#offer());
    this.#rate = rate && new RateLimit(rate, clock, () => this.#offer());
    this.deliveries = new Deliveries(name, { clock, use }, (item, end) => this.#returned(item, 0, end));
  }

  get size(): number {
    return this.items.length;
  }

  override get waiters(): number {
    return this.#getters.size + this.#puts.size + this.tasks.waiters + this.version.waiters;
  }

  override get watches(): number {
    return this.version.waiters;
  }

  override options(): Record<string, string> {
    const { capacity, order, deadLetters } = this;
    const rate = this.#rate?.rate;
    return {
      capacity: String(capacity),
      order,
      unfinished: String(this.tasks.unfinished),
      delayed: String(this.items.delayed),
      delivered: String(this.deliveries.size),
      shutDown: String(this.#ending !== undefined),
      ...(this.#paused && { paused: 'true' }),
      ...(deadLetters && { deadLetter: `${deadLetters.queue} after ${deadLetters.maxDeliveries} deliveries` }),
      ...(rate && { rate: `${rate.max} in ${rate.perMs} ms` }),
    };
  }

  /** The limit of the pace at which items are handed out. */
  get rate(): Rate | undefined {
    return this.#rate?.rate;
  }

  override state() {
    const { capacity, order, deadLetters, rate } = this;
    return {
      capacity,
      order,
      deadLetters: deadLetters && ([deadLetters.queue, deadLetters.maxDeliveries] as const),
      rate: rate && ([rate.max, rate.perMs] as const),
      items: this.items.state(),
      deliveries: this.deliveries.state(),
      tasks: this.tasks.state(),
      version: this.version.state(),
      getters: this.#getters.state(({ most, delivery }) => [most, delivery?.leaseMs]),
      puts: this.#puts.state(),
      handedOut: this.#rate?.state(),
      paused: this.#paused,
      ending: this.#ending,
    };
  }

  override restore(state: StateOf<MemoryQueue>, restoring: Restoring): void {
    this.items.restore(state.items, restoring);
    this.deliveries.restore(state.deliveries, restoring);
    for (const { item } of this.deliveries.open) this.items.name(item);
    this.tasks.restore(state.tasks, restoring);
    this.version.restore(state.version, restoring);
    this.#getters.restore(state.getters, restoring);
    this.#puts.restore(state.puts, restoring);
    if (state.handedOut) this.#rate?.restore(state.handedOut, restoring);
    this.#paused = state.paused;
    this.#ending = state.ending;
  }

  /** Puts items, and returns the number of duplicates that were left out. */
  put(puts: Puts, context: CallContext, timeoutMs: number | undefined): number | Future<number> {
    this.#check(puts);
    return this.#puts.put(puts, context, timeoutMs);
  }

  /** Called by puts. */
  added(count: number): void {
    this.tasks.add(count);
    this.version.bump();
    this.#serve();
  }

  /** Throws the error that a put with this placing, and one of `count` new items, would fail with at once. */
  assertPut(count: number, placing: NewPlacing): void {
    this.#check({ values: [], placing, each: [] });
    this.#puts.assertRoom(count);
  }

  /** Puts items of a dump, although there may be no room. Returns the number of duplicates that were left out. */
  restorePut(puts: Puts<RestoredPlacing>): number {
    this.#check(puts, checkRestored);
    const added = puts.values.filter((value, index) => this.items.restoreItem(value, placingOf(puts, index))).length;
    this.added(added);
    return puts.values.length - added;
  }

  /** Accepts an item of another queue, regardless of the capacity. Returns false if this queue is shut down. */
  accept(item: QueueItem): boolean {
    if (this.#ending) return false;
    this.items.accept(item);
    this.added(1);
    return true;
  }

  /** True if the queue was shut down. */
  get isShutDown(): boolean {
    return this.#ending !== undefined;
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
  ): Delivered[] | Future<Delivered[]> {
    return this.#take({ most, delivery: { leaseMs, tokens } }, context, timeoutMs) as Delivered[] | Future<Delivered[]>;
  }

  acknowledge(token: number): void {
    this.items.release(this.deliveries.settle(token));
    this.tasks.finish(1);
    this.#endIfSpent();
  }

  giveBack(token: number, delayMs: number, reason?: string): void {
    this.#returned(this.deliveries.settle(token), delayMs, { cause: 'nak', reason });
  }

  extend(token: number, leaseMs: number): void {
    this.deliveries.extend(token, leaseMs);
  }

  peek(count: number): Payload[] {
    return payloadsOf(this.items.peek(count));
  }

  clear(): number {
    const count = this.items.clear();
    this.#dropped(count);
    return count;
  }

  /** Removes an item that no consumer has. Returns false if there is none with this id. */
  cancel(id: string): boolean {
    const cancelled = this.items.cancel(id);
    if (cancelled) this.#dropped(1);
    return cancelled;
  }

  /** Removes items that wait, since they go elsewhere. */
  removeAll(items: ReadonlySet<Item>): void {
    if (items.size === 0) return;
    this.items.removeAll(items);
    this.#dropped(items.size);
  }

  /** Gives an item that no consumer has another place. Returns false if there is none with this id. */
  move(id: string, placing: Placing): boolean {
    checkPlacing(this.name, this.order, placing);
    const moved = this.items.move(id, placing);
    if (moved) this.#offer();
    return moved;
  }

  /** Stops or goes on handing out items. */
  pause(paused: boolean): void {
    this.#paused = paused;
    if (!paused) this.#offer();
  }

  shutDown(immediate: boolean): void {
    if (immediate) this.#ending = 'drop';
    this.#ending ??= 'drain';
    this.#puts.failAll((accepted) => shutDownError(this.name, accepted));
    if (immediate) this.clear();
    this.#endIfSpent();
  }

  override destroyed(gone: () => NotFoundError): void {
    for (const list of [this.#getters, this.#puts, this.tasks]) list.failAll(gone);
    this.version.destroyed(gone);
    this.items.end();
    this.#rate?.stop();
    this.deliveries.drop();
  }

  /** Number of items that may be taken now. */
  get #ready(): number {
    if (this.#paused) return 0;
    return this.#rate === undefined ? this.items.length : Math.min(this.items.length, this.#rate.left());
  }

  #check({ placing, each }: Puts, checkOne = checkPlacing): void {
    if (each.length === 0) checkOne(this.name, this.order, placing);
    for (const one of each) checkOne(this.name, this.order, one);
    if (this.#ending) throw shutDownError(this.name);
  }

  /** Called when there is more to take than before, or sooner. */
  #offer(): void {
    this.version.bump();
    this.#serve();
    this.#puts.admit();
  }

  /** Called when items were removed that no consumer took. */
  #dropped(count: number): void {
    this.tasks.finish(count);
    this.version.bump();
    this.#endIfSpent();
    this.#puts.admit();
  }

  #take(request: TakeRequest, context: CallContext, timeoutMs: number | undefined): TakenItems | Future<TakenItems> {
    const ready = this.#ready;
    if (ready > 0) {
      const taken = this.#handOver(request, ready, context);
      this.version.bump();
      this.#puts.admit();
      return taken;
    }
    if (this.#spent) throw shutDownError(this.name);
    return this.#getters.wait(context, request, timeoutMs, (_request, late) => emptyError(this.name, this.#heldBack, late));
  }

  /** Why items that wait are not handed out; undefined if there are none. */
  get #heldBack(): { readonly paused: boolean; readonly rate: Rate | undefined } | undefined {
    return this.items.length === 0 ? undefined : { paused: this.#paused, rate: this.rate };
  }

  /** Gives items to the calls that wait for them. */
  #serve(): void {
    for (let getter = this.#getters.first, ready = this.#ready; getter !== undefined && ready > 0; ready = this.#ready) {
      getter.succeed(this.#handOver(getter.want, ready, getter.context));
      getter = this.#getters.first;
    }
    this.#endIfSpent();
  }

  /** @param ready number of items that may be taken */
  #handOver({ most, delivery }: TakeRequest, ready: number, context: CallContext): TakenItems {
    const items = this.#shiftPage(Math.min(most, ready), delivery === undefined ? 0 : OVERHEAD.hold);
    this.#rate?.handOut(items.length);
    if (delivery !== undefined) return this.deliveries.handOver(items, delivery.leaseMs, delivery.tokens, context);
    for (const item of items) this.items.release(item);
    context.handOver(new HandedItems(this, items));
    return payloadsOf(items);
  }

  /** Takes back items of a response that was not acknowledged. Drops those with ids that the queue holds again. */
  regain(items: readonly Item[]): void {
    const back = items.filter((item) => !(item instanceof QueueItem && item.id !== undefined && this.items.has(item.id)));
    for (const item of back) this.items.hold(item);
    this.tasks.finish(items.length - back.length);
    this.#takeBack(back);
  }

  /** Removes up to `most` items, or fewer if they are large with what is kept for each. */
  #shiftPage(most: number, overhead: number): Item[] {
    const items: Item[] = [];
    for (let bytes = 0; items.length < most && bytes < PAGE_BYTES;) {
      const item = this.items.shift()!;
      items.push(item);
      bytes += bytesOf(item) + overhead;
    }
    return items;
  }

  /** Puts items that were handed over back at the front. */
  #takeBack(items: readonly Item[]): void {
    if (this.#ending === 'drop') {
      for (const item of items) this.items.release(item);
      return this.tasks.finish(items.length);
    }
    this.items.putBack(items);
    this.version.bump();
    this.#serve();
  }

  /** Called when a delivery ended without being acknowledged. */
  #returned(item: QueueItem, delayMs: number, end: DeliveryEnd): void {
    if (this.#moveToDeadLetters(item, end)) {
      this.items.release(item);
      this.tasks.finish(1);
    } else if (delayMs > 0 && this.#ending !== 'drop') this.items.putBackLater(item, delayMs);
    else this.#takeBack([item]);
    this.#endIfSpent();
  }

  /**
   * Moves an item that was delivered often enough to the queue of dead letters. Returns false if that queue does not accept it; then the
   * item stays here, so that it is not lost.
   */
  #moveToDeadLetters(item: QueueItem, { cause, reason }: DeliveryEnd): boolean {
    const { deadLetters, name: queue } = this;
    const { id, attempts } = item;
    if (deadLetters === undefined || attempts < deadLetters.maxDeliveries) return false;
    const { now } = this.#getters.clock;
    return deadLetters.accept(item, { queue, id, cause, reason, attempts, deliveredAt: item.deliveredAt ?? now, diedAt: now });
  }

  /** True if the queue was shut down and no item can become available. */
  get #spent(): boolean {
    if (this.#ending === undefined || this.items.length > 0) return false;
    return this.#ending === 'drop' || (this.items.delayed === 0 && this.deliveries.size === 0);
  }

  #endIfSpent(): void {
    if (this.#spent) this.#getters.failAll(() => shutDownError(this.name));
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
