import type { Draw } from '../support/random.js';
import { DEED_NAMES, type DeedName } from './deeds/names.js';
import type { CutPoints } from './network.js';

/** Something that a user does, after a pause. The numbers mean something else for each deed. */
export interface DeedStep {
  readonly choice: number;
  readonly amount: number;
  /** Milliseconds before it begins. */
  readonly pause: number;
  /** Timeout of its waits in milliseconds. */
  readonly timeout: number | undefined;
  /** Milliseconds after which its waits are aborted. */
  readonly abort: number | undefined;
  /** Milliseconds for which it holds what it gets. */
  readonly hold: number;
}

/** A step of a plan. */
export interface Step extends DeedStep {
  readonly deed: DeedName;
}

/** A client of a world. */
export interface ClientPlan {
  readonly leaseMs: number;
  /** True if its session ends when its event loop stands still for as long. */
  readonly tied: boolean;
  /** True if it is on another host than the manager. */
  readonly remote: boolean;
  readonly callTimeout: number;
  /** The steps of each of its users, who work at the same time. */
  readonly users: readonly (readonly Step[])[];
}

/** Something that goes wrong. */
export type Fault = { readonly at: number } & (
  | ({
      readonly what: 'cut';
      readonly client: number;
      readonly downMs: number;
      readonly down: 'refuses' | 'swallows' | 'slowly';
    } & CutPoints)
  | { readonly what: 'stop'; readonly client: number | undefined; readonly ms: number }
  /** The manager is killed, and starts again. */
  | { readonly what: 'kill'; readonly client: undefined; readonly downMs: number; readonly toClient: number; readonly clientLearns: number }
  | { readonly what: 'pings lost'; readonly client: number; readonly ms: number }
  | { readonly what: 'close' | 'death'; readonly client: number }
);

/** The log of a manager. */
export interface LogPlan {
  /** Size in bytes by which it grows between two snapshots. */
  readonly snapshotAfter: number;
}

/** Everything that happens in a world. The same plan has the same effects. */
export interface Plan {
  readonly seed: number;
  /** Undefined if the manager keeps nothing. */
  readonly log?: LogPlan | undefined;
  readonly clients: readonly ClientPlan[];
  readonly faults: readonly Fault[];
}

const LEASES = [500, 1000, 2000, 5000];

/** Draws a world. */
export function drawPlan(seed: number, draw: Draw): Plan {
  const pick = <T>(items: readonly T[]): T => items[draw(items.length)]!;
  // A few kinds of objects in each world, so that its users meet.
  const deeds = Array.from({ length: 1 + draw(3) }, () => pick(DEED_NAMES));
  const busy = pick([30, 150, 400]);
  const step = (): Step => ({
    deed: pick(deeds),
    choice: draw(60),
    amount: draw(60),
    pause: draw(busy),
    timeout: draw(4) === 0 ? undefined : draw(5) === 0 ? draw(20) : draw(1500),
    abort: draw(6) === 0 ? draw(600) : undefined,
    hold: draw(3) === 0 ? draw(1200) : draw(80),
  });
  const clients = Array.from({ length: 2 + draw(4) }, (): ClientPlan => {
    const remote = draw(2) === 0;
    return {
      leaseMs: pick(LEASES),
      tied: draw(8) === 0,
      remote,
      callTimeout: pick([2_000, 10_000]),
      users: Array.from({ length: 1 + draw(3) }, () => Array.from({ length: 3 + draw(8) }, step)),
    };
  });
  const lasts = 500 + busy * 12;
  const faults = Array.from({ length: draw(9) }, () => drawFault(clients, draw(lasts), draw));
  const log = draw(3) === 0 ? { snapshotAfter: 500 + draw(10_000) } : undefined;
  if (log !== undefined) for (let kills = 1 + draw(4); kills > 0; kills--) faults.push(drawKill(draw(lasts), draw));
  return { seed, log, clients, faults: faults.sort((a, b) => a.at - b.at) };
}

function drawFault(clients: readonly ClientPlan[], at: number, draw: Draw): Fault {
  const client = draw(clients.length);
  const { leaseMs } = clients[client]!;
  const ms = draw(3) === 0 ? draw(3 * leaseMs) : draw(Math.floor(leaseMs / 3));
  switch (draw(12)) {
    case 0:
      return { at, what: 'stop', client: undefined, ms };
    case 1:
    case 2:
      return { at, what: 'stop', client, ms };
    case 3:
      return { at, what: 'pings lost', client, ms };
    case 4:
      return { at, what: 'death', client };
    case 5:
      return { at, what: 'close', client };
    default:
      return { at, what: 'cut', client, ...drawOutage(ms, draw), ...drawCut(leaseMs, draw) };
  }
}

function drawKill(at: number, draw: Draw): Fault {
  return {
    at,
    what: 'kill',
    client: undefined,
    downMs: draw(3) === 0 ? draw(1_000) : draw(100),
    toClient: draw(5),
    clientLearns: draw(20),
  };
}

function drawOutage(ms: number, draw: Draw) {
  const down = (['refuses', 'refuses', 'swallows', 'slowly'] as const)[draw(4)]!;
  return { downMs: draw(3) === 0 ? 0 : ms, down };
}

/**
 * Draws the points of a cut. A client that hears of it much later than the manager learns of it too late to give up its holds in time, and
 * answers that arrive after the manager has given the connection up prove less than they seem to: no system of the client does either.
 */
function drawCut(leaseMs: number, draw: Draw): CutPoints {
  const managerLearns = draw(3) === 0 ? draw(2 * leaseMs) : draw(20);
  const clientLearns = draw(3) === 0 ? managerLearns + draw(Math.floor(0.7 * leaseMs)) : draw(20);
  return {
    toManager: draw(20),
    toClient: Math.min(draw(2) === 0 ? draw(20) : draw(leaseMs), managerLearns + draw(leaseMs / 25)),
    managerLearns,
    clientLearns,
  };
}
