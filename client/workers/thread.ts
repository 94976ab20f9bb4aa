import { Worker, type WorkerOptions } from 'node:worker_threads';
import { InvalidArgumentError } from '../../proto/errors.js';
import { marked, onMarked } from '../../proto/marked.js';
import { localHandles } from '../shared/arenas.js';
import { threadWorkerFile } from '../paths.js';
import { takeMoving } from '../shared/moved.js';
import { encodeSharing } from '../shared/shared-memory.js';
import { isFromWorker, movedIn } from './messages.js';
import { uncaught } from './failure.js';
import type { WorkerBackendEvents, WorkerKind } from './backend.js';
import { onLines } from './lines.js';

const launch: WorkerKind['launch'] = ({ env, argv, execArgv, resourceLimits, output }, events) => {
  const worker = begin({
    env,
    argv: [...argv],
    workerData: localHandles(),
    stdout: output === 'lines',
    stderr: output === 'lines',
    ...(resourceLimits && { resourceLimits }),
    ...(execArgv && { execArgv: [...execArgv] }),
  });
  const { threadId } = worker;
  worker.on(
    'message',
    onMarked((message: unknown) => {
      if (isFromWorker(message)) events.message(message);
    }),
  );
  const written = output === 'lines' ? captured(worker, events) : undefined;
  let failure: Error | undefined;
  // 'error' may overtake messages; by the 'exit' that follows, all messages have arrived.
  worker.on('error', (error: Error) => (failure = error));
  const exited = (code: number): void => {
    if (failure !== undefined && !events.failed(failure)) {
      const text = uncaught(`${threadId}`, failure);
      if (written === undefined) process.stderr.write(`${text}\n`);
      else for (const line of text.split('\n')) events.output('stderr', line);
    }
    events.exited(code, undefined);
  };
  // Its output may still be on the way.
  worker.on('exit', (code) => void (written === undefined ? exited(code) : written.then(() => exited(code))));
  const stop = (): void => void worker.terminate();
  return {
    pid: undefined,
    threadId,
    send: (message) => worker.postMessage(marked(message), movedIn(message)),
    terminate: stop,
    kill: stop,
    ref: () => worker.ref(),
    unref: () => worker.unref(),
  };
};

/** Tells of each line that a thread writes. Resolves when it has written all. */
async function captured(worker: Worker, events: WorkerBackendEvents): Promise<void> {
  await Promise.all((['stdout', 'stderr'] as const).map((name) => onLines(worker[name], (line) => events.output(name, line))));
}

export const THREADS: WorkerKind = { launch, encode: (args) => encodeSharing(args, takeMoving(args)) };

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
