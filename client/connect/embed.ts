import { Worker } from 'node:worker_threads';
import { refuseWhileLoading } from '../../proto/loading.js';
import { marked, onMarked } from '../../proto/marked.js';
import type { Report } from '../../proto/report.js';
import { embeddedFile } from '../paths.js';
import { clear, explained, notStarted, ownedOptions, startedAt, type Daemon, type StartOptions } from './start.js';

/** Options of {@link Manager.embed}: the same as of {@link Manager.start}. */
export interface EmbedOptions extends StartOptions {}

/** Starts a manager on a thread of this program, which ends with the program. */
export async function embedDaemon(options: EmbedOptions): Promise<Daemon> {
  refuseWhileLoading('Manager.embed()');
  const owned = ownedOptions(options);
  // Flags of this program, such as a loader's, do not apply to the manager.
  const worker = new Worker(embeddedFile(), { workerData: owned, execArgv: [] });
  const exited = new Promise<string>((resolve) => worker.once('exit', (code) => resolve(`a thread, ended with code ${code}`)));
  try {
    const { addresses, directory } = startedAt(await started(worker));
    const ended = (): void => clear(directory);
    process.once('exit', ended);
    void exited.then(() => {
      process.off('exit', ended);
      ended();
    });
    worker.unref();
    return { addresses, pid: undefined, explain: (reason) => explained(reason, exited), stop: (graceMs) => stop(worker, exited, graceMs) };
  } catch (error) {
    await worker.terminate();
    throw error;
  }
}

function started(worker: Worker): Promise<Report> {
  return new Promise((resolve, reject) => {
    // Stays attached: an unhandled 'error' event would end this program. Node prints the error, and all connections report the end.
    worker.on('error', (error: Error) => reject(notStarted(error.message)));
    worker.once('exit', (code) => reject(notStarted(`its thread ended with code ${code}`)));
    worker.on('message', onMarked(resolve));
  });
}

async function stop(worker: Worker, exited: Promise<unknown>, graceMs: number): Promise<void> {
  worker.ref();
  worker.postMessage(marked('stop'));
  const timer = setTimeout(() => void worker.terminate(), graceMs);
  await exited;
  clearTimeout(timer);
}
