/** The promise of `--durability async` (server/log/options.ts), in milliseconds. */
const BOUND_MS = 100;

/** An item of the journal, as its writer saw it. */
export interface JournalEntry {
  readonly called: number;
  /** Time of the answer; Infinity without one. */
  answered: number;
}

/** Returns the longest stall of the machine between two times, in milliseconds. */
export type StallOf = (from: number, to: number) => number;

/** A life of the manager: a time at which it lived just before its kill, and one at which its end was known. */
export interface JournalLife {
  readonly killedAt: number;
  readonly endedAt: number;
}

/**
 * Compares what the writers saw with the list that is left, as numbers of their entries.
 * @param stallOf undefined to check no times
 * @returns the violations, and the age of the oldest lost item of each life that lost some
 */
export function checkJournal(
  entries: readonly JournalEntry[],
  left: readonly number[],
  lives: readonly JournalLife[],
  stallOf: StallOf | undefined,
): JournalReport {
  const violations = orderOf(left.map((id) => entries[id]!));
  const kept = new Set(left);
  if (kept.size < left.length) violations.push(`${left.length - kept.size} items of the journal are there twice`);
  const losses: number[] = [];
  let from = 0;
  for (const { killedAt, endedAt } of lives) {
    const told = entries.map((entry, id) => ({ ...entry, id })).filter(({ answered }) => answered >= from && answered < endedAt);
    from = endedAt;
    const lost = told.filter(({ id }) => !kept.has(id));
    if (lost.length === 0) continue;
    const oldest = Math.min(...lost.map(({ answered }) => answered));
    const later = told.find(({ id, called }) => kept.has(id) && called > oldest);
    if (later !== undefined) violations.push(`item ${later.id} was kept, and one was lost that was answered before its call`);
    const age = Math.max(0, killedAt - oldest);
    losses.push(age);
    const stall = stallOf?.(oldest, killedAt) ?? Infinity;
    if (age > BOUND_MS + stall)
      violations.push(`an item was lost ${age} ms after its answer, and the machine stood still for ${stall} ms at most`);
  }
  const last = entries.findIndex(({ answered }, id) => answered >= from && answered < Infinity && !kept.has(id));
  if (last >= 0) violations.push(`item ${last} is lost, and no daemon has ended since its answer`);
  return { violations, losses };
}

/** The outcome of {@link checkJournal}. */
export interface JournalReport {
  readonly violations: readonly string[];
  readonly losses: readonly number[];
}

/** Items that were answered before others were called come before these. */
function orderOf(entries: readonly JournalEntry[]): string[] {
  let earliest = Infinity;
  for (const { called, answered } of entries.toReversed()) {
    if (called > earliest) return ['the journal is not in the order of its calls'];
    earliest = Math.min(earliest, answered);
  }
  return [];
}
