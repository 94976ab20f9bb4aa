import { expect, it } from '@jest/globals';
import { stress } from '../support/stress.js';
import { noFigures, planOf, report, runWorlds, shorten } from './run.js';
import { runPlan } from './course.js';

const SEEDS = stress(200, 2000);
/** The first seed: the same worlds each time, so that the test never fails by chance. The long form looks for new ones. */
const SEED = stress(1, Date.now() % 1_000_000_000);

const from = (seed: number, count: number): number[] => Array.from({ length: count }, (_, index) => seed + index);

it('a world is the same each time', async () => {
  const [first, second] = [await runPlan(planOf(7)), await runPlan(planOf(7))];
  expect(second).toEqual(first);
  expect(first.calls).toBeGreaterThan(0);
});

it('users of simulated worlds see nothing that is not promised', async () => {
  const figures = noFigures();
  const failure = await runWorlds(from(SEED, SEEDS), figures);
  if (failure !== undefined) throw new Error(report(await shorten(failure)));
  // The faults had an effect, and most cuts none.
  expect(figures.resumptions).toBeGreaterThan(SEEDS / 4);
  expect(figures.expiries).toBeGreaterThan(0);
  expect(figures.kills).toBeGreaterThan(SEEDS / 4);
  expect(figures.undecided).toBeLessThan(SEEDS / 50);
});
