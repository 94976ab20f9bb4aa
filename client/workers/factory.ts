import { inspect } from 'node:util';
import { siteOf, type Site } from '../call-site.js';
import { refuseEndlessStarts } from './current.js';
import { checkOptions } from '../../proto/known-options.js';
import type { ArgumentsOf, ResultOf, WorkerHandle, WorkerModule } from './handle.js';
import { moduleNamed } from './module.js';
import { WORKER_OPTIONS, type WorkerOptions } from './options.js';
import type { WorkerManager } from './owner.js';
import { PROCESSES } from './process.js';
import { THREADS } from './thread.js';
import type { WorkerKind } from './backend.js';
import { RunningWorker } from './worker.js';
import { shown } from '../shown.js';

/** Starts workers with the options given to {@link Manager.worker}. */
export class WorkerFactory {
  /** @internal */
  constructor(
    private readonly owner: WorkerManager,
    private readonly active: Set<WorkerHandle<unknown>>,
    private readonly options: WorkerOptions = {},
  ) {
    checkOptions(options, WORKER_OPTIONS);
  }

  /** Returns the state in one line, as `console.log` shows it. */
  toString(): string {
    return this[inspect.custom]();
  }

  /** @internal */
  [inspect.custom](): string {
    return shown(this, `workers: ${this.active.size}`);
  }

  /** As {@link Manager.fork}. */
  fork<M extends WorkerModule>(module: URL | string, ...args: ArgumentsOf<M>): WorkerHandle<ResultOf<M>> {
    return this.#start('fork()', PROCESSES, module, args, siteOf());
  }

  /** As {@link Manager.thread}. */
  thread<M extends WorkerModule>(module: URL | string, ...args: ArgumentsOf<M>): WorkerHandle<ResultOf<M>> {
    return this.#start('thread()', THREADS, module, args, siteOf());
  }

  #start<R>(call: string, kind: WorkerKind, module: URL | string, args: readonly unknown[], site: Site): WorkerHandle<R> {
    refuseEndlessStarts(call);
    const worker = new RunningWorker<R>(this.owner, moduleNamed(module), args, this.options, site, kind);
    this.active.add(worker);
    void worker.exited.then(() => this.active.delete(worker));
    return worker;
  }
}
