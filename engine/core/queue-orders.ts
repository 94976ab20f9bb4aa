/** Names of the queue orders, indexed by their numbers in the contract. */
export const ORDERS = [undefined, 'fifo', 'lifo', 'priority'] as const;

export type OrderName = Exclude<(typeof ORDERS)[number], undefined>;

/** Names of the reasons for which an item becomes a dead letter, indexed by their numbers in the contract. */
export const DEAD_LETTER_CAUSES = [undefined, 'nak', 'lease', 'session'] as const;

export type DeadLetterCauseName = Exclude<(typeof DEAD_LETTER_CAUSES)[number], undefined>;

/** Names of the states of an item, indexed by their numbers in the contract. */
export const ITEM_STATES = [undefined, 'waiting', 'delayed', 'delivered'] as const;

export type ItemStateName = Exclude<(typeof ITEM_STATES)[number], undefined>;
