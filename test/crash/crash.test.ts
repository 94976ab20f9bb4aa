import { expect, it } from '@jest/globals';
import { drawing } from '../support/random.js';
import { stress } from '../support/stress.js';
import { Program } from '../support/program.js';
import { Campaign, reportOf } from './campaign.js';
import { drawShortPlan, FAILPOINTS, type Kill } from './plan.js';
import { runCrashWorld } from './run.js';

/** Kills of the long form, which looks for new worlds. `make crash` has more. */
const KILLS = stress(0, 200);
/** Worlds of which one loses something, if its daemons do not wait for the disk: nearly each does. */
const LOSING_WORLDS = 30;

it('users of a daemon that is killed at each failpoint see nothing that is not promised', async () => {
  const outcome = await runCrashWorld(drawShortPlan(1, drawing(1)));
  if (outcome.violations.length > 0) throw new Error(reportOf(outcome, 'make test ARGS=crash/crash'));
  const places = new Set(outcome.lives.map(({ ended }) => ended));
  expect([...places].sort()).toEqual([...FAILPOINTS, 'from outside'].sort());
});

it('a daemon that does not wait for the disk loses the end of its log alone', async () => {
  const kills: Kill[] = [
    { what: 'failpoint', name: 'log.flush', at: 6, tears: true },
    { what: 'outside', answers: 100, ms: 0 },
  ];
  let losses = 0;
  for (let seed = 2; losses === 0 && seed < 2 + LOSING_WORLDS; seed++) {
    const outcome = await runCrashWorld({ ...drawShortPlan(seed, drawing(seed)), durability: 'async', kills });
    if (outcome.violations.length > 0) throw new Error(reportOf(outcome, 'make test ARGS=crash/crash'));
    losses += outcome.losses.length;
  }
  expect(losses).toBeGreaterThan(0);
});

(KILLS > 0 ? it : it.skip)('users of daemons that are killed at any time see nothing that is not promised', async () => {
  const failure = await new Campaign(Date.now() % 1_000_000_000, KILLS, false).run(() => {});
  if (failure !== undefined) throw new Error(failure.report);
});

it('a campaign that is stopped tells of its kills so far', async () => {
  await using campaign = Program.node(new URL('main.js', import.meta.url), [], { SEED: '1', KILLS: '1000' });
  await campaign.said(/1000 kills/);
  const { code, stdout } = await campaign.kill('SIGTERM');
  expect(code).toBe(143);
  expect(stdout).toContain('stopped by SIGTERM');
  for (const name of FAILPOINTS) expect(stdout).toMatch(new RegExp(`  ${name}: \\d+`));
});
