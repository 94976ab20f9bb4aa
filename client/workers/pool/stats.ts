/** State of a pool's worker. One that is ending gets no more tasks. */
export type PoolWorkerState = 'starting' | 'idle' | 'busy' | 'ending';

/** A worker of a pool. */
export interface PoolWorkerInfo {
  readonly name: string;
  readonly pid: number | undefined;
  readonly threadId: number | undefined;
  readonly state: PoolWorkerState;
  /** Number of tasks done. */
  readonly done: number;
}

/** Times of the tasks of a pool that returned or threw, in milliseconds, exact to 1 %; all 0 before the first. */
export interface TaskTimes {
  readonly mean: number;
  /** Half of the tasks took no longer. */
  readonly median: number;
  /** 99 of 100 tasks took no longer. */
  readonly p99: number;
  readonly max: number;
}

/** Statistics of a pool. */
export interface PoolStats {
  /** Greatest number of workers. */
  readonly size: number;
  /** Present workers: briefly fewer than `size`, or `minWorkers`, while one is being replaced. */
  readonly workers: readonly PoolWorkerInfo[];
  /** Number of tasks that wait for a worker. */
  readonly queued: number;
  /** Number of tasks assigned to workers: the running ones, and the rest of their chunks. */
  readonly running: number;
  /** Number of tasks that returned a result. */
  readonly completed: number;
  /** Number of tasks that failed. */
  readonly failed: number;
  /** Times from the submission of a task until its function was called, also behind others of its chunk. */
  readonly waitTime: TaskTimes;
  /** Times from the call of the function until it returned or threw, measured in the worker. */
  readonly runTime: TaskTimes;
  /** Number of workers that replaced others. */
  readonly replaced: number;
}
