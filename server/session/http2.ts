import { createServer, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { PayloadTooLargeError, ProtocolError, UnimplementedError, type ManagerError } from '../../proto/errors.js';
import { CONNECTION_WINDOW, STREAM_WINDOW } from '../../proto/session-stream.js';
import { Deframer, OversizeError, writePrefix } from '../../proto/wire/framing.js';
import { Connections, cutOff } from '../traffic/connections.js';
import { IncomingMessage } from '../traffic/incoming.js';
import type { ServedManager } from '../manager.js';
import { peerOfStream } from '../traffic/peer-address.js';
import { endWithStatus, RESPONSE, statusTrailers } from '../traffic/stream-status.js';
import { serveStreams } from '../traffic/streams.js';
import type { Access, Admit } from '../access/tokens.js';
import type { Accept, Accepts, FrameStream } from './stream.js';

/** Streams that a connection of the SDK can have: it needs one. */
const STREAMS = 8;

/** Time in which a client has to read the end of its stream, in milliseconds. */
const READING_MS = 1_000;

/** The server for connections of the SDK. */
export interface SessionServer {
  /** Takes over a connection. */
  inject(socket: Socket): void;
  /** Tells all clients that the manager stops. Resolves when all connections have ended, after the grace period at the latest. */
  close(graceMs: number): Promise<void>;
}

/**
 * Serves the streams of the SDK's sessions on Node's own http2. A general gRPC server in between takes a quarter of each round
 * trip (docs/decisions/0002-session-over-http2.md).
 */
export function createSessionServer(accepts: Accepts, admit: Admit, manager: ServedManager): SessionServer {
  const server = createServer({
    settings: { initialWindowSize: STREAM_WINDOW, maxFrameSize: 1024 * 1024, maxConcurrentStreams: STREAMS },
    // Node's default of 10 MB would end a session with its first large payload.
    maxSessionMemory: Number.MAX_SAFE_INTEGER,
  });
  const connections = new Connections();
  server.on('session', (session) => session.setLocalWindowSize(CONNECTION_WINDOW));
  serveStreams(server, admit, connections, manager, (access, stream, headers) => {
    const path = headers[':path']!;
    const accept = accepts.get(path);
    if (accept === undefined) {
      const paths = [...accepts.keys()].join(' and ');
      return endWithStatus(stream, path, new UnimplementedError(`only ${paths} are served to connections of the SDK`));
    }
    serve(stream, path, accept, access, manager);
  });
  // The streams of a broken connection end too, and their events end the sessions.
  server.on('sessionError', () => {});
  return {
    inject: (socket) => connections.inject(socket, () => server.emit('connection', socket)),
    close: (graceMs) => connections.close(graceMs),
  };
}

function serve(stream: ServerHttp2Stream, path: string, accept: Accept, access: Access, manager: ServedManager): void {
  const frames = new Http2FrameStream(stream, path);
  const events = accept(frames, access);
  const incoming = new IncomingMessage(manager, stream, () => cutOff(stream), false);
  const deliver = (frame: Buffer): void => {
    incoming.completed();
    events.frame(frame);
  };
  const deframer = new Deframer(deliver, manager.maxFrameBytes);
  stream.respond(RESPONSE, { waitForTrailers: true });
  stream.on('wantTrailers', () => frames.sendTrailers());
  let refused = false;
  stream.on('data', (chunk: Buffer) => {
    if (refused) return;
    incoming.take(chunk);
    try {
      deframer.push(chunk);
    } catch (error) {
      // The rest of a message that was refused is no message: its error must not replace this one.
      refused = true;
      const { message } = error as Error;
      events.refuse(error instanceof OversizeError ? new PayloadTooLargeError(message) : new ProtocolError(message));
    }
  });
  stream.on('drain', () => events.writable());
  stream.on('error', () => events.ended());
  stream.on('end', () => events.ended(() => frames.end()));
  stream.on('close', () => events.ended());
}

class Http2FrameStream implements FrameStream {
  #trailers: Record<string, string> = { 'grpc-status': '0' };

  constructor(
    readonly stream: ServerHttp2Stream,
    private readonly path: string,
  ) {}

  get peer(): string {
    return peerOfStream(this.stream);
  }

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
    this.#trailers = statusTrailers(this.path, error);
    this.stream.end();
    // The client gets no window for more. The stream is closed once it had the time to read its end, which closing would drop.
    this.stream.pause();
    const timer = setTimeout(() => this.stream.close(), READING_MS);
    this.stream.once('close', () => clearTimeout(timer));
  }

  drop(): void {
    cutOff(this.stream);
  }

  sendTrailers(): void {
    if (this.stream.destroyed || this.stream.closed) return;
    this.stream.sendTrailers(this.#trailers);
  }
}
