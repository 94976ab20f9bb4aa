import { constants, type Http2Session, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { Share } from './slices.js';

/** Times in milliseconds after which a connection is closed: without a call that was allowed, and without any stream. */
const WITHOUT = { call: 20_000, stream: 30 * 60_000 };
/**
 * Number of streams that a client may reset, or have refused, at once and in each second. Less than nghttp2 allows (1,000 and 33), which then
 * reports no more of them, and leaves the connection open.
 */
const IN_VAIN = { atOnce: 500, inSecond: 30 };
/** Time in which a client has to read why its connection ends, in milliseconds. */
const READING_MS = 1_000;

const served = new WeakMap<Http2Session, ServedConnection>();

/** Ends the connection of a stream at once, with all that its client has not read. */
export function cutOff({ session }: ServerHttp2Stream): void {
  if (session !== undefined) served.get(session)?.cutOff();
}

/** The open HTTP/2 connections of a server. */
export class Connections {
  readonly #open = new Map<Http2Session, ServedConnection>();
  /** Of the calls of each connection, by its number. */
  readonly #shares = new Map<number, Share>();
  #count = 0;
  #incoming: Socket | undefined;

  /** Takes over a socket. @param emit emits it as a connection of the server, which calls {@link add} */
  inject(socket: Socket, emit: () => void): void {
    this.#incoming = socket;
    emit();
    this.#incoming = undefined;
  }

  add(session: Http2Session): void {
    const connection = new ServedConnection(session, this.#incoming!, this.#count++);
    this.#shares.set(connection.number, new Share());
    this.#open.set(session, connection);
    served.set(session, connection);
    session.once('close', () => {
      connection.closed();
      this.#open.delete(session);
      this.#shares.delete(connection.number);
    });
  }

  /** A connection has a call that is allowed. */
  admit(session: Http2Session | undefined): void {
    if (session !== undefined) this.#open.get(session)?.admit();
  }

  /** The number of a connection, or -1 after its end. */
  number(session: Http2Session | undefined): number {
    return (session === undefined ? undefined : this.#open.get(session)?.number) ?? -1;
  }

  /** The part of a connection in the time of the event loop. @param number see {@link number} */
  share(number: number): Share {
    return this.#shares.get(number) ?? new Share();
  }

  /**
   * Sends GOAWAY on each connection, which then takes no new streams and ends with its last one. Resolves when all have ended. Connections
   * that are open after the grace period are destroyed.
   */
  async close(graceMs: number): Promise<void> {
    const sessions = [...this.#open.keys()];
    const ended = sessions.map((session) => new Promise<void>((resolve) => session.once('close', resolve)));
    for (const session of sessions) session.close();
    const timer = setTimeout(() => {
      for (const session of this.#open.keys()) session.destroy();
    }, graceMs);
    await Promise.all(ended);
    clearTimeout(timer);
  }
}

/** One connection, which ends if its client only costs the manager something. */
class ServedConnection {
  #timer: NodeJS.Timeout | undefined;
  #streams = 0;
  /** Streams in vain that are still allowed, at the time of the last one. */
  #left = IN_VAIN.atOnce;
  #lastAt = performance.now();

  constructor(
    private readonly session: Http2Session,
    private readonly socket: Socket,
    readonly number: number,
  ) {
    // Its end with a code is an error for Node.
    session.on('error', () => {});
    this.#timer = setTimeout(() => this.#end(constants.NGHTTP2_NO_ERROR), WITHOUT.call);
    session.on('stream', (stream: ServerHttp2Stream) => {
      // It was refused, or reset in the segment that opened it.
      if (stream.destroyed || stream.closed) {
        this.#inVain();
        if (this.#streams === 0 && this.#timer === undefined) this.#idle();
        return;
      }
      this.#streams++;
      stream.once('close', () => {
        if (stream.rstCode !== constants.NGHTTP2_NO_ERROR) this.#inVain();
        if (--this.#streams === 0 && this.#timer === undefined) this.#idle();
      });
    });
  }

  admit(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #idle(): void {
    this.#timer = setTimeout(() => this.session.close(), WITHOUT.stream);
    this.#timer.unref();
  }

  #inVain(): void {
    const now = performance.now();
    const again = ((now - this.#lastAt) / 1000) * IN_VAIN.inSecond;
    this.#left = Math.min(IN_VAIN.atOnce, this.#left + again) - 1;
    this.#lastAt = now;
    if (this.#left < 0) this.#end(constants.NGHTTP2_ENHANCE_YOUR_CALM);
  }

  #end(code: number): void {
    if (this.session.destroyed) return;
    // Without an error, Node would not send the code. Its `goaway` before it can fail an assertion, which ends the process.
    this.session.destroy(new Error('the connection is of no use'), code);
    // The session lasts until the client has read what was written.
    const timer = setTimeout(() => this.socket.destroy(), READING_MS);
    this.socket.once('close', () => clearTimeout(timer));
  }

  cutOff(): void {
    this.#end(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    // Bytes that wait for the socket end only with it.
    this.socket.destroy();
  }

  closed(): void {
    clearTimeout(this.#timer);
  }
}
