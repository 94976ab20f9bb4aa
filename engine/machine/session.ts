import { InvalidArgumentError, LimitExceededError, PayloadTooLargeError, toWire, type ManagerError } from '../../proto/errors.js';
import type { SessionInfo } from '../../proto/gen/commonhold/v1/manager_wire.js';
import type { Notice, Taken, Warning } from '../../proto/gen/commonhold/v1/session_wire.js';
import { openerOf } from '../../proto/methods.js';
import type { Stateful, StateOf } from '../../proto/state.js';
import type { Method } from '../../proto/wire/codec.js';
import {
  ClientFrames,
  readSpan,
  writeAnswer,
  writeEarly,
  writeFailure,
  writeNotice,
  writeServerReceived,
  type ClientFrameVisitor,
  type Span,
} from '../../proto/wire/frames.js';
import { PREFIX_BYTES } from '../../proto/wire/framing.js';
import { KeptFrames, ReceivedFrames } from '../../proto/wire/kept-frames.js';
import { Reader } from '../../proto/wire/reader.js';
import { MalformedError } from '../../proto/wire/values.js';
import { Writer } from '../../proto/wire/writer.js';
import { asManagerError, SessionCalls, type Outcomes, type Route } from '../core/calls.js';
import type { Restoring } from '../core/restoring.js';
import { Session } from '../core/session.js';
import type { ClientIdentity, LeaseTerms } from './inputs.js';
import type { MachineContext } from './context.js';
import { leavesNothing } from './read-only.js';

/** Bytes of answers that make a frame. Fewer wait for the next flush. */
const FRAME_BYTES = 256 * 1024;

/** Bytes of a frame that is not kept as a whole for one call that waits. */
const LARGE_FRAME = 64 * 1024;

/** Bytes of early frames that the client may not have received for good. It can only say so of later frames that are not early. */
const EARLY_BYTES = 1024 * 1024;

/** The driver's side of a session. */
export interface SessionDriver {
  /** True while the client has too much unread: no call is started. */
  readonly full: boolean;
  /** A frame for the client, with free space for its prefix. */
  send(frame: Buffer): void;
  /** Something waits for a flush. */
  written(): void;
  /** The client has said goodbye. */
  left(): void;
  /** A call begins, of the method with that index. Its request and its trace context are there in the frame that is read. */
  called(id: number, method: number, request: Span, traceContext: Span): void;
  /** A call was answered. */
  answered(id: number): void;
  /** A call failed. */
  failed(id: number, error: ManagerError): void;
  /** The client is warned of a problem. */
  warned(warning: Warning): void;
}

/** A frame that was sent to the client. */
interface AnswerFrame {
  readonly bytes: Buffer;
  /** Number of answers in it. */
  readonly answers: number;
}

/**
 * A session of the machine: reads the frames of a client, runs their calls, and writes frames with the answers. If it can outlive its stream, it
 * keeps these until the client has received them, and tells the client which of its frames were read.
 *
 * If nothing but calls that read has led to the content of a frame, the frame can be early: nothing is lost if the manager forgets that it has read these
 * calls, because its client sends them again.
 */
export class MachineSession implements ClientFrameVisitor, Outcomes, Stateful {
  readonly #reader = new Reader();
  readonly #frames = new ClientFrames(this.#reader, this);
  readonly #writer = new Writer();
  readonly #caller: Session;
  readonly #calls: SessionCalls;
  /** True once the hello was passed over. */
  #greeted = false;
  /** True once the first frame was read, which is not counted: the client keeps its frames from the welcome on. */
  #begun = false;
  /** True if the driver knows that something waits for a flush. */
  #told = false;
  #sent = 0;
  /** Number of answers in the frame under way. */
  #answers = 0;
  /** Number of times that the driver was asked for room while a frame is read. */
  #asked = 0;
  /** True while a frame is read that had no part so far but calls that leave nothing. */
  #onlyReads = false;
  /** True while the frame under way has answers to such calls alone. */
  #mayBeEarly = true;
  /** Size of the early frames since the last one that was not. */
  #earlyBytes = 0;
  /** Both undefined if the session ends with its stream. */
  readonly #kept: KeptFrames<AnswerFrame> | undefined;
  readonly #received: ReceivedFrames | undefined;
  #over = false;

  constructor(
    private readonly machine: MachineContext,
    readonly number: number,
    readonly id: string,
    readonly client: ClientIdentity,
    private driver: SessionDriver,
    /** Called with the end of the session. */
    private readonly ended: () => void,
  ) {
    this.#writer.leave(PREFIX_BYTES);
    this.#caller = new Session(
      id,
      client,
      (token) => this.#notify({ lostToken: token }),
      (warning) => {
        this.#notify({ warning });
        this.driver.warned(warning);
      },
    );
    this.#calls = new SessionCalls(machine.engine, this.#caller, this);
    if (this.lease === undefined) return;
    this.#kept = new KeptFrames();
    this.#received = new ReceivedFrames();
  }

  /** Undefined if the session ends with its stream. */
  get lease(): LeaseTerms | undefined {
    return this.client.lease;
  }

  /** Number of frames sent. */
  get sent(): number {
    return this.#sent;
  }

  /** Continues with another driver. */
  drivenBy(driver: SessionDriver): void {
    this.driver = driver;
    if (this.#told) driver.written();
  }

  /** Has the rights of its token from now on. */
  authorize(): void {
    this.#caller.rights = this.machine.rightsOf(this.client.token);
  }

  /** Number of waiting calls. */
  get waiting(): number {
    return this.#calls.waiting;
  }

  /** Number of the client's frames that were read to their end. */
  get framesRead(): number {
    return this.#received?.count ?? 0;
  }

  /** Size in bytes of the frames that the client may not have received. */
  get keptBytes(): number {
    return this.#kept?.bytes ?? 0;
  }

  /** Number of answers in these frames. */
  get keptAnswers(): number {
    let sum = 0;
    for (const { answers } of this.#kept ?? []) sum += answers;
    return sum;
  }

  info(): SessionInfo {
    const { host, pid, label, token, lease } = this.client;
    const { id, waiting, keptAnswers } = this;
    return { id, host, pid, label, token, leaseMs: lease?.ms, waiting, holds: this.#caller.holds.size, keptAnswers };
  }

  /** The frames that the client may not have received, oldest first. */
  *keptFrames(): Generator<Buffer> {
    for (const { bytes } of this.#kept ?? []) yield bytes;
  }

  state() {
    const written = Uint8Array.from(this.#writer.written.subarray(PREFIX_BYTES));
    return {
      number: this.number,
      lease: this.lease === undefined ? undefined : { ...this.lease },
      token: this.client.token,
      kept: this.#kept?.state(({ bytes, answers }) => [Uint8Array.from(bytes.subarray(PREFIX_BYTES)), answers] as const),
      received: this.#received?.state(),
      calls: this.#calls.state(),
      reading: this.#frames.state(),
      greeted: this.#greeted,
      begun: this.#begun,
      sent: this.#sent,
      written,
      answers: this.#answers,
      mayBeEarly: this.#mayBeEarly,
      earlyBytes: this.#earlyBytes,
    };
  }

  /** Restores a session that was made with the identity of the state. The engine has to restore the rest. */
  restore(state: StateOf<MachineSession>, restoring: Restoring): void {
    const { kept, received, calls, reading, greeted, begun, sent, written, answers } = state;
    if (kept !== undefined) this.#kept!.restore(kept, ([bytes, answers]) => ({ bytes: withPrefix(bytes), answers }));
    if (received !== undefined) this.#received!.restore(received);
    this.#frames.restore(reading);
    this.#greeted = greeted;
    this.#begun = begun;
    this.#sent = sent;
    this.#answers = answers;
    this.#mayBeEarly = state.mayBeEarly;
    this.#earlyBytes = state.earlyBytes;
    this.#writer.reserve(written.length);
    this.#writer.raw(written);
    if (written.length > 0) this.#tell();
    this.#calls.restore(calls, restoring);
  }

  /**
   * Reads a frame, and starts its calls. Returns false if the client has too much unread: then the frame has to be given again.
   * @throws MalformedError
   */
  read(frame: Buffer): boolean {
    // Also if reading throws: a replay then reads up to the same place, and throws there.
    let finished = true;
    this.#asked = 0;
    this.machine.turn(
      () => {
        this.#onlyReads = true;
        finished = this.#frames.read(frame);
        if (finished) this.#finished(frame);
      },
      () => ({ type: 'frame', session: this.number, frame, stoppedAt: finished ? undefined : this.#asked }),
      () => this.#endReading(),
    );
    return finished;
  }

  #finished(frame: Buffer): void {
    if (this.#begun && this.#received?.add(frame.length) === true) this.#tell();
    this.#begun = true;
  }

  /** Returns true if the turn in which a frame was read has only read. */
  #endReading(): boolean {
    const onlyRead = this.#onlyReads && !this.machine.clock.changed;
    this.#onlyReads = false;
    if (!onlyRead) this.#mayBeEarly = false;
    return onlyRead;
  }

  /** Drops the frames that the client has received, before a frame with that number is read. @throws MalformedError if fewer were sent */
  acknowledge(count: number): void {
    this.machine.turn(
      () => this.received(count),
      () => ({ type: 'received', session: this.number, count }),
    );
  }

  /** Sends what was written, and how many frames of the client were read. Does nothing if the session has ended. */
  flush(): void {
    if (this.#over) return;
    if (this.#writer.size === PREFIX_BYTES && this.#received?.untold !== true) return;
    let early = false;
    this.machine.turn(
      () => {
        early = this.#isEarly;
        if (!early) this.#writeNews();
        else if (this.lease !== undefined) writeEarly(this.#writer);
        this.#send(early);
      },
      () => ({ type: 'flushed', session: this.number }),
      () => early && !this.machine.clock.changed,
    );
  }

  /** True if the frame under way can be early. A session that ends with its stream needs no counts, and any client can take its frames early. */
  get #isEarly(): boolean {
    if (!this.#mayBeEarly || this.#writer.size === PREFIX_BYTES) return false;
    if (this.lease === undefined) return true;
    return this.lease.early && !this.#received!.due && this.#earlyBytes + this.#writer.size <= EARLY_BYTES;
  }

  #writeNews(): void {
    const read = this.#received?.news();
    if (read !== undefined) writeServerReceived(this.#writer, read);
  }

  /** Ends the session, which frees everything that it holds. Does nothing if it has ended. */
  end(): void {
    if (this.#over) return;
    this.machine.turn(
      () => this.#end(),
      () => ({ type: 'ended', session: this.number }),
    );
  }

  get full(): boolean {
    this.#asked++;
    return this.driver.full;
  }

  hello(): void {
    this.#onlyReads = false;
    if (this.#greeted) throw new MalformedError('a second hello');
    this.#greeted = true;
  }

  received(count: number): void {
    if (count > this.#sent) throw new MalformedError(`${count} frames received, where ${this.#sent} were sent`);
    this.#kept?.received(count);
  }

  call(id: number, index: number, request: Span, open: Span, traceContext: Span): void {
    const { machine } = this;
    const calls = this.#calls;
    const route = machine.routes[index];
    if (route === undefined) throw new MalformedError(`method index ${index} is out of range: ${machine.routes.length} methods are known`);
    if (calls.has(id)) throw new MalformedError(`call ${id} is open already`);
    if (open.begin >= 0 || !leavesNothing(route.method)) this.#onlyReads = false;
    machine.callsTotal++;
    this.driver.called(id, index, request, traceContext);
    try {
      this.#check(route, request);
      const decoded = this.#decode(route.method, request);
      calls.start(id, route, decoded, open.begin < 0 ? undefined : this.#opening(route.method, open), request.end - request.begin);
    } catch (error) {
      this.fail(id, asManagerError(error));
    }
  }

  #check({ method }: Route, { begin, end }: Span): void {
    const { maxMessageBytes } = this.machine.limits;
    const bytes = end - begin;
    if (bytes > maxMessageBytes) {
      throw new PayloadTooLargeError(`a request of ${bytes} bytes: this manager takes ${maxMessageBytes} (--max-payload)`, {
        method: method.name,
      });
    }
    const refusal = this.machine.refusalOf(method);
    if (refusal) throw refusal;
  }

  refuseWait(): ManagerError | undefined {
    const { maxCalls } = this.machine.limits;
    if (this.waiting < maxCalls) return undefined;
    return new LimitExceededError(`${this.waiting} calls of this session wait already, and ${maxCalls} at most (--max-calls)`);
  }

  /** A request may be kept while its call waits, and must not keep a frame that is much larger. */
  #decode({ input, blocking }: Method, request: Span): unknown {
    const { buffer } = this.#reader;
    const bytes = request.end - request.begin;
    if (!blocking || buffer.length < LARGE_FRAME || bytes * 2 > buffer.length) return readSpan(this.#reader, input, request);
    return input.read(new Reader(Buffer.from(buffer.subarray(request.begin, request.end))), bytes);
  }

  #opening(method: Method, open: Span): Route & { readonly request: unknown } {
    const opener = openerOf(method);
    const handler = opener && this.machine.engine.handler(opener);
    if (!opener || !handler) throw new InvalidArgumentError(`${method.name} has nothing to open first`, { method: method.name });
    return { method: opener, handler, request: readSpan(this.#reader, opener.input, open) };
  }

  cancel(id: number): void {
    this.#onlyReads = false;
    this.#calls.cancel(id);
  }

  taken({ id, count }: Taken): void {
    this.#onlyReads = false;
    this.#calls.acknowledge(id, count);
  }

  goodbye(): void {
    this.#onlyReads = false;
    this.#send();
    this.#end();
    this.driver.left();
  }

  answer(id: number, method: Method, response: unknown): void {
    const size = this.#writer.size;
    writeAnswer(this.#writer, id, method.output, response);
    const bytes = this.#writer.size - size;
    const { maxMessageBytes } = this.machine.limits;
    if (bytes > maxMessageBytes) {
      this.#writer.rewind(size);
      this.#calls.cancel(id);
      const error = new PayloadTooLargeError(
        `the answer has ${bytes} bytes, and messages at most ${maxMessageBytes}: ask for less at once`,
        // The call was executed, except for a hand-over, which was undone.
        { method: method.name, mayHaveExecuted: method.idempotency !== 'read' && !method.takes },
      );
      return this.fail(id, error);
    }
    this.driver.answered(id);
    this.#answered();
  }

  fail(id: number, error: ManagerError): void {
    this.driver.failed(id, error);
    writeFailure(this.#writer, id, toWire(error));
    this.#answered();
  }

  #answered(): void {
    if (!this.#onlyReads) this.#mayBeEarly = false;
    this.#answers++;
    if (this.#writer.size < FRAME_BYTES) return this.#tell();
    this.#onlyReads = false;
    this.#send();
  }

  #notify(notice: Notice): void {
    this.#mayBeEarly = false;
    writeNotice(this.#writer, notice);
    this.#tell();
  }

  #tell(): void {
    if (this.#told) return;
    this.#told = true;
    this.driver.written();
  }

  /** Tells the client that the manager takes no more calls, and fails the waiting ones. Part of a turn. */
  drain(reason: ManagerError): void {
    this.#notify({ draining: true });
    this.#calls.failWaiting(reason);
  }

  #send(early = false): void {
    if (this.#writer.size === PREFIX_BYTES) return;
    const frame = this.#writer.take();
    this.#writer.leave(PREFIX_BYTES);
    const answers = this.#answers;
    this.#answers = 0;
    this.#told = false;
    this.#mayBeEarly = true;
    this.#earlyBytes = early ? this.#earlyBytes + frame.length : 0;
    this.#sent++;
    this.#kept?.add({ bytes: frame, answers });
    this.machine.record?.frame(this.number, frame);
    this.driver.send(frame);
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#calls.end();
    this.ended();
  }
}

/** Returns a copy of a frame with free space for its prefix. */
function withPrefix(frame: Uint8Array): Buffer {
  return Buffer.concat([Buffer.alloc(PREFIX_BYTES), frame]);
}
