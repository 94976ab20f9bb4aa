import { Manager, type SharedQueue } from 'commonhold';

/** Runs a schedule until it is killed, and says when it has begun. */
export default async function (
  name: string,
  every: number,
  queue: SharedQueue<number>,
  begun: SharedQueue<number>,
  address: string,
): Promise<void> {
  const manager = await Manager.connect(address);
  await manager.schedule(name, { every }, manager.queue<number>(queue.name), (tick) => tick.getTime());
  await begun.put(process.pid);
  await new Promise(() => {});
}
