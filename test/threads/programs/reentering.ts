import type { Condition, RLock } from 'commonhold';

/** Takes an rlock three times; returns for each release if the lock is still held. */
export default function (lock: RLock, condition: Condition): boolean[] {
  const holds = [lock.sync.acquire(), lock.sync.acquire(), lock.sync.acquire()];
  const held = holds.map((hold) => {
    hold.release();
    return lock.sync.locked();
  });
  const outer = condition.sync.acquire();
  const inner = condition.sync.acquire();
  condition.sync.wait(inner, { timeout: 1 });
  inner.release();
  held.push(condition.sync.locked());
  outer.release();
  return [...held, condition.sync.locked()];
}
