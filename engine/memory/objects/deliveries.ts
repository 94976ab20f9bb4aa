import type { CallContext, Caller } from '../../../proto/contract.js';
import { DeliveryLostError } from '../../../proto/errors.js';
import type { DeliveredItem } from '../../../proto/gen/commonhold/v1/queue_wire.js';
import { QueueItem, type Item } from './queue-order.js';
import { Lease } from '../../core/lease.js';
import type { Tokens } from '../locking/tokens.js';

/** A delivered item that is not settled. */
interface OpenDelivery {
  readonly entry: QueueItem;
  readonly lease: Lease;
}

/**
 * The unsettled deliveries of one queue. A session holds each under a token until it settles it, or until the session or the lease ends.
 */
export class Deliveries {
  readonly #underWay = new Map<number, OpenDelivery>();

  constructor(
    readonly queue: string,
    /** Receives the item of a delivery that ended without being settled. */
    readonly cameBack: (entry: QueueItem) => void,
  ) {}

  get size(): number {
    return this.#underWay.size;
  }

  /** Delivers items. If the client does not acknowledge the response for an item, that delivery is undone and not counted as an attempt. */
  handOver(items: readonly Item[], leaseMs: number, tokens: Tokens, context: CallContext): DeliveredItem[] {
    const delivered = items.map((item) => this.#begin(item, leaseMs, tokens, context.session));
    context.handOver((taken) => {
      for (const { token } of delivered.slice(taken)) this.#undo(token);
    });
    return delivered;
  }

  #begin(item: Item, leaseMs: number, tokens: Tokens, caller: Caller): DeliveredItem {
    const token = tokens.next();
    const entry = item instanceof QueueItem ? item : new QueueItem(item, 0, token);
    entry.attempts++;
    const lease = new Lease(tokens.clock, caller, token, leaseMs, {
      died: () => this.cameBack(this.settle(token)),
      expired: () => {
        const expired = this.settle(token);
        caller.lost(token);
        this.cameBack(expired);
      },
    });
    this.#underWay.set(token, { entry, lease });
    return { token, value: entry.value, attempts: entry.attempts };
  }

  #undo(token: number): void {
    if (!this.#underWay.has(token)) return;
    const entry = this.settle(token);
    entry.attempts--;
    this.cameBack(entry);
  }

  /** Ends a delivery, and returns its item. */
  settle(token: number): QueueItem {
    const { entry, lease } = this.#find(token);
    this.#underWay.delete(token);
    lease.end();
    return entry;
  }

  extend(token: number, leaseMs: number): void {
    this.#find(token).lease.startLease(leaseMs);
  }

  /** Ends all deliveries, because the queue was destroyed. */
  drop(): void {
    for (const [token, { lease }] of this.#underWay) {
      lease.end();
      lease.caller.lost(token);
    }
    this.#underWay.clear();
  }

  #find(token: number): OpenDelivery {
    const delivery = this.#underWay.get(token);
    if (delivery !== undefined) return delivery;
    throw lostDelivery(this.queue, token);
  }
}

/** The error for a token that holds no delivery. */
export function lostDelivery(queue: string, token: number): DeliveryLostError {
  return new DeliveryLostError(`token ${token} holds no delivery of "${queue}": it was settled, or its lease or session ended`, {
    object: queue,
  });
}
