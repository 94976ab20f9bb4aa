import type { Reference } from '../../proto/codec/reference.js';

/** The manager that starts a worker, as far as the worker is concerned. */
export interface WorkerManager {
  readonly address: string;
  readonly token: string | undefined;
  open(reference: Reference): unknown;
  /** Resolves when all objects that references were made of are there for others. */
  prepared(): Promise<void>;
}
