import { tracerOf } from '../connect/options.js';
import { hostAt, type WorkerHost } from '../shared/share.js';
import { load, type Loaded } from './load.js';
import type { Start } from './messages.js';
import type { TaskTracer } from './task-tracer.js';

/** The functions of a worker's module, with the manager or arena that the worker was started for. */
export interface Prepared extends Loaded {
  readonly host: WorkerHost;
  readonly tracer: TaskTracer | undefined;
}

/** @throws the errors of {@link load}; InvalidArgumentError if the package that telemetry needs is missing */
export async function prepare({ identity, address, telemetry }: Start): Promise<Prepared> {
  const loaded = await load(identity.module);
  // After the module, which may register the providers of OpenTelemetry.
  const tracer = await tracerOf({ telemetry });
  return { ...loaded, host: hostAt(address, tracer), tracer };
}
