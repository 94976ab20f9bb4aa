import { ourWakeUp } from '../ours.js';
import { atomicsPing, messagePortPing } from '../peers/threads.js';
import type { Row } from '../row.js';

/** Time to wake a thread that waits at a queue in shared memory. */
export const sharedWakeup: readonly Row[] = [
  row('shared-wakeup', 'sync', 'blocked in sync.get()'),
  row('shared-wakeup-async', 'async', 'awaiting get()'),
];

function row(name: string, wait: 'sync' | 'async', how: string): Row {
  return {
    name,
    partOf: 'shared-wakeup',
    unit: 'µs',
    work: `two threads send a number back and forth through two queues, ${how}: a round trip, which is two wake-ups (limit: nothing but a word of memory, ${wait === 'sync' ? 'Atomics.wait' : 'Atomics.waitAsync'} and Atomics.notify)`,
    targets: [],
    awaited: true,
    warmUp: 20_000,
    start: async (scope) => ({
      ours: await ourWakeUp(scope, wait),
      peers: [await messagePortPing(scope)],
      limits: [await atomicsPing(scope, wait)],
    }),
  };
}
