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

/** Statistics of a pool. */
export interface PoolStats {
  /** Configured number of workers. */
  readonly size: number;
  /** Present workers: briefly fewer than `size` while one is being replaced. */
  readonly workers: readonly PoolWorkerInfo[];
  /** Number of tasks that wait for a worker. */
  readonly queued: number;
  /** Number of tasks assigned to workers: the running ones, and the rest of their chunks. */
  readonly running: number;
  /** Number of tasks that returned a result. */
  readonly completed: number;
  /** Number of tasks that failed. */
  readonly failed: number;
  /** Number of workers that replaced others. */
  readonly replaced: number;
}
