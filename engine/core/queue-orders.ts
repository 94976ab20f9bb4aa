/** The names of the orders, at their numbers on the wire. */
export const ORDERS = [undefined, 'fifo', 'lifo', 'priority'] as const;

export type OrderName = Exclude<(typeof ORDERS)[number], undefined>;
