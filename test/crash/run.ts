import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { line } from '../simulation/checks/registers.js';
import { checkCrashWorld } from './checks.js';
import { Guests } from './guests.js';
import { Lives, type Life } from './lives.js';
import { Load } from './load.js';
import type { CrashPlan } from './plan.js';
import { checkLosses, settle } from './settle.js';
import { Stalls } from './stalls.js';
import { CrashWorld } from './world.js';

/** The outcome of a world. */
export interface CrashOutcome {
  readonly plan: CrashPlan;
  readonly violations: readonly string[];
  readonly lives: readonly Life[];
  readonly calls: number;
  readonly resumptions: number;
  /** Histories that nothing was decided of. */
  readonly undecided: number;
  /** Number of client processes, which were killed. */
  readonly guests: number;
  /** Ages of the oldest lost item of each life that lost some, in milliseconds. */
  readonly losses: readonly number[];
  /** The directory of its daemon, if it failed. */
  readonly directory: string | undefined;
}

/**
 * Runs the world of a plan.
 * @param timed true if the age of lost items is checked too
 * @param lived called after each life of the daemon
 */
export async function runCrashWorld(plan: CrashPlan, timed = false, lived: (life: Life) => void = () => {}): Promise<CrashOutcome> {
  const directory = mkdtempSync(join(tmpdir(), 'commonhold-crash-'));
  const world = new CrashWorld(plan, directory);
  const load = new Load(world);
  const guests = new Guests(world);
  const lives = new Lives(plan, join(directory, 'data'), world.address, {
    listening: () => load.begin(),
    answers: (count) => load.answers(count),
    lastAnswer: () => load.lastAnswer,
    lived,
    violated: (what) => world.violated(what),
  });
  // The times of a machine that is busy with other tests say nothing.
  await using stalls = timed ? new Stalls(join(directory, 'stalls')) : undefined;
  const losses: number[] = [];
  const goesOn = await lives.run((kill) => {
    load.heat(kill);
    if (plan.guests) guests.life();
  });
  await guests.end();
  if (goesOn) {
    if (plan.durability === 'async') losses.push(...(await checkLosses(world, load, lives.past, stalls)));
    else {
      await settle(world, load);
      checkCrashWorld(world);
    }
  }
  for (const { loop } of world.clients) loop.alive = false;
  await Promise.all(world.clients.map((client) => client.close()));
  await lives.stop();
  const failed = world.violations.length > 0;
  if (failed) writeFileSync(join(directory, 'calls.txt'), world.history.calls.map(line).join('\n'));
  else rmSync(directory, { recursive: true, force: true });
  return {
    plan,
    violations: world.violations,
    lives: lives.past,
    calls: world.history.calls.length,
    losses,
    guests: guests.count,
    undecided: world.undecided.length,
    resumptions: world.clients.reduce((sum, { resumptions }) => sum + resumptions, 0),
    directory: failed ? directory : undefined,
  };
}
