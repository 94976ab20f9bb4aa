import { runPlan } from './course.js';
import { drawing } from '../support/random.js';
import { drawPlan, type Plan } from './plan.js';
import { shortened, sizeOf } from './shorten.js';

/** Counts of the events in some worlds. */
export interface Figures {
  worlds: number;
  calls: number;
  cuts: number;
  kills: number;
  resumptions: number;
  expiries: number;
  /** Histories that nothing was decided of. */
  undecided: number;
}

/** A world that failed. */
export interface Failure {
  readonly seed: number;
  readonly violations: readonly string[];
  readonly plan: Plan;
}

/** Returns the plan of a seed. */
export function planOf(seed: number): Plan {
  return drawPlan(seed, drawing(seed));
}

/** Runs the worlds of these seeds, until one fails. */
export async function runWorlds(seeds: Iterable<number>, figures: Figures): Promise<Failure | undefined> {
  for (const seed of seeds) {
    const plan = planOf(seed);
    const outcome = await runPlan(plan);
    figures.worlds++;
    for (const key of ['calls', 'cuts', 'kills', 'resumptions', 'expiries', 'undecided'] as const) figures[key] += outcome[key];
    if (outcome.violations.length > 0) return { seed, violations: outcome.violations, plan };
  }
  return undefined;
}

/** Leaves out of a failed world all that it fails without. */
export async function shorten({ seed, plan }: Failure): Promise<Failure> {
  const short = await shortened(plan, async (shorter) => (await runPlan(shorter)).violations.length > 0);
  const { violations } = await runPlan(short);
  return { seed, violations, plan: short };
}

export function noFigures(): Figures {
  return { worlds: 0, calls: 0, cuts: 0, kills: 0, resumptions: 0, expiries: 0, undecided: 0 };
}

/** Describes a failure for a person: what was violated, and what happened in the world. */
export function report({ seed, violations, plan }: Failure): string {
  const clients = plan.clients.flatMap(({ users, ...client }, index) => [
    `client ${index}: ${JSON.stringify(client)}`,
    ...users.flatMap((steps, user) => steps.map((step) => `  user ${user}: ${JSON.stringify(step)}`)),
  ]);
  const faults = plan.faults.map((fault) => `fault: ${JSON.stringify(fault)}`);
  return [`The world of seed ${seed} fails, with ${sizeOf(plan)} faults and steps:`, ...violations, ...clients, ...faults].join('\n');
}
