import process from 'node:process';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InvalidArgumentError } from '../../proto/errors.js';
import { refuseWhileLoading } from '../../proto/loading.js';
import { LONGEST_LABEL } from '../../proto/session-stream.js';

/** The parent of a worker. */
export interface Starter {
  readonly pid: number;
  /** `main`, or the name of the parent if it is a worker itself. */
  readonly name: string;
}

/** Identity of a worker. */
export interface WorkerIdentity {
  readonly name: string;
  /** URL of its module. */
  readonly module: string;
  readonly daemonic: boolean;
  readonly parent: Starter;
  /** Nesting depth: 1 for a worker started by a program that is not a worker. */
  readonly depth: number;
}

/** The current worker. */
export interface CurrentWorker extends WorkerIdentity {
  /** Aborts when the program that started it has ended: the worker is killed 5 seconds later. */
  readonly orphaned: AbortSignal;
}

/** A running task, as visible to its code. */
export interface CurrentTask {
  readonly signal: AbortSignal;
}

/** Maximum nesting depth of workers. */
const DEEPEST = 16;

interface ThreadState {
  worker?: CurrentWorker;
  task?: CurrentTask | undefined;
}

/**
 * State of this thread, shared by all copies of this module: a TypeScript loader may give the worker's module another copy of the package
 * than the one that started it.
 */
const KEY = Symbol.for('commonhold.worker');

function state(): ThreadState {
  const holder = globalThis as { [KEY]?: ThreadState };
  return (holder[KEY] ??= {});
}

/** Returns the worker that this code runs in; undefined in a program that was not started by `fork`, `thread` or a pool. */
export function currentWorker(): CurrentWorker | undefined {
  return state().worker;
}

/**
 * Returns a signal that aborts when the current task of a pool is cancelled: its caller's signal aborted, or its timeout is over. A task
 * that does not end within 5 seconds after that (the pool's `abortGrace`) is ended together with its worker. In a worker of `fork` or `thread`, the signal aborts
 * when the program that started it has ended. Elsewhere it never aborts.
 */
export function taskSignal(): AbortSignal {
  return state().task?.signal ?? new AbortController().signal;
}

/**
 * @internal Returns the identity of a worker that this code starts.
 * @param module its URL
 */
export function identityOf(name: string, module: string, daemonic: boolean): WorkerIdentity {
  const current = currentWorker();
  const parent = { pid: process.pid, name: current?.name ?? 'main' };
  return { name, module, daemonic, parent, depth: (current?.depth ?? 0) + 1 };
}

/** Remedy for a program that starts itself as its worker's module. */
export const OWN_MODULE =
  'a program that is also the module of its workers must start them only outside of a worker: if (currentWorker() === undefined) { … }';

/**
 * @internal Checks that `call` may start a worker.
 * @throws InvalidArgumentError if workers would start workers endlessly
 */
export function refuseEndlessStarts(call: string): void {
  refuseWhileLoading(call);
  if ((currentWorker()?.depth ?? 0) < DEEPEST) return;
  throw new InvalidArgumentError(`${call}: ${DEEPEST} workers have started one another in a chain: ${OWN_MODULE}`);
}

/** @internal Default label of this client: the file name of the worker's module, or of the program's script. */
export function defaultLabel(): string {
  const current = currentWorker();
  const path = current === undefined ? process.argv[1] : fileURLToPath(current.module);
  return (path === undefined ? process.title : basename(path)).slice(0, LONGEST_LABEL);
}

/** @internal */
export function becomeWorker(worker: CurrentWorker): void {
  state().worker = worker;
}

/** @internal Sets the current task of this worker, which runs one task at a time. */
export function beginTask(task: CurrentTask | undefined): void {
  state().task = task;
}
