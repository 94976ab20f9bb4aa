import { inspect } from 'node:util';
import { InvalidArgumentError } from '../../../proto/errors.js';
import type { WaitOptions } from '../../wait.js';
import { takeMoving } from '../../shared/moved.js';
import { refuseEndlessStarts } from '../current.js';
import { errorOfInput, type Settled } from './job.js';
import { checkOptions } from '../../../proto/known-options.js';
import { quoted } from '../../../proto/given.js';
import { shown } from '../../shown.js';
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
import { PROCESSES } from '../process.js';
import type { PoolEvents } from './events.js';
import { Scheduler } from './scheduler.js';
import type { PoolStats } from './stats.js';
import { THREADS } from '../thread.js';

/**
 * A pool of workers that call one function, the default export of a module: child processes, or threads. Arguments and results are copied,
 * and proxies arrive as working proxies. Threads share SharedArrayBuffers, and views over them; processes refuse them with
 * InvalidArgumentError. {@link move} has ArrayBuffers and MessagePorts moved between threads, not copied.
 *
 * If a worker dies, its running task fails with WorkerDiedError, and the worker is replaced. A task that throws fails with that error,
 * whose `cause` is the error as it was in the worker. An idle pool does not keep the program alive, and its workers end with the program,
 * including when it crashes or is killed. Disposing terminates the pool.
 */
export class Pool<M extends WorkerModule> implements AsyncDisposable {
  readonly #name: string;
  readonly #scheduler: Scheduler;

  /** @internal */
  constructor(owner: WorkerManager, module: URL | string, options: PoolOptions & Partial<Initializer<readonly unknown[]>> = {}) {
    refuseEndlessStarts('pool()');
    checkOptions(options, POOL_OPTIONS);
    const { size, maxTasksPerChild, maxMemory, timeout, abortGraceMs, maxQueue, ...resolved } = resolvePool(options);
    const kind = resolved.kind === 'processes' ? PROCESSES : THREADS;
    const named = moduleNamed(module);
    const { initializer } = options;
    if (initializer !== undefined && !Array.isArray(initializer)) {
      throw new InvalidArgumentError("initializer: give a list, the arguments of the module's initialize()");
    }
    if (initializer !== undefined && takeMoving(initializer).length > 0) {
      throw new InvalidArgumentError('initializer: each worker reads the arguments, which cannot move to all of them: leave out move()');
    }
    const setup = {
      owner,
      name: options.name ?? named.name,
      module: named,
      initializer: initializer && kind.encode(initializer),
      maxTasks: maxTasksPerChild,
      maxMemory,
      abortGraceMs,
      spawnOptions: spawnOptions(owner, options, options.output),
      kind,
    };
    this.#name = setup.name;
    this.#scheduler = new Scheduler(setup, size, timeout, maxQueue);
  }

  /**
   * Calls the function once. Use {@link submit} for a signal or a timeout.
   * @throws InvalidArgumentError if an argument or the result cannot be sent; WorkerDiedError; ClosedError if the pool is closed or
   * terminated; LimitExceededError if more tasks than `maxQueue` would wait; the error of the function
   */
  apply(...args: ArgumentsOf<M>): Promise<ResultOf<M>> {
    return this.#once(args, {}, siteOf());
  }

  /** As {@link apply}, with options: `pool.submit([1, 2], { timeout: 1000 })`. */
  submit(args: Readonly<ArgumentsOf<M>>, options: TaskOptions = {}): Promise<ResultOf<M>> {
    return this.#once(args, options, siteOf());
  }

  /**
   * Calls the function with each input, and returns all results in the order of the inputs. Reads all inputs first. If tasks fail, still
   * waits for all of them, then rejects with the error of the first failed input, whose `inputIndex` is its index. Without inputs it
   * resolves immediately.
   * @throws the errors of {@link apply}; InvalidArgumentError for an invalid option; errors of the inputs' iterator
   */
  map(inputs: Inputs<InputOf<M>>, options: MapOptions = {}): Promise<ResultOf<M>[]> {
    return this.#all(inputs, (input) => [input], options, siteOf());
  }

  /**
   * As {@link map}, but failed tasks do not reject it: it returns the outcome of each, in the order of the inputs, as `Promise.allSettled`
   * does.
   * @throws InvalidArgumentError for an invalid option; ClosedError; errors of the inputs' iterator; the reason of `signal`
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
   * Calls the function with each input, and iterates over the results in the order of the inputs. Starts with the first `next()`, and reads
   * inputs only as the workers need them: at most 2 × workers × chunkSize ahead of the loop. An error of the inputs' iterator is delivered
   * after the results of the inputs before it.
   * @throws ClosedError, InvalidArgumentError as {@link apply}
   */
  imap(inputs: Inputs<InputOf<M>>, options: MapOptions = {}): ResultIterator<ResultOf<M>> {
    return new ImapJob(this.#scheduler, inputOf(inputs), true, options, siteOf());
  }

  /** As {@link imap}, with the results in the order of completion: `entries()` gives the index of each input. */
  imapUnordered(inputs: Inputs<InputOf<M>>, options: MapOptions = {}): ResultIterator<ResultOf<M>> {
    return new ImapJob(this.#scheduler, inputOf(inputs), false, options, siteOf());
  }

  /** Adds a listener of an event; see {@link PoolEvents}. An error that it throws is an uncaught exception, and does not disturb the pool. */
  on<E extends keyof PoolEvents>(event: E, listener: (...args: PoolEvents[E]) => void): this {
    this.#scheduler.listeners.on(event, listener);
    return this;
  }

  /** Removes a listener of an event. */
  off<E extends keyof PoolEvents>(event: E, listener: (...args: PoolEvents[E]) => void): this {
    this.#scheduler.listeners.off(event, listener);
    return this;
  }

  /** Current statistics. */
  get stats(): PoolStats {
    const { size, workers, pending, completed, failed, waitTimes, runTimes, replaced } = this.#scheduler;
    const all = [...workers];
    const running = all.reduce((sum, worker) => sum + worker.tasks, 0);
    return {
      size,
      workers: all.map(({ info }) => info),
      queued: pending - running,
      running,
      completed,
      failed,
      waitTime: waitTimes.summary,
      runTime: runTimes.summary,
      replaced,
    };
  }

  /** Accepts no more calls. Calls and iterations in progress continue to their end; then the workers end. */
  async close(): Promise<void> {
    this.#scheduler.close();
  }

  /** Ends the workers immediately; calls in progress reject with ClosedError. Resolves once all workers have ended. */
  terminate(): Promise<void> {
    return this.#scheduler.terminate();
  }

  /**
   * Waits after {@link close} or {@link terminate} until all workers have ended. This includes iterations that were started: finish them,
   * or leave them, before.
   * @throws InvalidArgumentError while the pool accepts calls; TimeoutError; the signal's reason
   */
  join(options: WaitOptions = {}): Promise<void> {
    return this.#scheduler.join(options);
  }

  /** Returns the state in one line, as `console.log` shows it. */
  toString(): string {
    return this[inspect.custom]();
  }

  /** @internal */
  [inspect.custom](): string {
    const { size, running, queued } = this.stats;
    return shown(this, `${quoted(this.#name)}, workers: ${size}, running: ${running}, queued: ${queued}`);
  }

  /** As {@link terminate}. */
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

  /** Lists the inputs and runs the call. Inputs of a sync iterable are read before the caller continues. */
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
