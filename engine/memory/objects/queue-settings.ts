import type { OrderName } from '../../core/queue-orders.js';
import type { QueueItem } from './queue-order.js';

/** The queue for items that were delivered too often. */
export interface DeadLetters {
  readonly queue: string;
  readonly maxDeliveries: number;
  /** Moves an item to that queue. Returns false if it was not accepted. */
  accept(item: QueueItem): boolean;
}

/** The options that a queue is made with. */
export interface QueueSettings {
  readonly capacity?: number | undefined;
  readonly order?: OrderName | undefined;
  readonly deadLetters?: DeadLetters | undefined;
}

/** The priority and the delay of a put. */
export interface Placing {
  readonly priority?: number | undefined;
  readonly delayMs?: number | undefined;
}
