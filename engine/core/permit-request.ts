/** Permits and lease that a call asks a semaphore for. */
export interface PermitRequest {
  readonly permits: number;
  readonly leaseMs: number | undefined;
}
