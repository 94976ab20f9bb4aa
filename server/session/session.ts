import { randomUUID } from 'node:crypto';
import { Session } from '../../engine/core/session.js';
import {
  InvalidArgumentError,
  LimitExceededError,
  PayloadTooLargeError,
  toWire,
  type ManagerError,
  ManagerUnavailableError,
  ProtocolError,
} from '../../proto/errors.js';
import type { Hello, Notice, Taken } from '../../proto/gen/commonhold/v1/session_wire.js';
import { openerOf } from '../../proto/methods.js';
import { LONGEST_LABEL } from '../../proto/session-stream.js';
import { PROTOCOL, VERSION } from '../../proto/version.js';
import { type Method } from '../../proto/wire/codec.js';
import { MalformedError } from '../../proto/wire/values.js';
import {
  ClientFrames,
  readSpan,
  writeAnswer,
  writeFailure,
  writeNotice,
  writeWelcome,
  type ClientFrameVisitor,
  type Span,
} from '../../proto/wire/frames.js';
import { PREFIX_BYTES } from '../../proto/wire/framing.js';
import { Reader } from '../../proto/wire/reader.js';
import { Writer } from '../../proto/wire/writer.js';
import type { LiveSession, ServedManager } from '../manager.js';
import { asManagerError, SessionCalls, type Outcomes, type Route } from '../../engine/core/calls.js';
import type { FrameEvents, FrameStream } from './stream.js';

/** Bytes of answers that are sent at once. Fewer wait for the end of the turn. */
const FRAME_BYTES = 256 * 1024;
/** Bytes unread by the client above which its calls are not started until it reads. */
const REST_BYTES = 16 * 1024 * 1024;
/** Number of largest messages that a client may leave unread before the manager ends its session. */
const UNREAD_MESSAGES = 8;
/** Minimum of that limit in bytes, for managers with small messages. */
const UNREAD_BYTES = 256 * 1024 * 1024;
const HELLO_MS = 10_000;

/**
 * One session over its stream: reads frames, runs calls, writes frames. All answers of a turn of the event loop are sent together. While
 * the client does not read its answers, its calls are not read.
 */
export class SessionStream implements FrameEvents, ClientFrameVisitor, Outcomes, LiveSession {
  readonly #reader = new Reader();
  readonly #frames = new ClientFrames(this.#reader, this);
  readonly #writer = new Writer();
  readonly #helloTimer: NodeJS.Timeout;
  #session: Session | undefined;
  #calls: SessionCalls | undefined;
  #flushing = false;
  /** Frames that arrived. Some calls of the first one may have started. */
  #inbox: Buffer[] = [];
  #over = false;

  constructor(
    readonly stream: FrameStream,
    readonly manager: ServedManager,
  ) {
    this.#writer.leave(PREFIX_BYTES);
    this.#helloTimer = setTimeout(() => this.#cut(new ProtocolError('no hello came: the first frame must carry one')), HELLO_MS);
  }

  frame(frame: Buffer): void {
    if (this.#over) return;
    this.#inbox.push(frame);
    if (this.#inbox.length === 1) this.#pump();
  }

  /** Reads frames until none is left, or until the client has too much unread. */
  #pump(): void {
    while (this.#inbox.length > 0 && !this.full) {
      if (!this.#work(this.#inbox[0]!)) return;
      this.#inbox.shift();
    }
  }

  /** Reads a frame, and starts its calls. Returns true if the frame is finished. */
  #work(frame: Buffer): boolean {
    try {
      return this.manager.engine.turn(() => this.#frames.read(frame));
    } catch (error) {
      this.#cut(error instanceof MalformedError ? new ProtocolError(`malformed frame: ${error.message}`) : asManagerError(error));
      return false;
    }
  }

  get full(): boolean {
    return this.#over || this.stream.unread >= REST_BYTES;
  }

  writable(): void {
    this.#pump();
    if (!this.full) this.stream.resume();
  }

  hello(hello: Hello): void {
    if (this.#session) throw new MalformedError('a second hello');
    if (hello.protocol !== PROTOCOL) {
      const versions = `this manager speaks protocol ${PROTOCOL}, the client ${hello.protocol}`;
      this.#cut(new ProtocolError(`${versions}: use versions of the same release`));
      return;
    }
    // Limited because both are kept for the session and shown with every hold.
    for (const [what, text] of [
      ['label', hello.label],
      ['host', hello.host],
    ] as const) {
      if (text.length <= LONGEST_LABEL) continue;
      this.#cut(new InvalidArgumentError(`a ${what} of ${text.length} characters: give at most ${LONGEST_LABEL}`));
      return;
    }
    clearTimeout(this.#helloTimer);
    const notify = (notice: Notice): void => {
      writeNotice(this.#writer, notice);
      this.#flushSoon();
    };
    this.#session = new Session(
      randomUUID(),
      { ...hello, isSdk: this.stream.isSdk },
      (token) => notify({ lostToken: token }),
      (warning) => notify({ warning }),
    );
    this.#calls = new SessionCalls(this.manager.engine, this.#session, this);
    this.manager.sessions.add(this);
    writeWelcome(this.#writer, {
      protocol: PROTOCOL,
      sessionId: this.#session.id,
      version: VERSION,
      maxMessageBytes: this.manager.maxMessageBytes,
      maxCalls: this.manager.maxCalls,
      methods: this.manager.routes.map(({ method }) => method.name),
    });
    this.#flushSoon();
  }

  call(id: number, index: number, request: Span, open: Span): void {
    const calls = this.#opened();
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
    this.#opened().cancel(id);
  }

  taken({ id, count }: Taken): void {
    this.#opened().acknowledge(id, count);
  }

  goodbye(): void {
    this.ended();
    this.stream.end();
  }

  #opened(): SessionCalls {
    if (!this.#calls) throw new MalformedError('a call before the hello');
    return this.#calls;
  }

  answer(id: number, method: Method, response: unknown): void {
    const size = this.#writer.size;
    writeAnswer(this.#writer, id, method.output, response);
    const bytes = this.#writer.size - size;
    if (bytes > this.manager.maxMessageBytes) {
      this.#writer.rewind(size);
      this.#calls!.cancel(id);
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
    if (this.#writer.size >= FRAME_BYTES) this.#flush();
    else this.#flushSoon();
  }

  drain(reason: ManagerUnavailableError): void {
    writeNotice(this.#writer, { draining: true });
    this.#calls?.failWaiting(reason);
    this.#flushSoon();
  }

  #flushSoon(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    process.nextTick(() => this.#flush());
  }

  #flush(): void {
    this.#flushing = false;
    if (this.#over || this.#writer.size === PREFIX_BYTES) return;
    const frame = this.#writer.take();
    this.#writer.leave(PREFIX_BYTES);
    if (this.stream.write(frame)) return;
    const { unread } = this.stream;
    if (unread > Math.max(UNREAD_BYTES, UNREAD_MESSAGES * this.manager.maxMessageBytes)) {
      this.#cut(new LimitExceededError(`the client left ${unread} bytes unread`));
    } else {
      this.stream.pause();
    }
  }

  /** Ends the session, but not the stream. Does nothing if called again. */
  ended(): void {
    if (this.#over) return;
    this.#flush();
    this.#over = true;
    this.#inbox = [];
    clearTimeout(this.#helloTimer);
    this.#calls?.end();
    this.#session?.end();
    this.manager.sessions.delete(this);
  }

  /** Ends the session and its stream because the manager stops. */
  leave(): void {
    this.#cut(new ManagerUnavailableError('the manager went away'));
  }

  get waiting(): number {
    return this.#calls?.waiting ?? 0;
  }

  /** Ends the session and its stream with an error. */
  #cut(error: ManagerError): void {
    this.ended();
    this.stream.fail(error);
  }
}
