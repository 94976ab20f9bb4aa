import type { OutputStream } from '../backend.js';
import type { PoolWorkerInfo } from './stats.js';

/** A task that a worker had started when it died. */
export interface LostTask {
  /** Index of its input within its call; 0 for `apply` and `submit`. */
  readonly inputIndex: number;
  /** Copies of the arguments of the function, decoded when they are read. Parts that have moved to the worker are gone with it. */
  readonly args: readonly unknown[];
}

/** The death of a worker. */
export interface PoolWorkerDeath {
  /** The worker as it was last. */
  readonly worker: PoolWorkerInfo;
  /** Undefined for a process that a signal ended. */
  readonly exitCode: number | undefined;
  /** The signal that ended a process, such as `SIGKILL`. */
  readonly exitSignal: NodeJS.Signals | undefined;
  /** The error that ended a thread, or that kept a process from starting. */
  readonly cause: Error | undefined;
  /**
   * The tasks that fail with WorkerDiedError because of it: the running one, and short ones sent together with it of which no result had
   * arrived. Empty if the worker had no task, or one that was cancelled.
   */
  readonly tasks: readonly LostTask[];
}

/** A line that a worker wrote. */
export interface PoolOutput {
  readonly worker: PoolWorkerInfo;
  readonly stream: OutputStream;
  /** Without its line break. Lines of more than 65,536 characters come in parts. */
  readonly line: string;
}

/** Events of a pool. */
export interface PoolEvents {
  /** A worker is ready for its first task: its module is loaded, and `initialize` has returned. */
  workerStarted: [worker: PoolWorkerInfo];
  /**
   * A worker ended although the pool did not tell it to: it crashed or exited, was killed from outside, or was killed because a cancelled
   * task did not end within `abortGrace`.
   */
  workerDied: [death: PoolWorkerDeath];
  /** A worker wrote a line, if the pool has `{ output: 'lines' }`. Its lines come in order, and before its end; the two streams have no common order. */
  output: [output: PoolOutput];
  /** The last task has ended: none waits or runs, cancelled ones included. An iteration may submit more as its loop goes on. */
  drained: [];
}
