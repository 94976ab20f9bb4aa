import { open, rename, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ClosedError, InvalidArgumentError, NotFoundError, PayloadTooLargeError } from '../../../proto/errors.js';
import { failpoint } from '../failpoint.js';
import type { Leader, TornTail } from '../log-store.js';
import { listFiles, snapshotName, unfinishedName } from './files.js';
import { RECORD_LIMIT } from './format.js';
import type { DirectoryOwnership } from './ownership.js';
import { checkFrames, writeSnapshot } from './snapshot-file.js';
import type { WriterThread } from './writer-thread.js';

/** Facts about the log when its leader began. */
export interface LeaderStart {
  readonly directory: string;
  readonly epoch: number;
  /** Position of the next record. */
  readonly next: number;
  /** Position of the published snapshot. */
  readonly snapshot: number;
  readonly torn: TornTail | undefined;
  readonly format: number;
}

/** The leader of a log in a directory. */
export class SegmentLeader implements Leader {
  readonly epoch: number;
  readonly torn: TornTail | undefined;
  readonly #directory: string;
  readonly #format: number;
  readonly #writer: WriterThread;
  readonly #ownership: DirectoryOwnership;
  #next: number;
  #snapshot: number;
  /** The latest publication. They run one by one. */
  #publishing: Promise<void> = Promise.resolve();
  #resigned = false;
  #released: Promise<void> | undefined;

  constructor(start: LeaderStart, writer: WriterThread, ownership: DirectoryOwnership) {
    this.epoch = start.epoch;
    this.torn = start.torn;
    this.#directory = start.directory;
    this.#format = start.format;
    this.#next = start.next;
    this.#snapshot = start.snapshot;
    this.#writer = writer;
    this.#ownership = ownership;
  }

  get next(): number {
    return this.#next;
  }

  /**
   * Copies the bytes once, to where they are written from. Records above 256 KiB in shared memory are written from there.
   * @throws LogFailedError if the record could not be kept; PayloadTooLargeError above a gibibyte
   */
  append(bytes: Uint8Array): Promise<number> {
    if (this.#released !== undefined) return Promise.reject(this.#closed());
    if (bytes.length > RECORD_LIMIT)
      return Promise.reject(new PayloadTooLargeError(`a record of ${bytes.length} bytes: the log takes ${RECORD_LIMIT} at most`));
    return this.#writer.append(this.#next++, bytes);
  }

  async flush(): Promise<void> {
    await this.#writer.order({ order: 'flush' });
  }

  publish(position: number): Promise<void> {
    if (this.#released !== undefined) return Promise.reject(this.#closed());
    const published = this.#publishing.then(() => this.#publish(position));
    this.#publishing = published.catch(() => {});
    return published;
  }

  async #publish(position: number): Promise<void> {
    const name = snapshotName(position);
    const path = join(this.#directory, name);
    if (position >= this.#next) throw new InvalidArgumentError(`a snapshot of position ${position}, and the log ends at ${this.#next - 1}`);
    if (position <= this.#snapshot) throw new InvalidArgumentError(`a snapshot of position ${this.#snapshot} is published already`);
    if (!existsSync(unfinishedName(path))) throw new NotFoundError(`no snapshot of position ${position} was written`);
    checkFrames(this.#directory, unfinishedName(name), position);
    // A log that ends before its snapshot would be damaged.
    await this.flush();
    failpoint('snapshot.publish');
    await rename(unfinishedName(path), path);
    await syncNames(this.#directory);
    failpoint('snapshot.published');
    this.#snapshot = position;
    const dropped = await this.#writer.order({ order: 'drop', position });
    const earlier = listFiles(this.#directory).snapshots.filter((other) => other < position);
    for (const file of [...earlier.map((other) => join(this.#directory, snapshotName(other))), ...dropped]) await rm(file, { force: true });
  }

  async snapshot(position: number, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    await writeSnapshot(this.#directory, position, chunks, this.#format);
    await this.publish(position);
  }

  /** True if it leaves the ownership to the next leader. */
  get leaves(): boolean {
    return this.#released === undefined && (this.#resigned || this.#writer.failed);
  }

  resign(): void {
    this.#resigned = true;
  }

  /** Ends, and hands the ownership over, also if its last writes fail: the next leader writes what is not proven once more. */
  async handOver(): Promise<DirectoryOwnership> {
    this.#released = this.#end().catch(() => {});
    await this.#released;
    return this.#ownership;
  }

  release(): Promise<void> {
    return (this.#released ??= this.#release());
  }

  async #end(): Promise<void> {
    await this.#publishing;
    await this.#writer.release();
  }

  async #release(): Promise<void> {
    try {
      await this.#end();
    } finally {
      await this.#ownership.release();
    }
  }

  #closed(): ClosedError {
    return new ClosedError(`the log in ${this.#directory} is released`);
  }
}

/** Makes the names in a directory durable. */
async function syncNames(directory: string): Promise<void> {
  const folder = await open(directory, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
