import { setTimeout as pause } from 'node:timers/promises';
import type { SharedList, SharedQueue } from 'commonhold';

/** Waits before the first use of its argument, and returns a list of its own. */
export default async function (numbers: SharedList<number>, lists: SharedQueue<SharedList<number>>): Promise<SharedList<number>> {
  await pause(200);
  const own = await lists.get();
  await own.push(...(await numbers.toArray()));
  return own;
}
