import type { WaitOptions } from '../wait.js';

/** A module whose default export runs in a worker. */
export interface WorkerModule {
  // Parameters are contravariant: only `never` admits every function.
  default: (...args: never[]) => unknown;
}

/** What a worker's function takes. */
export type ArgumentsOf<M extends WorkerModule> = Parameters<M['default']>;

/** What a worker's function gives, promises resolved. */
export type ResultOf<M extends WorkerModule> = Awaited<ReturnType<M['default']>>;

/** A worker under way: a child process, or a thread of this one. Disposing it ends it. */
export interface WorkerHandle<R> extends AsyncDisposable {
  /** For people: the module's name with the process or thread id, where it was not given one. */
  readonly name: string;
  /** Whether this program's end is its end as well. */
  readonly daemonic: boolean;
  /** Process id, of a child process. */
  readonly pid: number | undefined;
  /** Thread id, of a thread. */
  readonly threadId: number | undefined;
  /** Whether it runs. */
  readonly isAlive: boolean;
  /** Undefined while it runs, and where a signal ended it. */
  readonly exitCode: number | undefined;
  /** Name of the signal that ended it. */
  readonly exitSignal: string | undefined;
  /**
   * What its function gave. Rejects with what it threw, whose `cause` is the error as it was in the
   * worker, with the worker's stack; or with WorkerDiedError when it ended without a result. Left
   * unread, it is no unhandled rejection. Once it was read, the program waits for a daemonic worker too.
   */
  readonly result: Promise<R>;
  /**
   * Waits for its end; does not reject when it failed.
   * @throws TimeoutError when the timeout ends first; the signal's reason
   */
  join(options?: WaitOptions): Promise<void>;
  /** Asks it to end (SIGTERM; a thread is stopped), and waits until it did. */
  terminate(): Promise<void>;
  /** Ends it at once (SIGKILL; a thread is stopped), and waits until it did. */
  kill(): Promise<void>;
}
