import { toWellFormed } from './text.js';

/** google.rpc.Code: the status with which a gRPC call ends. */
export const Status = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
} as const;

/** Writes the text of a status as its header `grpc-message` carries it: UTF-8, percent-encoded. */
export function encodeMessage(text: string): string {
  return encodeURIComponent(toWellFormed(text));
}

/** Reads the header `grpc-message`. A peer that did not encode it well is quoted as it is. */
export function decodeMessage(header: string | readonly string[] | undefined): string {
  const text = String(header ?? '');
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
