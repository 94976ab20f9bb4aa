import type { Condition, Event } from 'commonhold';

/** Waits at a condition. Returns if the lock came back from a thread that ended while it held it. */
export default function (condition: Condition, has: Event): boolean {
  return condition.sync.run((held) => {
    has.sync.set();
    condition.sync.wait(held);
    return held.abandoned;
  });
}
