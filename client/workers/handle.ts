import type { WaitOptions } from '../wait.js';

/** A module whose default export runs in a worker. */
export interface WorkerModule {
  /** The worker's function. */
  // Parameters are contravariant: only `never` admits every function.
  default: (...args: never[]) => unknown;
}

/** Parameters of a worker's function. */
export type ArgumentsOf<M extends WorkerModule> = Parameters<M['default']>;

/** Result of a worker's function, with promises resolved. */
export type ResultOf<M extends WorkerModule> = Awaited<ReturnType<M['default']>>;

/** A running worker: a child process or a thread. Disposing ends it. */
export interface WorkerHandle<R> extends AsyncDisposable {
  /** Name for display. Default: the module's file name with the process or thread id. */
  readonly name: string;
  /** True if the worker ends with this program. */
  readonly daemonic: boolean;
  /** Process id, for a child process. */
  readonly pid: number | undefined;
  /** Thread id, for a thread. */
  readonly threadId: number | undefined;
  /** True while it runs. */
  readonly isAlive: boolean;
  /** Exit code; undefined while it runs, and if a signal ended it. */
  readonly exitCode: number | undefined;
  /** Name of the signal that ended it. */
  readonly exitSignal: string | undefined;
  /**
   * Result of the worker's function. Rejects with the function's error, whose `cause` is the error as it was in the worker, with the
   * worker's stack; or with WorkerDiedError if the worker ended without a result. A rejection that is never read is not reported as
   * unhandled. After `result` was read, the program also waits for a daemonic worker.
   */
  readonly result: Promise<R>;
  /**
   * Waits for the end of the worker; does not reject if the worker failed.
   * @throws TimeoutError if the timeout ends first; the signal's reason
   */
  join(options?: WaitOptions): Promise<void>;
  /** Asks it to end (SIGTERM; a thread is stopped), and waits until it has ended. */
  terminate(): Promise<void>;
  /** Ends it immediately (SIGKILL; a thread is stopped), and waits until it has ended. */
  kill(): Promise<void>;
}
