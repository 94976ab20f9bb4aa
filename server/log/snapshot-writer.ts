import { Worker } from 'node:worker_threads';
import { snapshotFile } from '../paths.js';
import type { Leader } from './log-store.js';

/** Events of a {@link SnapshotWriter}. */
export interface SnapshotEvents {
  /** A snapshot was written: the log before it is of no use any more. */
  snapshotWritten(): void;
  /** A snapshot could not be written: the log grows until the next one. */
  snapshotFailed(error: Error): void;
}

/** Writes a snapshot each time that the log has grown by a number of bytes: a thread applies the log to a machine of its own meanwhile. */
export class SnapshotWriter {
  #grown = 0;
  #thread: Worker | undefined;
  #stopped = false;

  constructor(
    private readonly directory: string,
    private readonly leader: Leader,
    /** Size in bytes by which the log grows between two snapshots. */
    private readonly every: number,
    private readonly events: SnapshotEvents,
  ) {}

  /** True if the log has grown since the last snapshot. */
  get due(): boolean {
    return this.#grown > 0;
  }

  /** The log has grown by a number of bytes. */
  appended(bytes: number): void {
    this.#grown += bytes;
    if (this.#grown >= this.every && this.#thread === undefined && !this.#stopped) void this.#write();
  }

  async #write(): Promise<void> {
    const before = this.#grown;
    try {
      const position = await this.#written();
      if (this.#stopped) return;
      await this.leader.publish(position);
      this.events.snapshotWritten();
    } catch (error) {
      if (!this.#stopped) this.events.snapshotFailed(error as Error);
    } finally {
      this.#thread = undefined;
    }
    // After a failure too: the next attempt comes when the log has grown as much again.
    this.#grown -= before;
  }

  /** Has a thread write a snapshot, and returns its position. */
  #written(): Promise<number> {
    const thread = new Worker(snapshotFile(), { workerData: this.directory, execArgv: [] });
    this.#thread = thread;
    return new Promise((resolve, reject) => {
      thread.once('message', resolve);
      thread.once('error', reject);
      thread.once('exit', () => reject(new Error('its thread ended')));
    });
  }

  /** Gives up a snapshot that is being written. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#thread?.terminate();
  }
}
