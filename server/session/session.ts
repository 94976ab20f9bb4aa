import { randomUUID } from 'node:crypto';
import { asManagerError } from '../../engine/core/calls.js';
import type { MachineSession, SessionDriver } from '../../engine/machine/session.js';
import { LimitExceededError, ManagerUnavailableError, ProtocolError, SessionExpiredError, type ManagerError } from '../../proto/errors.js';
import type { Hello, Resume, Warning } from '../../proto/gen/commonhold/v1/session_wire.js';
import { decodeTraceContext } from '../../proto/trace-context.js';
import { PROTOCOL, VERSION } from '../../proto/version.js';
import { readReceived, writeWelcome, type Span } from '../../proto/wire/frames.js';
import { PREFIX_BYTES } from '../../proto/wire/framing.js';
import { Reader } from '../../proto/wire/reader.js';
import { MalformedError } from '../../proto/wire/values.js';
import { Writer } from '../../proto/wire/writer.js';
import type { ServedManager } from '../manager.js';
import type { Access } from '../access/tokens.js';
import { fieldsOf, type CallOrigin } from '../observation/calls.js';
import { spanOf, type EndSpan } from '../observation/tracer.js';
import { ReadProgress } from '../traffic/in-flight.js';
import { Inbox, type FrameWorker } from './inbox.js';
import { leaseTerms, SessionLease } from './lease.js';
import type { FrameStream, LiveSession } from './stream.js';

/** Bytes unread by the client above which its calls are not started until it reads. */
const REST_BYTES = 16 * 1024 * 1024;
/** Number of largest messages that a client may leave unread before the manager ends its session. */
const UNREAD_MESSAGES = 8;
/** Minimum of that limit in bytes, for managers with small messages. */
const UNREAD_BYTES = 256 * 1024 * 1024;
/** Bytes that the client has not said to have received above which its calls are not started. */
const KEPT_BYTES = 64 * 1024 * 1024;

const EXPIRED = 'no sign of life came for the length of the lease';

/**
 * The streams of one session: gives the frames of the client to the machine, and sends the frames of the machine. All answers of a turn of
 * the event loop are sent together. While the client does not read its answers, its calls are not read. A session with a lease outlives its
 * stream, and goes on over another one.
 */
export class ServedSession implements SessionDriver, FrameWorker, LiveSession {
  readonly #session: MachineSession;
  readonly #lease: SessionLease | undefined;
  /** Undefined while the session has none. */
  #stream: FrameStream | undefined;
  /** The stream of its heartbeats. */
  #heartbeats: FrameStream | undefined;
  readonly #progress = new ReadProgress();
  #flushing = false;
  readonly #inbox: Inbox;
  readonly #caller: CallOrigin;
  /** Ends the spans of calls that are not answered, by their ids. */
  #spans: Map<number, EndSpan> | undefined;
  /** Place of the last request in its frame. */
  #begin = 0;
  #requestEnd = 0;
  /** Number of frames that wait until they may leave. */
  #held = 0;
  /** The stream over which it will go on, once that may be said. */
  #coming: FrameStream | undefined;
  /** Most frames that a client can have received when it comes back to a manager that was started again. */
  #sentBefore = Infinity;
  /** True once nothing more is read. */
  #leaving = false;
  #over = false;

  private constructor(
    readonly manager: ServedManager,
    /** Replaced by the client that comes back after a restart. */
    private present: Access,
    session: (driver: SessionDriver) => MachineSession,
  ) {
    this.#inbox = new Inbox(manager.slices, manager.calls, this);
    this.#session = session(this);
    const { id, lease, client } = this.#session;
    this.#caller = { sessionId: id, label: client.label, token: client.token };
    if (lease !== undefined)
      this.#lease = new SessionLease(lease, client, manager.hostId, () => this.end(new SessionExpiredError(EXPIRED)));
    this.manager.sessions.set(this.#session.id, this);
  }

  /**
   * Opens a session, and answers the hello.
   * @param frame the frame with the hello, whose calls follow the welcome
   */
  static open(stream: FrameStream, manager: ServedManager, access: Access, hello: Hello, frame: Buffer): ServedSession {
    const { host, pid, label } = hello;
    const client = { host, pid, label, token: access.token, lease: leaseTerms(hello, manager.log?.holds ?? false) };
    const session = new ServedSession(manager, access, (driver) => manager.machine.open(randomUUID(), client, driver));
    manager.logger.debug('a session opened', { ...fieldsOf(session.#caller), client: stream.peer, host, process: pid });
    session.#attach(stream);
    session.#push(frame);
    return session;
  }

  /**
   * Serves a session that the machine has from before: its client may come back within its lease. It ends at once if it has none, or if its token
   * is gone.
   */
  static restore(manager: ServedManager, session: MachineSession): void {
    const access = { token: session.client.token };
    const { sent } = session;
    const restored = new ServedSession(manager, access, (driver) => {
      session.drivenBy(driver);
      return session;
    });
    restored.#sentBefore = sent;
    if (restored.#lease === undefined || !manager.tokens.includes(access)) restored.#end();
    else restored.#lease.detached();
  }

  get access(): Access {
    return this.present;
  }

  resume(stream: FrameStream, resume: Resume, access: Access): boolean {
    if (this.#over || access.token !== this.access.token || this.#lease?.admits(resume) !== true) return false;
    this.present = access;
    const before = this.#stream;
    this.#stream = undefined;
    // The manager had not noticed the end of the stream before.
    before?.end();
    if (!this.#knowsOf(resume.received)) {
      this.#end();
      return false;
    }
    this.#flush();
    if (this.#over) return false;
    // The client sends the frames again that were not read.
    this.#inbox.clear();
    this.#lease.attached();
    const { framesRead } = this.#session;
    this.#coming = stream;
    this.manager.release(() => {
      if (stream === this.#coming && !this.#over) this.#goOn(stream, framesRead);
    });
    return true;
  }

  /**
   * Takes note that the client has received a number of frames. Returns false if that shows that the manager has lost some, with the calls that
   * they answer: if it was started again, others may have their numbers by now.
   */
  #knowsOf(received: number): boolean {
    if (received > this.#sentBefore) return false;
    this.#sentBefore = Infinity;
    try {
      this.#session.acknowledge(received);
      return true;
    } catch {
      return false;
    }
  }

  /** Goes on over another stream, now that everything which the client may hear is durable. */
  #goOn(stream: FrameStream, framesRead: number): void {
    this.manager.logger.debug('a session resumed', { ...fieldsOf(this.#caller), client: stream.peer });
    this.#coming = undefined;
    this.#stream = stream;
    this.#welcome(stream, framesRead);
    const kept = [...this.#session.keptFrames()];
    for (const frame of kept.slice(0, kept.length - this.#held)) this.#send(frame);
    // Calls wait while answers are unread, and the client may have read them meanwhile.
    this.#inbox.goOn();
  }

  #attach(stream: FrameStream): void {
    this.#stream = stream;
    this.#lease?.attached();
    this.manager.release(() => this.#welcome(stream));
  }

  /** Sends the welcome, which is not counted among the frames. */
  #welcome(stream: FrameStream, resumed?: number): void {
    const { machine } = this.manager;
    const writer = new Writer();
    writer.leave(PREFIX_BYTES);
    writeWelcome(writer, {
      protocol: PROTOCOL,
      sessionId: this.#session.id,
      version: VERSION,
      maxMessageBytes: machine.limits.maxMessageBytes,
      maxCalls: machine.limits.maxCalls,
      methods: machine.routes.map(({ method }) => method.name),
      secret: this.#lease?.terms.secret ?? '',
      leaseMs: this.#lease?.terms.ms ?? 0,
      resumed,
      remote: this.#lease?.remote ?? false,
      durable: this.manager.log?.returns ?? false,
      early: this.#lease?.terms.early ?? false,
    });
    stream.write(writer.take());
  }

  heartbeat(stream: FrameStream, secret: string, access: Access): boolean {
    if (this.#over || access.token !== this.access.token || this.#lease?.heartbeat(secret) !== true) return false;
    if (stream === this.#heartbeats) return true;
    const before = this.#heartbeats;
    this.#heartbeats = stream;
    before?.end();
    return true;
  }

  called(id: number, method: number, { begin, end }: Span, traceContext: Span): void {
    this.#inbox.began(method);
    this.#begin = begin;
    this.#requestEnd = end;
    if (traceContext.begin >= 0 && this.manager.tracer !== undefined) this.#trace(id, method, traceContext);
  }

  #trace(id: number, method: number, { begin, end }: Span): void {
    const { machine, tracer } = this.manager;
    const caller = decodeTraceContext(this.#inbox.frame!.subarray(begin, end));
    const endSpan = spanOf(tracer, caller, machine.routes[method]!.method.name, this.#stream?.peer ?? '');
    if (endSpan !== undefined) (this.#spans ??= new Map()).set(id, endSpan);
  }

  /** Ends the spans of calls that get no answer. */
  #endSpans(): void {
    for (const endSpan of this.#spans?.values() ?? []) endSpan(new SessionExpiredError('the session ended'));
    this.#spans = undefined;
  }

  answered(id: number, error?: ManagerError): void {
    if (this.#spans === undefined) return;
    this.#spans.get(id)?.(error);
    this.#spans.delete(id);
  }

  slow(frame: Buffer, method: number, ms: number): void {
    this.manager.calls.wasSlow(method, ms, frame.subarray(this.#begin, this.#requestEnd), this.#caller);
  }

  failed(id: number, error: ManagerError): void {
    this.manager.calls.failed(error, this.#caller);
    this.answered(id, error);
  }

  warned({ suspectedDeadlock }: Warning): void {
    if (suspectedDeadlock !== undefined) this.manager.logger.often('sessions wait for each other', fieldsOf(this.#caller));
  }

  frame(frame: Buffer, stream: FrameStream): void {
    if (stream !== this.#stream || this.#leaving) return;
    this.#lease?.heard();
    // Calls that wait for the client to read must not hold up its acknowledgements.
    if (this.#lease !== undefined && !this.#inbox.isEmpty && !this.#readReceived(frame)) return;
    this.#push(frame);
    this.#progress.look(this.inFlight);
  }

  #readReceived(frame: Buffer): boolean {
    try {
      const received = readReceived(new Reader(), frame);
      if (received !== undefined) this.#session.acknowledge(received);
      return true;
    } catch (error) {
      this.end(new ProtocolError(`malformed frame: ${(error as Error).message}`));
      return false;
    }
  }

  #push(frame: Buffer): void {
    this.manager.inFlight.moved(frame.length);
    this.manager.calls.received += frame.length;
    this.#inbox.push(frame);
    const { bytes } = this.#inbox;
    if (bytes > this.#mostUnread) this.end(new LimitExceededError(`${bytes} bytes of calls wait for the client to read`));
  }

  work(frame: Buffer): boolean {
    try {
      return this.#session.read(frame);
    } catch (error) {
      this.end(error instanceof MalformedError ? new ProtocolError(`malformed frame: ${error.message}`) : asManagerError(error));
      return false;
    }
  }

  pause(): void {
    this.#stream?.pause();
  }

  /** Otherwise the stream goes on once its client has read. */
  readOn(): void {
    if (!this.isStopped) this.#stream?.resume();
  }

  /** Where it is true is part of the machine's input, so that time may decide it. */
  get full(): boolean {
    return this.isStopped || this.#inbox.sliceIsOver();
  }

  get isStopped(): boolean {
    return this.#over || this.#leaving || this.#unread >= REST_BYTES || this.#session.keptBytes >= KEPT_BYTES;
  }

  /** Bytes that the client has not read, as far as the stream knows. */
  get #unread(): number {
    return this.#stream === undefined ? this.#session.keptBytes : this.#stream.unread;
  }

  get inFlight(): number {
    return Math.max(this.#unread, this.#session.keptBytes) + this.#inbox.bytes;
  }

  get lastRead(): number {
    return this.#progress.look(this.inFlight);
  }

  /** Without the error, which would come after all that the client does not read. */
  cutOff(): void {
    const stream = this.#stream ?? this.#coming;
    this.manager.logger.often('a client was cut off, which reads no answers', fieldsOf(this.#caller));
    this.#end();
    stream?.drop();
  }

  get #mostUnread(): number {
    return Math.max(UNREAD_BYTES, UNREAD_MESSAGES * this.manager.maxMessageBytes);
  }

  writable(stream: FrameStream): void {
    if (stream !== this.#stream) return;
    this.#progress.look(this.inFlight);
    this.#inbox.goOn();
    if (!this.#over && !this.#inbox.paused && this.#unread < REST_BYTES) stream.resume();
  }

  left(): void {
    const stream = this.#stream;
    this.#leave(() => stream?.end());
  }

  /** Reads no more, and closes once everything has left that was written. */
  #leave(closed?: () => void): void {
    this.#leaving = true;
    this.#inbox.clear();
    this.manager.release(() => {
      this.#close();
      closed?.();
    });
  }

  send(frame: Buffer): void {
    if (this.#over) return;
    if (this.manager.log === undefined) return this.#send(frame);
    this.#held++;
    this.manager.log.release(() => {
      this.#held--;
      if (!this.#over) this.#send(frame);
    });
  }

  /** All that is written in one turn of the event loop is sent together. */
  written(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    process.nextTick(() => this.#flush());
  }

  #flush(): void {
    this.#flushing = false;
    if (!this.#over) this.#session.flush();
  }

  #send(frame: Buffer): void {
    this.#progress.look(this.inFlight - frame.length);
    if (this.#stream?.write(frame) === false) this.#stream.pause();
    this.manager.inFlight.moved(frame.length);
    this.manager.calls.sent += frame.length;
    this.#inbox.sent(frame.length);
    if (this.#over) return;
    const unread = this.#unread;
    if (unread > this.#mostUnread) {
      this.end(new LimitExceededError(`the client left ${unread} bytes unread`));
    }
  }

  /** A session without a lease ends with its stream. */
  detached(stream: FrameStream, finish?: () => void): void {
    // The calls that came before the end are started first.
    if (this.#inbox.yielded && finish !== undefined) return this.#inbox.later(() => this.detached(stream, finish));
    this.#detach(stream);
    finish?.();
  }

  #detach(stream: FrameStream): void {
    if (stream === this.#heartbeats) this.#heartbeats = undefined;
    if (stream !== (this.#coming ?? this.#stream)) return;
    this.#coming = undefined;
    if (this.#lease === undefined || this.manager.machine.draining) {
      this.#flush();
      this.#session.end();
      return this.#leave();
    }
    this.#stream = undefined;
    this.#lease.detached();
    this.#inbox.goOn();
  }

  stop(error?: ManagerError): void {
    const streams = [this.#stream, this.#coming, this.#heartbeats];
    this.#over = true;
    this.#stream = undefined;
    this.#coming = undefined;
    this.#lease?.stop();
    this.#endSpans();
    if (error !== undefined) for (const stream of streams) stream?.fail(error);
  }

  /** Ends the session, but not the stream. Does nothing if called again. */
  #end(): void {
    if (this.#over) return;
    this.#flush();
    this.#close();
    this.#session.end();
  }

  #close(): void {
    this.#over = true;
    this.#stream = undefined;
    this.#coming = undefined;
    this.#heartbeats?.end();
    this.#inbox.clear();
    this.#lease?.stop();
    this.#endSpans();
    if (this.manager.sessions.delete(this.#session.id)) this.manager.logger.debug('a session ended', fieldsOf(this.#caller));
  }

  get waiting(): number {
    return this.#session.waiting;
  }

  get keptAnswers(): number {
    return this.#session.keptAnswers;
  }

  refuse(error: ManagerError, stream: FrameStream): void {
    if (stream === this.#stream) this.end(error);
  }

  end(error: ManagerError): void {
    if (!this.#over) this.#tell(error);
    const stream = this.#stream ?? this.#coming;
    this.#end();
    stream?.fail(error);
  }

  /** Tells why the session ends. */
  #tell(error: ManagerError): void {
    const { logger } = this.manager;
    const fields = { reason: error.message, ...fieldsOf(this.#caller) };
    if (error instanceof SessionExpiredError) logger.info('a session expired', fields);
    else if (!(error instanceof ManagerUnavailableError)) logger.often('a session was ended', fields);
  }
}
