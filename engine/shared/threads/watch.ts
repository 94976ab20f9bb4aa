import { A_LOOKED, A_WATCHER, S_ASLEEP, S_DOORBELL, S_LISTENING } from '../kernel/layout.js';
import { lookTime, sleep, SLICE, wake } from './parking.js';
import type { Region } from '../memory/region.js';
import type { Threads } from './threads.js';

/** A thread sleeps no longer than about this, in milliseconds, whatever wakes it. */
const LONGEST = 1000;
/** A thread that clears away a dead one in parts, and waits for something itself, lets others pass for so long in between, in milliseconds. */
const BETWEEN_PARTS = 0.1;
/** A watcher that has not looked for so long, in milliseconds, is gone, or has something else to do. */
const OVERDUE = 3 * SLICE;

/**
 * When a thread that waits looks up, to find threads that are gone and what else nothing tells it. Whoever waits for longer than a slice takes turns
 * with the others: one of them, the watcher, looks up every {@link SLICE}, and all others together about as often.
 */
export class ThreadWatch {
  /** The word on which this thread has slept for a slice already, or 0. */
  #slept = 0;

  constructor(
    private readonly space: { readonly region: Region; readonly self: number; readonly token: number; readonly threads: Threads },
  ) {}

  /**
   * Sleeps while a word is what it was seen to be.
   * @param most milliseconds
   * @returns true where it was woken; false where it is time to look up
   */
  sleep(offset: number, seen: number, most: number): boolean {
    const { region, self, threads } = this.space;
    const { words } = region;
    let woken: boolean;
    if (threads.unfinished) {
      woken = sleep(words, offset, seen, Math.min(most, BETWEEN_PARTS));
    } else if (this.#slept === offset) {
      Atomics.store(words, (self + S_ASLEEP) >> 2, offset);
      // Whoever closes the arena, or stops watching, from here on wakes this thread.
      woken = !region.closed && sleep(words, offset, seen, Math.min(most, this.turn()));
      Atomics.store(words, (self + S_ASLEEP) >> 2, 0);
    } else {
      woken = sleep(words, offset, seen, Math.min(most, SLICE));
    }
    this.#slept = offset;
    if (woken) this.resign();
    return woken;
  }

  /** Looks for threads that are gone, where that is this thread's turn; and goes on with those of which a part is cleared away. */
  look(): void {
    const { threads } = this.space;
    if (threads.unfinished) threads.goOn();
    if (this.#watches()) threads.look();
  }

  /** After how many milliseconds this thread looks up next. */
  turn(): number {
    return this.#watches() ? SLICE : Math.min(SLICE * this.#waiting(), LONGEST) * (0.5 + Math.random());
  }

  #watches(): boolean {
    const { region, token } = this.space;
    const watcher = Atomics.load(region.words, A_WATCHER >> 2);
    if (watcher === token) return true;
    const overdue = Math.abs(lookTime() - Atomics.load(region.words, A_LOOKED >> 2)) > OVERDUE;
    return (watcher === 0 || overdue) && Atomics.compareExchange(region.words, A_WATCHER >> 2, watcher, token) === watcher;
  }

  /** How many threads wait. */
  #waiting(): number {
    const { words } = this.space.region;
    let count = 0;
    for (const slot of this.space.threads.slots()) {
      if ((Atomics.load(words, (slot + S_ASLEEP) >> 2) | Atomics.load(words, (slot + S_LISTENING) >> 2)) !== 0) count++;
    }
    return Math.max(count, 1);
  }

  /** This thread waits no longer: where it was the watcher, another one that waits is woken to become it. */
  resign(): void {
    const { region, token } = this.space;
    this.#slept = 0;
    if (Atomics.load(region.words, A_WATCHER >> 2) !== token) return;
    if (Atomics.compareExchange(region.words, A_WATCHER >> 2, token, 0) === token) this.#wake(1);
  }

  /** Has all who wait look up. */
  wakeAll(): void {
    this.#wake(Infinity);
  }

  #wake(most: number): void {
    const { region, self, threads } = this.space;
    const { words } = region;
    let woken = 0;
    for (const slot of threads.slots()) {
      if (slot === self) continue;
      const asleep = Atomics.load(words, (slot + S_ASLEEP) >> 2);
      if (asleep !== 0) woken += wake(words, asleep);
      else if (Atomics.load(words, (slot + S_LISTENING) >> 2) !== 0) woken += wake(words, slot + S_DOORBELL);
      if (woken >= most) return;
    }
  }
}
