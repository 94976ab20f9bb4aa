import type { Fault, Plan, Step } from './plan.js';

/** Most worlds that are run to shorten one. */
const MOST_RUNS = 400;

/** The parts of a plan that can be left out: its faults, and the steps of its users. */
type Part = { readonly fault: Fault } | { readonly step: Step };

/**
 * Leaves parts of a plan out as long as it still fails: halves first, then smaller portions, as in delta debugging (Zeller and Hildebrandt).
 */
export async function shortened(plan: Plan, fails: (plan: Plan) => Promise<boolean>): Promise<Plan> {
  let parts = partsOf(plan);
  let runs = 0;
  for (let size = Math.ceil(parts.length / 2); size >= 1 && runs < MOST_RUNS;) {
    let shorter = false;
    for (let from = 0; from < parts.length && runs < MOST_RUNS;) {
      const rest = [...parts.slice(0, from), ...parts.slice(from + size)];
      runs++;
      if (await fails(withOnly(plan, rest))) {
        parts = rest;
        shorter = true;
      } else {
        from += size;
      }
    }
    if (size > 1) size = Math.ceil(size / 2);
    else if (!shorter) break;
  }
  return withOnly(plan, parts);
}

/** Number of parts of a plan. */
export function sizeOf(plan: Plan): number {
  return partsOf(plan).length;
}

function partsOf({ clients, faults }: Plan): Part[] {
  const steps = clients.flatMap(({ users }) => users.flat());
  return [...faults.map((fault) => ({ fault })), ...steps.map((step) => ({ step }))];
}

/** Returns the plan with these parts alone. Clients and users without any stay, so that the others keep their chance. */
function withOnly(plan: Plan, parts: readonly Part[]): Plan {
  const kept = new Set<unknown>(parts.map((part) => ('fault' in part ? part.fault : part.step)));
  return {
    ...plan,
    faults: plan.faults.filter((fault) => kept.has(fault)),
    clients: plan.clients.map((client) => ({ ...client, users: client.users.map((steps) => steps.filter((step) => kept.has(step))) })),
  };
}
