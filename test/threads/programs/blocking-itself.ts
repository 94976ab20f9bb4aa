import { DeadlockError, type BoundedSemaphore, type Event, type Lock } from 'commonhold';

/** Blocks on locks that a promise of this thread holds, or is going to hold; returns for each if it was a DeadlockError. */
export default async function (lock: Lock, semaphore: BoundedSemaphore, waiting: Event): Promise<boolean[]> {
  const fails = (block: () => unknown): boolean => {
    try {
      block();
      return false;
    } catch (error) {
      return error instanceof DeadlockError;
    }
  };
  const promised = lock.acquire();
  waiting.sync.set();
  const answers = [fails(() => lock.sync.acquire())];
  await (await promised).release();
  lock.sync.acquire().release();
  const held = await semaphore.acquire({ permits: 2 });
  answers.push(fails(() => semaphore.sync.acquire({ permits: 2 })));
  semaphore.sync.acquire().release();
  await held.release();
  semaphore.sync.acquire({ permits: 3 }).release();
  return answers;
}
