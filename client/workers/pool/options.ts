import { availableParallelism } from 'node:os';
import { InvalidArgumentError } from '../../../proto/errors.js';
import { milliseconds } from '../../wait.js';
import { count } from '../../objects/arguments.js';
import { GRACE_MS, type WorkerOutput } from '../backend.js';
import type { ArgumentsOf, WorkerModule } from '../handle.js';
import type { OptionNames } from '../../../proto/known-options.js';
import { quoted } from '../../../proto/given.js';
import { SURROUNDINGS, type WorkerSurroundings } from '../options.js';

/** Parameters of `initialize` of a pool's module; none if it has no such function. */
export type InitializerOf<M extends WorkerModule> = M extends { initialize: (...args: infer A) => unknown } ? A : [];

/** Parameter of a pool's function that is called with one input. */
export type InputOf<M extends WorkerModule> = M['default'] extends (input: infer I) => unknown ? I : never;

/** The initializer of a pool's workers. */
export interface Initializer<A extends readonly unknown[]> {
  /** Arguments of the module's exported function `initialize`, which each worker runs before its first task. */
  initializer: A;
}

/** The options of {@link Manager.pool}, which are optional unless the module's `initialize` requires arguments. */
export type PoolParameters<M extends WorkerModule> =
  [] extends InitializerOf<M>
    ? [options?: PoolOptions & Partial<Initializer<Readonly<InitializerOf<M>>>>]
    : [options: PoolOptions & Initializer<Readonly<InitializerOf<M>>>];

/** Options of a pool. */
export interface PoolOptions extends WorkerSurroundings {
  /** Number of child processes, at most. Default: the number of available CPU cores. */
  processes?: number | undefined;
  /** Number of threads, at most, instead of processes. */
  threads?: number | undefined;
  /**
   * Number of workers that are started at once, and that stay although they are idle; further ones are started as tasks wait. Default: all
   * of them.
   */
  minWorkers?: number | undefined;
  /** Milliseconds after which an idle worker beyond `minWorkers` ends, in order; `Infinity` keeps it. Default: 60,000. */
  idleTimeout?: number | undefined;
  /** Number of tasks after which a worker is replaced by a new one. Default: never. */
  maxTasksPerChild?: number | undefined;
  /**
   * Bytes of memory, the resident memory of a process or the used heap of a thread, above which a worker is replaced by a new one after a
   * task. Each worker runs at least one task. Default: no limit.
   */
  maxMemory?: number | undefined;
  /** Milliseconds that a task may run, unless its call sets a timeout. Default: no limit. */
  taskTimeout?: number | undefined;
  /**
   * Milliseconds that a cancelled task, or one that ran out of time, has to end before it is ended together with its worker; `Infinity` waits
   * for ever. Default: 5,000.
   */
  abortGrace?: number | undefined;
  /**
   * Maximum number of tasks that wait, beside one for each worker: a call that would have more is refused with LimitExceededError, as a whole.
   * Iterations are not, since they take inputs only as the workers need them. Default: no limit.
   */
  maxQueue?: number | undefined;
  /**
   * Standard output and error of the workers: `'inherit'`: that of this program; `'lines'`: each line is an event `output` of the pool, and
   * lost without a listener. Default: `'inherit'`.
   */
  output?: WorkerOutput | undefined;
  /** Prefix of the workers' names, to which the process or thread id is added. Default: the module's file name. */
  name?: string | undefined;
}

export const POOL_OPTIONS = {
  ...SURROUNDINGS,
  processes: true,
  threads: true,
  minWorkers: true,
  idleTimeout: true,
  maxTasksPerChild: true,
  maxMemory: true,
  taskTimeout: true,
  abortGrace: true,
  maxQueue: true,
  output: true,
  name: true,
  initializer: true,
} satisfies OptionNames<PoolOptions & Initializer<[]>>;

/** Options of a call. */
export interface TaskOptions {
  /**
   * Cancels the call, which rejects with the signal's reason. Waiting tasks are dropped. Running tasks are notified by {@link taskSignal};
   * a task that does not end within the pool's `abortGrace` is ended together with its worker.
   */
  signal?: AbortSignal | undefined;
  /**
   * Milliseconds that each task may run, above 0. A task that takes longer fails with TimeoutError, and is ended as with `signal`. Default:
   * the pool's `taskTimeout`.
   */
  timeout?: number | undefined;
  /** Place among the tasks that wait for a worker: lower goes first, and equal ones first come, first served. Default: 0. */
  priority?: number | undefined;
}

export const TASK_OPTIONS = { signal: true, timeout: true, priority: true } satisfies OptionNames<TaskOptions>;

/** Progress of a call. */
export interface Progress {
  /** Number of tasks that have ended. */
  readonly done: number;
  /** Total number of tasks; undefined while an iteration has not reached the end of its inputs. */
  readonly total: number | undefined;
}

/** Options of a call with many inputs. */
export interface MapOptions extends TaskOptions {
  /**
   * Number of consecutive inputs that a worker gets at once. Default: a quarter of a worker's share for `map` and `starmap`, so that each
   * worker gets four chunks; 1 for `imap` and `imapUnordered`.
   */
  chunkSize?: number | undefined;
  /** Called when tasks have ended. If it throws, the call fails with its error. */
  onProgress?: ((progress: Progress) => void) | undefined;
}

export const MAP_OPTIONS = { ...TASK_OPTIONS, chunkSize: true, onProgress: true } satisfies OptionNames<MapOptions>;

const IDLE_MS = 60_000;

/** Numbers of a pool's workers. */
export interface PoolSize {
  /** Number of workers that stay although they are idle. */
  readonly min: number;
  readonly max: number;
  /** Milliseconds after which an idle worker beyond `min` ends; undefined for never. */
  readonly idleMs: number | undefined;
}

/** Options of a pool, with all defaults. */
export interface ResolvedPool {
  readonly kind: 'processes' | 'threads';
  readonly size: PoolSize;
  readonly maxTasksPerChild: number;
  readonly maxMemory: number | undefined;
  readonly timeout: number | undefined;
  /** Undefined for no limit. */
  readonly abortGraceMs: number | undefined;
  readonly maxQueue: number;
}

/** @throws InvalidArgumentError for an invalid option */
export function resolvePool(options: PoolOptions): ResolvedPool {
  const { processes, threads, minWorkers, idleTimeout, maxTasksPerChild, maxMemory, taskTimeout, abortGrace, maxQueue, output } = options;
  if (processes !== undefined && threads !== undefined) {
    throw new InvalidArgumentError('processes and threads: give only one of them');
  }
  const kind = threads === undefined ? 'processes' : 'threads';
  const max = positive(kind, processes ?? threads ?? availableParallelism());
  const min = minWorkers === undefined ? max : count('minWorkers', minWorkers, 0);
  if (output !== undefined && output !== 'inherit' && output !== 'lines') {
    throw new InvalidArgumentError(`output is ${quoted(output)}: give 'inherit' or 'lines'`);
  }
  if (min > max) throw new InvalidArgumentError(`minWorkers is ${min}: give at most the number of ${kind}, ${max}`);
  return {
    kind,
    size: { min, max, idleMs: milliseconds('idleTimeout', idleTimeout ?? IDLE_MS) },
    maxTasksPerChild: maxTasksPerChild === undefined ? Infinity : positive('maxTasksPerChild', maxTasksPerChild),
    maxMemory: maxMemory === undefined ? undefined : positive('maxMemory', maxMemory),
    timeout: timeoutMs('taskTimeout', taskTimeout),
    abortGraceMs: milliseconds('abortGrace', abortGrace ?? GRACE_MS),
    maxQueue: maxQueue === undefined ? Infinity : count('maxQueue', maxQueue, 0),
  };
}

/** @throws InvalidArgumentError if the value is not a whole number above 0 */
export function positive(name: string, value: number): number {
  if (Number.isInteger(value) && value > 0) return value;
  throw new InvalidArgumentError(`${name} is ${quoted(value)}: give a whole number, 1 or more`);
}

/** @throws InvalidArgumentError if the time is not above 0 */
export function timeoutMs(name: string, timeout: number | undefined): number | undefined {
  const ms = milliseconds(name, timeout);
  if (ms === 0) throw new InvalidArgumentError(`${name} is 0: give the milliseconds that a task may run`);
  return ms;
}

/** Number of inputs that a worker gets at once: Python's rule. */
export function defaultChunk(inputs: number, workers: number): number {
  return Math.max(1, Math.ceil(inputs / (4 * workers)));
}

/** Inputs of a pool. */
export type Inputs<T> = Iterable<T> | AsyncIterable<T>;

/** Inputs that are lists of arguments. */
export type ArgumentLists<M extends WorkerModule> = Inputs<Readonly<ArgumentsOf<M>>>;
