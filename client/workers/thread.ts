import { Worker } from 'node:worker_threads';
import type { Owner } from './owner.js';
import { THREAD_WORKER } from '../paths.js';
import type { WorkerHandle } from './handle.js';
import type { Outcome } from './messages.js';
import { RunningWorker } from './worker.js';

/** Runs a module's default export in a worker thread. */
export function startThread<R>(owner: Owner, module: URL | string, args: readonly unknown[]): WorkerHandle<R> {
  return new RunningWorker<R>(owner, module, args, (events) => {
    const worker = new Worker(THREAD_WORKER);
    const { threadId } = worker;
    worker.on('message', (outcome: Outcome) => events.outcome(outcome));
    worker.on('error', (error: Error) => events.failed(error));
    worker.on('exit', (code) => events.exited(code, undefined));
    const stop = (): void => void worker.terminate();
    return { pid: undefined, threadId, start: (task) => worker.postMessage(task), terminate: stop, kill: stop };
  });
}
