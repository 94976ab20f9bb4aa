import type { EncodedArguments } from '../shared/shared-memory.js';
import type { FromWorker, ToWorker } from './messages.js';

/** A worker's channel to its parent. */
export interface WorkerChannel {
  /** Receives the first message. Waiting for it keeps the worker alive; afterwards the channel does not. */
  first(listener: (message: ToWorker) => void): void;
  /** Receives all later messages. Keeps the worker alive. */
  listen(listener: (message: ToWorker) => void): void;
  /** Encodes a result. @throws InvalidArgumentError for values that cannot be sent; from a process, shared memory too */
  encode(value: unknown): EncodedArguments;
  /** Bytes of memory that the worker has: the resident memory of a process, the used heap of a thread. */
  memory(): number;
  /** Resolves once the message is handed to the operating system: it arrives even if the worker dies then. */
  send(message: FromWorker): Promise<void>;
  /** Calls back when the parent has ended. */
  onLost(listener: () => void): void;
  /** Closes the channel, so that a worker with no other work ends. */
  close(): void;
  /** Ends the worker, regardless of remaining work. */
  end(): void;
}
