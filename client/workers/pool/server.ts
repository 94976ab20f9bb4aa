import process from 'node:process';
import { InvalidArgumentError } from '../../../proto/errors.js';
import type { WorkerChannel } from '../channel.js';
import { beginTask, type CurrentTask } from '../current.js';
import { failureOf } from '../failure.js';
import { decodeValue, type TaskBatch, type TaskOutcome, type Start, type ToWorker } from '../messages.js';
import { prepare, type Prepared } from '../prepare.js';
import { call } from '../run.js';
import { traced } from '../task-tracer.js';
import { encodeThrown } from '../thrown.js';

/** Maximum delay of an outcome in order to be sent together with later ones of its batch, in milliseconds. */
const TOGETHER_MS = 20;

/** The worker side of a pool: calls the module's function for each task, one at a time. */
export class PoolServer {
  #batch: ServedBatch | undefined;

  constructor(
    private readonly channel: WorkerChannel,
    private readonly start: Start,
  ) {}

  /** Prepares the module, and serves batches until told to end. */
  async run(): Promise<void> {
    const ready = this.#prepare();
    this.channel.listen((message) => this.#told(message, ready));
    // Ctrl-C signals the whole process group, but the program decides when its pools end.
    process.on('SIGINT', () => {});
    try {
      await ready;
    } catch (error) {
      await this.channel.send({ refused: encodeThrown(error) });
      return;
    }
    await this.channel.send({ ready: true });
  }

  async #prepare(): Promise<Prepared> {
    const { identity, args } = this.start;
    const prepared = await prepare(this.start);
    const { initialize, host } = prepared;
    if (args !== undefined && initialize === undefined) {
      throw new InvalidArgumentError(`the pool has an initializer, but ${identity.module} exports no function "initialize"`);
    }
    await initialize?.(...((decodeValue(host, args) ?? []) as unknown[]));
    return prepared;
  }

  #told(message: ToWorker, ready: Promise<Prepared>): void {
    if ('items' in message) void this.#work(message, ready);
    else if ('cancel' in message) void this.#cancel(message, ready);
    else if ('end' in message) void this.#end(ready);
  }

  async #work({ batch: id, items, traceContext }: TaskBatch, ready: Promise<Prepared>): Promise<void> {
    const { run, host, tracer } = await ready;
    const task = traced(run, tracer, this.start.identity.module, traceContext);
    const batch = new ServedBatch(this.channel, id, items.length);
    this.#batch = batch;
    let full = false;
    for (const item of items) {
      const current = batch.next();
      if (current === undefined) break;
      beginTask(current);
      const began = performance.now();
      const outcome = await call(this.channel, host, task, item);
      await batch.add(outcome, performance.now() - began);
      // Only after a task, so that each worker runs one, however little memory it may have.
      full = this.#isFull();
      if (full) break;
    }
    beginTask(undefined);
    this.#batch = undefined;
    await batch.end(full);
  }

  #isFull(): boolean {
    const { maxMemory } = this.start;
    return maxMemory !== undefined && this.channel.memory() > maxMemory;
  }

  async #cancel({ cancel, reason }: { cancel: number; reason: Uint8Array | undefined }, ready: Promise<Prepared>): Promise<void> {
    const { host } = await ready;
    if (this.#batch?.id === cancel) this.#batch.cancel(failureOf(host, reason, {}));
  }

  /** An error of the module's `teardown` is one outside of any call: it ends on the standard error. */
  async #end(ready: Promise<Prepared>): Promise<void> {
    const { teardown, host } = await ready;
    try {
      await teardown?.();
    } finally {
      await host.finish();
      this.channel.end();
    }
  }
}

/** A running call, with a signal that is created on demand. */
class ServedTask implements CurrentTask {
  #controller: AbortController | undefined;

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    this.#controller ??= new AbortController();
    this.#controller.abort(reason);
  }
}

/** A batch of calls, and its outcomes that are not sent yet. */
class ServedBatch {
  #outcomes: TaskOutcome[] = [];
  /** Milliseconds that the calls of these outcomes ran. */
  #ran: number[] = [];
  #added = 0;
  #task: ServedTask | undefined;
  #cancelled = false;
  /** True once the calls turn out slow: from then on each outcome is sent before the next call starts. */
  #slow = false;
  readonly #began = performance.now();
  readonly #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly channel: WorkerChannel,
    readonly id: number,
    private readonly size: number,
  ) {
    if (size === 1) return;
    this.#timer = setTimeout(() => {
      this.#slow = true;
      void this.#send(false);
    }, TOGETHER_MS);
  }

  /** Returns the next call; undefined if the batch was cancelled. */
  next(): CurrentTask | undefined {
    if (this.#cancelled) return undefined;
    return (this.#task = new ServedTask());
  }

  /** Records an outcome. The next call may start once this resolves. */
  async add(outcome: TaskOutcome, ranMs: number): Promise<void> {
    this.#outcomes.push(outcome);
    this.#ran.push(ranMs);
    // The last outcome is sent with the end of the batch, so that the worker is idle when its caller gets it.
    if (++this.#added === this.size) return;
    // The timer cannot fire during calls that do not yield.
    if (performance.now() - this.#began > TOGETHER_MS) this.#slow = true;
    if (this.#slow) await this.#send(false);
  }

  cancel(reason: unknown): void {
    this.#cancelled = true;
    this.#task?.abort(reason);
  }

  async end(full: boolean): Promise<void> {
    clearTimeout(this.#timer);
    await this.#send(true, full);
  }

  #send(last: boolean, full = false): Promise<void> {
    return this.channel.send({ batch: this.id, outcomes: this.#outcomes.splice(0), ran: this.#ran.splice(0), last, full });
  }
}
