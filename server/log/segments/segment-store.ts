import { resolve } from 'node:path';
import type { LogRecord, LogSnapshot, LogStore } from '../log-store.js';
import { readChain } from './chain.js';
import { RECORD_LIMIT } from './format.js';
import { walkLog } from './log-walk.js';
import { ownDirectory, type DirectoryOwnership } from './ownership.js';
import { takeOver } from './prepare.js';
import { SegmentLeader } from './segment-leader.js';
import { openSnapshot, writeSnapshot } from './snapshot-file.js';
import { findTail } from './tail.js';
import type { FlushPolicy, SegmentSizes } from './writer-messages.js';
import { WriterThread } from './writer-thread.js';

/** Options of a log in a directory. */
export interface SegmentStoreOptions {
  /**
   * When an append resolves. `sync`: once it is on the disk. `async`: at once; it is written as soon as the thread can, and on the disk a
   * tenth of a second later at the latest. `none`: at once; it is written as soon as the thread can, and flushed when its segment is full,
   * before a snapshot is published, and when the leader releases. Default: `sync`.
   */
  readonly policy?: FlushPolicy;
  /** Number of the engine's format, up to 65,535, which each record and snapshot has. Default: 1. */
  readonly format?: number;
  /** Default: from 1 to 64 MiB. */
  readonly sizes?: SegmentSizes;
}

const DEFAULT_SIZES: SegmentSizes = { first: 1 << 20, largest: 1 << 26 };

/** A log in a directory of this host. */
export class SegmentStore implements LogStore {
  readonly durability: 'none' | 'disk';
  readonly recordLimit = RECORD_LIMIT;
  readonly #directory: string;
  readonly #policy: FlushPolicy;
  readonly #format: number;
  readonly #sizes: SegmentSizes;
  readonly #leaders = new Set<SegmentLeader>();
  /** Left by a leader that failed or resigned. */
  #inheritance: DirectoryOwnership | undefined;

  /** @param directory made by `lead`, if it does not exist */
  constructor(directory: string, { policy = 'sync', format = 1, sizes = DEFAULT_SIZES }: SegmentStoreOptions = {}) {
    this.#directory = resolve(directory);
    this.durability = policy === 'sync' ? 'disk' : 'none';
    this.#policy = policy;
    this.#format = format;
    this.#sizes = sizes;
  }

  async lead(): Promise<SegmentLeader> {
    const directory = this.#directory;
    const inherited = await this.#inherit();
    const ownership = inherited ?? (await ownDirectory(directory));
    let writer: WriterThread | undefined;
    try {
      // It starts while the log is read.
      writer = new WriterThread({ directory, policy: this.#policy, sizes: this.#sizes, format: this.#format });
      const chain = readChain(directory);
      const tail = findTail(chain);
      const start = { ...takeOver(chain, tail), reserve: inherited !== undefined };
      await writer.order({ order: 'begin', start });
      const next = tail.last + 1;
      const torn = tail.torn === 0 ? undefined : { bytes: tail.torn, at: next };
      const { epoch } = start;
      const leader = new SegmentLeader({ directory, epoch, next, snapshot: chain.snapshot, torn, format: this.#format }, writer, ownership);
      this.#leaders.add(leader);
      return leader;
    } catch (error) {
      await writer?.terminate();
      this.#inheritance = inherited;
      if (inherited === undefined) await ownership.release();
      throw error;
    }
  }

  /** Takes the ownership over from a leader that has failed or resigned. */
  async #inherit(): Promise<DirectoryOwnership | undefined> {
    for (const leader of this.#leaders) {
      if (!leader.leaves) continue;
      this.#leaders.delete(leader);
      this.#inheritance = await leader.handOver();
    }
    const inherited = this.#inheritance;
    this.#inheritance = undefined;
    return inherited;
  }

  async *read(from: number): AsyncGenerator<LogRecord> {
    for (const { position, epoch, format, bytes } of walkLog(this.#directory, from)) yield { position, epoch, format, bytes };
  }

  async snapshot(): Promise<LogSnapshot | undefined> {
    return openSnapshot(this.#directory);
  }

  writeSnapshot(position: number, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    return writeSnapshot(this.#directory, position, chunks, this.#format);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(Array.from(this.#leaders, (leader) => leader.release()));
    await this.#inheritance?.release();
  }
}
