import type { Credentials } from '../connect/transport/credentials.js';
import type { Reference } from '../../proto/codec/reference.js';

/** The manager that starts a worker, as workers need it. */
export interface WorkerManager {
  readonly address: string;
  readonly credentials: Credentials;
  open(reference: Reference): unknown;
  /** Resolves once the objects of all references made so far are visible to others. */
  prepared(): Promise<void>;
}
