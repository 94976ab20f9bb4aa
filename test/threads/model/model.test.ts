import { once } from 'node:events';
import { afterAll, describe, expect, test } from '@jest/globals';
import { Worker } from 'node:worker_threads';
import { stress } from '../../support/stress.js';
import type { Report } from './explore.js';
import type { Task } from './explore-worker.js';
import { FAULTS } from './faults.js';
import { SCENARIOS } from './scenarios/index.js';
import type { KernelKind } from './world.js';

/** Schedules of each scenario, by the kernel: in WebAssembly a thread ends in fewer places. */
const SCHEDULES: Record<KernelKind, number> = { twin: stress(9, 6_000), wasm: stress(3, 2_000) };
/** Those in which each fault is found. */
const SCHEDULES_OF_FAULT = 600;
/** With this one all faults together are found soon. */
const SEED_OF_FAULT = 5;
/** The schedules are drawn from it: in the short form the same in each run. */
const SEED = Number(process.env['COMMONHOLD_SEED'] ?? stress(1, Date.now() % 1_000_000));

/** All is explored by one worker, which compiles each source once. The sandbox in which jest runs tests would take twice as long for it. */
const worker = new Worker(new URL('./explore-worker.js', import.meta.url));
afterAll(() => worker.terminate());

async function explore(task: Task): Promise<Report> {
  const answer = once(worker, 'message') as Promise<[Report]>;
  worker.postMessage(task);
  const [report] = await answer;
  return report;
}

describe.each(['twin', 'wasm'] as const)(
  'every schedule of a scenario, and every end of a thread in it, keeps what is promised, %s',
  (kernel) => {
    let runs = 0;
    afterAll(() => {
      console.log(`${runs} schedules of ${SCENARIOS.length} scenarios, ${kernel}, seed ${SEED}`);
    });

    test.each(SCENARIOS.map(({ name }) => name))('%s', async (scenario) => {
      const report = await explore({ scenario, kernel, schedules: SCHEDULES[kernel], seed: SEED });
      runs += report.runs;
      expect(report.failure).toBeUndefined();
    });
  },
);

test.each(FAULTS.map((fault) => [fault.name, fault] as const))('the model finds where %s', async (fault, { scenario }) => {
  const report = await explore({ scenario, kernel: 'twin', fault, schedules: SCHEDULES_OF_FAULT, seed: SEED_OF_FAULT });
  expect(report.failure).toBeDefined();
});
