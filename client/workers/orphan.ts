import { Worker } from 'node:worker_threads';
import { watchdogFile } from '../paths.js';
import type { WorkerIdentity } from './current.js';

/** What the watchdog is told. */
export interface WatchdogData {
  readonly parent: number;
  readonly daemonic: boolean;
}

/**
 * Sees to it that this process does not outlive the one that started it, even while it is busy: a thread
 * of its own looks for that.
 */
export function endWithParent({ parent, daemonic }: WorkerIdentity): void {
  const workerData: WatchdogData = { parent: parent.pid, daemonic };
  // Loaders and flags of the program are not the watchdog's.
  new Worker(watchdogFile(), { workerData, execArgv: [], env: {} }).unref();
}
