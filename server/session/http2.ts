import { createServer, type Http2Server, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { CONNECT_PATH, CONNECTION_WINDOW, STREAM_WINDOW } from '../../proto/session-stream.js';
import { encodeMessage, Status } from '../../proto/status.js';
import { Deframer, OversizeError, writePrefix } from '../../proto/wire/framing.js';
import type { Guard } from '../grpc/auth.js';
import { serveStreams } from '../streams.js';
import type { Accept, FrameStream } from './stream.js';

const RESPONSE = { ':status': 200, 'content-type': 'application/grpc' } as const;

/**
 * Serves the session streams of connections that the SDK marked, over Node's own http2: a general
 * gRPC server in between takes a quarter of each round trip (docs/decisions/0002-session-over-http2.md).
 */
export function createSessionServer(accept: Accept, guard: Guard, maxMessageBytes: number): Http2Server {
  const server = createServer({
    settings: { initialWindowSize: STREAM_WINDOW, maxFrameSize: 1024 * 1024 },
    // Node's default of 10 MB would end a session with its first large payload.
    maxSessionMemory: Number.MAX_SAFE_INTEGER,
  });
  server.on('session', (session) => session.setLocalWindowSize(CONNECTION_WINDOW));
  serveStreams(server, (stream, headers) => {
    const refusal = refuse(headers, guard);
    if (refusal) endWithStatus(stream, refusal.code, refusal.details);
    else serve(stream, accept, maxMessageBytes);
  });
  // A connection that breaks ends its streams, and those tell their sessions.
  server.on('sessionError', () => {});
  return server;
}

function refuse(headers: IncomingHttpHeaders, guard: Guard) {
  if (headers[':path'] !== CONNECT_PATH)
    return { code: Status.UNIMPLEMENTED, details: `only ${CONNECT_PATH} is served to connections of the SDK` };
  return guard(headers.authorization);
}

function serve(stream: ServerHttp2Stream, accept: Accept, maxMessageBytes: number): void {
  const frames = new Http2FrameStream(stream);
  const events = accept(frames);
  const deframer = new Deframer((frame) => events.frame(frame), maxMessageBytes);
  stream.respond(RESPONSE, { waitForTrailers: true });
  stream.on('wantTrailers', () => frames.sendTrailers());
  stream.on('data', (chunk: Buffer) => {
    try {
      deframer.push(chunk);
    } catch (error) {
      events.ended();
      frames.fail(error instanceof OversizeError ? Status.RESOURCE_EXHAUSTED : Status.INVALID_ARGUMENT, (error as Error).message);
    }
  });
  stream.on('drain', () => events.writable());
  stream.on('error', () => events.ended());
  stream.on('end', () => {
    events.ended();
    frames.end();
  });
  stream.on('close', () => events.ended());
}

class Http2FrameStream implements FrameStream {
  #trailers: Record<string, string> = { 'grpc-status': '0' };

  constructor(readonly stream: ServerHttp2Stream) {}

  get unread(): number {
    return this.stream.writableLength;
  }

  write(frame: Buffer): boolean {
    if (this.stream.destroyed || this.stream.writableEnded) return true;
    writePrefix(frame);
    return this.stream.write(frame);
  }

  pause(): void {
    this.stream.pause();
  }

  resume(): void {
    this.stream.resume();
  }

  end(): void {
    this.stream.end();
  }

  fail(code: number, details: string): void {
    this.#trailers = statusTrailers(code, details);
    this.stream.end();
    // What the client still sends is not wanted.
    this.stream.resume();
  }

  sendTrailers(): void {
    if (this.stream.destroyed || this.stream.closed) return;
    this.stream.sendTrailers(this.#trailers);
  }
}

function endWithStatus(stream: ServerHttp2Stream, code: number, details: string): void {
  stream.respond({ ...RESPONSE, ...statusTrailers(code, details) }, { endStream: true });
  stream.resume();
}

function statusTrailers(code: number, details: string): Record<string, string> {
  return { 'grpc-status': String(code), 'grpc-message': encodeMessage(details) };
}
