import type { OrderName } from '../../core/queue-orders.js';
import type { LetterRecord, QueueItem } from './queue-item.js';

/** The queue for items that were delivered too often. */
export interface DeadLetters {
  readonly queue: string;
  readonly maxDeliveries: number;
  /** Moves an item to that queue. Returns false if it was not accepted. */
  accept(item: QueueItem, letter: LetterRecord): boolean;
}

/** A limit of the pace at which items are handed out. */
export interface Rate {
  /** Largest number of items in any period. */
  readonly max: number;
  /** Length of the period in milliseconds. */
  readonly perMs: number;
}

/** The options that a queue is made with. */
export interface QueueSettings {
  readonly capacity?: number | undefined;
  readonly order?: OrderName | undefined;
  readonly deadLetters?: DeadLetters | undefined;
  readonly rate?: Rate | undefined;
}

/** Where an item goes. */
export interface Placing {
  readonly priority?: number | undefined;
  readonly delayMs?: number | undefined;
  /** If true, before all others. */
  readonly head?: boolean | undefined;
}

/** Where a new item goes, and its id. */
export interface NewPlacing extends Placing {
  readonly id?: string | undefined;
}

/** Where an item of a dump goes, and what it was. */
export interface RestoredPlacing extends NewPlacing {
  readonly attempts?: number | undefined;
  readonly letter?: LetterRecord | undefined;
}
