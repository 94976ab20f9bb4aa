import { setImmediate as turn } from 'node:timers/promises';
import type { Delivery, SharedQueue } from 'commonhold';

/** Progress of the work on an item. */
export interface Report {
  readonly item: number;
  readonly attempts: number;
  readonly acknowledged: boolean;
}

/** A moment in the work on an item at which a consumer may die. */
export type Moment = 'taken' | 'worked' | 'acknowledging' | 'acknowledged';

/**
 * Works on items, several at a time, and reports before and after each acknowledgement. A doomed consumer kills itself at a moment of its
 * work on one of them. Ends with the queue.
 */
export default async function (
  queue: SharedQueue<number>,
  reports: SharedQueue<Report>,
  doom?: { moment: Moment; delivery: number },
): Promise<void> {
  let count = 0;
  const pending = new Set<Promise<void>>();
  for await (const delivery of queue.deliveries({ prefetch: 4 })) {
    count++;
    const reached = (moment: Moment): void => {
      if (doom?.moment === moment && count >= doom.delivery) process.kill(process.pid, 'SIGKILL');
    };
    const work = workOff(delivery, reports, reached).finally(() => pending.delete(work));
    pending.add(work);
  }
  await Promise.all(pending);
}

async function workOff(delivery: Delivery<number>, reports: SharedQueue<Report>, reached: (moment: Moment) => void): Promise<void> {
  const { value: item, attempts } = delivery;
  reached('taken');
  for (let turns = item % 5; turns >= 0; turns--) await turn();
  await reports.put({ item, attempts, acknowledged: false });
  reached('worked');
  const acknowledged = delivery.ack();
  reached('acknowledging');
  await acknowledged;
  reached('acknowledged');
  await reports.put({ item, attempts, acknowledged: true });
}
