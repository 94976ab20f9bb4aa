import type { Held } from '../../../client/locking/held.js';
import type { Call } from '../history.js';
import type { ObservedWorld } from '../observed.js';
import { shown } from './calls.js';

/** Waits for a lock, and for permits, are served in the order in which they came: who was in line before has the smaller token. */
export function checkLine(world: ObservedWorld): void {
  for (const object of ['lock', 'rlock', 'rwlock', 'semaphore', 'urgent']) {
    const calls = acquired(world, object);
    for (const first of calls) {
      for (const second of calls) {
        if (first.knownAt > second.called || priorityOf(first) > priorityOf(second)) continue;
        if (tokenOf(first) > tokenOf(second)) world.violated(`${shown(second)} overtook ${shown(first)}`);
      }
    }
  }
  checkPriorities(world, 'urgent');
}

/** Of two calls that both waited while another client had the lock, the urgent one is served first. */
function checkPriorities(world: ObservedWorld, object: string): void {
  const calls = acquired(world, object);
  const releases = new Map(
    world.history
      .of(object)
      .filter(({ what }) => what === 'release')
      .map((call) => [call.args[0], call]),
  );
  const heldAt = (moment: number): boolean =>
    calls.some((call) => {
      if (call.returned > moment || world.mayLose(call.client)) return false;
      const release = releases.get(tokenOf(call));
      // Of a client that has left, the release is refused.
      return release?.outcome === 'done' && release.called > moment;
    });
  for (const urgent of calls) {
    for (const other of calls) {
      if (priorityOf(urgent) >= priorityOf(other) || tokenOf(urgent) < tokenOf(other)) continue;
      // Its answer may have come when its session had ended.
      if (world.mayLose(other.client)) continue;
      const both = Math.max(urgent.knownAt, other.knownAt);
      if (both < Math.min(urgent.returned, other.returned) && heldAt(both))
        world.violated(`${shown(other)} was served before ${shown(urgent)}`);
    }
  }
}

function acquired({ history }: ObservedWorld, object: string): Call[] {
  return history.of(object).filter(({ what, outcome }) => what === 'acquire' && outcome === 'done');
}

function tokenOf({ result }: Call): bigint {
  return (result as Held).token;
}

/** The priority of a call, lowest first. */
function priorityOf({ args: [priority = 0] }: Call): number {
  return priority as number;
}
