import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { stress } from '../../support/stress.js';
import { explore } from './explore.js';
import { SCENARIOS } from './scenarios/index.js';
import { Code, type KernelKind } from './world.js';

/** Schedules of each scenario, by the kernel: in WebAssembly a thread ends in fewer places. */
const SCHEDULES: Record<KernelKind, number> = { twin: stress(24, 6_000), wasm: stress(9, 2_000) };
/** The schedules are drawn from it: in the short form the same in each run. */
const SEED = Number(process.env['COMMONHOLD_SEED'] ?? stress(1, Date.now() % 1_000_000));

describe.each(['twin', 'wasm'] as const)(
  'every schedule of a scenario, and every end of a thread in it, keeps what is promised, %s',
  (kernel) => {
    let code: Code;
    let runs = 0;
    beforeAll(async () => {
      code = await Code.load(kernel);
    });
    afterAll(() => {
      console.log(`${runs} schedules of ${SCENARIOS.length} scenarios, ${kernel}, seed ${SEED}`);
    });

    test.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))('%s', (_name, scenario) => {
      const report = explore(code, scenario, SCHEDULES[kernel], SEED);
      runs += report.runs;
      expect(report.failure).toBeUndefined();
    });
  },
);
