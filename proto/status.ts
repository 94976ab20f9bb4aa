import { toWellFormed } from './text.js';

/** The status codes of gRPC calls (google.rpc.Code). */
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
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

/** Encodes the text of a status for the header `grpc-message`: UTF-8, percent-encoded. */
export function encodeMessage(text: string): string {
  return encodeURIComponent(toWellFormed(text));
}

/** Decodes the header `grpc-message`. A text that is not encoded correctly is returned as received. */
export function decodeMessage(header: string | readonly string[] | undefined): string {
  const text = String(header ?? '');
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
