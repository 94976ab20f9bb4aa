import type { OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { ManagerError } from '../../proto/errors.js';
import { encodeMessage } from '../../proto/status.js';
import { callStatus } from '../status.js';

/** Headers of the response to a gRPC call. */
export const RESPONSE = { ':status': 200, 'content-type': 'application/grpc' } as const;

/** Refuses a call that was not answered yet. */
export function endWithStatus(stream: ServerHttp2Stream, path: string, error: ManagerError): void {
  refuseStream(stream, { ...RESPONSE, ...statusTrailers(path, error) });
}

/** Answers a stream with headers alone, and takes no more of it: the client gets no window to send anything. */
export function refuseStream(stream: ServerHttp2Stream, headers: OutgoingHttpHeaders): void {
  stream.respond(headers, { endStream: true });
  stream.close();
}

/** Returns the trailers of a call that failed. */
export function statusTrailers(path: string, error: ManagerError): Record<string, string> {
  const { code, message, details } = callStatus(error, path.slice(1));
  return {
    'grpc-status': String(code),
    'grpc-message': encodeMessage(message),
    'grpc-status-details-bin': details.toString('base64'),
  };
}
