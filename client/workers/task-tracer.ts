import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Makes tasks of workers parts of the traces of their callers. */
export interface TaskTracer {
  /** Returns the trace context of the code that runs, as in a frame; undefined outside of traces. */
  activeContext(): Uint8Array | undefined;
  /**
   * Runs a task in a span of its own.
   * @param name of the span
   * @param parent trace context of the task's caller; undefined to begin a trace
   * @throws the error of the task
   */
  task<R>(name: string, parent: Uint8Array | undefined, run: () => R): Promise<Awaited<R>>;
}

/**
 * Returns a function as a task in the trace of its caller.
 * @param module URL of its module, of which the span has the file name
 */
export function traced<A extends unknown[]>(
  run: (...args: A) => unknown,
  tracer: TaskTracer | undefined,
  module: string,
  parent: Uint8Array | undefined,
): (...args: A) => unknown {
  if (tracer === undefined) return run;
  const name = `task ${basename(fileURLToPath(module))}`;
  return (...args) => tracer.task(name, parent, () => run(...args));
}
