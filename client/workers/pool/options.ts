import { availableParallelism } from 'node:os';
import { InvalidArgumentError } from '../../../proto/errors.js';
import { milliseconds } from '../../wait.js';
import type { ArgumentsOf, WorkerModule } from '../handle.js';
import type { OptionNames } from '../../known-options.js';
import { SURROUNDINGS, type WorkerSurroundings } from '../options.js';

/** What `initialize` of a pool's module takes; nothing, where it has none. */
export type InitializerOf<M extends WorkerModule> = M extends { initialize: (...args: infer A) => unknown } ? A : [];

/** What a pool's function takes when it is called with one input. */
export type InputOf<M extends WorkerModule> = M['default'] extends (input: infer I) => unknown ? I : never;

/** What the workers of a pool begin with. */
export interface Initializer<A extends readonly unknown[]> {
  /** Arguments of the function `initialize` that the module exports: each worker runs it before its first task. */
  initializer: A;
}

/** The options of {@link Manager.pool}, which can be left out unless the module's `initialize` needs arguments. */
export type PoolParameters<M extends WorkerModule> =
  [] extends InitializerOf<M>
    ? [options?: PoolOptions & Partial<Initializer<Readonly<InitializerOf<M>>>>]
    : [options: PoolOptions & Initializer<Readonly<InitializerOf<M>>>];

/** Options of a pool. */
export interface PoolOptions extends WorkerSurroundings {
  /** How many child processes work. Default: as many as this machine runs at once. */
  processes?: number | undefined;
  /** How many threads work, instead of processes. */
  threads?: number | undefined;
  /** After so many tasks a worker is replaced by a new one. Default: never. */
  maxTasksPerChild?: number | undefined;
  /** Milliseconds that a task may run, where its call says nothing else. Default: no limit. */
  taskTimeout?: number | undefined;
  /** What its workers are called, for people: this, with the process or thread id. Default: the module's name. */
  name?: string | undefined;
}

export const POOL_OPTIONS = {
  ...SURROUNDINGS,
  processes: true,
  threads: true,
  maxTasksPerChild: true,
  taskTimeout: true,
  name: true,
  initializer: true,
} satisfies OptionNames<PoolOptions & Initializer<[]>>;

/** Options of a call. */
export interface TaskOptions {
  /**
   * Gives the call up: it rejects with the signal's reason. Tasks that wait are dropped. Those that run
   * learn it by {@link taskSignal}; one that does not end within 5 seconds is ended with its worker.
   */
  signal?: AbortSignal | undefined;
  /**
   * Milliseconds that each task may run, above 0. Then it fails with TimeoutError, and ends as with
   * `signal`. Default: the pool's `taskTimeout`.
   */
  timeout?: number | undefined;
}

export const TASK_OPTIONS = { signal: true, timeout: true } satisfies OptionNames<TaskOptions>;

/** How far a call is. */
export interface Progress {
  /** Tasks that have ended. */
  readonly done: number;
  /** Tasks there are; undefined while an iteration has not come to the end of its inputs. */
  readonly total: number | undefined;
}

/** Options of a call with many inputs. */
export interface MapOptions extends TaskOptions {
  /**
   * How many inputs, one behind the other, a worker gets as its own. Default: of `map` and `starmap` a
   * quarter of a worker's share, so that each gets four; of `imap` and `imapUnordered` 1.
   */
  chunkSize?: number | undefined;
  /** Called when tasks have ended. What it throws ends the call. */
  onProgress?: ((progress: Progress) => void) | undefined;
}

export const MAP_OPTIONS = { ...TASK_OPTIONS, chunkSize: true, onProgress: true } satisfies OptionNames<MapOptions>;

/** Options with their defaults. */
export interface ResolvedPool {
  readonly kind: 'processes' | 'threads';
  readonly size: number;
  readonly maxTasksPerChild: number;
  readonly timeout: number | undefined;
}

/** @throws InvalidArgumentError for what cannot be */
export function resolvePool({ processes, threads, maxTasksPerChild, taskTimeout }: PoolOptions): ResolvedPool {
  if (processes !== undefined && threads !== undefined) {
    throw new InvalidArgumentError('processes and threads: give one of them, a pool has either');
  }
  const kind = threads === undefined ? 'processes' : 'threads';
  return {
    kind,
    size: positive(kind, processes ?? threads ?? availableParallelism()),
    maxTasksPerChild: maxTasksPerChild === undefined ? Infinity : positive('maxTasksPerChild', maxTasksPerChild),
    timeout: timeoutMs('taskTimeout', taskTimeout),
  };
}

/** @throws InvalidArgumentError for what is no whole number above 0 */
export function positive(name: string, value: number): number {
  if (Number.isInteger(value) && value > 0) return value;
  throw new InvalidArgumentError(`${name} is ${String(value)}: give a whole number, 1 or more`);
}

/** @throws InvalidArgumentError for what is no time above 0 */
export function timeoutMs(name: string, timeout: number | undefined): number | undefined {
  const ms = milliseconds(name, timeout);
  if (ms === 0) throw new InvalidArgumentError(`${name} is 0: give the milliseconds that a task may run`);
  return ms;
}

/** How many inputs a worker gets at once of so many, Python's rule. */
export function defaultChunk(inputs: number, workers: number): number {
  return Math.max(1, Math.ceil(inputs / (4 * workers)));
}

/** What a pool takes its inputs from. */
export type Inputs<T> = Iterable<T> | AsyncIterable<T>;

/** Inputs that are lists of arguments each. */
export type ArgumentLists<M extends WorkerModule> = Inputs<Readonly<ArgumentsOf<M>>>;
