import { Worker } from 'node:worker_threads';
import { watchdogFile } from '../paths.js';
import type { WorkerIdentity } from './current.js';

/** Data of the watchdog thread. */
export interface WatchdogData {
  readonly parent: number;
  readonly daemonic: boolean;
}

/** Ends this process after its parent has ended, even while this process is busy: a separate thread polls for that. */
export function endWithParent({ parent, daemonic }: WorkerIdentity): void {
  const workerData: WatchdogData = { parent: parent.pid, daemonic };
  // Loaders and flags of the program do not apply to the watchdog.
  new Worker(watchdogFile(), { workerData, execArgv: [], env: {} }).unref();
}
