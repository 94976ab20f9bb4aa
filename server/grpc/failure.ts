import { Metadata } from '@grpc/grpc-js';
import type { ManagerError } from '../../proto/errors.js';
import { callStatus } from '../status.js';

/** An error in the form that grpc-js takes. */
export interface Failure {
  readonly code: number;
  readonly details: string;
  readonly metadata: Metadata;
}

/** Returns the status of a failed call, with the typed error as its detail. */
export function failure(error: ManagerError, method: string): Failure {
  const { code, message, details } = callStatus(error, method);
  const metadata = new Metadata();
  metadata.set('grpc-status-details-bin', details);
  return { code, details: message, metadata };
}
