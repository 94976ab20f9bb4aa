import type { SharedValue } from 'commonhold';

export default async function increment(counter: SharedValue<number>, times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    // One round trip acquires the lock and returns the value.
    await using held = await counter.lock();
    held.value += 1;
    // The end of the block writes the value and releases the lock, in a second round trip.
  }
}
