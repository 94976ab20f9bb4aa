import type { Lock, SharedValue } from 'commonhold';

/** Adds `times` times in each of three ways; returns the sum of its additions. */
export default function (value: SharedValue<number>, lock: Lock, guarded: SharedValue<number>, times: number): number {
  for (let i = 0; i < times; i++) {
    value.sync.add(1);
    const held = value.sync.lock();
    held.value += 1;
    held.release();
    const hold = lock.sync.acquire();
    guarded.sync.set(guarded.sync.get() + 1);
    hold.release();
  }
  return 3 * times;
}
