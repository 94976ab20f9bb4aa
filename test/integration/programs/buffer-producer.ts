import type { SharedQueue } from 'commonhold';

/** Puts numbers, a few at a time, each waiting for room. */
export default async function (queue: SharedQueue<number>, first: number, count: number): Promise<void> {
  const hand = async (start: number): Promise<void> => {
    for (let index = start; index < count; index += 3) await queue.put(first + index);
  };
  await Promise.all([hand(0), hand(1), hand(2)]);
}
