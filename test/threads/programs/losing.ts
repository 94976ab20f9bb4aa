import { once } from 'node:events';
import type { Event, Lock, LockLostError } from 'commonhold';

/** Takes a lock, and waits until it is lost; returns the code of the error with the reason. */
export default async function (lock: Lock, taken: Event): Promise<string> {
  const held = await lock.acquire();
  await taken.set();
  const alive = setInterval(() => {}, 1_000);
  await once(held.signal, 'abort');
  clearInterval(alive);
  return ((held.signal.reason as LockLostError).cause as { code: string }).code;
}
