import { ClosedError, InvalidArgumentError, LimitExceededError, WorkerDiedError } from '../../../proto/errors.js';
import type { WaitOptions } from '../../wait.js';
import type { EncodedArguments } from '../../shared/shared-memory.js';
import { Aborts } from '../../connect/transport/aborts.js';
import type { Job, TaskChunk, Dispatcher, Settled } from './job.js';
import { deferred } from '../deferred.js';
import { joined } from '../join.js';
import { keepReferred } from '../keep.js';
import { Listeners } from '../../listeners.js';
import type { PoolEvents } from './events.js';
import { TimeHistogram } from './times.js';
import { PoolWorker, type PoolSetup, type PoolWorkerEvents } from './worker.js';

/** Number of consecutive workers that end before they are ready after which the pool gives up. */
const FAILED_STARTS = 10;
/** Added delay before the next start for each of them, in milliseconds. */
const LATER_MS = 50;
/** Signals sent from outside: they do not show that a worker is broken, so starts are retried for this long, in milliseconds. */
const OUTSIDE: ReadonlySet<string | undefined> = new Set(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT']);
const PATIENCE_MS = 60_000;

/** Assigns tasks to workers, by priority and first come, first served, and replaces workers that end. */
export class Scheduler implements Dispatcher {
  completed = 0;
  failed = 0;
  readonly waitTimes = new TimeHistogram();
  readonly runTimes = new TimeHistogram();
  /** Number of workers started, including the first ones. */
  launched = 0;
  readonly aborts = new Aborts();
  readonly listeners = new Listeners<PoolEvents>();
  readonly #workers = new Set<PoolWorker>();
  readonly #free = new Set<PoolWorker>();
  readonly #waiting: TaskChunk[] = [];
  readonly #calls = new Set<Job>();
  #pending = 0;
  /** True from the first submitted task until none waits or runs. */
  #active = false;
  #closed = false;
  /** True once workers that end are not replaced any more. */
  #ending = false;
  #broken: Error | undefined;
  /** Number of failed starts since a worker was last ready. */
  #failedStarts = 0;
  #patience = performance.now() + PATIENCE_MS;
  readonly #restarts = new Set<NodeJS.Timeout>();
  readonly #end = deferred<void>();
  /** Number of callers that wait for its end. */
  #joining = 0;
  #held = false;
  readonly #events: PoolWorkerEvents = {
    started: (worker) => this.listeners.emit('workerStarted', worker.info),
    free: (worker) => this.#isFree(worker),
    settled: (call, task, settled) => this.#settle(call, task.position, settled),
    ran: (waitedMs, ranMs) => {
      this.waitTimes.record(waitedMs);
      this.runTimes.record(ranMs);
    },
    // A worker ended by the pool did not die.
    lost: (call, task, error) => this.#settle(call, task.position, { error: this.#ending ? this.#whyEnded() : error }),
    gaveBack: (chunk) => this.#enqueue(chunk, true),
    refused: (thrown) => this.#break(refusal(this.setup, thrown)),
    died: (death) => this.listeners.emit('workerDied', death),
    gone: (worker, signal) => this.#gone(worker, signal),
  };

  constructor(
    private readonly setup: PoolSetup,
    readonly size: number,
    readonly timeout: number | undefined,
    /** Maximum number of tasks that wait, beside one for each worker. */
    private readonly maxQueue: number,
  ) {
    const { owner, initializer } = setup;
    // Every new worker reads the arguments, including replacements.
    if (initializer !== undefined) void this.#end.promise.then(keepReferred(owner, initializer));
    for (let index = 0; index < size; index++) this.#launch();
  }

  get workers(): Iterable<PoolWorker> {
    return this.#workers;
  }

  /** Number of submitted tasks that have not ended. */
  get pending(): number {
    return this.#pending;
  }

  enter(call: Job): void {
    if (this.#broken) throw this.#broken;
    if (this.#closed) throw new ClosedError(`the pool ${this.setup.name} is closed and accepts no more tasks`);
    this.#calls.add(call);
  }

  refusal(tasks: number): LimitExceededError | undefined {
    if (this.#pending + tasks <= this.size + this.maxQueue) return undefined;
    const { name } = this.setup;
    return new LimitExceededError(
      `the pool ${name} has ${this.#pending} tasks, and ${tasks} more are too many: ${this.size} run and ${this.maxQueue} wait at most (maxQueue)`,
    );
  }

  resume(call: Job): void {
    if (this.#ending) throw this.#whyEnded();
    this.#calls.add(call);
  }

  leave(call: Job): void {
    this.#calls.delete(call);
    this.#rest();
  }

  encode(args: readonly unknown[]): EncodedArguments {
    return this.setup.kind.encode(args);
  }

  keep(args: EncodedArguments): (() => void) | undefined {
    return keepReferred(this.setup.owner, args);
  }

  submit(chunk: TaskChunk): void {
    this.#count(chunk.call, chunk.left);
    // Other processes must find the objects that the arguments refer to.
    this.setup.owner.prepared().then(
      () => this.#enqueue(chunk),
      (error: unknown) => this.#refuse(chunk, error),
    );
  }

  drop(call: Job): void {
    this.#count(call, -call.pending);
  }

  cancel(call: Job, reason: unknown): void {
    this.drop(call);
    for (const worker of this.#workers) worker.cancel(call, reason);
  }

  /** Accepts no more calls; the workers end after the calls in progress. */
  close(): void {
    this.#closed = true;
    this.#rest();
  }

  /** Ends all calls and all workers. */
  async terminate(): Promise<void> {
    this.#closed = true;
    if (!this.#ending) {
      this.#stopCalls(new ClosedError(`the pool ${this.setup.name} was terminated`, { mayHaveExecuted: true }));
      this.#endAll((worker) => worker.terminate());
    }
    await this.#join({});
  }

  /**
   * Waits until all workers have ended.
   * @throws InvalidArgumentError while the pool accepts calls
   */
  async join(options: WaitOptions): Promise<void> {
    if (!this.#closed && this.#broken === undefined) {
      throw new InvalidArgumentError(`the pool ${this.setup.name} still accepts tasks: close() or terminate() it before join()`);
    }
    await this.#join(options);
  }

  async #join(options: WaitOptions): Promise<void> {
    this.#joining++;
    this.#hold();
    try {
      await joined(`the pool ${this.setup.name}`, this.#end.promise, options);
    } finally {
      this.#joining--;
      this.#hold();
    }
  }

  #launch(): void {
    if (this.#ending) return;
    try {
      const worker = new PoolWorker(this.setup, this.#events);
      this.#workers.add(worker);
      this.launched++;
      worker.hold(this.#held);
    } catch (error) {
      if (error instanceof InvalidArgumentError) throw error;
      // The system cannot start another process or thread at the moment.
      this.#startFailed(error);
    }
  }

  #isFree(worker: PoolWorker): void {
    this.#failedStarts = 0;
    this.#patience = performance.now() + PATIENCE_MS;
    this.#free.add(worker);
    this.#feed();
    this.#checkDrained();
    this.#rest();
  }

  /** @param first true to put it before others of its priority */
  #enqueue(chunk: TaskChunk, first = false): void {
    if (this.#ending) {
      this.#refuse(chunk, this.#whyEnded());
      return;
    }
    const { priority } = chunk.call;
    const behind = this.#waiting.findIndex(({ call }) => (first ? call.priority >= priority : call.priority > priority));
    this.#waiting.splice(behind < 0 ? this.#waiting.length : behind, 0, chunk);
    this.#feed();
  }

  #refuse(chunk: TaskChunk, error: unknown): void {
    for (const { position } of chunk.take(chunk.left)) this.#settle(chunk.call, position, { error });
  }

  #feed(): void {
    for (const worker of this.#free) {
      const chunk = this.#nextChunk();
      if (chunk === undefined) return;
      this.#free.delete(worker);
      worker.assign(chunk);
    }
  }

  /** Returns the next chunk, and drops chunks of calls that are over. */
  #nextChunk(): TaskChunk | undefined {
    let chunk = this.#waiting.shift();
    while (chunk?.call.over) chunk = this.#waiting.shift();
    return chunk;
  }

  #settle(call: Job, position: number, settled: Settled): void {
    if (call.over) return;
    if ('error' in settled) this.failed++;
    else this.completed++;
    this.#count(call, -1);
    call.settle(position, settled);
    this.#rest();
  }

  #count(call: Job, change: number): void {
    call.pending += change;
    this.#pending += change;
    if (change > 0) this.#active = true;
    this.#hold();
    this.#checkDrained();
  }

  #checkDrained(): void {
    if (!this.#active || this.#pending > 0) return;
    for (const worker of this.#workers) if (worker.works) return;
    this.#active = false;
    this.listeners.emit('drained');
  }

  /** Keeps the program alive while tasks are pending or a caller waits for the end. */
  #hold(): void {
    const held = this.#pending > 0 || this.#joining > 0;
    if (held === this.#held) return;
    this.#held = held;
    for (const worker of this.#workers) worker.hold(held);
  }

  #gone(worker: PoolWorker, signal: string | undefined): void {
    this.#workers.delete(worker);
    this.#free.delete(worker);
    this.#checkDrained();
    if (this.#ending) this.#afterEnd();
    else if (worker.started) this.#launch();
    else this.#startFailed(undefined, OUTSIDE.has(signal));
  }

  #startFailed(cause: unknown, fromOutside = false): void {
    const often = ++this.#failedStarts >= FAILED_STARTS;
    if (often && (!fromOutside || performance.now() > this.#patience)) {
      const message = `the pool ${this.setup.name} gave up: ${this.#failedStarts} workers in a row ended before they were ready`;
      this.#break(new WorkerDiedError(message, { cause }));
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

  /** Fails all present and future calls, because no worker can work. */
  #break(error: Error): void {
    if (this.#ending) return;
    this.#broken = error;
    this.#stopCalls(error);
    this.#endAll((worker) => worker.terminate());
  }

  #stopCalls(reason: Error): void {
    for (const call of [...this.#calls]) call.stop(reason);
  }

  /** After close(), ends the workers as soon as no work is left. */
  #rest(): void {
    if (this.#closed && !this.#ending && this.#calls.size === 0 && this.#pending === 0) this.#endAll((worker) => worker.end());
  }

  #endAll(each: (worker: PoolWorker) => void): void {
    this.#ending = true;
    for (const chunk of this.#waiting.splice(0)) this.#enqueue(chunk);
    for (const restart of this.#restarts) clearTimeout(restart);
    for (const worker of [...this.#workers]) each(worker);
    this.#afterEnd();
  }

  #afterEnd(): void {
    if (this.#workers.size === 0) this.#end.resolve();
  }

  #whyEnded(): Error {
    return this.#broken ?? new ClosedError(`the pool ${this.setup.name} has ended`, { mayHaveExecuted: true });
  }
}

/** Converts the error of a worker that could not start to the error of the pool. */
function refusal({ name, module }: PoolSetup, thrown: unknown): Error {
  // The module or the initializer is at fault, and the message explains how.
  if (thrown instanceof InvalidArgumentError) return thrown;
  const why = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  const cause = thrown instanceof Error ? thrown.cause : thrown;
  return new WorkerDiedError(`no worker of the pool ${name} can start: ${module.name} threw ${why}`, { cause });
}
