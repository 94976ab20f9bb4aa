import { InvalidArgumentError, WorkerDiedError } from '../../../proto/errors.js';
import { Timer } from '../../../proto/timer.js';
import type { PoolSize } from './options.js';
import type { PoolWorkerState } from './stats.js';
import { PoolWorker, type PoolSetup, type PoolWorkerEvents } from './worker.js';

/** Number of consecutive workers that end before they are ready after which the pool gives up. */
const FAILED_STARTS = 10;
/** Added delay before the next start for each of them, in milliseconds. */
const LATER_MS = 50;
/** Signals sent from outside: they do not show that a worker is broken, so starts are retried for this long, in milliseconds. */
const OUTSIDE: ReadonlySet<string | undefined> = new Set(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT']);
const PATIENCE_MS = 60_000;

/** Starts the workers of a pool as tasks need them, replaces dead ones, and ends idle ones. */
export class Workforce {
  /** Number of workers that took the place of others. */
  replaced = 0;
  readonly #all = new Set<PoolWorker>();
  /** The idle workers, the longest idle one first. */
  readonly #free: PoolWorker[] = [];
  /** Workers that end because they were idle for too long. */
  readonly #surplus = new Set<PoolWorker>();
  /** Number of ended workers without a successor so far. */
  #vacancies = 0;
  #idleTimer: Timer | undefined;
  /** Number of failed starts since a worker was last ready. */
  #failedStarts = 0;
  #patience = performance.now() + PATIENCE_MS;
  readonly #restarts = new Set<NodeJS.Timeout>();
  #held = false;
  #ending = false;

  /** @param broken called if no worker can work */
  constructor(
    private readonly setup: PoolSetup,
    private readonly size: PoolSize,
    private readonly events: PoolWorkerEvents,
    private readonly broken: (error: Error) => void,
  ) {}

  get all(): Iterable<PoolWorker> {
    return this.#all;
  }

  get empty(): boolean {
    return this.#all.size === 0;
  }

  /** Number of workers that can be taken. */
  get idle(): number {
    return this.#free.length;
  }

  /** Sets whether the workers keep the program alive. */
  hold(held: boolean): void {
    if (held === this.#held) return;
    this.#held = held;
    for (const worker of this.#all) worker.hold(held);
  }

  /** Starts missing workers: up to `min`, and up to `max` as long as more chunks wait than workers start. */
  staff(waiting: number): void {
    const present = this.#all.size + this.#restarts.size;
    if (present >= this.size.max) return;
    const starting = this.#restarts.size + this.#count('starting');
    const missing = Math.max(this.size.min - present, Math.min(waiting - starting, this.size.max - present));
    for (let started = 0; started < missing && !this.#ending; started++) this.#launch();
  }

  /** A worker is idle. */
  add(worker: PoolWorker): void {
    this.#failedStarts = 0;
    this.#patience = performance.now() + PATIENCE_MS;
    this.#free.push(worker);
  }

  /** Takes the worker that became idle last, so that surplus ones stay idle and end. */
  take(): PoolWorker | undefined {
    return this.#free.pop();
  }

  /** Ends workers that were idle for too long, and looks again at the time when the next one will have been. */
  shrink(): void {
    const { min, idleMs } = this.size;
    if (idleMs === undefined || this.#idleTimer !== undefined || this.#all.size <= min) return;
    let surplus = this.#all.size - this.#count('ending') - min;
    while (surplus > 0 && this.#free.length > 0) {
      const left = this.#free[0]!.idleSince + idleMs - performance.now();
      if (left > 0) {
        this.#idleTimer = new Timer(left, () => {
          this.#idleTimer = undefined;
          this.shrink();
        }).unref();
        return;
      }
      const worker = this.#free.shift()!;
      this.#surplus.add(worker);
      worker.end();
      surplus--;
    }
  }

  /** A worker has ended. */
  remove(worker: PoolWorker, signal: string | undefined): void {
    this.#all.delete(worker);
    const at = this.#free.indexOf(worker);
    if (at >= 0) this.#free.splice(at, 1);
    if (this.#ending) return;
    if (!this.#surplus.delete(worker)) this.#vacancies++;
    if (!worker.started) this.#startFailed(undefined, OUTSIDE.has(signal));
  }

  /** Ends all workers, and starts no more. */
  end(each: (worker: PoolWorker) => void): void {
    this.#ending = true;
    this.#idleTimer?.stop();
    for (const restart of this.#restarts) clearTimeout(restart);
    for (const worker of [...this.#all]) each(worker);
  }

  #count(state: PoolWorkerState): number {
    let count = 0;
    for (const worker of this.#all) if (worker.state === state) count++;
    return count;
  }

  #launch(): void {
    if (this.#ending) return;
    try {
      const worker = new PoolWorker(this.setup, this.events);
      this.#all.add(worker);
      worker.hold(this.#held);
      if (this.#vacancies === 0) return;
      this.#vacancies--;
      this.replaced++;
    } catch (error) {
      // No worker can start with these options.
      if (error instanceof InvalidArgumentError) this.broken(error);
      // The system cannot start another process or thread at the moment.
      else this.#startFailed(error);
    }
  }

  #startFailed(cause: unknown, fromOutside = false): void {
    const often = ++this.#failedStarts >= FAILED_STARTS;
    if (often && (!fromOutside || performance.now() > this.#patience)) {
      const message = `the pool ${this.setup.name} gave up: ${this.#failedStarts} workers in a row ended before they were ready`;
      this.broken(new WorkerDiedError(message, { cause }));
      return;
    }
    const restart = setTimeout(
      () => {
        this.#restarts.delete(restart);
        this.#launch();
      },
      fromOutside ? 0 : this.#failedStarts * LATER_MS,
    );
    this.#restarts.add(restart);
  }
}
