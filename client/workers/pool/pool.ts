import { inspect } from 'node:util';
import { InvalidArgumentError } from '../../../proto/errors.js';
import type { WaitOptions } from '../../wait.js';
import { refuseEndlessStarts } from '../current.js';
import { errorOfInput, type Settled } from './job.js';
import { checkOptions } from '../../known-options.js';
import { quoted, shown } from '../../shown.js';
import { MapJob } from './map-job.js';
import { siteOf, type Site } from '../../call-site.js';
import { inputOf, type Input } from './input.js';
import type { ArgumentsOf, ResultOf, WorkerModule } from '../handle.js';
import { ImapJob, type ResultIterator } from './imap-job.js';
import { moduleNamed } from '../module.js';
import { spawnOptions } from '../options.js';
import type { WorkerManager } from '../owner.js';
import {
  MAP_OPTIONS,
  POOL_OPTIONS,
  TASK_OPTIONS,
  defaultChunk,
  positive,
  resolvePool,
  type ArgumentLists,
  type Initializer,
  type InputOf,
  type Inputs,
  type MapOptions,
  type PoolOptions,
  type TaskOptions,
} from './options.js';
import type { PoolWorkerState } from './worker.js';
import { PROCESSES } from '../process.js';
import { Scheduler } from './scheduler.js';
import { THREADS } from '../thread.js';

/** A worker of a pool. */
export interface PoolWorkerInfo {
  readonly name: string;
  readonly pid: number | undefined;
  readonly threadId: number | undefined;
  readonly state: PoolWorkerState;
  /** Tasks it has done. */
  readonly done: number;
}

/** How a pool is. */
export interface PoolStats {
  /** How many workers it is to have. */
  readonly size: number;
  /** Those it has: fewer for a moment, where one is being replaced. */
  readonly workers: readonly PoolWorkerInfo[];
  /** Tasks that wait for a worker. */
  readonly queued: number;
  /** Tasks that workers have, the one that runs and those behind it in its chunk. */
  readonly running: number;
  /** Tasks that gave a result. */
  readonly completed: number;
  /** Tasks that failed. */
  readonly failed: number;
  /** Workers that took the place of others. */
  readonly replaced: number;
}

/**
 * Workers that call one function, the default export of a module, as often as they are asked to: child
 * processes, or threads. Arguments and results are copied, proxies arrive as working proxies. Threads
 * share the SharedArrayBuffers in them, and the views over those; processes refuse them with InvalidArgumentError.
 *
 * A worker that dies fails the task that it ran with WorkerDiedError, and is replaced. A task that throws
 * fails with what it threw, whose `cause` is the error as it was in the worker. An idle pool does not keep
 * the program alive, and its workers end with the program, however that ends. Disposing terminates it.
 */
export class Pool<M extends WorkerModule> implements AsyncDisposable {
  readonly #name: string;
  readonly #scheduler: Scheduler;

  /** @internal */
  constructor(owner: WorkerManager, module: URL | string, options: PoolOptions & Partial<Initializer<readonly unknown[]>>) {
    refuseEndlessStarts('pool()');
    checkOptions(options, POOL_OPTIONS);
    const { size, maxTasksPerChild, timeout, ...resolved } = resolvePool(options);
    const kind = resolved.kind === 'processes' ? PROCESSES : THREADS;
    const named = moduleNamed(module);
    const { initializer } = options;
    if (initializer !== undefined && !Array.isArray(initializer)) {
      throw new InvalidArgumentError("initializer: give a list, the arguments of the module's initialize()");
    }
    const setup = {
      owner,
      name: options.name ?? named.name,
      module: named,
      initializer: initializer && kind.encode(initializer),
      maxTasks: maxTasksPerChild,
      spawnOptions: spawnOptions(owner, options),
      kind,
    };
    this.#name = setup.name;
    this.#scheduler = new Scheduler(setup, size, timeout);
  }

  /**
   * Calls the function once. To cancel or limit it, use {@link submit}.
   * @throws InvalidArgumentError where an argument or the result cannot travel; WorkerDiedError;
   * ClosedError when the pool is closed or terminated; what the function throws
   */
  apply(...args: ArgumentsOf<M>): Promise<ResultOf<M>> {
    return this.#once(args, {}, siteOf());
  }

  /** As {@link apply}, with options: `pool.submit([1, 2], { timeout: 1000 })`. */
  submit(args: Readonly<ArgumentsOf<M>>, options: TaskOptions = {}): Promise<ResultOf<M>> {
    return this.#once(args, options, siteOf());
  }

  /**
   * Calls the function with each input, and answers all results in the order of the inputs. These are
   * listed first. It waits for all tasks, also when some fail, and then rejects with the error of the
   * first of these, which says by `inputIndex` of which input it is. Without inputs it answers at once.
   * @throws as {@link apply}; InvalidArgumentError for a wrong option; what the inputs throw
   */
  map(inputs: Inputs<InputOf<M>>, options: MapOptions = {}): Promise<ResultOf<M>[]> {
    return this.#all(inputs, (input) => [input], options, siteOf());
  }

  /**
   * As {@link map}, but tasks that fail make it reject no more: it answers how each ended, in the order of the inputs, as
   * `Promise.allSettled` does.
   * @throws InvalidArgumentError for a wrong option; ClosedError; what the inputs throw; the reason of `signal`
   */
  async mapSettled(inputs: Inputs<InputOf<M>>, options: MapOptions = {}): Promise<PromiseSettledResult<ResultOf<M>>[]> {
    const settled = await this.#run(inputs, (input) => [input], options, siteOf());
    return settled.map((each, index) =>
      'value' in each
        ? { status: 'fulfilled', value: each.value as ResultOf<M> }
        : { status: 'rejected', reason: errorOfInput(each.error, index) },
    );
  }

  /** As {@link map}; each input is a list of arguments. */
  starmap(inputs: ArgumentLists<M>, options: MapOptions = {}): Promise<ResultOf<M>[]> {
    return this.#all(inputs, (args) => args, options, siteOf());
  }

  /**
   * Calls the function with each input, and iterates over the results in the order of the inputs. It
   * begins with the first `next()`, and takes no more inputs than the workers need: at most
   * 2 × workers × chunkSize of them are ahead of the loop. What the inputs throw is delivered in its place.
   * @throws ClosedError, InvalidArgumentError as {@link apply}
   */
  imap(inputs: Inputs<InputOf<M>>, options: MapOptions = {}): ResultIterator<ResultOf<M>> {
    return new ImapJob(this.#scheduler, inputOf(inputs), true, options, siteOf());
  }

  /** As {@link imap}, with the results in the order in which they come: `entries()` says of which input each is. */
  imapUnordered(inputs: Inputs<InputOf<M>>, options: MapOptions = {}): ResultIterator<ResultOf<M>> {
    return new ImapJob(this.#scheduler, inputOf(inputs), false, options, siteOf());
  }

  /** How it is at this moment. */
  get stats(): PoolStats {
    const { size, workers, pending, completed, failed, launched } = this.#scheduler;
    const all = [...workers];
    const running = all.reduce((sum, worker) => sum + worker.tasks, 0);
    return {
      size,
      workers: all.map(({ name, pid, threadId, state, done }) => ({ name, pid, threadId, state, done })),
      queued: pending - running,
      running,
      completed,
      failed,
      replaced: Math.max(0, launched - size),
    };
  }

  /** Takes no more calls. Those under way go on to their end, and so do iterations; then the workers end. */
  async close(): Promise<void> {
    this.#scheduler.close();
  }

  /** Ends the workers at once; calls under way reject with ClosedError. Resolves when all workers are gone. */
  terminate(): Promise<void> {
    return this.#scheduler.terminate();
  }

  /**
   * Waits, behind {@link close} or {@link terminate}, until all workers are gone. An iteration that was
   * begun is waited for: come to its end, or leave it, before.
   * @throws InvalidArgumentError while the pool takes calls; TimeoutError; the signal's reason
   */
  join(options: WaitOptions = {}): Promise<void> {
    return this.#scheduler.join(options);
  }

  /** @internal */
  [inspect.custom](): string {
    const { size, running, queued } = this.stats;
    return shown(this, `${quoted(this.#name)}, workers: ${size}, running: ${running}, queued: ${queued}`);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.terminate();
  }

  async #once(args: Readonly<ArgumentsOf<M>>, options: TaskOptions, site: Site): Promise<ResultOf<M>> {
    checkOptions(options, TASK_OPTIONS);
    const call = new MapJob(this.#scheduler, options, site);
    call.run([args], 1);
    const [settled] = await call.ended;
    if ('error' in settled!) throw settled.error;
    return settled!.value as ResultOf<M>;
  }

  async #all<I>(inputs: Inputs<I>, argsOf: (input: I) => readonly unknown[], options: MapOptions, site: Site): Promise<ResultOf<M>[]> {
    const settled = await this.#run(inputs, argsOf, options, site);
    return settled.map((each, index) => {
      if ('error' in each) throw errorOfInput(each.error, index);
      return each.value as ResultOf<M>;
    });
  }

  async #run<I>(inputs: Inputs<I>, argsOf: (input: I) => readonly unknown[], options: MapOptions, site: Site): Promise<Settled[]> {
    checkOptions(options, MAP_OPTIONS);
    const chunkSize = options.chunkSize === undefined ? undefined : positive('chunkSize', options.chunkSize);
    const source = inputOf(inputs);
    const call = new MapJob(this.#scheduler, options, site, options.onProgress);
    void this.#list(call, source, argsOf, chunkSize);
    return call.ended;
  }

  /** Lists the inputs, those of a plain iterable before the caller goes on, and runs the call. */
  async #list<I>(call: MapJob, source: Input<I>, argsOf: (input: I) => readonly unknown[], chunkSize?: number): Promise<void> {
    const list: (readonly unknown[])[] = [];
    try {
      for (;;) {
        const step = source.async ? await source.iterator.next() : source.iterator.next();
        if (call.over) void source.iterator.return?.();
        if (step.done === true || call.over) break;
        list.push(argsOf(step.value));
      }
      call.run(list, chunkSize ?? defaultChunk(list.length, this.#scheduler.size));
    } catch (error) {
      call.stop(error);
    }
  }
}
