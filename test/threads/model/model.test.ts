import { beforeAll, describe, expect, test } from '@jest/globals';
import { stress } from '../../support/stress.js';
import { explore, type Extent } from './explore.js';
import { FAULTS } from './faults.js';
import { SCENARIOS } from './scenarios/index.js';
import { Code, type KernelKind } from './world.js';

/** Schedules of each scenario, by kernel: in WebAssembly a thread can die in fewer places. */
const EXTENT: Record<KernelKind, Extent> = {
  twin: { deaths: stress(3, 400), switches: stress(3, 400), reapers: stress(1, 400), drawn: stress(3, 400) },
  wasm: { deaths: stress(1, 200), switches: stress(1, 100), reapers: stress(1, 200), drawn: stress(1, 100) },
};
/** Schedules that find each fault without randomness. */
const ALL: Extent = { deaths: Infinity, switches: Infinity, reapers: 0, drawn: 0 };
/** Seed of the random schedules; the same in each run of `make test`. */
const SEED = Number(process.env['COMMONHOLD_SEED'] ?? stress(1, Date.now() % 1_000_000));

describe.each(['twin', 'wasm'] as const)(
  'every schedule of a scenario, and every death of a thread in it, keeps the guarantees, %s',
  (kernel) => {
    let code: Code;
    beforeAll(async () => {
      code = await Code.load(kernel);
    });
    test.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))('%s', (_name, scenario) => {
      const report = explore(code, scenario, EXTENT[kernel], SEED);
      expect(report.failure).toBeUndefined();
      expect(report.runs).toBeGreaterThan(0);
    });
  },
);

test.each(FAULTS.map((fault) => [fault.name, fault] as const))('the model finds where %s', async (_name, fault) => {
  const scenario = SCENARIOS.find(({ name }) => name === fault.scenario)!;
  const report = explore(await Code.load('twin', fault.changes), scenario, ALL, SEED);
  expect(report.failure).toBeDefined();
});
