import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads';
import { LogFailedError } from '../../../proto/errors.js';
import { logWriterFile } from '../../paths.js';
import { createRing, ENTRY_LARGE, ENTRY_ORDER, LARGEST_IN_RING, RingProducer } from './ring.js';
import type { FlushPolicy, SegmentSizes, WriteFailure, WriterData, WriterOrder, WriterReport } from './writer-messages.js';

/** An append that has not resolved. */
interface PendingAppend {
  readonly position: number;
  readonly resolve: (position: number) => void;
  readonly reject: (error: Error) => void;
}

interface PendingOrder {
  readonly resolve: (files: readonly string[]) => void;
  readonly reject: (error: Error) => void;
}

/** Options of the thread. */
export interface WriterOptions {
  readonly directory: string;
  readonly policy: FlushPolicy;
  readonly sizes: SegmentSizes;
  readonly format: number;
}

/**
 * The thread that writes a log, as the leader's thread sees it. An append costs that thread a copy of the bytes, a promise, and a call that
 * wakes the other one if it sleeps. All appends that were flushed together come back in one message.
 */
export class WriterThread {
  readonly #options: WriterOptions;
  readonly #worker: Worker;
  readonly #ring: RingProducer;
  readonly #port: MessagePort;
  readonly #exited: Promise<void>;
  /** Appends that have not resolved, in order, from #first on. */
  #appends: PendingAppend[] = [];
  #first = 0;
  /** Entries that had no room in the ring, in order. */
  #waiting: (Uint8Array | WriterOrder)[] = [];
  #orders: PendingOrder[] = [];
  #failure: LogFailedError | undefined;
  #ended = false;

  constructor(options: WriterOptions) {
    this.#options = options;
    const ring = createRing();
    this.#ring = new RingProducer(ring);
    if (!this.#isSync) this.#ring.mute();
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const workerData: WriterData = { ...options, ring, port: port2 };
    // Flags of this program, such as a loader's, do not apply to the thread.
    this.#worker = new Worker(logWriterFile(), { workerData, transferList: [port2], execArgv: [] });
    this.#worker.on('message', (report: WriterReport) => this.#hear(report));
    this.#worker.on('error', (error) => this.#fail({ code: undefined, message: error.message }));
    this.#exited = new Promise((resolve) => {
      this.#worker.once('exit', () => {
        this.#end();
        resolve();
      });
    });
  }

  get #isSync(): boolean {
    return this.#options.policy === 'sync';
  }

  /** True once nothing can be kept any more. */
  get failed(): boolean {
    return this.#failure !== undefined;
  }

  /** Has a record written behind all others. */
  append(position: number, bytes: Uint8Array): Promise<number> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#waiting.length === 0 && this.#put(bytes)) return this.#isSync ? this.#pending(position) : Promise.resolve(position);
    const appended = this.#pending(position);
    this.#wait(bytes);
    return appended;
  }

  #pending(position: number): Promise<number> {
    return new Promise((resolve, reject) => this.#appends.push({ position, resolve, reject }));
  }

  /** Has an order obeyed behind all appends so far. Resolves with the files to remove. */
  order(order: WriterOrder): Promise<readonly string[]> {
    if (this.#ended) return Promise.reject(this.#failure!);
    return new Promise((resolve, reject) => {
      this.#orders.push({ resolve, reject });
      this.#wait(order);
    });
  }

  /** Flushes, and ends the thread. */
  async release(): Promise<void> {
    const known = this.#failure;
    try {
      await this.order({ order: 'release' });
    } catch (error) {
      if (known === undefined) throw error;
    } finally {
      await this.#exited;
    }
  }

  /** Ends the thread before it has begun. */
  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }

  /** Puts an entry in line for the ring. */
  #wait(entry: Uint8Array | WriterOrder): void {
    this.#waiting.push(entry);
    // Before the next look: there may be room by then.
    this.#ring.askForProgress();
    this.#drain();
  }

  #drain(): void {
    let count = 0;
    for (; count < this.#waiting.length; count++) {
      const entry = this.#waiting[count]!;
      if (!this.#put(entry)) break;
      if (!this.#isSync && entry instanceof Uint8Array) this.#resolve(1);
    }
    this.#waiting.splice(0, count);
  }

  /** Puts an entry in the ring. Returns false if there is no room. */
  #put(entry: Uint8Array | WriterOrder): boolean {
    if (!(entry instanceof Uint8Array)) return this.#ring.putMessage(ENTRY_ORDER, () => this.#port.postMessage(entry));
    if (entry.length <= LARGEST_IN_RING) return this.#ring.putRecord(entry);
    return this.#ring.putMessage(ENTRY_LARGE, () => {
      if (entry.buffer instanceof SharedArrayBuffer) return this.#port.postMessage(entry);
      const copy = new Uint8Array(entry);
      this.#port.postMessage(copy, [copy.buffer]);
    });
  }

  #hear(report: WriterReport): void {
    if (report === 'progress') this.#progress();
    else if ('failed' in report) this.#fail(report.failed);
    else this.#reply(report.reply);
  }

  #progress(): void {
    if (this.#isSync || this.#waiting.length > 0) this.#ring.askForProgress();
    if (this.#isSync) this.#resolve(this.#ring.takeDone());
    if (this.#waiting.length > 0) this.#drain();
  }

  /** Resolves the first appends that have not resolved. */
  #resolve(count: number): void {
    const end = this.#first + count;
    for (; this.#first < end; this.#first++) {
      const { position, resolve } = this.#appends[this.#first]!;
      resolve(position);
    }
    if (this.#first < this.#appends.length / 2) return;
    this.#appends.splice(0, this.#first);
    this.#first = 0;
  }

  #reply(reply: { readonly failure: WriteFailure } | { readonly files: readonly string[] }): void {
    const { resolve, reject } = this.#orders.shift()!;
    if ('files' in reply) resolve(reply.files);
    else reject(this.#failedBy(reply.failure));
  }

  /** Rejects all appends that are not done, and those to come. */
  #fail(failure: WriteFailure): void {
    if (this.#failure !== undefined) return;
    this.#failure = this.#failedBy(failure);
    if (this.#isSync) this.#resolve(this.#ring.takeDone());
    const rejected = this.#appends.slice(this.#first);
    this.#appends = [];
    this.#first = 0;
    this.#waiting = this.#waiting.filter((entry) => !(entry instanceof Uint8Array));
    for (const { reject } of rejected) reject(this.#failure);
  }

  #failedBy({ code, message }: WriteFailure): LogFailedError {
    const { directory } = this.#options;
    return new LogFailedError(
      `the log in ${directory} cannot be written: ${message}. Until it can, the manager only reads: make room, or mend the disk`,
      { cause: Object.assign(new Error(message), { code }) },
    );
  }

  #end(): void {
    this.#ended = true;
    this.#fail({ code: undefined, message: 'its thread ended' });
    for (const { reject } of this.#orders) reject(this.#failure!);
    this.#orders = [];
    this.#port.close();
  }
}
