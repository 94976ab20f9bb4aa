import { checkLeft } from './checks/leases.js';
import type { SimulatedClient } from './client.js';
import type { Fault } from './plan.js';
import type { World } from './world.js';

/** Time within which the manager notices that a process on its host has ended, in milliseconds. */
const LOOKS_MS = 500;

/** Time within which a manager has read its log, in milliseconds. */
const STARTS_MS = 200;

/** Has a fault happen now. */
export function begin(world: World, fault: Fault): void {
  const { time, fate, manager, clients } = world;
  const later = (ms: number, run: () => void): void => fate.post(time.now + ms, run);
  const client = fault.client === undefined ? undefined : world.clients[fault.client];
  // Its process may not have begun yet.
  if (fault.client !== undefined && client === undefined) return;
  switch (fault.what) {
    case 'stop':
      for (const { loop } of client?.sites(fault.part) ?? [manager]) loop.stop(time.now + fault.ms);
      return;
    case 'cut': {
      for (const site of client!.sites(fault.part)) {
        if (fault.downMs > 0) {
          site.reachable = fault.down;
          later(fault.downMs, () => (site.reachable = 'yes'));
        }
        for (const connection of [...site.connections]) {
          world.cuts++;
          connection.cut(fault);
        }
      }
      return;
    }
    case 'kill':
      if (!manager.running) return;
      void manager.kill();
      for (const { connections } of clients.flatMap((each) => each.sites(undefined)))
        for (const connection of [...connections]) connection.cut({ ...fault, toManager: 0, managerLearns: 0 });
      return later(fault.downMs, () => manager.start());
    case 'pings lost':
      client!.pingsLost = true;
      return later(fault.ms, () => (client!.pingsLost = false));
    case 'close':
      return client!.loop.post(time.now, () => world.close(client!));
    case 'death':
      client!.end();
      // On its own host the manager finds no process any more; otherwise it has to wait for the lease.
      later(knownAt(world, client!) + LOOKS_MS + (client!.host === undefined ? 0 : client!.plan.leaseMs), () => checkLeft(world, client!));
  }
}

/** Returns the milliseconds until the manager has learned of all that has happened to a client. */
function knownAt({ plan, time }: World, client: SimulatedClient): number {
  const ends = plan.faults.map((fault) => {
    if (fault.what === 'stop' && fault.client === undefined) return fault.at + fault.ms;
    if (fault.what === 'kill') return fault.at + fault.downMs + STARTS_MS;
    return fault.what === 'cut' && fault.client === client.index ? fault.at + fault.managerLearns : 0;
  });
  return Math.max(time.now, ...ends) - time.now;
}
