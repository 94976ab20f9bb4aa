import process from 'node:process';
import { InvalidArgumentError } from '../../../proto/errors.js';
import { hostAt, type WorkerHost } from '../../shared/share.js';
import type { EncodedArguments } from '../../shared/shared-memory.js';
import type { WorkerChannel } from '../channel.js';
import { beginTask, type CurrentTask } from '../current.js';
import { failureOf } from '../failure.js';
import { load, type Loaded } from '../load.js';
import { decodeValue, type TaskOutcome, type Start, type ToWorker } from '../messages.js';
import { call } from '../run.js';
import { encodeThrown } from '../thrown.js';

/** Maximum delay of an outcome in order to be sent together with later ones of its batch, in milliseconds. */
const TOGETHER_MS = 20;

/** The worker side of a pool: calls the module's function for each task, one at a time. */
export class PoolServer {
  readonly #manager: WorkerHost;
  #batch: ServedBatch | undefined;

  constructor(
    private readonly channel: WorkerChannel,
    private readonly start: Start,
  ) {
    this.#manager = hostAt(start.address);
  }

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

  async #prepare(): Promise<Loaded> {
    const { identity, args } = this.start;
    const { module } = identity;
    const loaded = await load(module);
    if (args !== undefined && loaded.initialize === undefined) {
      throw new InvalidArgumentError(`the pool has an initializer, but ${module} exports no function "initialize"`);
    }
    await loaded.initialize?.(...((decodeValue(this.#manager, args) ?? []) as unknown[]));
    return loaded;
  }

  #told(message: ToWorker, ready: Promise<Loaded>): void {
    if ('items' in message) void this.#work(message, ready);
    else if ('cancel' in message) this.#cancel(message);
    else if ('end' in message) void this.#end(ready);
  }

  async #work({ batch: id, items }: { batch: number; items: readonly EncodedArguments[] }, ready: Promise<Loaded>): Promise<void> {
    const { run } = await ready;
    const batch = new ServedBatch(this.channel, id, items.length);
    this.#batch = batch;
    let full = false;
    for (const item of items) {
      const task = batch.next();
      if (task === undefined) break;
      beginTask(task);
      const began = performance.now();
      const outcome = await call(this.channel, this.#manager, run, item);
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

  #cancel({ cancel, reason }: { cancel: number; reason: Uint8Array | undefined }): void {
    if (this.#batch?.id === cancel) this.#batch.cancel(failureOf(this.#manager, reason, {}));
  }

  /** An error of the module's `teardown` is one outside of any call: it ends on the standard error. */
  async #end(ready: Promise<Loaded>): Promise<void> {
    try {
      await (await ready).teardown?.();
    } finally {
      await this.#manager.finish();
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
