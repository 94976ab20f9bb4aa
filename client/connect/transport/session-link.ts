import { hostname } from 'node:os';
import type { Address } from '../../../proto/address.js';
import { duration } from '../../../proto/duration.js';
import { type ManagerError, ManagerUnavailableError, ProtocolError, SessionExpiredError } from '../../../proto/errors.js';
import type { Resume, Welcome } from '../../../proto/gen/commonhold/v1/session_wire.js';
import { hostId } from '../../../proto/host-id.js';
import { CONNECT_PATH } from '../../../proto/session-stream.js';
import { callingThread } from '../../../proto/system-thread.js';
import { Timer } from '../../../proto/timer.js';
import { assertOwnDirectory } from '../../../proto/user-directory.js';
import { PROTOCOL } from '../../../proto/version.js';
import { readWelcome, writeHello } from '../../../proto/wire/frames.js';
import { PREFIX_BYTES } from '../../../proto/wire/framing.js';
import { ReceivedFrames } from '../../../proto/wire/kept-frames.js';
import { Reader } from '../../../proto/wire/reader.js';
import { Writer } from '../../../proto/wire/writer.js';
import { Channel, type ChannelEvents, type OpenChannel, type SessionChannel } from './channel.js';
import type { Credentials } from './credentials.js';
import type { HeartbeatEvents, StartHeartbeats } from './heartbeat-sender.js';
import { LeaseClock, TiedLeaseClock, type LeaseOptions } from './lease-clock.js';
import { ProvenTime } from './proven-time.js';
import { RemoteLeaseClock } from './remote-lease-clock.js';
import { unreadable } from './status-error.js';

/** Pauses between attempts to connect again, in milliseconds. Each is shortened by chance, by up to a half. */
const BACKOFF_MS = { first: 20, most: 1000 };
/** Time after a cut for which the link keeps the program alive, in milliseconds. */
const LEARN_MS = 300;
/** Time for the manager's welcome on a new connection after a cut, in milliseconds. */
const WELCOME_MS = 5_000;

/** Identity of a client. */
export interface ClientOptions {
  readonly credentials: Credentials;
  readonly label: string;
  readonly lease: LeaseOptions;
  /** Opens the connections. Default: a {@link Channel} each. */
  readonly openChannel?: OpenChannel | undefined;
  /** Starts the heartbeats of a session with a manager on another host. Without it the session has none. */
  readonly startHeartbeats?: StartHeartbeats | undefined;
}

const openHttp2: OpenChannel = (address, credentials, events) => new Channel(CONNECT_PATH, address, credentials, events);

/** Events of a link. */
export interface SessionLinkEvents {
  /** The session is open. */
  opened(welcome: Welcome): void;
  /** A frame arrived. */
  frame(frame: Buffer): void;
  /** There is room to write again. */
  drain(): void;
  /** The connection broke. The link opens another one. */
  cut(reason: ManagerUnavailableError): void;
  /** The session goes on over another connection. `received` frames of the client had arrived; the later ones have to be sent again. */
  resumed(received: number, welcome: Welcome): void;
  /** The lease is over on this client's clock, although the connection looks whole. */
  late(reason: ManagerError): void;
  /** The session ended; no events follow. */
  ended(reason: ManagerError): void;
}

/**
 * The frames of a session in both directions. If the connection breaks, opens another one and resumes the session there, until its lease is
 * over.
 */
export class SessionLink {
  /** The manager's frames; counted by the owner of this link. */
  readonly received = new ReceivedFrames();
  readonly #openChannel: OpenChannel;
  #channel: SessionChannel | undefined;
  /** The session, once it is open. */
  #session: Welcome | undefined;
  #lease: LeaseClock | undefined;
  #stopHeartbeats: (() => void) | undefined;
  /** True while frames can be written. */
  #whole = false;
  /** True from a cut until the session is resumed. */
  #cut = false;
  #cutAt = 0;
  /** Number of attempts to resume. */
  #attempts = 0;
  /** Time of the last attempt to connect. */
  #connectedAt = 0;
  /** Time until the attempt to connect after the next one that fails, in milliseconds. */
  #pause = 0;
  /** Begins the next attempt. */
  #retry: Timer | undefined;
  /** Ends the session. */
  #limit: Timer | undefined;
  #keepsAlive = true;
  #over = false;

  constructor(
    readonly address: Address,
    private readonly options: ClientOptions,
    private readonly events: SessionLinkEvents,
  ) {
    this.#openChannel = options.openChannel ?? openHttp2;
    this.#connect();
  }

  /** True if the connection is not broken. */
  get whole(): boolean {
    return this.#whole;
  }

  /** The lease on this client's clock. Undefined before the session is open, and for a session without a lease. */
  get lease(): LeaseClock | undefined {
    return this.#lease;
  }

  /** @throws InvalidArgumentError if another user could receive what is sent to the socket */
  #connect(resume?: Resume): void {
    this.#connectedAt = performance.now();
    if ('path' in this.address) assertOwnDirectory(this.address.path);
    const channel: SessionChannel = this.#openChannel(
      this.address,
      this.options.credentials,
      this.#eventsOf(() => channel),
    );
    this.#channel = channel;
    channel.hold(this.#awake);
    const { label, lease, startHeartbeats } = this.options;
    const { tid, start } = callingThread();
    const writer = new Writer();
    writer.leave(PREFIX_BYTES);
    writeHello(writer, {
      protocol: PROTOCOL,
      host: hostname(),
      pid: process.pid,
      label,
      thread: tid,
      threadStart: start,
      leaseMs: lease.ms,
      heartbeats: lease.tied,
      resume,
      hostId: lease.tied || startHeartbeats !== undefined ? hostId() : '',
      early: true,
    });
    channel.write(writer.take());
  }

  /** Passes on the events of the present channel only. */
  #eventsOf(channel: () => SessionChannel): ChannelEvents {
    const mine = (): boolean => this.#channel === channel() && !this.#over;
    return {
      message: (message) => {
        // Only a session that is not lost yet may hand it on.
        if (mine()) this.#lease?.check();
        if (!mine()) return;
        if (this.#whole) this.events.frame(message);
        else this.#welcomed(message);
      },
      drain: () => mine() && this.#whole && this.events.drain(),
      broken: (reason) => mine() && this.#broken(reason),
      ended: (reason) => mine() && this.#end(reason),
    };
  }

  #welcomed(message: Buffer): void {
    let welcome: Welcome | undefined;
    try {
      welcome = readWelcome(new Reader(), message);
    } catch (cause) {
      return this.#end(unreadable('a frame', cause));
    }
    if (welcome === undefined) return this.#end(new ProtocolError('the manager sent no welcome'));
    this.#whole = true;
    if (this.#session === undefined) this.#opened(welcome);
    else this.#resumed(welcome);
  }

  #opened(welcome: Welcome): void {
    this.#session = welcome;
    try {
      if (welcome.leaseMs > 0) this.#lease = this.#leaseOf(welcome);
    } catch (error) {
      return this.#end(error as ManagerError);
    }
    this.#lease?.resumed(this.#connectedAt);
    this.events.opened(welcome);
  }

  /** @throws InvalidArgumentError if the session needs heartbeats, and their thread cannot be started */
  #leaseOf({ sessionId, secret, leaseMs, remote }: Welcome): LeaseClock {
    const { credentials, lease, startHeartbeats } = this.options;
    const ping = (answered: () => void): void => this.ping(answered);
    if (lease.tied) return new TiedLeaseClock(leaseMs, ping);
    if (!remote || startHeartbeats === undefined) return new LeaseClock(leaseMs, ping);
    const proven = new ProvenTime();
    const clock = new RemoteLeaseClock(leaseMs, proven, (reason) => this.events.late(reason));
    const session = { address: this.address, credentials, sessionId, secret, leaseMs };
    this.#stopHeartbeats = startHeartbeats(session, proven, this.#heartbeatEvents());
    return clock;
  }

  /** If heartbeats are not answered, nor is this connection likely to be; if they are again, a new one is likely to open. */
  #heartbeatEvents(): HeartbeatEvents {
    return {
      silent: () => this.#whole && this.#broken(new ManagerUnavailableError('the manager does not answer heartbeats')),
      heard: () => this.#cut && !this.#whole && this.#resume(),
      ended: () => this.#end(new SessionExpiredError('the manager has ended the session')),
    };
  }

  #resumed(welcome: Welcome): void {
    const { resumed } = welcome;
    this.#stopTimers();
    this.#cut = false;
    this.#lease?.resumed(this.#connectedAt);
    this.#channel!.hold(this.#keepsAlive);
    this.events.resumed(resumed ?? 0, welcome);
  }

  /** The connection broke, or could not be opened. */
  #broken(reason: ManagerUnavailableError): void {
    this.#whole = false;
    this.#channel?.destroy();
    this.#channel = undefined;
    if (this.#session === undefined || this.#lease === undefined || (this.#cut && this.#isGone(reason))) {
      return this.#end(reason);
    }
    if (this.#cut) this.#connectAgain();
    else this.#beginCut(reason);
  }

  #beginCut(reason: ManagerUnavailableError): void {
    this.#cut = true;
    this.#cutAt = performance.now();
    this.#pause = BACKOFF_MS.first;
    this.#lease!.cut();
    this.#endAfterLease(reason, performance.now());
    setTimeout(() => this.hold(this.#keepsAlive), LEARN_MS).unref();
    this.#resume();
    if (!this.#over) this.events.cut(reason);
  }

  /** Ends the session when its lease is over, which heartbeats can prolong. */
  #endAfterLease(reason: ManagerError, since: number): void {
    const left = Math.max(0, this.#lease!.left());
    this.#limit = new Timer(left, () => {
      if (this.#lease!.left() > 0) return this.#endAfterLease(reason, since);
      const why = `no connection for ${duration(performance.now() - since)}, the rest of the session's lease: ${reason.message}`;
      this.#end(new ManagerUnavailableError(why, { cause: reason }));
    });
    if (!this.#keepsAlive) this.#limit.unref();
  }

  #connectAgain(): void {
    this.#retry?.stop();
    this.#retry = this.#timer(this.#pause * (0.5 + Math.random() / 2), () => this.#resume());
    this.#pause = Math.min(2 * this.#pause, BACKOFF_MS.most);
  }

  /** Begins an attempt to resume, in place of one that is under way. */
  #resume(): void {
    const { sessionId, secret } = this.#session!;
    this.#retry?.stop();
    this.#channel?.destroy();
    try {
      this.#connect({ sessionId, secret, received: this.received.count, attempt: ++this.#attempts });
    } catch (error) {
      return this.#end(error as ManagerError);
    }
    this.#retry = this.#timer(WELCOME_MS, () => this.#broken(new ManagerUnavailableError('the manager does not answer')));
  }

  /** A program with nothing else to do does not end just after a cut, so that it learns whether the manager is gone. */
  get #awake(): boolean {
    return this.#keepsAlive || (this.#cut && performance.now() - this.#cutAt < LEARN_MS);
  }

  #timer(ms: number, run: () => void): Timer {
    const timer = new Timer(Math.max(ms, 0), run);
    return this.#awake ? timer : timer.unref();
  }

  #stopTimers(): void {
    this.#retry?.stop();
    this.#limit?.stop();
  }

  /**
   * Writes a frame that has room for its prefix at the front. Returns false if the caller must wait for `drain`. Calls `sent` once the
   * operating system has the frame.
   */
  write(frame: Buffer, sent?: (error?: Error | null) => void): boolean {
    return this.#channel!.write(frame, sent);
  }

  /** Sets whether this link keeps the program alive. */
  hold(alive: boolean): void {
    this.#keepsAlive = alive;
    if (this.#over) return;
    const awake = this.#awake;
    this.#channel?.hold(awake);
    if (awake) this.#retry?.ref();
    else this.#retry?.unref();
    if (alive) this.#limit?.ref();
    else this.#limit?.unref();
  }

  /** Pings the manager, which answers from its event loop. */
  ping(answered: () => void): void {
    if (this.#whole) this.#channel!.ping(answered);
  }

  /**
   * Opens another connection in place of one over which the manager does not respond, if it is on another host: something in between may have
   * forgotten the connection.
   */
  renew(): void {
    if (this.#whole && this.#session!.remote) this.#broken(new ManagerUnavailableError('the manager does not respond'));
  }

  /** Sends the written frames, then ends the stream and the connection. */
  async close(): Promise<void> {
    this.#stop();
    if (this.#whole) await this.#channel!.close();
    else this.#channel?.destroy();
  }

  /** Ends the connection immediately. */
  destroy(): void {
    this.#stop();
    this.#channel?.destroy();
  }

  #end(reason: ManagerError): void {
    this.destroy();
    this.events.ended(reason);
  }

  #stop(): void {
    this.#over = true;
    this.#lease?.guard(false);
    this.#stopHeartbeats?.();
    this.#stopTimers();
  }

  /** Returns true if an error of connecting means that no manager listens there any more. */
  #isGone({ cause }: ManagerUnavailableError): boolean {
    const { code } = (cause ?? {}) as NodeJS.ErrnoException;
    const { remote, durable } = this.#session!;
    // A port of this host can lead to another, through a tunnel that is down.
    return !remote && !durable && isLocal(this.address) && (code === 'ECONNREFUSED' || code === 'ENOENT');
  }
}

function isLocal(address: Address): boolean {
  return 'path' in address || /^(127\.|localhost$|::1$)/.test(address.host);
}
