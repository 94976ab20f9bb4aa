import { expect, it } from '@jest/globals';
import { runPlan } from './course.js';
import type { ClientPlan, Fault, Step } from './plan.js';

// Faults that worlds have found, each as the smallest world that shows it.

const CLIENT = { leaseMs: 1_000, tied: false, remote: true, heartbeats: false, callTimeout: 10_000 };
const STEP: Step = { deed: 'lock', choice: 1, amount: 1, pause: 0, timeout: undefined, abort: undefined, hold: 0 };
/** A call that is answered at once. */
const CONNECT: Step = { ...STEP, deed: 'event', choice: 2 };
const CUT = { what: 'cut', downMs: 0, down: 'refuses', toManager: 0, toClient: 0, managerLearns: 0, clientLearns: 0 } as const;

async function expectSound(clients: readonly ClientPlan[], faults: readonly Fault[]): Promise<void> {
  const { violations, cuts } = await runPlan({ seed: 1, clients, faults });
  expect(violations).toEqual([]);
  expect(cuts).toBeGreaterThan(0);
}

it('a call that reaches the manager late, after a cut, ends with its timeout', async () => {
  const holder = { ...CLIENT, users: [[{ ...STEP, hold: 8_000 }]] };
  const waiter = { ...CLIENT, leaseMs: 5_000, users: [[CONNECT, { ...STEP, pause: 500, timeout: 2_000 }]] };
  await expectSound([holder, waiter], [{ ...CUT, at: 500, client: 1, managerLearns: 2_800, clientLearns: 2_800 }]);
});

it('a session that is tied to its event loop gives up its lock before the manager does, over a connection that only looks whole', async () => {
  const holder = { ...CLIENT, tied: true, users: [[{ ...STEP, hold: 8_000 }]] };
  const waiter = { ...CLIENT, users: [[{ ...STEP, pause: 100 }]] };
  await expectSound([holder, waiter], [{ ...CUT, at: 500, client: 0, managerLearns: 9_000, clientLearns: 9_000 }]);
});

it('so it does while the manager is still heard, over a connection that carries nothing to it', async () => {
  // Each of the other waits of its client ends with a message.
  const waits = [500, 900, 1_300].map((timeout) => [{ ...STEP, pause: 100, timeout }]);
  const holder = { ...CLIENT, tied: true, users: [[{ ...STEP, hold: 8_000 }], ...waits] };
  const waiter = { ...CLIENT, users: [[{ ...STEP, pause: 100 }]] };
  await expectSound([holder, waiter], [{ ...CUT, at: 500, client: 0, toClient: 990, managerLearns: 9_000, clientLearns: 9_000 }]);
});

it('an item that lay unread with a lock, while its client was stopped for more than its lease, is had by the next client alone', async () => {
  const waits = { ...STEP, pause: 100 };
  const stopped = { ...CLIENT, heartbeats: true, users: [[waits], [{ ...waits, deed: 'queue' }]] } as const;
  const put: Step = { ...STEP, deed: 'queue', choice: 0, pause: 600 };
  const other = { ...CLIENT, users: [[{ ...STEP, hold: 800 }], [put, { ...put, choice: 1, pause: 2_000 }]] };
  const { violations, expiries } = await runPlan({
    seed: 1,
    clients: [stopped, other],
    faults: [{ at: 500, what: 'stop', client: 0, ms: 5_000 }],
  });
  expect(violations).toEqual([]);
  expect(expiries).toBe(1);
});

it('an aborted call ends, although its cancel was lost on a connection over which the manager is still heard', async () => {
  const taker = { ...STEP, deed: 'delivery' } as const;
  const aborts: Step = { ...taker, choice: 55, amount: 23, pause: 6, abort: 75, hold: 57 };
  const answered: Step = { ...taker, choice: 21, amount: 28, pause: 10, timeout: 1_009, hold: 719 };
  const client = { ...CLIENT, leaseMs: 5_000, callTimeout: 2_000, users: [[], [aborts], [answered]] };
  await expectSound(
    [{ ...CLIENT, leaseMs: 5_000, users: [] }, client],
    [{ ...CUT, at: 70, client: 1, down: 'swallows', toManager: 11, toClient: 3_281, managerLearns: 5_256, clientLearns: 7_265 }],
  );
});
