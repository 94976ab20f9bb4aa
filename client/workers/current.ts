import process from 'node:process';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InvalidArgumentError } from '../../proto/errors.js';
import { refuseWhileLoading } from '../../proto/loading.js';
import { LONGEST_LABEL } from '../../proto/session-stream.js';

/** Who started a worker. */
export interface Starter {
  readonly pid: number;
  /** `main`, or the name of the worker that it is itself. */
  readonly name: string;
}

/** Who a worker is. */
export interface WorkerIdentity {
  readonly name: string;
  /** URL of its module. */
  readonly module: string;
  readonly daemonic: boolean;
  readonly parent: Starter;
  /** How many workers stand one above the other, this one included: 1 where a program started it that is none. */
  readonly depth: number;
}

/** What a worker knows of itself. */
export interface CurrentWorker extends WorkerIdentity {
  /** Aborts when the program that started it is gone: it has 5 seconds then. */
  readonly orphaned: AbortSignal;
}

/** A task under way, as far as its code can ask. */
export interface CurrentTask {
  readonly signal: AbortSignal;
}

/** Workers that may stand one above the other. */
const DEEPEST = 16;

interface State {
  worker?: CurrentWorker;
  task?: CurrentTask | undefined;
}

/**
 * Of this thread, not of this module: a loader for TypeScript may give the worker's module another copy
 * of the package than the one that started it.
 */
const KEY = Symbol.for('commonhold.worker');

function state(): State {
  const holder = globalThis as { [KEY]?: State };
  return (holder[KEY] ??= {});
}

/** The worker that this code runs in; undefined in a program that nobody started by `fork`, `thread` or a pool. */
export function currentWorker(): CurrentWorker | undefined {
  return state().worker;
}

/**
 * In a worker's task, a signal that aborts when the task is cancelled: its caller's signal aborted, or
 * its timeout is over. A task that does not end within 5 seconds then is ended with its worker. In a
 * worker of `fork` or `thread`, it aborts when the program that started it is gone. Elsewhere it never does.
 */
export function taskSignal(): AbortSignal {
  return state().task?.signal ?? new AbortController().signal;
}

/**
 * @internal Who a worker is that this code starts.
 * @param module its URL
 */
export function identityOf(name: string, module: string, daemonic: boolean): WorkerIdentity {
  const current = currentWorker();
  const parent = { pid: process.pid, name: current?.name ?? 'main' };
  return { name, module, daemonic, parent, depth: (current?.depth ?? 0) + 1 };
}

/** What a program does that is the module of its workers as well. */
export const OWN_MODULE =
  'a program that is the module of its workers as well starts them only where it is no worker: if (currentWorker() === undefined) { … }';

/**
 * @internal Called before a worker is started by `call`.
 * @throws InvalidArgumentError where that would go on without end
 */
export function refuseEndlessStarts(call: string): void {
  refuseWhileLoading(call);
  if ((currentWorker()?.depth ?? 0) < DEEPEST) return;
  throw new InvalidArgumentError(
    `${call}: ${DEEPEST} workers stand one above the other here, each of which started the next: ${OWN_MODULE}`,
  );
}

/** @internal What this code calls itself where it connects: after the module of the worker that it is, or the program's script. */
export function defaultLabel(): string {
  const current = currentWorker();
  const path = current === undefined ? process.argv[1] : fileURLToPath(current.module);
  return (path === undefined ? process.title : basename(path)).slice(0, LONGEST_LABEL);
}

/** @internal */
export function becomeWorker(worker: CurrentWorker): void {
  state().worker = worker;
}

/** @internal The task that begins now; tasks of one worker run one by one. */
export function beginTask(task: CurrentTask | undefined): void {
  state().task = task;
}
