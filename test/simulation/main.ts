/**
 * Runs simulated worlds, one after the other:
 *
 *     SEED=… RUNS=… node dist/test/simulation/main.js    the worlds of RUNS seeds from SEED on
 *     PLAN=FILE node dist/test/simulation/main.js        the world of a plan that was written down
 *
 * If one fails, shortens it (unless SHORTEN=no), writes its plan down, and exits with 1.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { noFigures, report, runWorlds, shorten, type Failure } from './run.js';
import { runPlan } from './course.js';
import type { Plan } from './plan.js';

/** Worlds of a run that does not say how many: some minutes. */
const RUNS = 3000;
/** Number of worlds after which the figures are printed. */
const PORTION = 500;

const { SEED, PLAN } = process.env;
if (PLAN) await again(PLAN);
else await simulate(Number(SEED || Math.floor(Date.now() / 1000)), Number(process.env['RUNS'] || RUNS));

async function simulate(seed: number, runs: number): Promise<void> {
  console.log(`worlds of the seeds ${seed} to ${seed + runs - 1}`);
  const begin = performance.now();
  const figures = noFigures();
  for (let done = 0; done < runs; done += PORTION) {
    const seeds = Array.from({ length: Math.min(PORTION, runs - done) }, (_, index) => seed + done + index);
    const failure = await runWorlds(seeds, figures);
    const { worlds, calls, cuts, kills, resumptions, expiries, undecided } = figures;
    const perMinute = Math.round((60_000 * worlds) / (performance.now() - begin));
    console.log(
      `${worlds} worlds, ${calls} calls, ${cuts} cuts, ${kills} kills, ${resumptions} resumptions, ${expiries} expired sessions, ${undecided} histories undecided, ${perMinute} worlds a minute`,
    );
    if (failure === undefined) continue;
    console.log(`seed ${failure.seed} fails: ${failure.violations[0]}`);
    process.exitCode = 1;
    if (process.env['SHORTEN'] !== 'no') fail(await shorten(failure));
    return;
  }
}

async function again(file: string): Promise<void> {
  const plan = JSON.parse(readFileSync(file, 'utf8')) as Plan;
  const { violations } = await runPlan(plan);
  if (violations.length === 0) console.log('this world does not fail');
  else fail({ seed: plan.seed, violations, plan });
}

function fail(failure: Failure): void {
  const file = join(tmpdir(), `commonhold-world-${failure.seed}.json`);
  writeFileSync(file, JSON.stringify(failure.plan));
  console.log(`${report(failure)}\n\nAgain: make simulate PLAN=${file}, or in full: make simulate SEED=${failure.seed} RUNS=1`);
  process.exitCode = 1;
}
