import { A_LOOKED, A_WATCHER, S_ASLEEP, S_DOORBELL, S_LISTENING } from '../kernel/layout.js';
import { lookTime, sleep, SLICE, wake } from './parking.js';
import type { Region } from '../memory/region.js';
import type { Threads } from './threads.js';

/** Maximum sleep of a thread that is not woken, in milliseconds (on average). */
const LONGEST = 1000;
/** Pause between the parts of clearing away a dead thread, for a thread that waits for something itself, in milliseconds. */
const BETWEEN_PARTS = 0.1;
/** Time without a look, in milliseconds, after which a watcher counts as dead or busy. */
const OVERDUE = 3 * SLICE;

/**
 * Decides when a waiting thread looks around, for dead threads and for other changes that wake no one. Threads that wait for longer than a
 * slice take turns: one of them, the watcher, looks every {@link SLICE}; all others together look about as often.
 */
export class ThreadWatch {
  /** The word on which this thread has already slept for a slice, or 0. */
  #slept = 0;

  constructor(
    private readonly space: { readonly region: Region; readonly self: number; readonly token: number; readonly threads: Threads },
  ) {}

  /**
   * Sleeps while a word has the seen value.
   * @param most in milliseconds
   * @returns true if the thread was woken; false if it has to look around
   */
  sleep(offset: number, seen: number, most: number): boolean {
    const { region, self, threads } = this.space;
    const { words } = region;
    let woken: boolean;
    if (threads.unfinished) {
      woken = sleep(words, offset, seen, Math.min(most, BETWEEN_PARTS));
    } else if (this.#slept === offset) {
      Atomics.store(words, (self + S_ASLEEP) >> 2, offset);
      // From here on, closing the arena, or the end of a watcher, wakes this thread.
      woken = !region.closed && sleep(words, offset, seen, Math.min(most, this.turn()));
      Atomics.store(words, (self + S_ASLEEP) >> 2, 0);
    } else {
      woken = sleep(words, offset, seen, Math.min(most, SLICE));
    }
    this.#slept = offset;
    if (woken) this.resign();
    return woken;
  }

  /** Continues clearing away dead threads, and looks for new ones if it is this thread's turn. */
  look(): void {
    const { threads } = this.space;
    if (threads.unfinished) threads.goOn();
    if (this.#watches()) threads.look();
  }

  /** Returns the milliseconds until this thread looks next. */
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

  /** Returns the number of waiting threads, at least 1. */
  #waiting(): number {
    const { words } = this.space.region;
    let count = 0;
    for (const slot of this.space.threads.slots()) {
      if ((Atomics.load(words, (slot + S_ASLEEP) >> 2) | Atomics.load(words, (slot + S_LISTENING) >> 2)) !== 0) count++;
    }
    return Math.max(count, 1);
  }

  /** Ends this thread's wait. If it was the watcher, wakes another waiting thread to replace it. */
  resign(): void {
    const { region, token } = this.space;
    this.#slept = 0;
    if (Atomics.load(region.words, A_WATCHER >> 2) !== token) return;
    if (Atomics.compareExchange(region.words, A_WATCHER >> 2, token, 0) === token) this.#wake(1);
  }

  /** Makes all waiting threads look around. */
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
