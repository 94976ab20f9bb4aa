import { Worker } from 'node:worker_threads';
import { snapshotFile } from '../paths.js';

/** A snapshot that is being written beside the manager. */
export interface RunningSnapshot {
  /** Resolves with its position. */
  readonly written: Promise<number>;
  /** Gives it up. */
  stop(): Promise<unknown>;
}

/** Has the state at the end of a log written as a snapshot. */
export type StartSnapshot = () => RunningSnapshot;

/** Starts a thread that applies the log in a directory to a machine of its own, and writes a snapshot. */
export function startSnapshotThread(directory: string): RunningSnapshot {
  const thread = new Worker(snapshotFile(), { workerData: directory, execArgv: [] });
  const written = new Promise<number>((resolve, reject) => {
    thread.once('message', resolve);
    thread.once('error', reject);
    thread.once('exit', () => reject(new Error('its thread ended')));
  });
  return { written, stop: () => thread.terminate() };
}
