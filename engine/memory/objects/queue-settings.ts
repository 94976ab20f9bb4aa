import type { OrderName } from '../../core/queue-orders.js';
import type { QueueItem } from './queue-order.js';

/** Where items go that were delivered too often. */
export interface DeadLetters {
  readonly queue: string;
  readonly maxDeliveries: number;
  /** Puts an item there; answers whether it went in. */
  retain(entry: QueueItem): boolean;
}

/** What a queue is made with. */
export interface QueueSettings {
  readonly capacity?: number | undefined;
  readonly order?: OrderName | undefined;
  readonly deadLetters?: DeadLetters | undefined;
}

/** Where and when the items of a put go in. */
export interface Placing {
  readonly priority?: number | undefined;
  readonly delayMs?: number | undefined;
}
