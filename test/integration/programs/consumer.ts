import type { SharedQueue } from 'commonhold';

/** Takes items in one of three ways, reports them, and stays until it is killed. */
export default async function (
  how: 'get' | 'getMany' | 'iterate',
  items: SharedQueue<number>,
  reports: SharedQueue<number>,
  most: number,
): Promise<void> {
  if (how === 'get') await reports.put(await items.get());
  else if (how === 'getMany') await reports.putMany(await items.getMany(most));
  else await iterate(items, reports, most);
  await stay();
}

async function iterate(items: SharedQueue<number>, reports: SharedQueue<number>, most: number): Promise<void> {
  const reached: number[] = [];
  for await (const item of items) {
    reached.push(item);
    if (reached.length < most) continue;
    await reports.putMany(reached);
    await stay();
  }
}

function stay(): Promise<never> {
  setInterval(() => {}, 60_000);
  return new Promise(() => {});
}
