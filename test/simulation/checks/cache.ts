import { CACHED } from '../deeds/data.js';
import type { Call } from '../history.js';
import type { ObservedWorld } from '../observed.js';
import { shown } from './calls.js';

/** Keys of a dict with few entries are there until their ends, unless others were used in their place. */
export function checkCache(world: ObservedWorld): void {
  const calls = world.history.of('cache');
  const sets = calls.filter(({ what, outcome }) => what === 'set' && outcome !== 'refused');
  for (const get of calls.filter(({ what, outcome }) => what === 'get' && outcome === 'done')) {
    const own = sets.filter(({ args: [key] }) => key === get.args[0]);
    if (get.result === undefined) {
      const lost = own.find((set) => mustBeThere(world, set, get));
      if (lost !== undefined) world.violated(`${shown(get)} found nothing, after ${shown(lost)}`);
      continue;
    }
    const set = own.find(({ args: [, value] }) => value === get.result);
    if (set === undefined || set.called > get.returned) world.violated(`${shown(get)} found a value that was not set`);
    else if (set.outcome === 'done' && get.calledAt > set.returnedAt + ttlOf(set))
      world.violated(`${shown(get)} found a value after its end: ${shown(set)}`);
  }
  const size = calls.find(({ what }) => what === 'size')?.result as number | undefined;
  if (size !== undefined && size > CACHED) world.violated(`${size} entries in a dict for ${CACHED}`);
}

/** True if the key was set before, has not ended yet, and too few others were used since it was used last to evict it. */
function mustBeThere(world: ObservedWorld, set: Call, get: Call): boolean {
  const calls = world.history.of('cache');
  const [key, value] = set.args;
  if (set.outcome !== 'done' || set.returned > get.called || get.returnedAt > set.calledAt + ttlOf(set)) return false;
  const during = (from: Call): Call[] =>
    calls.filter(({ what, outcome, returned, called }) => {
      // A read that failed at its client may have been made.
      const mayBeMade = what === 'get' || outcome !== 'refused';
      return mayBeMade && returned > from.called && called < get.returned;
    });
  // Another set of the key gives it another end.
  if (during(set).some((other) => other !== set && other.what === 'set' && other.args[0] === key)) return false;
  const reads = calls.filter(
    ({ what, outcome, result, returned }) => what === 'get' && outcome === 'done' && result === value && returned < get.called,
  );
  return [set, ...(world.mayForgetReads ? [] : reads)].some((use) => new Set(during(use).map(({ args }) => args[0])).size <= CACHED);
}

function ttlOf({ args }: Call): number {
  return args[2] as number;
}
