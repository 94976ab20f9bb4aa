import { Timer } from '../../../proto/timer.js';
import type { LeaseSource } from '../../core/lease.js';

/** The timers of leases in this thread. Unlike the memory engine, shared memory has no turns: its time goes on by itself. */
export const leaseSource: LeaseSource = {
  clock: {
    get now() {
      return performance.now();
    },
    // Rounded up, because the timers of Node.js ignore fractions of a millisecond, and a lease must not end early.
    after: (ms, run) => new Timer(Math.max(Math.ceil(ms), 1), run),
  },
};
