import { randomUUID } from 'node:crypto';
import { Session } from '../../engine/core/session.js';
import {
  InvalidArgumentError,
  LimitExceededError,
  SessionExpiredError,
  PayloadTooLargeError,
  toWire,
  type ManagerError,
  type ManagerUnavailableError,
  ProtocolError,
} from '../../proto/errors.js';
import type { Hello, Notice, Resume, Taken } from '../../proto/gen/commonhold/v1/session_wire.js';
import { openerOf } from '../../proto/methods.js';
import { PROTOCOL, VERSION } from '../../proto/version.js';
import { type Method } from '../../proto/wire/codec.js';
import { MalformedError } from '../../proto/wire/values.js';
import {
  ClientFrames,
  readReceived,
  readSpan,
  writeAnswer,
  writeFailure,
  writeNotice,
  writeServerReceived,
  writeWelcome,
  type ClientFrameVisitor,
  type Span,
} from '../../proto/wire/frames.js';
import { PREFIX_BYTES } from '../../proto/wire/framing.js';
import { Reader } from '../../proto/wire/reader.js';
import { Writer } from '../../proto/wire/writer.js';
import type { ServedManager } from '../manager.js';
import { asManagerError, SessionCalls, type Outcomes, type Route } from '../../engine/core/calls.js';
import { SessionLease } from './lease.js';
import type { FrameStream, LiveSession } from './stream.js';

/** Bytes of answers that are sent at once. Fewer wait for the end of the turn. */
const FRAME_BYTES = 256 * 1024;
/** Bytes unread by the client above which its calls are not started until it reads. */
const REST_BYTES = 16 * 1024 * 1024;
/** Number of largest messages that a client may leave unread before the manager ends its session. */
const UNREAD_MESSAGES = 8;
/** Minimum of that limit in bytes, for managers with small messages. */
const UNREAD_BYTES = 256 * 1024 * 1024;
/** Bytes that the client has not said to have received above which its calls are not started. */
const KEPT_BYTES = 64 * 1024 * 1024;

const EXPIRED = 'no frame came for the length of the lease';

/**
 * One session: reads frames, runs calls, writes frames. All answers of a turn of the event loop are sent together. While the client does not
 * read its answers, its calls are not read. A session with a lease outlives its stream, and goes on over another one.
 */
export class ServedSession implements ClientFrameVisitor, Outcomes, LiveSession {
  readonly #reader = new Reader();
  readonly #frames = new ClientFrames(this.#reader, this);
  readonly #writer = new Writer();
  readonly #session: Session;
  readonly #calls: SessionCalls;
  readonly #lease: SessionLease | undefined;
  readonly #heartbeats: boolean;
  /** Undefined while the session has none. */
  #stream: FrameStream | undefined;
  /** True once the hello was passed over. */
  #greeted = false;
  #flushing = false;
  /** Number of answers in the frame under way. */
  #answers = 0;
  /** Frames that arrived. Some calls of the first one may have started. */
  #inbox: Buffer[] = [];
  #inboxBytes = 0;
  #pumping = false;
  #over = false;

  /**
   * Opens a session, and answers the hello.
   * @param frame the frame with the hello, whose calls follow the welcome
   */
  constructor(
    stream: FrameStream,
    readonly manager: ServedManager,
    hello: Hello,
    frame: Buffer,
  ) {
    this.#writer.leave(PREFIX_BYTES);
    const notify = (notice: Notice): void => {
      writeNotice(this.#writer, notice);
      this.#flushSoon();
    };
    this.#session = new Session(
      randomUUID(),
      { ...hello, isSdk: stream.isSdk },
      (token) => notify({ lostToken: token }),
      (warning) => notify({ warning }),
    );
    this.#calls = new SessionCalls(this.manager.engine, this.#session, this);
    this.#heartbeats = hello.heartbeats;
    if (hello.leaseMs > 0) this.#lease = new SessionLease(hello, hello.leaseMs, () => this.end(new SessionExpiredError(EXPIRED)));
    this.manager.sessions.set(this.#session.id, this);
    this.#attach(stream);
    this.#push(frame);
  }

  resume(stream: FrameStream, resume: Resume): boolean {
    if (this.#over || this.#lease?.admits(resume) !== true) return false;
    const before = this.#stream;
    this.#stream = undefined;
    // The manager had not noticed the end of the stream before.
    before?.end();
    try {
      this.#lease.kept.received(resume.received);
    } catch {
      this.#end();
      return false;
    }
    this.#flush();
    if (this.#over) return false;
    this.#attach(stream, this.#lease.received.count);
    for (const { bytes } of this.#lease.kept) this.#send(bytes);
    // Calls wait while answers are unread, and the client may have read them meanwhile.
    this.#pump();
    return true;
  }

  /** Sends the welcome, which is not counted among the frames. */
  #attach(stream: FrameStream, resumed?: number): void {
    this.#stream = stream;
    this.#lease?.attached(this.#heartbeats);
    writeWelcome(this.#writer, {
      protocol: PROTOCOL,
      sessionId: this.#session.id,
      version: VERSION,
      maxMessageBytes: this.manager.maxMessageBytes,
      maxCalls: this.manager.maxCalls,
      methods: this.manager.routes.map(({ method }) => method.name),
      secret: this.#lease?.secret ?? '',
      leaseMs: this.#lease?.ms ?? 0,
      resumed,
    });
    stream.write(this.#take());
  }

  frame(frame: Buffer, stream: FrameStream): void {
    if (stream !== this.#stream) return;
    if (this.#lease?.received.add(frame) === true) this.#flushSoon();
    // Calls that wait for the client to read must not hold up its acknowledgements.
    if (this.#lease !== undefined && this.#inbox.length > 0 && !this.#readReceived(frame)) return;
    this.#push(frame);
  }

  #readReceived(frame: Buffer): boolean {
    try {
      const received = readReceived(new Reader(), frame);
      if (received !== undefined) this.received(received);
      return true;
    } catch (error) {
      this.end(new ProtocolError(`malformed frame: ${(error as Error).message}`));
      return false;
    }
  }

  #push(frame: Buffer): void {
    this.#inbox.push(frame);
    this.#inboxBytes += frame.length;
    if (!this.#pumping) this.#pump();
    if (this.#inboxBytes > this.#mostUnread)
      this.end(new LimitExceededError(`${this.#inboxBytes} bytes of calls wait for the client to read`));
  }

  /** Reads frames until none is left, or until the client has too much unread. */
  #pump(): void {
    this.#pumping = true;
    while (this.#inbox.length > 0 && !this.full) {
      const frame = this.#inbox[0]!;
      if (!this.#work(frame)) break;
      this.#inbox.shift();
      this.#inboxBytes -= frame.length;
    }
    this.#pumping = false;
  }

  /** Reads a frame, and starts its calls. Returns true if the frame is finished. */
  #work(frame: Buffer): boolean {
    try {
      return this.manager.engine.turn(() => this.#frames.read(frame));
    } catch (error) {
      this.end(error instanceof MalformedError ? new ProtocolError(`malformed frame: ${error.message}`) : asManagerError(error));
      return false;
    }
  }

  get full(): boolean {
    return this.#over || this.#unread >= REST_BYTES || (this.#lease !== undefined && this.#lease.kept.bytes >= KEPT_BYTES);
  }

  /** Bytes that the client has not read, as far as the stream knows. */
  get #unread(): number {
    return this.#stream === undefined ? this.#lease!.kept.bytes : this.#stream.unread;
  }

  get #mostUnread(): number {
    return Math.max(UNREAD_BYTES, UNREAD_MESSAGES * this.manager.maxMessageBytes);
  }

  writable(stream: FrameStream): void {
    if (stream !== this.#stream) return;
    this.#pump();
    if (!this.#over && this.#unread < REST_BYTES) stream.resume();
  }

  hello(): void {
    if (this.#greeted) throw new MalformedError('a second hello');
    this.#greeted = true;
  }

  received(count: number): void {
    this.#lease?.kept.received(count);
  }

  call(id: number, index: number, request: Span, open: Span): void {
    const calls = this.#calls;
    const route = this.manager.routes[index];
    if (route === undefined)
      throw new MalformedError(`method index ${index} is out of range: ${this.manager.routes.length} methods are known`);
    if (calls.has(id)) throw new MalformedError(`call ${id} is open already`);
    this.manager.callsTotal++;
    try {
      this.#check(route, request, calls);
      const decoded = readSpan(this.#reader, route.method.input, request);
      if (open.begin < 0) calls.start(id, route, decoded);
      else calls.start(id, route, decoded, this.#opening(route.method, open));
    } catch (error) {
      this.fail(id, asManagerError(error));
    }
  }

  #check({ method }: Route, { begin, end }: Span, calls: SessionCalls): void {
    const bytes = end - begin;
    if (bytes > this.manager.maxMessageBytes) {
      throw new PayloadTooLargeError(`a request of ${bytes} bytes: this manager takes ${this.manager.maxMessageBytes} (--max-payload)`, {
        method: method.name,
      });
    }
    if (this.manager.draining) throw this.manager.draining;
    if (method.blocking && calls.waiting >= this.manager.maxCalls) {
      throw new LimitExceededError(`${calls.waiting} calls of this session wait already`, { method: method.name });
    }
  }

  #opening(method: Method, open: Span): { handler: Route['handler']; request: unknown } {
    const opener = openerOf(method);
    const handler = opener && this.manager.engine.handler(opener);
    if (!opener || !handler) throw new InvalidArgumentError(`${method.name} has nothing to open first`, { method: method.name });
    return { handler, request: readSpan(this.#reader, opener.input, open) };
  }

  cancel(id: number): void {
    this.#calls.cancel(id);
  }

  taken({ id, count }: Taken): void {
    this.#calls.acknowledge(id, count);
  }

  goodbye(): void {
    const stream = this.#stream;
    this.#end();
    stream?.end();
  }

  answer(id: number, method: Method, response: unknown): void {
    const size = this.#writer.size;
    writeAnswer(this.#writer, id, method.output, response);
    const bytes = this.#writer.size - size;
    if (bytes > this.manager.maxMessageBytes) {
      this.#writer.rewind(size);
      this.#calls.cancel(id);
      const error = new PayloadTooLargeError(
        `the answer has ${bytes} bytes, and messages at most ${this.manager.maxMessageBytes}: ask for less at once`,
        // The call was executed, except for a hand-over, which was undone.
        { method: method.name, mayHaveExecuted: method.idempotency !== 'read' && !method.takes },
      );
      return this.fail(id, error);
    }
    this.#written();
  }

  fail(id: number, error: ManagerError): void {
    writeFailure(this.#writer, id, toWire(error));
    this.#written();
  }

  #written(): void {
    this.#answers++;
    if (this.#writer.size >= FRAME_BYTES) this.#flush();
    else this.#flushSoon();
  }

  drain(reason: ManagerUnavailableError): void {
    writeNotice(this.#writer, { draining: true });
    this.#calls.failWaiting(reason);
    this.#flushSoon();
  }

  #flushSoon(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    process.nextTick(() => this.#flush());
  }

  #flush(): void {
    this.#flushing = false;
    if (this.#over) return;
    const received = this.#lease?.received.news();
    if (received !== undefined) writeServerReceived(this.#writer, received);
    if (this.#writer.size === PREFIX_BYTES) return;
    const frame = this.#take();
    this.#lease?.kept.add({ bytes: frame, answers: this.#answers });
    this.#answers = 0;
    this.#send(frame);
  }

  #take(): Buffer {
    const frame = this.#writer.take();
    this.#writer.leave(PREFIX_BYTES);
    return frame;
  }

  #send(frame: Buffer): void {
    if (this.#stream?.write(frame) === false) this.#stream.pause();
    const unread = this.#unread;
    if (unread > this.#mostUnread) {
      this.end(new LimitExceededError(`the client left ${unread} bytes unread`));
    }
  }

  /** A session without a lease ends with its stream. */
  detached(stream: FrameStream): void {
    if (stream !== this.#stream) return;
    if (this.#lease === undefined || this.manager.draining) return this.#end();
    this.#stream = undefined;
    this.#lease.detached();
    this.#pump();
  }

  /** Ends the session, but not the stream. Does nothing if called again. */
  #end(): void {
    if (this.#over) return;
    this.#flush();
    this.#over = true;
    this.#stream = undefined;
    this.#inbox = [];
    this.#lease?.stop();
    this.#calls.end();
    this.manager.sessions.delete(this.#session.id);
  }

  get waiting(): number {
    return this.#calls.waiting;
  }

  get keptAnswers(): number {
    return this.#lease?.keptAnswers ?? 0;
  }

  refuse(error: ManagerError, stream: FrameStream): void {
    if (stream === this.#stream) this.end(error);
  }

  end(error: ManagerError): void {
    const stream = this.#stream;
    this.#end();
    stream?.fail(error);
  }
}
