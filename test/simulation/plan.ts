import type { Draw } from '../support/random.js';
import type { Durability } from '../../server/log/options.js';
import { DEED_NAMES, type DeedName } from './deeds/names.js';
import type { CutPoints } from './connection.js';

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
  /** True if a thread of it sends heartbeats. Otherwise it is one without an id of its host, of which the manager expects none. */
  readonly heartbeats: boolean;
  readonly callTimeout: number;
  /** The steps of each of its users, who work at the same time. */
  readonly users: readonly (readonly Step[])[];
}

/** A thread of a client with its connection: that of its session, or that of its heartbeats. */
export type ClientPart = 'session' | 'heartbeats';

/** Something that goes wrong. A `part` is the one that it happens to; undefined for the client as a whole. */
export type Fault = { readonly at: number } & (
  | ({
      readonly what: 'cut';
      readonly client: number;
      readonly part?: ClientPart | undefined;
      readonly downMs: number;
      readonly down: 'refuses' | 'swallows' | 'slowly';
    } & CutPoints)
  | { readonly what: 'stop'; readonly client: number | undefined; readonly part?: ClientPart | undefined; readonly ms: number }
  /** The manager is killed, and starts again. */
  | { readonly what: 'kill'; readonly client: undefined; readonly downMs: number; readonly toClient: number; readonly clientLearns: number }
  | { readonly what: 'pings lost'; readonly client: number; readonly ms: number }
  | { readonly what: 'close' | 'death'; readonly client: number }
);

/** The log of a manager. */
export interface LogPlan {
  /** Size in bytes by which it grows between two snapshots. */
  readonly snapshotAfter: number;
  /** With `async`, a kill loses what the manager answered last. */
  readonly durability: Exclude<Durability, 'none'>;
}

/** Everything that happens in a world. The same plan has the same effects. */
export interface Plan {
  readonly seed: number;
  /** Undefined if the manager keeps nothing. */
  readonly log?: LogPlan | undefined;
  readonly clients: readonly ClientPlan[];
  readonly faults: readonly Fault[];
}

/** Entries of one writer of a journal. */
const ENTRIES = 20;
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
      heartbeats: false,
      callTimeout: pick([2_000, 10_000]),
      users: Array.from({ length: 1 + draw(3) }, () => Array.from({ length: 3 + draw(8) }, step)),
    };
  });
  const lasts = 500 + busy * 12;
  const faults = Array.from({ length: draw(9) }, () => drawFault(clients, draw(lasts), draw));
  const log: LogPlan | undefined = draw(3) === 0 ? { snapshotAfter: 500 + draw(10_000), durability: 'sync' } : undefined;
  if (log !== undefined) for (let kills = 1 + draw(4); kills > 0; kills--) faults.push(drawKill(draw(lasts), draw));
  const plan = { seed, log, clients, faults: faults.sort((a, b) => a.at - b.at) };
  const whole = withHeartbeats(plan, draw);
  const found = draw(6) === 0 ? withLateDiscovery(whole, lasts, draw) : whole;
  return draw(3) === 0 ? withLosses(found, draw) : found;
}

/** Has a manager with a log not wait for its disk. A user more of each client writes a journal, to see what it loses. */
function withLosses(plan: Plan, draw: Draw): Plan {
  if (plan.log === undefined) return plan;
  const entry = (): Step => ({ deed: 'journal', choice: 0, amount: 0, pause: draw(60), timeout: undefined, abort: undefined, hold: 0 });
  const journal = (): Step[] => Array.from({ length: ENTRIES }, entry);
  const clients = plan.clients.map((client) => ({ ...client, users: [...client.users, journal()] }));
  return { ...plan, log: { ...plan.log, durability: 'async' }, clients };
}

/** Has a client with long holds find its connection broken late, and no other one within its lease. */
function withLateDiscovery(plan: Plan, lasts: number, draw: Draw): Plan {
  const index = draw(plan.clients.length);
  const { leaseMs } = plan.clients[index]!;
  const longer = (step: Step): Step => ({ ...step, hold: leaseMs + draw(2 * leaseMs) });
  const clients = plan.clients.map((client, place) =>
    place === index ? { ...client, users: client.users.map((steps) => steps.map(longer)) } : client,
  );
  const clientLearns = Math.floor(0.3 * leaseMs) + draw(Math.floor(0.4 * leaseMs));
  const points = { toManager: draw(20), toClient: draw(20), managerLearns: draw(20), clientLearns };
  const cut: Fault = { at: draw(lasts), what: 'cut', client: index, downMs: leaseMs + draw(leaseMs), down: 'refuses', ...points };
  return { ...plan, clients, faults: [...plan.faults, cut].sort((a, b) => a.at - b.at) };
}

/** Gives half of the clients on other hosts heartbeats, and has some of their faults happen to one of their threads. */
function withHeartbeats(plan: Plan, draw: Draw): Plan {
  const clients = plan.clients.map((client) => ({ ...client, heartbeats: client.remote && !client.tied && draw(2) === 0 }));
  const faults = plan.faults.map((fault): Fault => {
    if ((fault.what !== 'cut' && fault.what !== 'stop') || fault.client === undefined) return fault;
    return clients[fault.client]!.heartbeats ? { ...fault, part: ([undefined, 'session', 'heartbeats'] as const)[draw(3)] } : fault;
  });
  return { ...plan, clients, faults };
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
