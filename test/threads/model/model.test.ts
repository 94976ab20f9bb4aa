import { once } from 'node:events';
import { afterAll, describe, expect, test } from '@jest/globals';
import { Worker } from 'node:worker_threads';
import { stress } from '../../support/stress.js';
import type { Extent, Report } from './explore.js';
import type { Task } from './explore-worker.js';
import { FAULTS } from './faults.js';
import { SCENARIOS } from './scenarios/index.js';
import type { KernelKind } from './world.js';

/** Schedules of each scenario, by the kernel: in WebAssembly a thread ends in fewer places. */
const EXTENT: Record<KernelKind, Extent> = {
  twin: { deaths: stress(3, 400), switches: stress(3, 400), reapers: stress(1, 400), drawn: stress(3, 400) },
  wasm: { deaths: stress(1, 200), switches: stress(1, 100), reapers: stress(1, 200), drawn: stress(1, 100) },
};
/** Those in which each fault is found: no chance has a part in that. */
const ALL: Extent = { deaths: Infinity, switches: Infinity, reapers: 0, drawn: 0 };
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
      const report = await explore({ scenario, kernel, extent: EXTENT[kernel], seed: SEED });
      runs += report.runs;
      expect(report.failure).toBeUndefined();
    });
  },
);

test.each(FAULTS.map((fault) => [fault.name, fault] as const))('the model finds where %s', async (fault, { scenario }) => {
  const report = await explore({ scenario, kernel: 'twin', fault, extent: ALL, seed: SEED });
  expect(report.failure).toBeDefined();
});
