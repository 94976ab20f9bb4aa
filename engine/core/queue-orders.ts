/** Names of the queue orders, indexed by their numbers in the contract. */
export const ORDERS = [undefined, 'fifo', 'lifo', 'priority'] as const;

export type OrderName = Exclude<(typeof ORDERS)[number], undefined>;
