import { Worker, type WorkerOptions } from 'node:worker_threads';
import { InvalidArgumentError } from '../../proto/errors.js';
import { marked, onMarked } from '../../proto/marked.js';
import { localHandles } from '../shared/arenas.js';
import { threadWorkerFile } from '../paths.js';
import { encodeSharing } from '../shared/shared-memory.js';
import type { FromWorker } from './messages.js';
import { reportUncaught } from './failure.js';
import type { WorkerKind } from './backend.js';

const launch: WorkerKind['launch'] = ({ env, argv, execArgv, resourceLimits }, events) => {
  const worker = begin({
    env,
    argv: [...argv],
    workerData: localHandles(),
    ...(resourceLimits && { resourceLimits }),
    ...(execArgv && { execArgv: [...execArgv] }),
  });
  const { threadId } = worker;
  worker.on(
    'message',
    onMarked((message: FromWorker) => events.message(message)),
  );
  let failure: Error | undefined;
  // 'error' may overtake messages; by the 'exit' that follows, all messages have arrived.
  worker.on('error', (error: Error) => (failure = error));
  worker.on('exit', (code) => {
    if (failure !== undefined && !events.failed(failure)) reportUncaught(`${threadId}`, failure);
    events.exited(code, undefined);
  });
  const stop = (): void => void worker.terminate();
  return {
    pid: undefined,
    threadId,
    send: (message) => worker.postMessage(marked(message)),
    terminate: stop,
    kill: stop,
    ref: () => worker.ref(),
    unref: () => worker.unref(),
  };
};

export const THREADS: WorkerKind = { launch, encode: encodeSharing };

/** @throws InvalidArgumentError for flags and limits that a thread does not accept */
function begin(options: WorkerOptions): Worker {
  try {
    return new Worker(threadWorkerFile(), options);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_WORKER_INVALID_EXEC_ARGV') {
      const remedy =
        'a thread accepts no flags of the whole process; limit its memory with resourceLimits: { maxOldGenerationSizeMb: 200 }';
      throw new InvalidArgumentError(`execArgv: ${message}: ${remedy}`, { cause: error });
    }
    if (code?.startsWith('ERR_INVALID_ARG') === true) throw new InvalidArgumentError(message, { cause: error });
    throw error;
  }
}
