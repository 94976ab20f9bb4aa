import { HEARTBEAT_PATH } from '../../../proto/session-stream.js';
import { SessionExpiredError } from '../../../proto/errors.js';
import type { Address } from '../../../proto/address.js';
import { HeartbeatRequest } from '../../../proto/gen/commonhold/v1/session_wire.js';
import { assertOwnDirectory } from '../../../proto/user-directory.js';
import { PREFIX_BYTES } from '../../../proto/wire/framing.js';
import { Writer } from '../../../proto/wire/writer.js';
import { Channel, type OpenChannel, type SessionChannel } from './channel.js';
import type { Credentials } from './credentials.js';
import type { ProvenTime } from './proven-time.js';

/** Number of heartbeats per lease. */
const BEATS = 4;
/** Number of attempts per lease while none is answered. A connection that was silent may take longer to go on than a new one takes to open. */
const ATTEMPTS = 12;

/** A session that needs heartbeats. */
export interface HeartbeatSession {
  readonly address: Address;
  readonly credentials: Credentials;
  readonly sessionId: string;
  readonly secret: string;
  readonly leaseMs: number;
}

/** Events of the heartbeats of a session. */
export interface HeartbeatEvents {
  /** No heartbeat has been answered for a quarter of the lease. */
  silent(): void;
  /** A heartbeat was answered again. */
  heard(): void;
  /** The session has ended in the manager; no events follow. */
  ended(): void;
}

/** Starts the heartbeats of a session on another thread, which records answered ones. Returns a function that stops them. */
export type StartHeartbeats = (session: HeartbeatSession, proven: ProvenTime, events: HeartbeatEvents) => () => void;

const openHttp2: OpenChannel = (address, credentials, events) => new Channel(HEARTBEAT_PATH, address, credentials, events);

/** Sends the heartbeats of a session over a connection of their own, and opens another one if they are not answered there. */
export class HeartbeatSender {
  readonly #writer = new Writer();
  #channel: SessionChannel | undefined;
  /** Time at which the heartbeat was sent that is not answered. */
  #sentAt: bigint | undefined;
  /** Time since which none was answered, in milliseconds. */
  #unansweredSince: number | undefined;
  #silent = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly session: HeartbeatSession,
    private readonly proven: ProvenTime,
    private readonly events: HeartbeatEvents,
    private readonly openChannel = openHttp2,
  ) {
    this.#beat();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#drop();
  }

  #beat(): void {
    const again = this.#unansweredSince !== undefined;
    this.#unansweredSince ??= performance.now();
    this.#sentAt = process.hrtime.bigint();
    this.#next(again ? ATTEMPTS : BEATS);
    this.#writer.leave(PREFIX_BYTES);
    HeartbeatRequest.write(this.#writer, this.session);
    const message = this.#writer.take();
    try {
      this.#channel ??= this.#open();
      this.#channel.write(message);
    } catch {
      // Its directory is open to other users: the session's own connection reports that.
      this.#drop();
    }
  }

  /** Sends the next heartbeat in a part of the lease. Answers that have arrived by then are read before. */
  #next(part: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => setImmediate(() => this.#timer !== undefined && this.#due()), this.session.leaseMs / part);
  }

  #due(): void {
    if (this.#sentAt !== undefined) this.#missed();
    this.#beat();
  }

  #missed(): void {
    this.#drop();
    if (this.#silent || performance.now() - this.#unansweredSince! < Math.floor(this.session.leaseMs / BEATS)) return;
    this.#silent = true;
    this.events.silent();
  }

  #answered(): void {
    if (this.#sentAt === undefined) return;
    this.proven.prove(this.#sentAt);
    this.#sentAt = this.#unansweredSince = undefined;
    if (!this.#silent) return;
    this.#silent = false;
    this.events.heard();
  }

  #open(): SessionChannel {
    const { address, credentials } = this.session;
    if ('path' in address) assertOwnDirectory(address.path);
    const mine = (): boolean => this.#channel === channel;
    const channel: SessionChannel = this.openChannel(address, credentials, {
      message: () => mine() && this.#answered(),
      drain() {},
      broken: () => mine() && this.#broken(),
      ended: (reason) => {
        if (!mine()) return;
        if (!(reason instanceof SessionExpiredError)) return this.#broken();
        this.stop();
        this.events.ended();
      },
    });
    return channel;
  }

  #broken(): void {
    this.#drop();
    this.#next(ATTEMPTS);
  }

  #drop(): void {
    this.#channel?.destroy();
    this.#channel = undefined;
  }
}
