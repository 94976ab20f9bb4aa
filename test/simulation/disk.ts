import { LogFailedError, NotFoundError } from '../../proto/errors.js';
import { ENGINE_VERSION } from '../../engine/versions.js';
import type { Leader, LogRecord, LogSnapshot, LogStore, TornTail } from '../../server/log/log-store.js';
import type { Draw } from '../support/random.js';
import type { LogPlan } from './plan.js';
import type { EventLoop } from './event-loop.js';
import type { SimulatedTime } from './time.js';

/** Longest time of an operation of the disk in milliseconds: usually, and now and then. */
const USUAL_MS = 2;
export const LATE_MS = 60;

/** Longest time for which written records are not flushed, if their clients do not wait for it, in milliseconds. */
export const UNFLUSHED_MS = 80;

/** A snapshot on the disk. */
interface WrittenSnapshot {
  readonly position: number;
  readonly chunks: readonly Uint8Array[];
}

/** The disk of the manager, with its log. It survives the processes that write it. */
export class SimulatedDisk {
  records: LogRecord[] = [];
  snapshot: WrittenSnapshot | undefined;
  /** Written, and not published. */
  unpublished: WrittenSnapshot | undefined;
  epoch = 0;
  /** Position of the last record that is flushed. */
  flushed = 0;
  torn: TornTail | undefined;
  /** True while nothing can be written. */
  failing = false;

  /** @throws LogFailedError while nothing can be written */
  assertWorks(): void {
    if (this.failing) throw new LogFailedError('the simulated disk fails');
  }

  /** Position of the last record that is written. */
  get last(): number {
    return this.records.at(-1)?.position ?? this.snapshot?.position ?? 0;
  }

  /** Loses some of the records that were written and not flushed, from the end on. */
  crash(draw: Draw): void {
    const lost = this.records.splice(this.records.length - draw(this.last - this.flushed + 1));
    this.unpublished = undefined;
    this.torn = lost.length === 0 ? undefined : { at: lost[0]!.position, bytes: lost.reduce((sum, { bytes }) => sum + bytes.length, 0) };
  }
}

/** The log on a disk, as one process of the manager reads and writes it. */
export class SimulatedLog implements LogStore {
  readonly durability: LogStore['durability'];
  readonly recordLimit = Infinity;

  constructor(
    readonly plan: LogPlan,
    readonly disk: SimulatedDisk,
    private readonly time: SimulatedTime,
    private readonly loop: EventLoop,
    /** Called for each record, before it is written. */
    readonly appended: (position: number) => void,
  ) {
    this.durability = plan.durability === 'sync' ? 'disk' : 'none';
  }

  /** Takes the time of an operation of the disk. If its process ends meanwhile, it is never over. */
  operation(): Promise<void> {
    return this.#pass(this.loop.draw(20) === 0 ? LATE_MS : USUAL_MS);
  }

  /** Takes the time until written records are flushed, if their clients do not wait for it. */
  delay(): Promise<void> {
    return this.#pass(UNFLUSHED_MS);
  }

  #pass(mostMs: number): Promise<void> {
    return new Promise((resolve) => this.loop.post(this.time.now + (this.loop.draw(1000) / 1000) * mostMs, resolve));
  }

  async lead(): Promise<Leader> {
    const { disk } = this;
    const epoch = ++disk.epoch;
    if (epoch > 1) await this.operation();
    disk.assertWorks();
    disk.flushed = disk.last;
    return new SimulatedLeader(this, epoch, disk.torn);
  }

  async *read(from: number): AsyncGenerator<LogRecord> {
    for (const record of [...this.disk.records]) if (record.position >= from) yield record;
  }

  async snapshot(): Promise<LogSnapshot | undefined> {
    const { snapshot } = this.disk;
    return snapshot && { position: snapshot.position, format: ENGINE_VERSION, chunks: each(snapshot.chunks) };
  }

  async writeSnapshot(position: number, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const written: Uint8Array[] = [];
    for await (const chunk of chunks) {
      written.push(Uint8Array.from(chunk));
      await this.operation();
      this.disk.assertWorks();
    }
    this.disk.unpublished = { position, chunks: written };
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

/** A step of the writer: an append with its bytes, or a flush of everything before. */
interface WriterStep {
  readonly bytes: Uint8Array | undefined;
  readonly done: (position: number) => void;
  readonly failed: (error: LogFailedError) => void;
}

/** The one writer of a log. Appends that gather while it writes and flushes share the next flush. */
class SimulatedLeader implements Leader {
  #steps: WriterStep[] = [];
  #working = false;
  /** True while a flush comes later. */
  #flushing = false;
  #failure: LogFailedError | undefined;
  #next: number;

  constructor(
    private readonly log: SimulatedLog,
    readonly epoch: number,
    readonly torn: TornTail | undefined,
  ) {
    this.#next = log.disk.last + 1;
  }

  get next(): number {
    return this.#next;
  }

  append(bytes: Uint8Array): Promise<number> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const position = this.#next++;
    this.log.appended(position);
    const written = this.#step(bytes);
    if (this.#isSync) return written;
    // Its failure is told by the next append.
    written.catch(() => {});
    return Promise.resolve(position);
  }

  get #isSync(): boolean {
    return this.log.durability === 'disk';
  }

  #step(bytes: Uint8Array | undefined): Promise<number> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((done, failed) => {
      this.#steps.push({ bytes, done, failed });
      if (!this.#working) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#working = true;
    while (this.#steps.length > 0) {
      await this.log.operation();
      const steps = this.#steps;
      this.#steps = [];
      try {
        const positions = steps.map(({ bytes }) => this.#write(bytes));
        if (this.#isSync || steps.some(({ bytes }) => bytes === undefined)) await this.#flush();
        else this.#flushLater();
        await this.log.operation();
        for (const [index, { done }] of steps.entries()) done(positions[index]!);
      } catch (error) {
        this.#fail(steps, error as LogFailedError);
      }
    }
    this.#working = false;
  }

  async #flush(): Promise<void> {
    const { disk } = this.log;
    const { last } = disk;
    await this.log.operation();
    disk.assertWorks();
    disk.flushed = Math.max(disk.flushed, last);
  }

  #flushLater(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    void this.log.delay().then(async () => {
      this.#flushing = false;
      await this.#flush().catch((error: unknown) => this.#fail([], error as LogFailedError));
    });
  }

  /** Nothing more is written: an unknown part of it is on the disk. */
  #fail(steps: readonly WriterStep[], error: LogFailedError): void {
    this.#failure ??= error;
    for (const { failed } of [...steps, ...this.#steps]) failed(this.#failure);
    this.#steps = [];
  }

  #write(bytes: Uint8Array | undefined): number {
    const { disk } = this.log;
    disk.assertWorks();
    if (bytes === undefined) return disk.last;
    const position = disk.last + 1;
    disk.records.push({ position, epoch: this.epoch, format: ENGINE_VERSION, bytes: Uint8Array.from(bytes) });
    return position;
  }

  async flush(): Promise<void> {
    await this.#step(undefined);
  }

  async publish(position: number): Promise<void> {
    const { disk } = this.log;
    const { unpublished } = disk;
    if (unpublished?.position !== position) throw new NotFoundError(`no snapshot of position ${position} was written`);
    await this.flush();
    disk.snapshot = unpublished;
    await this.log.operation();
    disk.records = disk.records.filter((record) => record.position > position);
  }

  async snapshot(position: number, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    await this.log.writeSnapshot(position, chunks);
    await this.publish(position);
  }

  resign(): void {}

  async release(): Promise<void> {}
}
