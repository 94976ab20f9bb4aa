import type { Event, Lock } from 'commonhold';

/** Takes a lock, says so, and never gives it back: as its caller says, it stays, ends, exits or throws. */
export default async function (lock: Lock, taken: Event, end: 'stay' | 'block' | 'return' | 'exit' | 'throw'): Promise<void> {
  lock.sync.acquire();
  await taken.set();
  if (end === 'exit') process.exit(0);
  if (end === 'throw')
    setImmediate(() => {
      throw new Error('as it was told to');
    });
  if (end === 'block') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  if (end !== 'return') await new Promise(() => setInterval(() => {}, 1000));
}
