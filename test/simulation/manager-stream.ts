import { ProtocolError, type ManagerError } from '../../proto/errors.js';
import { encodeMessage, Status } from '../../proto/status.js';
import { Deframer, writePrefix } from '../../proto/wire/framing.js';
import type { Accept, FrameEvents, FrameStream } from '../../server/session/stream.js';
import { callStatus } from '../../server/status.js';
import type { Wire } from './wire.js';

/** The client's side of a connection, as the manager's side reaches it. */
export interface ToClient {
  tell(event: () => void): void;
  ended(headers: Record<string, string>): void;
  closed(): void;
}

/** The manager's side of a connection. */
export class ManagerStream implements FrameStream {
  readonly peer = 'a simulated client';
  #events: FrameEvents | undefined;
  readonly #deframer: Deframer;
  #ended = false;
  #gone = false;

  constructor(
    private readonly up: Wire,
    private readonly down: Wire,
    private readonly client: ToClient,
  ) {
    this.#deframer = new Deframer((frame) => this.#events?.frame(frame));
  }

  open(accept: Accept): void {
    if (!this.#gone) this.#events = accept(this, { token: undefined });
  }

  receive(bytes: Buffer): void {
    if (this.#gone) return;
    try {
      this.#deframer.push(bytes);
    } catch (error) {
      this.#events?.refuse(new ProtocolError((error as Error).message));
    }
  }

  drained(): void {
    if (!this.#gone) this.#events?.writable();
  }

  answerPing(answered: () => void): void {
    if (!this.#gone) this.client.tell(answered);
  }

  /** The client has ended its side in order. */
  clientEnded(): void {
    if (this.#gone) return;
    this.#events?.ended();
    this.end();
  }

  /** The connection is gone. */
  gone(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#events?.ended();
  }

  get unread(): number {
    return this.down.unsent;
  }

  write(frame: Buffer): boolean {
    if (this.#gone || this.#ended) return true;
    writePrefix(frame);
    return this.down.send(frame);
  }

  pause(): void {
    this.up.pause();
  }

  resume(): void {
    this.up.resume();
  }

  end(): void {
    this.#end({ 'grpc-status': String(Status.OK) });
  }

  fail(error: ManagerError): void {
    const { code, message } = callStatus(error, 'simulated');
    this.#end({ 'grpc-status': String(code), 'grpc-message': encodeMessage(message) });
    this.up.resume();
  }

  drop(): void {
    this.#end({ 'grpc-status': String(Status.UNAVAILABLE) });
  }

  #end(headers: Record<string, string>): void {
    if (this.#gone || this.#ended) return;
    this.#ended = true;
    this.client.tell(() => this.client.ended(headers));
  }
}
