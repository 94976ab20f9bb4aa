import type { Http2Server, IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { UnauthenticatedError } from '../../proto/errors.js';
import type { CallRecords } from '../observation/calls.js';
import type { Logger } from '../observation/logger.js';
import type { Connections } from './connections.js';
import { peerOfStream } from './peer-address.js';
import { endWithStatus, refuseStream } from './stream-status.js';
import type { Access, Admit } from '../access/tokens.js';

/** Serves a stream whose client has access. The rest are further parameters of the event. */
type Serve = (access: Access, stream: ServerHttp2Stream, headers: IncomingHttpHeaders, ...rest: unknown[]) => void;

/** Takes notes of the streams. */
interface Observed {
  readonly calls: CallRecords;
  readonly logger: Logger;
}

/**
 * Serves the streams of an HTTP/2 server that carry a gRPC call which is allowed, before anything of the call is read. A client can open
 * and reset a stream in one segment; Node then reports a stream that has ended, and responding to it throws.
 */
export function serveStreams(server: Http2Server, admit: Admit, connections: Connections, { calls, logger }: Observed, serve: Serve): void {
  server.on('session', (session) => connections.add(session));
  server.on('stream', (stream, headers, ...rest) => {
    // The `close` event that follows an error is handled instead.
    stream.on('error', () => {});
    if (stream.destroyed || stream.closed) return;
    calls.headers.add(sizeOf(headers));
    const status = httpRefusal(headers);
    const access = status === undefined ? admit(headers.authorization) : undefined;
    if (access === undefined || access instanceof UnauthenticatedError) {
      const client = peerOfStream(stream);
      logger.often('a call was refused', { reason: access?.message ?? `HTTP status ${status}`, client, method: headers[':path'] });
      if (access === undefined) refuseStream(stream, { ':status': status });
      else endWithStatus(stream, headers[':path']!, access);
      return;
    }
    connections.admit(stream.session);
    serve(access, stream, headers, ...rest);
  });
}

/** Returns the size of headers in bytes, as SETTINGS_MAX_HEADER_LIST_SIZE counts it (RFC 9113, 6.5.2). */
function sizeOf(headers: IncomingHttpHeaders): number {
  let size = 0;
  for (const [name, value] of Object.entries(headers)) size += name.length + String(value).length + 32;
  return size;
}

/** Returns the HTTP status that refuses a request, or undefined if it is a gRPC call. */
function httpRefusal(headers: IncomingHttpHeaders): number | undefined {
  // Only browsers send it. A page must not use the rights that the user of its browser has on this host.
  if (headers.origin !== undefined || headers['sec-fetch-site'] !== undefined) return 403;
  // A response to HEAD has no body and no trailers, so it cannot carry a call.
  if (headers[':method'] !== 'POST' || headers[':path'] === undefined) return 405;
  return headers['content-type']?.startsWith('application/grpc') === true ? undefined : 415;
}
