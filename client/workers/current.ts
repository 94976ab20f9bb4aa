/** Who started a worker. */
export interface Starter {
  readonly pid: number;
  /** `main`, or the name of the worker that it is itself. */
  readonly name: string;
}

/** Who a worker is. */
export interface Identity {
  readonly name: string;
  readonly daemonic: boolean;
  readonly parent: Starter;
}

/** What a worker knows of itself. */
export interface CurrentWorker extends Identity {
  /** Aborts when the program that started it is gone: it has 5 seconds then. */
  readonly orphaned: AbortSignal;
}

/** A task under way, as far as its code can ask. */
export interface CurrentTask {
  readonly signal: AbortSignal;
}

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

/** @internal Who started a worker, when this code does. */
export function starter(): Starter {
  return { pid: process.pid, name: currentWorker()?.name ?? 'main' };
}

/** @internal */
export function becomeWorker(worker: CurrentWorker): void {
  state().worker = worker;
}

/** @internal The task that begins now; tasks of one worker run one by one. */
export function beginTask(task: CurrentTask | undefined): void {
  state().task = task;
}
