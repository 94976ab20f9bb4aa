import type { EncodedArguments } from '../shared/shared-memory.js';
import type { FromWorker, ToWorker } from './messages.js';

/** A worker's line to the one who started it. */
export interface WorkerChannel {
  /** The first message. Waiting for it keeps the worker alive, and nothing does afterwards. */
  first(listener: (message: ToWorker) => void): void;
  /** All later messages; keeps the worker alive. */
  listen(listener: (message: ToWorker) => void): void;
  /** Encodes a result. Throws InvalidArgumentError for what cannot travel: from a process, shared memory too. */
  encode(value: unknown): EncodedArguments;
  /** Resolves when it is on its way: what was sent arrives even if the worker dies then. */
  send(message: FromWorker): Promise<void>;
  /** Calls back when the other side is gone. */
  onLost(listener: () => void): void;
  /** Nothing is to be said any more; a worker with nothing else to do ends then. */
  close(): void;
  /** Ends the worker, whatever it has to do. */
  end(): void;
}
