import type { CallContext, Caller, HandedOver } from '../../../proto/contract.js';
import { DeliveryLostError } from '../../../proto/errors.js';
import type { Stateful, StateOf } from '../../../proto/state.js';
import { NO_PLACE, QueueItem, type Item } from './queue-item.js';
import type { DeadLetterCauseName } from '../../core/queue-orders.js';
import { Lease, type LeaseSource } from '../../core/lease.js';
import type { Restoring } from '../../core/restoring.js';
import type { GrowingNumbers } from '../../core/growing-numbers.js';

/** An item, and the token under which it was delivered. */
export interface Delivered {
  readonly token: number;
  readonly item: QueueItem;
}

/** Why a delivery ended without an acknowledgement. */
export interface DeliveryEnd {
  readonly cause: DeadLetterCauseName;
  /** The reason that its consumer gave. */
  readonly reason?: string | undefined;
}

/** A delivered item that is not settled. */
interface OpenDelivery {
  readonly item: QueueItem;
  readonly lease: Lease;
}

/**
 * The unsettled deliveries of one queue. A session holds each under a token until it settles it, or until the session or the lease ends.
 */
export class Deliveries implements Stateful {
  readonly #open = new Map<number, OpenDelivery>();

  constructor(
    readonly queue: string,
    private readonly source: LeaseSource,
    /** Receives the item of a delivery that ended without being settled. */
    readonly returned: (item: QueueItem, end: DeliveryEnd) => void,
  ) {}

  get size(): number {
    return this.#open.size;
  }

  /** The unsettled deliveries in the order in which they were made. */
  get open(): Iterable<{ readonly item: QueueItem }> {
    return this.#open.values();
  }

  state() {
    return Array.from(this.#open.values(), ({ item, lease }) => [item.state(), lease.state()] as const);
  }

  restore(open: StateOf<Deliveries>, restoring: Restoring): void {
    for (const [item, lease] of open) {
      this.#deliver(QueueItem.of(item), lease.token, undefined, restoring.caller(lease.caller)).restore(lease, restoring);
    }
  }

  /** Delivers items. If the client does not acknowledge the response for an item, that delivery is undone and not counted as an attempt. */
  handOver(items: readonly Item[], leaseMs: number, tokens: GrowingNumbers, context: CallContext): Delivered[] {
    const delivered = items.map((item) => this.#begin(item, leaseMs, tokens, context.session));
    const open = delivered.map(({ token }) => token);
    context.handOver(new HandedDeliveries(this, open));
    return delivered;
  }

  #begin(from: Item, leaseMs: number, tokens: GrowingNumbers, caller: Caller): Delivered {
    const token = tokens.next();
    const item = from instanceof QueueItem ? from : new QueueItem(from);
    if (item.place === NO_PLACE) item.place = token;
    if (item.attempts === 0) item.deliveredAt = this.source.clock.now;
    item.attempts++;
    this.#deliver(item, token, leaseMs, caller);
    return { token, item };
  }

  #deliver(item: QueueItem, token: number, leaseMs: number | undefined, caller: Caller): Lease {
    const lease = new Lease(this.source, caller, token, leaseMs, {
      died: () => this.returned(this.settle(token), { cause: 'session' }),
      expired: () => {
        const expired = this.settle(token);
        caller.lost(token);
        this.returned(expired, { cause: 'lease' });
      },
    });
    this.#open.set(token, { item, lease });
    return lease;
  }

  /** Takes back a delivery whose response was not acknowledged. Does nothing if it was settled meanwhile. */
  undo(token: number): void {
    if (!this.#open.has(token)) return;
    const item = this.settle(token);
    item.attempts--;
    this.returned(item, { cause: 'session' });
  }

  /** Ends a delivery, and returns its item. */
  settle(token: number): QueueItem {
    const { item, lease } = this.#find(token);
    this.#open.delete(token);
    lease.end();
    return item;
  }

  extend(token: number, leaseMs: number): void {
    this.#find(token).lease.startLease(leaseMs);
  }

  /** Ends all deliveries, because the queue was destroyed. */
  drop(): void {
    for (const [token, { lease }] of this.#open) {
      lease.end();
      lease.caller.lost(token);
    }
    this.#open.clear();
  }

  #find(token: number): OpenDelivery {
    const delivery = this.#open.get(token);
    if (delivery !== undefined) return delivery;
    throw lostDelivery(this.queue, token);
  }
}

/** The deliveries of one response. */
export class HandedDeliveries implements HandedOver {
  constructor(
    private readonly deliveries: Deliveries,
    private readonly tokens: readonly number[],
  ) {}

  giveBack(taken: number): void {
    for (const token of this.tokens.slice(taken)) this.deliveries.undo(token);
  }

  state() {
    return { handed: 'deliveries', queue: this.deliveries.queue, tokens: this.tokens } as const;
  }
}

/** The error for a token that holds no delivery. */
export function lostDelivery(queue: string, token: number): DeliveryLostError {
  return new DeliveryLostError(`token ${token} holds no delivery of "${queue}": it was settled, or its lease or session ended`, {
    object: queue,
  });
}
