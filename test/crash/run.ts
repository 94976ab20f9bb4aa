import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Manager } from '../../client/connect/manager.js';
import { audit, auditIdle } from '../simulation/audit.js';
import { until } from '../support/until.js';
import { checkCrashWorld } from './checks.js';
import { Lives, type Life } from './lives.js';
import { Load } from './load.js';
import type { CrashPlan } from './plan.js';
import { CrashWorld } from './world.js';

/** Time after which the users of a world do not come to an end any more, in milliseconds. */
const LONGEST_END_MS = 120_000;

/** The outcome of a world. */
export interface CrashOutcome {
  readonly plan: CrashPlan;
  readonly violations: readonly string[];
  readonly lives: readonly Life[];
  readonly calls: number;
  readonly resumptions: number;
  /** The directory of its daemon, if it failed. */
  readonly directory: string | undefined;
}

/** Runs the world of a plan. */
export async function runCrashWorld(plan: CrashPlan): Promise<CrashOutcome> {
  const directory = mkdtempSync(join(tmpdir(), 'commonhold-crash-'));
  const world = new CrashWorld(plan, directory);
  const load = new Load(world);
  const lives = new Lives(plan, join(directory, 'data'), world.address, {
    listening: () => load.begin(),
    answers: (count) => load.answers(count),
    lastAnswer: () => load.lastAnswer,
    violated: (what) => world.violated(what),
  });
  if (await lives.run((kill) => load.heat(kill))) {
    await settle(world, load);
    checkCrashWorld(world);
  }
  for (const { loop } of world.clients) loop.alive = false;
  await Promise.all(world.clients.map((client) => client.close()));
  await lives.stop();
  const failed = world.violations.length > 0;
  if (!failed) rmSync(directory, { recursive: true, force: true });
  return {
    plan,
    violations: world.violations,
    lives: lives.past,
    calls: world.history.calls.length,
    resumptions: world.clients.reduce((sum, { resumptions }) => sum + resumptions, 0),
    directory: failed ? directory : undefined,
  };
}

/** Resolves when the objects without names have ended that sessions kept for a while, as references to them may have been on their way. */
async function ended(manager: Manager): Promise<void> {
  await manager.dict('references').clear();
  await until('no object without a name is left', async () => {
    for await (const { name } of manager.objects()) if (name.startsWith('~')) return false;
    return true;
  });
}

/** Lets all users end, and reads all that is left. */
async function settle(world: CrashWorld, load: Load): Promise<void> {
  const late = setTimeout(() => {
    const pending = world.history.calls.filter(({ outcome }) => outcome === 'pending');
    world.violated(`calls never end: ${pending.map(({ object, what, client }) => `${object} ${what} of ${client.loop.name}`).join(', ')}`);
    for (const client of world.clients) void client.close();
  }, LONGEST_END_MS);
  await load.end();
  await auditIdle(world, world.connect());
  for (const client of world.clients) if (!client.closed) await client.close();
  const auditor = world.connect();
  await ended(auditor.manager);
  await audit(world, auditor, world.orphans);
  clearTimeout(late);
}
