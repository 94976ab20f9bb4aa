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

/** How long an outcome may wait for those of the batch behind it, in milliseconds. */
const TOGETHER_MS = 20;

/** A pool's worker, in the worker: calls the module's function as often as it is told, one call at a time. */
export class PoolServer {
  readonly #manager: WorkerHost;
  #batch: ServedBatch | undefined;

  constructor(
    private readonly channel: WorkerChannel,
    private readonly start: Start,
  ) {
    this.#manager = hostAt(start.address);
  }

  /** Gets ready, and works until it is told to end. */
  async run(): Promise<void> {
    const ready = this.#prepare();
    this.channel.listen((message) => this.#told(message, ready));
    // Ctrl-C goes to the whole group: the program decides when its pools end.
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
    else if ('end' in message) void this.#end();
  }

  async #work({ batch: id, items }: { batch: number; items: readonly EncodedArguments[] }, ready: Promise<Loaded>): Promise<void> {
    const { run } = await ready;
    const batch = new ServedBatch(this.channel, id, items.length);
    this.#batch = batch;
    for (const item of items) {
      const task = batch.next();
      if (task === undefined) break;
      beginTask(task);
      await batch.add(await call(this.channel, this.#manager, run, item));
    }
    beginTask(undefined);
    this.#batch = undefined;
    await batch.end();
  }

  #cancel({ cancel, reason }: { cancel: number; reason: Uint8Array | undefined }): void {
    if (this.#batch?.id === cancel) this.#batch.cancel(failureOf(this.#manager, reason, {}));
  }

  async #end(): Promise<void> {
    await this.#manager.close();
    this.channel.end();
  }
}

/** A call, and its signal as soon as someone asks for it. */
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

/** Calls that came together, and what of their outcomes is not sent yet. */
class ServedBatch {
  #outcomes: TaskOutcome[] = [];
  #added = 0;
  #task: ServedTask | undefined;
  #cancelled = false;
  /** The calls take their time: from now on each outcome is sent before the next call begins. */
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

  /** The next call; undefined where none is to be made. */
  next(): CurrentTask | undefined {
    if (this.#cancelled) return undefined;
    return (this.#task = new ServedTask());
  }

  /** Notes what a call gave. When this resolves, the next call may begin. */
  async add(outcome: TaskOutcome): Promise<void> {
    this.#outcomes.push(outcome);
    // The last one goes with the end of the batch, so that its caller finds the worker free.
    if (++this.#added === this.size) return;
    // Calls that do not yield let no timer fire.
    if (performance.now() - this.#began > TOGETHER_MS) this.#slow = true;
    if (this.#slow) await this.#send(false);
  }

  cancel(reason: unknown): void {
    this.#cancelled = true;
    this.#task?.abort(reason);
  }

  async end(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#send(true);
  }

  #send(last: boolean): Promise<void> {
    return this.channel.send({ batch: this.id, outcomes: this.#outcomes.splice(0), last });
  }
}
