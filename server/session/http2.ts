import { createServer, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { PayloadTooLargeError, ProtocolError, UnimplementedError, type ManagerError } from '../../proto/errors.js';
import { CONNECT_PATH, CONNECTION_WINDOW, STREAM_WINDOW } from '../../proto/session-stream.js';
import { encodeMessage } from '../../proto/status.js';
import { Deframer, OversizeError, writePrefix } from '../../proto/wire/framing.js';
import type { Guard } from '../auth.js';
import { Connections } from '../connections.js';
import { callStatus } from '../status.js';
import { serveStreams } from '../streams.js';
import type { Accept, FrameStream } from './stream.js';

const RESPONSE = { ':status': 200, 'content-type': 'application/grpc' } as const;

/** The server for connections of the SDK. */
export interface SessionServer {
  /** Takes over a connection. */
  inject(socket: Socket): void;
  /** Tells all clients that the manager stops. Resolves when all connections have ended, after the grace period at the latest. */
  close(graceMs: number): Promise<void>;
}

/**
 * Serves the session streams of the SDK's connections on Node's own http2. A general gRPC server in between takes a quarter of each round
 * trip (docs/decisions/0002-session-over-http2.md).
 */
export function createSessionServer(accept: Accept, guard: Guard, maxMessageBytes: number): SessionServer {
  const server = createServer({
    settings: { initialWindowSize: STREAM_WINDOW, maxFrameSize: 1024 * 1024 },
    // Node's default of 10 MB would end a session with its first large payload.
    maxSessionMemory: Number.MAX_SAFE_INTEGER,
  });
  const connections = new Connections();
  server.on('session', (session) => {
    session.setLocalWindowSize(CONNECTION_WINDOW);
    connections.add(session);
  });
  serveStreams(server, (stream, headers) => {
    const refusal = refuse(headers, guard);
    if (refusal) endWithStatus(stream, refusal);
    else serve(stream, accept, maxMessageBytes);
  });
  // The streams of a broken connection end too, and their events end the sessions.
  server.on('sessionError', () => {});
  return {
    inject: (socket) => void server.emit('connection', socket),
    close: (graceMs) => connections.close(graceMs),
  };
}

function refuse(headers: IncomingHttpHeaders, guard: Guard): ManagerError | undefined {
  if (headers[':path'] !== CONNECT_PATH) return new UnimplementedError(`only ${CONNECT_PATH} is served to connections of the SDK`);
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
      const { message } = error as Error;
      events.refuse(error instanceof OversizeError ? new PayloadTooLargeError(message) : new ProtocolError(message));
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
  readonly isSdk = true;
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

  fail(error: ManagerError): void {
    this.#trailers = statusTrailers(error);
    this.stream.end();
    // Drops the bytes that the client still sends.
    this.stream.resume();
  }

  sendTrailers(): void {
    if (this.stream.destroyed || this.stream.closed) return;
    this.stream.sendTrailers(this.#trailers);
  }
}

function endWithStatus(stream: ServerHttp2Stream, error: ManagerError): void {
  stream.respond({ ...RESPONSE, ...statusTrailers(error) }, { endStream: true });
  stream.resume();
}

function statusTrailers(error: ManagerError): Record<string, string> {
  const { code, message, details } = callStatus(error, CONNECT_PATH.slice(1));
  return {
    'grpc-status': String(code),
    'grpc-message': encodeMessage(message),
    'grpc-status-details-bin': details.toString('base64'),
  };
}
