import { SharedValue, type Lock, type RLock, type Semaphore, type SharedQueue } from 'commonhold';

/**
 * Takes a lock, a permit, or a value's lock, reports it, and keeps it until it is killed. A value is changed meanwhile, but not written.
 */
export default async function (object: Lock | RLock | Semaphore | SharedValue<number>, reports: SharedQueue<string>): Promise<void> {
  if (object instanceof SharedValue) {
    const held = await object.lock();
    held.value = 99;
  } else {
    await object.acquire();
  }
  await reports.put('held');
  setInterval(() => {}, 60_000);
  await new Promise(() => {});
}
