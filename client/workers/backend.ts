import type { ResourceLimits } from 'node:worker_threads';
import type { EncodedArguments } from '../shared/shared-memory.js';
import type { FromWorker, ToWorker } from './messages.js';

/** How long one that was told to end has until it is killed, in milliseconds. */
export const GRACE_MS = 5_000;

/** A child process or a thread, as those need it who started it. */
export interface WorkerBackend {
  readonly pid: number | undefined;
  readonly threadId: number | undefined;
  /**
   * Sends a message. To one that is gone, nothing is sent: it reports its end by itself.
   * @param undelivered is called where it is known that the message did not go out
   */
  send(message: ToWorker, undelivered?: () => void): void;
  /** Asks a process to end; a thread is stopped. */
  terminate(): void;
  /** Ends it at once. */
  kill(): void;
  /** Keeps this program alive while it runs, as it does from the start. */
  ref(): void;
  unref(): void;
}

/** What a backend reports. */
export interface WorkerBackendEvents {
  message(message: FromWorker): void;
  /** Something went wrong with it; its end may follow. Gives whether a call ends with this error, so that someone learns of it. */
  failed(error: Error): boolean;
  /** It is gone; nothing comes any more. */
  exited(code: number | undefined, signal: string | undefined): void;
}

/** What a worker finds around it. */
export interface SpawnOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Undefined where Node's own choice, this program's, will do. */
  readonly execArgv: readonly string[] | undefined;
  /** Of a thread. */
  readonly resourceLimits: ResourceLimits | undefined;
}

/** Child processes, or threads: how they are started, and given values. */
export interface WorkerKind {
  launch(spawnOptions: SpawnOptions, events: WorkerBackendEvents): WorkerBackend;
  /** Encodes arguments. Throws InvalidArgumentError for what cannot travel: of processes, shared memory too. */
  encode(args: readonly unknown[]): EncodedArguments;
}
