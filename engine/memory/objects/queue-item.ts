import type { State, Stateful, StateOf } from '../../../proto/state.js';
import type { DeadLetterCauseName } from '../../core/queue-orders.js';
import type { Payload } from '../../../proto/wire/values.js';

/** Why and when an item became a dead letter. */
export interface LetterRecord {
  readonly [field: string]: State;
  /** Name of the queue in which it failed. */
  readonly queue: string;
  /** Its id there. */
  readonly id: string | undefined;
  readonly cause: DeadLetterCauseName;
  readonly reason: string | undefined;
  /** Number of its deliveries there. */
  readonly attempts: number;
  /** Time of its first delivery there, on the clock of the engine. */
  readonly deliveredAt: number;
  /** Time at which it became a dead letter. */
  readonly diedAt: number;
}

/** The place of a new item that has none yet. */
export const NO_PLACE = 0;

/** The parts of an item that it may have when it is put. */
export interface ItemParts {
  readonly priority?: number | undefined;
  readonly attempts?: number | undefined;
  readonly id?: string | undefined;
  readonly letter?: LetterRecord | undefined;
}

const NO_PARTS: ItemParts = {};

/** An item with the state that the queue keeps beside its payload. */
export class QueueItem implements Stateful {
  priority: number;
  /** Order among items of the same priority, which it keeps when it comes back; {@link NO_PLACE} before it has one. */
  place = NO_PLACE;
  /** Number of deliveries. */
  attempts: number;
  /** Names it among all items of the queue. */
  readonly id: string | undefined;
  /** Time of the first delivery. */
  deliveredAt: number | undefined;
  /** Set if it is a dead letter of another queue. */
  readonly letter: LetterRecord | undefined;

  constructor(
    readonly value: Payload,
    { priority = 0, attempts = 0, id, letter }: ItemParts = NO_PARTS,
  ) {
    this.priority = priority;
    this.attempts = attempts;
    this.id = id;
    this.letter = letter;
  }

  static of(state: StateOf<QueueItem>): QueueItem {
    const item = new QueueItem(state.value, state);
    item.place = state.place;
    item.deliveredAt = state.deliveredAt;
    return item;
  }

  state() {
    const { value, attempts, priority, place, id, deliveredAt, letter } = this;
    return { value, attempts, priority, place, id, deliveredAt, letter };
  }

  /** Size of the texts beside its payload. */
  get textBytes(): number {
    const { id, letter } = this;
    const bytes = 2 * (id?.length ?? 0);
    if (letter === undefined) return bytes;
    return bytes + 2 * (letter.queue.length + (letter.id?.length ?? 0) + (letter.reason?.length ?? 0));
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

/** Returns the bytes of an item with its texts, which may be more than its payload. */
export function bytesOf(item: Item): number {
  return item instanceof QueueItem ? item.value.length + item.textBytes : item.length;
}

/** Returns the payloads of items. Returns the same array if all items are bare payloads, as in most queues. */
export function payloadsOf(items: Item[]): Payload[] {
  return items.some((item) => item instanceof QueueItem) ? items.map(payloadOf) : (items as Payload[]);
}
