import type { Lock } from 'commonhold';

/** Blocks until it has the lock; answers whether the one before gave it back. */
export default function (lock: Lock): boolean {
  const held = lock.sync.acquire();
  const { abandoned } = held;
  held.release();
  return abandoned;
}
