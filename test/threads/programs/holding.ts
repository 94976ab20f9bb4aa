import type { Condition, Event, Lock, RLock, Semaphore, SharedValue } from 'commonhold';

type Held = Lock | RLock | Condition | Semaphore | SharedValue<number>;

/** Takes a lock, notifies waits on a condition, sets the event, and never releases it; then stays, ends, exits or throws, as its caller says. */
export default async function (lock: Held, taken: Event, end: 'stay' | 'block' | 'return' | 'exit' | 'throw'): Promise<void> {
  if (lock.kind === 'value') (lock as SharedValue<number>).sync.lock();
  else if (lock.kind === 'condition') (lock as Condition).sync.notifyAll((lock as Condition).sync.acquire());
  else (lock as Lock | RLock | Semaphore).sync.acquire();
  await taken.set();
  if (end === 'exit') process.exit(0);
  if (end === 'throw')
    setImmediate(() => {
      throw new Error('as it was told to');
    });
  if (end === 'block') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  if (end !== 'return') await new Promise(() => setInterval(() => {}, 1000));
}
