import { Worker } from 'node:worker_threads';
import { localHandles } from '../arenas.js';
import { threadWorkerFile } from '../paths.js';
import type { FromWorker } from './messages.js';
import type { Launch } from './vessel.js';

/** Starts a worker thread. */
export const launchThread: Launch = ({ env, execArgv }, events) => {
  const worker = new Worker(threadWorkerFile(), { env, workerData: localHandles(), ...(execArgv && { execArgv: [...execArgv] }) });
  const { threadId } = worker;
  worker.on('message', (message: FromWorker) => events.message(message));
  worker.on('error', (error: Error) => events.failed(error));
  worker.on('exit', (code) => events.exited(code, undefined));
  const stop = (): void => void worker.terminate();
  return {
    pid: undefined,
    threadId,
    send: (message) => worker.postMessage(message),
    terminate: stop,
    kill: stop,
    ref: () => worker.ref(),
    unref: () => worker.unref(),
  };
};
