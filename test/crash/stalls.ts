import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';

/** A stall that ended so long before a time may still have an effect then, in milliseconds. */
const AFTER_MS = 1_000;

/** A time in which the machine stood still for a thread, in milliseconds since 1970. */
export interface Stall {
  readonly begin: number;
  readonly end: number;
}

/**
 * Sees for how long a thread like that of a log is held up, by the disk and by other programs: it writes to a file, flushes it, and sleeps, all
 * the time. Also for how long the event loop of this thread is.
 */
export class Stalls implements AsyncDisposable {
  readonly #stalls: Stall[] = [];
  readonly #thread: Worker;
  readonly #loop = monitorEventLoopDelay({ resolution: 5 });

  /** @param file on the disk of the log */
  constructor(file: string) {
    this.#loop.enable();
    this.#thread = new Worker(new URL('stalls-entry.js', import.meta.url), { workerData: file });
    this.#thread.on('message', (stall: Stall) => this.#stalls.push(stall));
    this.#thread.unref();
  }

  /** Returns the longest stall that may have had an effect between two times of `performance.now()`. */
  longest(from: number, to: number): number {
    const [begin, end] = [performance.timeOrigin + from - AFTER_MS, performance.timeOrigin + to + AFTER_MS];
    const near = this.#stalls.filter((stall) => stall.end > begin && stall.begin < end);
    const thread = near.reduce((longest, stall) => Math.max(longest, stall.end - stall.begin), 0);
    return thread + this.#loop.max / 1e6;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#loop.disable();
    await this.#thread.terminate();
  }
}
