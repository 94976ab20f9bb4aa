import type { Event, Lock, Semaphore, SharedValue } from 'commonhold';

type Held = Lock | Semaphore | SharedValue<number>;

/** Takes a lock, sets the event, and never releases it; then stays, ends, exits or throws, as its caller says. */
export default async function (lock: Held, taken: Event, end: 'stay' | 'block' | 'return' | 'exit' | 'throw'): Promise<void> {
  if (lock.kind === 'value') (lock as SharedValue<number>).sync.lock();
  else (lock as Lock | Semaphore).sync.acquire();
  await taken.set();
  if (end === 'exit') process.exit(0);
  if (end === 'throw')
    setImmediate(() => {
      throw new Error('as it was told to');
    });
  if (end === 'block') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  if (end !== 'return') await new Promise(() => setInterval(() => {}, 1000));
}
