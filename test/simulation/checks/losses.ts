import { checkJournal, type JournalEntry } from '../../support/journal.js';
import { LATE_MS } from '../disk.js';
import type { Call } from '../history.js';
import type { World } from '../world.js';

/** Time after a kill within which an answer of the manager that was killed may still arrive, in milliseconds. */
const ARRIVES_MS = 6;
/** Operations of a disk, each of which may be late, between an answer and the end of the flush of its record. */
const OPERATIONS = 3;

/** Of the journal, no more than its end before each kill is lost, and nothing older than promised. */
export function checkLosses(world: World): void {
  const calls = world.history.of('journal');
  const left = calls.find(({ what }) => what === 'all')?.result as number[] | undefined;
  if (left === undefined) return;
  const pushes = calls.filter(({ what }) => what === 'push');
  const ids = new Map(pushes.map(({ args: [item] }, id) => [item, id]));
  const lives = world.manager.deaths.map((killedAt) => ({ killedAt, endedAt: killedAt + ARRIVES_MS }));
  const { violations } = checkJournal(
    pushes.map((call) => entryOf(world, call)),
    left.map((item) => ids.get(item)!),
    lives,
    (from) => OPERATIONS * LATE_MS + world.stoodStillMs(undefined, from),
  );
  for (const violation of violations) world.violated(violation);
}

/** A client that stands still sees an answer late: then it does not show which life of the manager gave it. */
function entryOf(world: World, { client, calledAt, returnedAt, outcome }: Call): JournalEntry {
  const told = outcome === 'done' && world.stoodStillMs(client, 0) === 0;
  return { called: calledAt, answered: told ? returnedAt : Infinity };
}
