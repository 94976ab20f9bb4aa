import type { ServerHttp2Stream } from 'node:http2';
import { Metadata, type ServerDuplexStream } from '@grpc/grpc-js';
import type { ManagerError } from '../../proto/errors.js';
import { PREFIX_BYTES } from '../../proto/wire/framing.js';
import { cutOff } from '../traffic/connections.js';
import { peerOfStream } from '../traffic/peer-address.js';
import type { IncomingMessage } from '../traffic/incoming.js';
import type { Accept, FrameStream } from '../session/stream.js';
import type { Access } from '../access/tokens.js';
import { failure } from './failure.js';

/** The stream under a call. */
export interface OpenedStream {
  readonly stream: ServerHttp2Stream;
  readonly incoming: IncomingMessage;
}

/**
 * Serves a streaming method of the session service to clients other than our SDK, as any other gRPC method.
 * @param method its full name
 */
export function frameStream(
  method: string,
  accept: Accept,
): (call: ServerDuplexStream<Buffer, Buffer>, access: Access, opened: OpenedStream) => void {
  return (call, access, { stream, incoming }) => {
    // Sent at once, so that the client's library stops keeping its messages for a retry.
    call.sendMetadata(new Metadata());
    const events = accept(new GrpcFrameStream(call, method, stream), access);
    call.on('data', (frame: Buffer) => {
      incoming.completed();
      events.frame(frame);
    });
    call.on('drain', () => events.writable());
    for (const end of ['cancelled', 'error', 'close'] as const) call.on(end, () => events.ended());
    call.on('end', () => events.ended(() => call.end()));
  };
}

class GrpcFrameStream implements FrameStream {
  constructor(
    readonly call: ServerDuplexStream<Buffer, Buffer>,
    private readonly method: string,
    private readonly stream: ServerHttp2Stream,
  ) {}

  /** Counted here, because the library counts messages and not bytes. */
  #unread = 0;

  get peer(): string {
    return peerOfStream(this.stream);
  }

  get unread(): number {
    return this.#unread;
  }

  write(frame: Buffer): boolean {
    this.#unread += frame.length;
    return this.call.write(frame.subarray(PREFIX_BYTES), () => (this.#unread -= frame.length));
  }

  pause(): void {
    this.call.pause();
  }

  resume(): void {
    this.call.resume();
  }

  end(): void {
    this.call.end();
  }

  drop(): void {
    cutOff(this.stream);
  }

  fail(error: ManagerError): void {
    this.call.emit('error', failure(error, this.method));
  }
}
