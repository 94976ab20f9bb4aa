import type { ResourceLimits } from 'node:worker_threads';
import type { EncodedArguments } from '../shared/shared-memory.js';
import type { FromWorker, ToWorker } from './messages.js';

/** Milliseconds between the request to end and the kill. */
export const GRACE_MS = 5_000;

/** A child process or a thread, as seen by its parent. */
export interface WorkerBackend {
  readonly pid: number | undefined;
  readonly threadId: number | undefined;
  /**
   * Sends a message; does nothing if the worker has ended, which it reports by itself.
   * @param undelivered called if the message is known to be lost
   */
  send(message: ToWorker, undelivered?: () => void): void;
  /** Asks a process to end; stops a thread. */
  terminate(): void;
  /** Ends it immediately. */
  kill(): void;
  /** Keeps this program alive while it runs, which is the default. */
  ref(): void;
  unref(): void;
}

/** Events of a backend. */
export interface WorkerBackendEvents {
  message(message: FromWorker): void;
  /** The backend had an error; its end may follow. Returns true if a call fails with this error, so that the program learns of it. */
  failed(error: Error): boolean;
  /** The worker wrote a line, if its output is taken as lines. */
  output(stream: OutputStream, line: string): void;
  /** The backend has ended; no events follow. */
  exited(code: number | undefined, signal: NodeJS.Signals | undefined): void;
}

/** Name of an output of a worker. */
export type OutputStream = 'stdout' | 'stderr';

/** Use of a worker's output: it goes to that of this program, or comes as events, line by line. */
export type WorkerOutput = 'inherit' | 'lines';

/** Settings with which a worker is started. */
export interface SpawnOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly argv: readonly string[];
  /** Undefined to inherit this program's flags, Node's default. */
  readonly execArgv: readonly string[] | undefined;
  /** Threads only. */
  readonly resourceLimits: ResourceLimits | undefined;
  readonly output: WorkerOutput;
}

/** The way of starting workers, as child processes or as threads, and of encoding their arguments. */
export interface WorkerKind {
  launch(spawnOptions: SpawnOptions, events: WorkerBackendEvents): WorkerBackend;
  /** Encodes arguments. @throws InvalidArgumentError for values that cannot be sent; to processes, shared memory too */
  encode(args: readonly unknown[]): EncodedArguments;
}
