import type { SharedQueue } from 'commonhold';
import { Manager } from 'commonhold';
import { LockManager } from 'commonhold/web-locks';

/** Holds a lock until the process is killed. */
export default async function (address: string, name: string, told: SharedQueue<string>): Promise<void> {
  const locks = new LockManager(await Manager.connect(address));
  await locks.request(name, async ({ mode }) => {
    await told.put(mode);
    await new Promise(() => {});
  });
}
