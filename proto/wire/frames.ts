// The frames of the session stream, written and read in place: a request or response is encoded straight into the frame's buffer and
// decoded straight from it. The messages are ConnectRequest and ConnectResponse of session.proto; tests compare this file with the
// generated codecs.
import { Error as WireError } from '../gen/commonhold/v1/errors_wire.js';
import { Hello, Notice, Taken, Welcome } from '../gen/commonhold/v1/session_wire.js';
import type { State } from '../state.js';
import { type Codec } from './codec.js';
import { MalformedError } from './values.js';
import type { Reader } from './reader.js';
import type { Writer } from './writer.js';

function writeMessage<T>(w: Writer, tag: number, codec: Codec<T>, message: T): void {
  const at = w.open(tag);
  codec.write(w, message);
  w.close(at);
}

export function writeHello(w: Writer, hello: Hello): void {
  writeMessage(w, 10, Hello, hello);
}

export function writeWelcome(w: Writer, welcome: Welcome): void {
  writeMessage(w, 10, Welcome, welcome);
}

/** The request of an `Open` that precedes a call. */
export interface Opening<T = unknown> {
  codec: Codec<T>;
  request: T;
}

export function writeCall<I>(
  w: Writer,
  id: number,
  method: number,
  codec: Codec<I>,
  request: I,
  opening?: Opening,
  traceContext?: Uint8Array,
): void {
  const at = w.open(18);
  w.uint32(8, id);
  if (method !== 0) w.uint32(16, method);
  writeMessage(w, 26, codec, request);
  if (opening) writeMessage(w, 34, opening.codec, opening.request);
  if (traceContext) w.bytes(42, traceContext);
  w.close(at);
}

export function writeCancel(w: Writer, id: number): void {
  w.uint32(24, id);
}

export function writeTaken(w: Writer, taken: Taken): void {
  writeMessage(w, 34, Taken, taken);
}

export function writeGoodbye(w: Writer): void {
  w.bool(40, true);
}

/** Writes the number of the manager's frames that the client has received. */
export function writeClientReceived(w: Writer, count: number): void {
  w.uint64(48, count);
}

/** Writes the number of the client's frames that the manager has received. */
export function writeServerReceived(w: Writer, count: number): void {
  w.uint64(32, count);
}

/** Marks a frame of the manager as one that comes early. */
export function writeEarly(w: Writer): void {
  w.bool(40, true);
}

export function writeAnswer<O>(w: Writer, id: number, codec: Codec<O>, response: O): void {
  const at = w.open(18);
  w.uint32(8, id);
  writeMessage(w, 18, codec, response);
  w.close(at);
}

export function writeFailure(w: Writer, id: number, error: WireError): void {
  const at = w.open(18);
  w.uint32(8, id);
  writeMessage(w, 26, WireError, error);
  w.close(at);
}

export function writeNotice(w: Writer, notice: Notice): void {
  writeMessage(w, 26, Notice, notice);
}

/** Position of a nested message in the buffer; -1 if there is none. */
export interface Span {
  begin: number;
  end: number;
}

/** Receives the parts of a client's frame. */
export interface ClientFrameVisitor {
  /** True to pause: reading stops before the next call, and continues there later. */
  readonly full: boolean;
  /** Called for a hello, whose content {@link readHello} reads. */
  hello(): void;
  /** Number of the manager's frames that have arrived. */
  received(count: number): void;
  taken(taken: Taken): void;
  cancel(id: number): void;
  /** The spans locate the request, the request of the preceding `Open`, and the trace context. The visitor may leave the reader at any position. */
  call(id: number, method: number, request: Span, open: Span, traceContext: Span, reader: Reader): void;
  goodbye(): void;
}

const request: Span = { begin: -1, end: -1 };
const open: Span = { begin: -1, end: -1 };
const traceContext: Span = { begin: -1, end: -1 };

/**
 * Reads the hello of a frame; undefined if there is none.
 * @throws MalformedError
 */
export function readHello(r: Reader, frame: Buffer): Hello | undefined {
  return readPart(r, frame, Hello);
}

/**
 * Reads the welcome of a frame; undefined if there is none.
 * @throws MalformedError
 */
export function readWelcome(r: Reader, frame: Buffer): Welcome | undefined {
  return readPart(r, frame, Welcome);
}

/**
 * Reads the number of the manager's frames that a client's frame acknowledges; undefined if it acknowledges none.
 * @throws MalformedError
 */
export function readReceived(r: Reader, frame: Buffer): number | undefined {
  let received: number | undefined;
  for (const end = r.reset(frame); r.position < end;) {
    const tag = r.tag();
    if (tag === 48) received = r.uint64();
    else r.skip(tag);
  }
  return received;
}

/**
 * Returns true for a frame of the manager that comes early.
 * @throws MalformedError
 */
export function readEarly(r: Reader, frame: Buffer): boolean {
  let early = false;
  for (const end = r.reset(frame); r.position < end;) {
    const tag = r.tag();
    if (tag === 40) early = r.bool();
    else r.skip(tag);
  }
  return early;
}

function readPart<T>(r: Reader, frame: Buffer, codec: Codec<T>): T | undefined {
  for (const end = r.reset(frame); r.position < end;) {
    const tag = r.tag();
    if (tag === 10) return codec.read(r, r.limit());
    r.skip(tag);
  }
  return undefined;
}

/** A place in a frame, and if the frame says goodbye. */
export interface StoppedAt {
  readonly [field: string]: State;
  readonly position: number;
  readonly goodbye: boolean;
}

/**
 * Reads ConnectRequests. Visits the parts of a frame in a fixed order, because the order of the bytes is the choice of the client's
 * library: hello, acknowledgements, cancels, calls, goodbye. A malformed frame throws before its first cancel or call is visited.
 */
export class ClientFrames {
  /** The place at which reading stopped. */
  #stopped: StoppedAt | undefined;
  #cancels: number[] = [];

  constructor(
    readonly reader: Reader,
    readonly visitor: ClientFrameVisitor,
  ) {}

  /**
   * Reads a frame; returns false if the visitor was full before the end. Then the next call must have the same frame, and continues there.
   * @throws MalformedError
   */
  read(frame: Buffer): boolean {
    const goodbye = this.#stopped === undefined ? this.#begin(frame) : this.#continue(frame, this.#stopped);
    if (!this.#visitCalls(frame.length)) {
      this.#stopped = { position: this.reader.position, goodbye };
      return false;
    }
    if (goodbye) this.visitor.goodbye();
    return true;
  }

  /** The place at which reading stopped, if the frame has to be given again. */
  state(): StoppedAt | undefined {
    return this.#stopped;
  }

  restore(stopped: StoppedAt | undefined): void {
    this.#stopped = stopped;
  }

  #continue(frame: Buffer, { position, goodbye }: StoppedAt): boolean {
    this.#stopped = undefined;
    this.reader.reset(frame);
    this.reader.position = position;
    return goodbye;
  }

  /** Visits everything except the new calls and the goodbye. Returns true if there is a goodbye. */
  #begin(frame: Buffer): boolean {
    const { reader: r, visitor } = this;
    const end = r.reset(frame);
    let goodbye = false;
    while (r.position < end) {
      const tag = r.tag();
      if (tag === 18) r.position = r.limit();
      else if (tag === 34) visitor.taken(Taken.read(r, r.limit()));
      else if (tag === 24) this.#cancels.push(r.uint32());
      else if (tag === 26) for (const stop = r.limit(); r.position < stop;) this.#cancels.push(r.uint32());
      else if (tag === 48) visitor.received(r.uint64());
      else if (tag === 10) this.#hello(r.limit());
      else if (tag === 40) goodbye = r.bool();
      else r.skip(tag);
    }
    r.finish(end);
    r.position = 0;
    if (this.#cancels.length > 0) this.#visitCancels();
    return goodbye;
  }

  #hello(end: number): void {
    this.reader.position = end;
    this.visitor.hello();
  }

  #visitCancels(): void {
    const cancels = this.#cancels;
    this.#cancels = [];
    for (const id of cancels) this.visitor.cancel(id);
  }

  #visitCalls(end: number): boolean {
    const { reader: r, visitor } = this;
    while (r.position < end) {
      const { position } = r;
      const tag = r.tag();
      if (tag !== 18) {
        r.skip(tag);
      } else if (visitor.full) {
        r.position = position;
        return false;
      } else {
        readCall(r, r.limit(), visitor);
      }
    }
    return true;
  }
}

function readCall(r: Reader, end: number, visitor: ClientFrameVisitor): void {
  let id = 0;
  let method = 0;
  request.begin = open.begin = traceContext.begin = -1;
  while (r.position < end) {
    const tag = r.tag();
    if (tag === 8) id = r.uint32();
    else if (tag === 16) method = r.uint32();
    else if (tag === 26) passOver(r, request);
    else if (tag === 34) passOver(r, open);
    else if (tag === 42) passOver(r, traceContext);
    else r.skip(tag);
  }
  r.finish(end);
  // A message whose fields are all at their defaults has no bytes, and standard writers leave it out.
  if (request.begin < 0) request.begin = request.end = end;
  visitor.call(id, method, request, open, traceContext, r);
  r.position = end;
}

/** Receives the parts of a manager's frame. */
export interface ServerFrameVisitor {
  /** Number of the client's frames that have arrived. */
  received(count: number): void;
  /** The span locates the response. */
  answer(id: number, response: Span, reader: Reader): void;
  failure(id: number, error: WireError): void;
  notice(notice: Notice): void;
}

/** Reads a ConnectResponse and visits its parts in order, except for a welcome, which {@link readWelcome} reads. */
export function readServerFrame(r: Reader, end: number, visitor: ServerFrameVisitor): void {
  while (r.position < end) {
    const tag = r.tag();
    if (tag === 18) readAnswer(r, r.limit(), visitor);
    else if (tag === 26) visitor.notice(Notice.read(r, r.limit()));
    else if (tag === 32) visitor.received(r.uint64());
    else r.skip(tag);
  }
  r.finish(end);
}

function readAnswer(r: Reader, end: number, visitor: ServerFrameVisitor): void {
  let id = 0;
  let error: WireError | undefined;
  request.begin = -1;
  while (r.position < end) {
    const tag = r.tag();
    if (tag === 8) id = r.uint32();
    else if (tag === 18) passOver(r, request);
    else if (tag === 26) error = WireError.read(r, r.limit());
    else r.skip(tag);
  }
  r.finish(end);
  if (error) visitor.failure(id, error);
  else if (request.begin >= 0) visitor.answer(id, request, r);
  else throw new MalformedError('an answer without an outcome');
  r.position = end;
}

function passOver(r: Reader, span: Span): void {
  span.end = r.limit();
  span.begin = r.position;
  r.position = span.end;
}

/** Decodes the message at a span. */
export function readSpan<T>(r: Reader, codec: Codec<T>, { begin, end }: Span): T {
  r.position = begin;
  return codec.read(r, end);
}
