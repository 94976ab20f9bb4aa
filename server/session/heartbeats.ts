import { LimitExceededError, ProtocolError, SessionExpiredError, type ManagerError } from '../../proto/errors.js';
import { HeartbeatRequest } from '../../proto/gen/commonhold/v1/session_wire.js';
import { PREFIX_BYTES } from '../../proto/wire/framing.js';
import { decodeMessage } from '../../proto/wire/message.js';
import type { ServedManager } from '../manager.js';
import type { Access } from '../access/tokens.js';
import { HELLO_MS } from './handshake.js';
import type { FrameEvents, FrameStream, LiveSession } from './stream.js';

/** Bytes of answers that the client has not read above which its stream ends: it waits for each answer. */
const UNREAD_BYTES = 4096;

/** A stream of heartbeats: passes each on to its session, and answers it. */
export class HeartbeatStream implements FrameEvents {
  readonly #timer: NodeJS.Timeout;
  #session: LiveSession | undefined;
  #over = false;

  constructor(
    readonly stream: FrameStream,
    readonly manager: ServedManager,
    private readonly access: Access,
  ) {
    this.#timer = setTimeout(() => this.refuse(new ProtocolError('no heartbeat came')), HELLO_MS);
  }

  frame(message: Buffer): void {
    if (this.#over) return;
    clearTimeout(this.#timer);
    let heartbeat: HeartbeatRequest;
    try {
      heartbeat = decodeMessage(HeartbeatRequest, message);
    } catch (error) {
      return this.refuse(new ProtocolError(`malformed heartbeat: ${(error as Error).message}`));
    }
    const session = this.manager.sessions.get(heartbeat.sessionId);
    if (session?.heartbeat(this.stream, heartbeat.secret, this.access) !== true) {
      return this.refuse(new SessionExpiredError('the session has ended, or its token or secret is another'));
    }
    this.#session = session;
    if (this.stream.unread > UNREAD_BYTES) return this.refuse(new LimitExceededError('the client reads no answers to its heartbeats'));
    // An answer without content.
    this.stream.write(Buffer.alloc(PREFIX_BYTES));
  }

  writable(): void {}

  ended(finish?: () => void): void {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#session?.detached(this.stream);
    finish?.();
  }

  refuse(error: ManagerError): void {
    this.ended();
    this.stream.fail(error);
  }
}
