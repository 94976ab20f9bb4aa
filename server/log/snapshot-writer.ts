import type { Leader } from './log-store.js';
import type { RunningSnapshot, StartSnapshot } from './snapshot-thread.js';

/** Events of a {@link SnapshotWriter}. */
export interface SnapshotEvents {
  /** A snapshot was written: the log before it is of no use any more. */
  snapshotWritten(): void;
  /** A snapshot could not be written: the log grows until the next one. */
  snapshotFailed(error: Error): void;
}

/** Has a snapshot written each time that the log has grown by a number of bytes, and publishes it. */
export class SnapshotWriter {
  #grown = 0;
  /** True from the start of a snapshot until it is published. */
  #writing = false;
  #running: RunningSnapshot | undefined;
  #stopped = false;

  constructor(
    private readonly start: StartSnapshot,
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
  grew(bytes: number): void {
    this.#grown += bytes;
    if (this.#grown >= this.every && !this.#writing && !this.#stopped) void this.#write();
  }

  async #write(): Promise<void> {
    const before = this.#grown;
    this.#writing = true;
    try {
      // A manager that does not wait for its disk may have written nothing yet.
      await this.leader.flush();
      if (this.#stopped) return;
      this.#running = this.start();
      const position = await this.#running.written;
      if (this.#stopped) return;
      await this.leader.publish(position);
      this.events.snapshotWritten();
    } catch (error) {
      if (!this.#stopped) this.events.snapshotFailed(error as Error);
    } finally {
      this.#running = undefined;
      this.#writing = false;
    }
    // After a failure too: the next attempt comes when the log has grown as much again.
    this.#grown -= before;
  }

  /** Gives up a snapshot that is being written. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running?.stop();
  }
}
