import type { SharedDict, SharedList } from 'commonhold';

/** Makes changes of all kinds, without waiting for one before the next, and leaves its mark at the end. */
export default async function (id: number, rounds: number, dict: SharedDict<string, number>, list: SharedList<number>): Promise<void> {
  const calls: Promise<unknown>[] = [];
  for (let round = 0; round < rounds; round++) {
    calls.push(dict.set(`${id}:${round % 10}`, round), dict.add('total'), list.push(round));
    if (round % 7 === 0) calls.push(dict.delete(`${id}:${round % 5}`), list.shift(), list.splice(1, 1, -round, -round));
    if (round % 50 === 0) calls.push(list.sort(), dict.popItem());
    if (round % 20 === 0) await Promise.all(calls.splice(0));
  }
  await Promise.all(calls);
}
