import { Event, type SharedQueue } from 'commonhold';

/** What a process of waiters is told: to make so many more calls that wait, each with a number of its own, or to give all of them up. */
export type Order = { readonly first: number; readonly count: number } | 'give up';

/** How a call ended: with what it got, or with its signal's reason. */
export interface Woken {
  readonly number: number;
  readonly got?: unknown;
  readonly reason?: unknown;
}

/** Does as it is told until the orders end; then answers how each call ended, in the order in which they did. */
export default async function (target: SharedQueue<number> | Event, orders: SharedQueue<Order>): Promise<Woken[]> {
  const ended: Woken[] = [];
  const calls: Promise<unknown>[] = [];
  const patience = new AbortController();
  const { signal } = patience;
  const call = (): Promise<unknown> => (target instanceof Event ? target.wait({ signal }) : target.get({ signal }));
  for await (const order of orders) {
    if (order === 'give up') {
      patience.abort('enough');
      continue;
    }
    for (let number = order.first; number < order.first + order.count; number++) {
      const note = (how: object): unknown => ended.push({ number, ...how });
      calls.push(
        call().then(
          (got) => note({ got }),
          (reason: unknown) => note({ reason }),
        ),
      );
    }
  }
  await Promise.all(calls);
  return ended;
}
