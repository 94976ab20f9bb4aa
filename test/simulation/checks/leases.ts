import type { SimulatedClient } from '../client.js';
import type { Fault } from '../plan.js';
import type { World } from '../world.js';

/** Part of a lease that the faults of its time may take without the end of the session. */
const SHARE = 0.5;
/** Time that an attempt to connect may take that is never answered, and one that is answered late, in milliseconds. */
const SLOWEST_MS = 15_000;

/** Checks that a session which has ended had reason to: its connection was broken for most of its lease, or its client stood still. */
export function checkExpiry(world: World, client: SimulatedClient, { message }: Error): void {
  const { leaseMs } = client.plan;
  const { now } = world.time;
  const past = world.plan.faults.filter(({ at, client: whose }) => at < now && (whose === undefined || whose === client.index));
  const lost =
    world.loses && mayHaveLostCalls(past, now, leaseMs) ? Infinity : past.reduce((sum, fault) => sum + costOf(fault, now, leaseMs), 0);
  if (lost < SHARE * leaseMs)
    world.violated(
      `the session of ${client.loop.name} ended, with a lease of ${leaseMs} ms, after ${lost} ms without a connection: ${message}`,
    );
}

/** Returns the time that a fault may have cost a client of its lease by now. */
function costOf(fault: Fault, now: number, leaseMs: number): number {
  // Heartbeats alone keep a session: its own thread may compute, and its own connection may be cut.
  if ('part' in fault && fault.part === 'session') return 0;
  const since = now - fault.at;
  switch (fault.what) {
    case 'cut':
    case 'kill': {
      const cost = delayOf(fault);
      if (since >= cost + leaseMs) return 0;
      return cost < SLOWEST_MS ? cost : Infinity;
    }
    case 'stop':
    case 'pings lost':
      return since < 2 * fault.ms + 2 * leaseMs ? fault.ms : 0;
    default:
      return 0;
  }
}

/** Returns true if a kill may have cost the session calls that its client had answers to, which the client hears once it is connected again. */
function mayHaveLostCalls(past: readonly Fault[], now: number, leaseMs: number): boolean {
  const delay = past.reduce((sum, fault) => sum + delayOf(fault), 0);
  return past.some(({ what, at }) => what === 'kill' && now - at < delay + leaseMs);
}

/** Returns the time that a fault may take until its client is connected again. */
function delayOf(fault: Fault): number {
  switch (fault.what) {
    case 'cut': {
      const { downMs, down, clientLearns, managerLearns } = fault;
      if (downMs > 0 && down !== 'refuses') return SLOWEST_MS + downMs;
      // The pauses between the attempts double.
      return 100 + 2 * Math.max(downMs, clientLearns, managerLearns);
    }
    case 'kill':
      return 200 + 2 * Math.max(fault.downMs, fault.clientLearns);
    case 'stop':
      return fault.ms;
    default:
      return 0;
  }
}

/** Checks that the session of a client that has left, or died, has ended once the manager can know it. */
export function checkLeft(world: World, client: SimulatedClient): void {
  if (world.manager.served.sessions.has(client.manager.sessionId)) world.violated(`the session of ${client.loop.name} goes on without it`);
}
