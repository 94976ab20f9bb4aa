import type { Credentials } from '../connect/transport/credentials.js';
import type { Reference } from '../../proto/codec/reference.js';
import type { TaskTracer } from './task-tracer.js';

/** The manager that starts a worker, as workers need it. */
export interface WorkerManager {
  readonly address: string;
  readonly credentials: Credentials;
  /** Traces the tasks of its workers; undefined for none. */
  readonly tracer?: TaskTracer | undefined;
  open(reference: Reference): unknown;
  /** Resolves once the objects of all references made so far are visible to others. */
  prepared(): Promise<void>;
}
