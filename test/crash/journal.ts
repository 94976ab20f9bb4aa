import { setTimeout as pause } from 'node:timers/promises';
import type { Manager } from '../../client/connect/manager.js';
import { checkJournal, type JournalEntry, type JournalLife, type JournalReport, type StallOf } from '../support/journal.js';

/** Pause of a writer between two items, in milliseconds. */
const PAUSE_MS = 2;

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
