import type { CallContext, Caller } from '../../../proto/contract.js';
import { DeliveryLostError } from '../../../proto/errors.js';
import type { DeliveredItem } from '../../../proto/gen/commonhold/v1/queue_wire.js';
import { QueueItem, type Item } from './queue-order.js';
import { Lease } from '../../core/lease.js';
import type { Tokens } from '../locking/tokens.js';

/** An item that someone works on. */
interface OpenDelivery {
  readonly entry: QueueItem;
  readonly lease: Lease;
}

/**
 * The deliveries of one queue that are under way: each is held under a token by a session, until it
 * is settled, or the session or the lease ends.
 */
export class Deliveries {
  readonly #underWay = new Map<number, OpenDelivery>();

  constructor(
    readonly queue: string,
    /** Gets what nobody settled. */
    readonly cameBack: (entry: QueueItem) => void,
  ) {}

  get size(): number {
    return this.#underWay.size;
  }

  /** Delivers items. Those whose delivery the client does not acknowledge were never delivered: that does not count. */
  handOver(items: readonly Item[], leaseMs: number, tokens: Tokens, context: CallContext): DeliveredItem[] {
    const delivered = items.map((item) => this.#begin(item, leaseMs, tokens.next(), context.session));
    context.handOver((taken) => {
      for (const { token } of delivered.slice(taken)) this.#undo(token);
    });
    return delivered;
  }

  #begin(item: Item, leaseMs: number, token: number, caller: Caller): DeliveredItem {
    const entry = item instanceof QueueItem ? item : new QueueItem(item, 0, token);
    entry.attempts++;
    const lease = new Lease(caller, token, leaseMs, {
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

  /** Ends a delivery; answers what was delivered. */
  settle(token: number): QueueItem {
    const { entry, lease } = this.#find(token);
    this.#underWay.delete(token);
    lease.end();
    return entry;
  }

  extend(token: number, leaseMs: number): void {
    this.#find(token).lease.startLease(leaseMs);
  }

  /** Ends all: the queue is gone. */
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

/** The error of whoever comes with a token that holds no delivery. */
export function lostDelivery(queue: string, token: number): DeliveryLostError {
  return new DeliveryLostError(`token ${token} holds no delivery of "${queue}": it was settled, or its lease or session ended`, {
    object: queue,
  });
}
