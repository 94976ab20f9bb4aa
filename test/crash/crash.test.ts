import { expect, it } from '@jest/globals';
import { drawing } from '../support/random.js';
import { stress } from '../support/stress.js';
import { Campaign, reportOf } from './campaign.js';
import { drawShortPlan, FAILPOINTS } from './plan.js';
import { runCrashWorld } from './run.js';

/** Kills of the long form, which looks for new worlds. `make crash` has more. */
const KILLS = stress(0, 200);

it('users of a daemon that is killed at each failpoint see nothing that is not promised', async () => {
  const outcome = await runCrashWorld(drawShortPlan(1, drawing(1)));
  if (outcome.violations.length > 0) throw new Error(reportOf(outcome));
  const places = new Set(outcome.lives.map(({ ended }) => ended));
  expect([...places].sort()).toEqual([...FAILPOINTS, 'from outside', 'while starting'].sort());
});

it('nor do users of many such daemons', async () => {
  const failure = await new Campaign(Date.now() % 1_000_000_000, KILLS).run(() => {});
  if (failure !== undefined) throw new Error(failure.report);
});
