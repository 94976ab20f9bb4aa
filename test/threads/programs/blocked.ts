import type { Lock } from 'commonhold';

/** Blocks until it has the lock; returns if the holder before abandoned it. */
export default function (lock: Lock): boolean {
  const held = lock.sync.acquire();
  const { abandoned } = held;
  held.release();
  return abandoned;
}
