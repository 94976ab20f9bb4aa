import { ClosedError, InvalidArgumentError, LimitExceededError, WorkerDiedError } from '../../../proto/errors.js';
import { quoted } from '../../../proto/given.js';
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
import type { PoolSetup, PoolWorker, PoolWorkerEvents } from './worker.js';
import { Workforce } from './workforce.js';
import type { PoolSize } from './options.js';

/** Assigns tasks to workers, by priority and first come, first served. */
export class Scheduler implements Dispatcher {
  completed = 0;
  failed = 0;
  readonly size: number;
  readonly waitTimes = new TimeHistogram();
  readonly runTimes = new TimeHistogram();
  readonly aborts = new Aborts();
  readonly listeners = new Listeners<PoolEvents>();
  readonly #workforce: Workforce;
  readonly #waiting: TaskChunk[] = [];
  readonly #calls = new Set<Job>();
  #pending = 0;
  /** True from the first submitted task until none waits or runs. */
  #active = false;
  #closed = false;
  /** True once workers that end are not replaced any more. */
  #ending = false;
  #broken: Error | undefined;
  readonly #end = deferred<void>();
  /** Number of callers that wait for its end. */
  #joining = 0;
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
    wrote: (output) => this.listeners.emit('output', output),
    died: (death) => this.listeners.emit('workerDied', death),
    gone: (worker, signal) => this.#gone(worker, signal),
  };

  /** @throws InvalidArgumentError if no worker can start with these options */
  constructor(
    private readonly setup: PoolSetup,
    size: PoolSize,
    readonly timeout: number | undefined,
    /** Maximum number of tasks that wait, beside one for each worker. */
    private readonly maxQueue: number,
  ) {
    this.size = size.max;
    const { owner, initializer } = setup;
    // Every new worker reads the arguments, including replacements.
    if (initializer !== undefined) void this.#end.promise.then(keepReferred(owner, initializer));
    this.#workforce = new Workforce(setup, size, this.#events, (error) => this.#break(error));
    this.#workforce.staff(0);
    if (this.#broken instanceof InvalidArgumentError) throw this.#broken;
  }

  traceContext(): Uint8Array | undefined {
    return this.setup.owner.tracer?.activeContext();
  }

  get workers(): Iterable<PoolWorker> {
    return this.#workforce.all;
  }

  /** Number of workers that took the place of others. */
  get replaced(): number {
    return this.#workforce.replaced;
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
    for (const worker of this.workers) worker.cancel(call, reason);
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

  #isFree(worker: PoolWorker): void {
    this.#workforce.add(worker);
    this.#feed();
    this.#workforce.shrink();
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

  /** Gives the waiting chunks to idle workers, and has workers started for the others. */
  #feed(): void {
    while (this.#workforce.idle > 0) {
      const chunk = this.#nextChunk();
      if (chunk === undefined) return;
      this.#workforce.take()!.assign(chunk);
    }
    this.#workforce.staff(this.#waiting.length);
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
    for (const worker of this.workers) if (worker.works) return;
    this.#active = false;
    this.listeners.emit('drained');
  }

  /** Keeps the program alive while tasks are pending or a caller waits for the end. */
  #hold(): void {
    this.#workforce.hold(this.#pending > 0 || this.#joining > 0);
  }

  #gone(worker: PoolWorker, signal: string | undefined): void {
    this.#workforce.remove(worker, signal);
    this.#checkDrained();
    if (this.#ending) this.#afterEnd();
    else this.#workforce.staff(this.#waiting.length);
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
    this.#workforce.end(each);
    this.#afterEnd();
  }

  #afterEnd(): void {
    if (this.#workforce.empty) this.#end.resolve();
  }

  #whyEnded(): Error {
    return this.#broken ?? new ClosedError(`the pool ${this.setup.name} has ended`, { mayHaveExecuted: true });
  }
}

/** Converts the error of a worker that could not start to the error of the pool. */
function refusal({ name, module }: PoolSetup, thrown: unknown): Error {
  // The module or the initializer is at fault, and the message explains how.
  if (thrown instanceof InvalidArgumentError) return thrown;
  const why = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : quoted(thrown);
  const cause = thrown instanceof Error ? thrown.cause : thrown;
  return new WorkerDiedError(`no worker of the pool ${name} can start: ${module.name} threw ${why}`, { cause });
}
