/** What a call wants to hold of a semaphore. */
export interface PermitRequest {
  readonly permits: number;
  readonly leaseMs: number | undefined;
}
