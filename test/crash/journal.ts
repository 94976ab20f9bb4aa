import { setTimeout as pause } from 'node:timers/promises';
import type { Manager } from '../../client/connect/manager.js';
import type { Life } from './lives.js';

/** The promise of `--durability async` (server/log/options.ts), in milliseconds. */
const BOUND_MS = 100;

/** Pause of a writer between two items, in milliseconds. */
const PAUSE_MS = 2;

/** An item of the journal, as its writer saw it. */
export interface JournalEntry {
  readonly called: number;
  /** Time of the answer; Infinity without one. */
  answered: number;
}

/**
 * A list to which users add one item after the other, to see which of them a manager loses that does not wait for the disk:
 *
 * - An answered item may be lost with the end of the daemon that answered it. Then all items are lost that were added after its answer, so that
 *   the loss is the end of the journal.
 * - No item is there twice, and the order of items is that of their calls.
 * - The oldest lost item was answered at most a tenth of a second before the kill. Both times are taken in the process of the users, the
 *   second before the signal is sent: an answer that arrives late makes the loss look smaller, never larger. A disk or a scheduler that
 *   stands still for longer breaks the promise without a defect. So the check adds what a thread that flushes a file all the time has
 *   seen of such stalls, and the short form of the campaign leaves it out.
 *
 * A kill loses only what was not handed to the system yet. Where writes are torn that were not flushed (`tear`), the loss is that of a power failure.
 */
export class Journal {
  readonly #entries: JournalEntry[] = [];

  /** Adds items, one after the other, until told to stop. Calls without an answer count as neither there nor lost. */
  async write(manager: Manager, stopped: () => boolean, answered: () => void): Promise<void> {
    const list = manager.list<number>('journal');
    while (!stopped()) {
      const entry = { called: performance.now(), answered: Infinity };
      const id = this.#entries.push(entry) - 1;
      await list.push(id).then(
        () => {
          entry.answered = performance.now();
          answered();
        },
        // Its session was lost with the items before it.
        () => {},
      );
      await pause(PAUSE_MS);
    }
  }

  /** Compares the journal with the list that is left: see {@link checkJournal}. */
  check(left: readonly number[], lives: readonly JournalLife[], stallOf?: StallOf): JournalReport {
    return checkJournal(this.#entries, left, lives, stallOf);
  }
}

/** Returns the longest stall of the machine between two times, in milliseconds. */
export type StallOf = (from: number, to: number) => number;

type JournalLife = Pick<Life, 'killedAt' | 'endedAt'>;

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
