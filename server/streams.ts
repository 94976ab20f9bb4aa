import type { Http2Server, IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';

type Serve = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, ...rest: unknown[]) => void;

/**
 * Serves the streams of an HTTP/2 server that carry a gRPC call and can still be answered. A client can open and reset a stream in one
 * segment; Node then reports a stream that has ended, and responding to it throws.
 */
export function serveStreams(server: Http2Server, serve: Serve): void {
  server.on('stream', (stream, headers, ...rest) => {
    // The `close` event that follows an error is handled instead.
    stream.on('error', () => {});
    if (stream.destroyed || stream.closed) return;
    const refusal = httpRefusal(headers);
    if (refusal === undefined) return serve(stream, headers, ...rest);
    stream.respond({ ':status': refusal }, { endStream: true });
    // Drops the bytes that still arrive.
    stream.resume();
  });
}

/** Returns the HTTP status that refuses a request, or undefined if it is a gRPC call. */
function httpRefusal(headers: IncomingHttpHeaders): number | undefined {
  // A response to HEAD has no body and no trailers, so it cannot carry a call.
  if (headers[':method'] !== 'POST' || headers[':path'] === undefined) return 405;
  return headers['content-type']?.startsWith('application/grpc') === true ? undefined : 415;
}
