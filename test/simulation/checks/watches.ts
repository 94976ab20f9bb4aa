import { inspect } from 'node:util';
import { ClosedError, HistoryLostError, ManagerUnavailableError, SessionExpiredError, type ManagerError } from '../../../proto/errors.js';
import type { ObservedWorld, SeenWatch } from '../observed.js';

const ENDS = [ClosedError, ManagerUnavailableError, SessionExpiredError];

/** Each watch sees all changes in their order, without a gap, and all watches see the same. */
export function checkWatches(world: ObservedWorld): void {
  const known = checkChanges(world, ENDS);
  for (const watch of world.watches) checkGaps(world, watch, known);
}

/** Each watch sees changes in their order, up to one that the manager may have lost, and all watches see the same. */
export function checkLossyWatches(world: ObservedWorld): void {
  checkChanges(world, [...ENDS, HistoryLostError]);
}

/** Returns the changes that were seen, by their revisions. @param ends errors that may end a watch */
function checkChanges(world: ObservedWorld, ends: readonly (typeof ManagerError)[]): ReadonlyMap<number, string> {
  const known = new Map<number, string>();
  for (const { changes, error, client } of world.watches) {
    if (error !== undefined && !ends.some((type) => error instanceof type)) {
      world.violated(`a watch of ${client.loop.name} failed: ${inspect(error)}`);
    }
    let last = 0;
    for (const { type, key, value, revision } of changes) {
      if (revision <= last) world.violated(`a watch of ${client.loop.name} saw revision ${revision} after ${last}`);
      last = revision;
      const seen = `${type} ${key} ${String(value)}`;
      const before = known.get(revision) ?? seen;
      if (before !== seen) world.violated(`two watches differ in revision ${revision}: ${before}, ${seen}`);
      known.set(revision, seen);
    }
  }
  return known;
}

function checkGaps(world: ObservedWorld, { changes, began, client }: SeenWatch, known: ReadonlyMap<number, string>): void {
  const first = changes[0]?.revision ?? Infinity;
  const last = changes.at(-1)?.revision ?? -Infinity;
  const own = new Set(changes.map(({ revision }) => revision));
  for (const [revision, seen] of known) {
    if (revision > first && revision < last && !own.has(revision)) world.violated(`a watch of ${client.loop.name} missed ${seen}`);
  }
  const values = new Set(changes.map(({ value }) => value));
  const sets = world.history.of('watched').filter(({ what, outcome }) => what === 'set' && outcome === 'done');
  for (const set of sets) {
    const later = sets.some((other) => other.called > set.returned && values.has(other.args[0]));
    if (set.called > began && later && !values.has(set.args[0]))
      world.violated(`a watch of ${client.loop.name} missed ${String(set.args[0])}`);
  }
}
