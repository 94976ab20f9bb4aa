import { once } from 'node:events';
import { afterAll, describe, expect, test } from '@jest/globals';
import { Worker } from 'node:worker_threads';
import { stress } from '../../support/stress.js';
import type { Extent, Report } from './explore.js';
import type { Task } from './explore-worker.js';
import { FAULTS } from './faults.js';
import { SCENARIOS } from './scenarios/index.js';
import type { KernelKind } from './world.js';

/** Schedules of each scenario, by kernel: in WebAssembly a thread can die in fewer places. */
const EXTENT: Record<KernelKind, Extent> = {
  twin: { deaths: stress(3, 400), switches: stress(3, 400), reapers: stress(1, 400), drawn: stress(3, 400) },
  wasm: { deaths: stress(1, 200), switches: stress(1, 100), reapers: stress(1, 200), drawn: stress(1, 100) },
};
/** Schedules that find each fault without randomness. */
const ALL: Extent = { deaths: Infinity, switches: Infinity, reapers: 0, drawn: 0 };
/** Seed of the random schedules; the same in each run of `make test`. */
const SEED = Number(process.env['COMMONHOLD_SEED'] ?? stress(1, Date.now() % 1_000_000));

/** One worker runs all schedules, and compiles each source once. In the sandbox of jest it would take twice as long. */
const worker = new Worker(new URL('./explore-worker.js', import.meta.url));
afterAll(() => worker.terminate());

async function explore(task: Task): Promise<Report> {
  const answer = once(worker, 'message') as Promise<[Report]>;
  worker.postMessage(task);
  const [report] = await answer;
  return report;
}

describe.each(['twin', 'wasm'] as const)(
  'every schedule of a scenario, and every death of a thread in it, keeps the guarantees, %s',
  (kernel) => {
    test.each(SCENARIOS.map(({ name }) => name))('%s', async (scenario) => {
      const report = await explore({ scenario, kernel, extent: EXTENT[kernel], seed: SEED });
      expect(report.failure).toBeUndefined();
      expect(report.runs).toBeGreaterThan(0);
    });
  },
);

test.each(FAULTS.map((fault) => [fault.name, fault] as const))('the model finds where %s', async (fault, { scenario }) => {
  const report = await explore({ scenario, kernel: 'twin', fault, extent: ALL, seed: SEED });
  expect(report.failure).toBeDefined();
});
