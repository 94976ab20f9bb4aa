import { Event, type SharedQueue } from 'commonhold';

/** Order to a process of waiters: to make `count` more calls that wait, each with a number of its own, or to abort all. */
export type Order = { readonly first: number; readonly count: number } | 'give up';

/** End of a call: with its result, or with the reason of its signal. */
export interface Woken {
  readonly number: number;
  readonly got?: unknown;
  readonly reason?: unknown;
}

/** Executes orders until they end; then returns how each call ended, in the order of the calls. */
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
  // Promises of one turn may resolve in another order than their calls ended in.
  return ended.sort((a, b) => a.number - b.number);
}
