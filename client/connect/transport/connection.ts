import { formatAddress, type Address } from '../../../proto/address.js';
import { duration } from '../../../proto/duration.js';
import {
  ClosedError,
  LogFailedError,
  ManagerError,
  ManagerUnavailableError,
  SessionExpiredError,
  UnimplementedError,
  executed,
  fromWire,
  timedOut,
} from '../../../proto/errors.js';
import type { Error as WireError } from '../../../proto/gen/commonhold/v1/errors_wire.js';
import type { Notice, Welcome } from '../../../proto/gen/commonhold/v1/session_wire.js';
import type { Method } from '../../../proto/wire/codec.js';
import { readEarly, readServerFrame, readSpan, type ServerFrameVisitor, type Span } from '../../../proto/wire/frames.js';
import { Reader } from '../../../proto/wire/reader.js';
import { Timer } from '../../../proto/timer.js';
import { copyOf, type Site } from '../../call-site.js';
import { Aborts } from './aborts.js';
import type { ConnectionEvents, ConnectionOptions, Explain } from './connection-options.js';
import { EarlyAnswers } from './early-answers.js';
import { Heartbeats } from './heartbeats.js';
import { SessionLink, type SessionLinkEvents } from './session-link.js';
import { Liveness } from './liveness.js';
import { Outbox } from './outbox.js';
import { fail, type Pending } from './pending.js';
import { ReferenceScan } from './references.js';
import { Slots } from './slots.js';
import { unreadable } from './status-error.js';
import { timeoutOf, type CallOptions, type HandOver } from './transport.js';

/** Interval of the sweeps over unanswered calls, in milliseconds. They run only while there are any. The limits below count sweeps. */
const SWEEP_MS = 100;
/** Number of sweeps without a response before calls are ended by their own timeout or signal. */
const GRACE = 10;

/** More sweeps than a connection lives, three years of them. A small integer, so that V8 allocates no number per call. */
const NEVER = 2 ** 30;

/**
 * One session with a manager: sends calls and receives answers. All calls of a turn of the event loop are sent together. A broken connection
 * does not end the session: see {@link SessionLink}.
 */
export class Connection implements SessionLinkEvents, ServerFrameVisitor {
  readonly #reader = new Reader();
  /** Calls by id. An id is reused once the call is answered and its handed-over items are acknowledged. */
  readonly #pending = new Slots<Pending>();
  /** Number of unanswered calls that keep the program alive. */
  #unanswered = 0;
  /** Number of unanswered calls that do not keep it alive and have a limit. */
  #limited = 0;
  readonly #methods = new Map<string, number>();
  readonly #aborts = new Aborts();
  readonly #references = new ReferenceScan();
  readonly #link: SessionLink;
  readonly #early: EarlyAnswers;
  /** True if frames may come early. */
  #mayBeEarly = false;
  readonly #outbox: Outbox;
  readonly #formatted: string;
  readonly #deadlineSweeps: number;
  readonly #callTimeout: number;
  readonly #explain: Explain | undefined;
  #welcome: ((error?: ManagerError) => void) | undefined;
  #maxMessageBytes = 0;
  /** True if this connection keeps the program alive. */
  #awake = false;
  #sweeper: NodeJS.Timeout | undefined;
  /** A time before all messages that arrive from now on: see `#noteTime`. */
  #notedAt = 0;
  readonly #liveness: Liveness;
  readonly #tied: boolean;
  #heartbeats: Heartbeats | undefined;
  #over: ManagerError | undefined;
  sessionId = '';
  /** Name of the connection; undefined while it is broken. */
  connectionId: string | undefined;
  #resumptions = 0;

  constructor(
    address: Address,
    options: ConnectionOptions,
    readonly events: ConnectionEvents,
  ) {
    const { callTimeout, explain } = options;
    this.#formatted = formatAddress(address);
    this.#explain = explain;
    this.#callTimeout = callTimeout;
    this.#deadlineSweeps = sweepsOf(callTimeout);
    this.#tied = options.lease.tied;
    this.#link = new SessionLink(address, options, this);
    this.#early = new EarlyAnswers(this.#link.received, (id) => this.#pending.delete(id));
    this.#liveness = new Liveness({
      ask: () => this.#link.ping(() => this.#heard()),
      silent: (reason) => {
        events.silent(reason ?? new ManagerUnavailableError('the manager does not respond', { address: this.#formatted }));
        if (reason === undefined) this.#link.renew();
      },
      heard: () => events.heard(),
    });
    this.#outbox = new Outbox(this.#link);
  }

  /** Resolves once calls can be made. */
  async open(timeoutMs: number): Promise<void> {
    let timer: Timer | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        this.#welcome = (error) => (error ? reject(error) : resolve());
        if (this.#over) reject(this.#over);
        timer = new Timer(timeoutMs, () => this.destroy(new ManagerUnavailableError(`no answer within ${duration(timeoutMs)}`)));
      });
    } finally {
      timer?.stop();
      this.#welcome = undefined;
    }
  }

  opened(welcome: Welcome): void {
    this.sessionId = welcome.sessionId;
    this.connectionId = this.sessionId;
    this.#maxMessageBytes = welcome.maxMessageBytes;
    this.#mayBeEarly = welcome.early;
    welcome.methods.forEach((name, index) => this.#methods.set(name, index));
    this.#wake();
    const { lease } = this.#link;
    if (this.#tied && lease !== undefined)
      this.#heartbeats = new Heartbeats(welcome.leaseMs, this.#outbox, lease, (reason) => this.late(reason));
    this.#welcome?.();
  }

  /** Sets whether the session holds something that is lost with it. */
  guard(holding: boolean): void {
    if (this.#link.whole) this.#link.lease?.heard(this.#notedAt);
    this.#link.lease?.guard(holding);
  }

  /** Ends the session if its lease is over, although no timer of it has fired yet. */
  checkLease(): void {
    this.#link.lease?.check();
  }

  late(reason: ManagerError): void {
    void this.close(reason);
  }

  cut(reason: ManagerUnavailableError): void {
    this.connectionId = undefined;
    this.#early.cut();
    this.#outbox.cut();
    this.#liveness.cut(reason);
  }

  resumed(received: number, { maxMessageBytes }: Welcome): void {
    // A manager that was started again may take less or more than before.
    this.#maxMessageBytes = maxMessageBytes;
    this.connectionId = `${this.sessionId}/${++this.#resumptions}`;
    if (!this.#outbox.resume(received)) {
      this.destroy(
        new SessionExpiredError('the manager was started again without the last calls of this session, which it had not kept yet'),
      );
      return;
    }
    this.#liveness.heard();
  }

  received(count: number): void {
    this.#outbox.received(count);
  }

  /**
   * @param site call site of the program, if captured
   * @param spentMs milliseconds of `callTimeout` that the call has spent waiting for the connection
   */
  call<I, O, R>(
    method: Method<I, O>,
    request: I,
    read: (response: O) => R,
    options: CallOptions | undefined,
    site: Site | undefined,
    spentMs = 0,
  ): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      const id = this.#pending.next();
      const frame = this.#write(id, method, request, options);
      const timeoutMs = timeoutOf(method, request);
      const pending: Pending = {
        settled: false,
        frame,
        method: method,
        read: read as (response: unknown) => unknown,
        resolve: resolve as (result: unknown) => void,
        reject,
        options,
        site,
        timeoutMs,
        due: this.#liveness.sweeps + (timeoutMs ? sweepsOf(timeoutMs) : this.#deadlineSweeps),
        onAbort: undefined,
      };
      if (spentMs > 0) pending.due -= Math.floor(spentMs / SWEEP_MS);
      this.#pending.set(id, pending);
      if (options?.background !== true) this.#unanswered++;
      else if (timeoutMs !== undefined) this.#limited++;
      if (options?.signal) this.#abortable(id, pending, options.signal);
      if (!this.#awake) this.#wake();
    });
  }

  /** Writes a call, and returns the number of its frame. Throws, with nothing written, if the call cannot be made. */
  #write<I, O>(id: number, method: Method<I, O>, request: I, options: CallOptions | undefined): number {
    if (this.#over) throw copyOf(this.#over);
    const index = this.#methods.get(method.name);
    if (index === undefined)
      throw new UnimplementedError(`the manager at ${this.#formatted} does not know ${method.name}`, { method: method.name });
    return this.#outbox.call(id, index, method, request, options, this.#maxMessageBytes);
  }

  #abortable(id: number, pending: Pending, signal: AbortSignal): void {
    pending.onAbort = () => {
      this.#outbox.cancel(id);
      pending.due = this.#liveness.sweeps;
    };
    this.#aborts.add(signal, pending.onAbort);
  }

  answer(id: number, response: Span, reader: Reader): void {
    const pending = this.#pending.get(id);
    if (!pending) return;
    const { options } = pending;
    // Another may have the item or the lock by now, if the answer lay here unread while this program was stopped for more than its lease.
    if (pending.method.takes) this.#link.lease?.check(true);
    if (!pending.method.takes) {
      this.#early.answered(id);
      this.#answered(pending, response, reader);
    } else if (pending.settled || options?.signal?.aborted) {
      // Given up: the manager takes its items back when the cancellation reaches it.
      this.#pending.delete(id);
      if (this.#settle(pending)) pending.reject(options!.signal!.reason);
      this.#read(pending, response, reader, nothing);
    } else if (options?.handOver) {
      this.#handedOver(id, pending.method, options.handOver);
      this.#answered(pending, response, reader);
    } else if (pending.method.consumes) {
      this.#acknowledge(id, pending, this.#outcome(pending, response, reader));
    } else {
      this.#outbox.taken(id);
      this.#pending.delete(id);
      this.#answered(pending, response, reader);
    }
  }

  failure(id: number, error: WireError): void {
    const pending = this.#pending.get(id);
    if (!pending) return;
    this.#early.answered(id);
    if (!this.#settle(pending)) return;
    const signal = pending.options?.signal;
    if (signal?.aborted) return pending.reject(signal.reason);
    fail(pending, fromWire({ ...error, method: error.method || pending.method.name }, { address: this.#formatted }));
  }

  notice(notice: Notice): void {
    if (notice.lostToken !== undefined) this.events.lost(notice.lostToken);
    if (notice.warning !== undefined) this.events.warned(notice.warning);
  }

  /** Settles a call's promise with its response. If the call was given up, reads the response only for its references. */
  #answered(pending: Pending, response: Span, reader: Reader): void {
    if (this.#settle(pending)) this.#outcome(pending, response, reader)();
    else this.#read(pending, response, reader, nothing);
  }

  /** Decodes a response. Returns a function that settles the call's promise with the result. */
  #outcome(pending: Pending, response: Span, reader: Reader): () => void {
    try {
      const result = this.#read(pending, response, reader, pending.read);
      return () => pending.resolve(result);
    } catch (cause) {
      // Codecs and schemas of the user have errors of their own, which are ManagerErrors.
      const error = cause instanceof ManagerError ? cause : unreadable('an answer', cause);
      return () => fail(pending, pending.method.idempotency === 'read' ? error : executed(error));
    }
  }

  #read<R>({ method }: Pending, span: Span, reader: Reader, read: (response: unknown) => R): R {
    const response = readSpan(reader, method.output, span);
    const names = this.#references.namesIn(method, response);
    if (names === undefined) return read(response);
    try {
      return read(response);
    } finally {
      this.events.referred(names);
    }
  }

  /** Marks a call settled. Returns true if it was not, in which case the caller settles the promise. */
  #settle(pending: Pending): boolean {
    if (pending.settled) return false;
    pending.settled = true;
    if (pending.options?.background !== true) this.#unanswered--;
    else if (pending.timeoutMs !== undefined) this.#limited--;
    this.#unlisten(pending);
    return true;
  }

  #unlisten(pending: Pending): void {
    if (pending.onAbort) this.#aborts.delete(pending.options!.signal!, pending.onAbort);
    pending.onAbort = undefined;
  }

  /**
   * Acknowledges an answer. Its promise is settled once the acknowledgement was sent, so that the items are the client's for good, even if
   * it ends at that moment (docs/decisions/0005-taken-by-acknowledgement.md).
   */
  #acknowledge(id: number, pending: Pending, settle: () => void): void {
    this.#unlisten(pending);
    // The answer is here, so no limit may end the call any more.
    pending.due = this.#liveness.sweeps + NEVER;
    this.#outbox.taken(id, (lost) => {
      if (lost || !this.#settle(pending)) return;
      this.#pending.delete(id);
      settle();
    });
  }

  #handedOver(id: number, method: Method, handOver: HandOver): void {
    handOver.arrived(
      (count, sent) => {
        if (count !== undefined) return this.#outbox.progressed(id, count);
        this.#outbox.taken(id, (lost) => sent?.(lost && this.#expired(method, lost)));
        this.#pending.delete(id);
      },
      () => {
        this.#outbox.cancel(id);
        this.#pending.delete(id);
      },
    );
  }

  drain(): void {
    this.#outbox.drain();
  }

  frame(frame: Buffer): void {
    this.#heard();
    try {
      if (this.#mayBeEarly && readEarly(this.#reader, frame)) this.#early.begin(frame.length);
      else if (this.#early.settle(frame.length)) this.#outbox.acknowledgeSoon();
      readServerFrame(this.#reader, this.#reader.reset(frame), this);
    } catch (cause) {
      void this.close(unreadable('a frame', cause));
    }
  }

  /** Records a sign of life of the manager, which came after the time noted last. */
  #heard(): void {
    this.#liveness.heard();
    this.#link.lease?.heard(this.#notedAt);
  }

  /**
   * Notes the time, for messages that arrive later. After a pause of the event loop, messages that came in the meantime are read before the
   * next immediate: they prove nothing of now.
   */
  #noteTime(): void {
    const now = performance.now();
    setImmediate(() => (this.#notedAt = now));
  }

  /** Keeps the program alive, until a sweep finds no unanswered call. */
  #wake(): void {
    this.#awake = true;
    this.#link.hold(true);
    if (this.#sweeper !== undefined) return;
    this.#noteTime();
    this.#liveness.rest();
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_MS).unref();
  }

  /** Gives up the calls that are past their limit. */
  #sweep(): void {
    const sweep = ++this.#liveness.sweeps;
    this.#noteTime();
    const { silence } = this.#liveness;
    let late = false;
    for (const [id, pending] of this.#pending.entries()) {
      if (pending.settled || pending.due > sweep) continue;
      const patience = this.#patience(pending);
      if (silence >= patience || isOverdue(pending, sweep)) this.#giveUp(id, pending);
      else late ||= patience === GRACE;
    }
    this.#liveness.look(late);
    if (this.#unanswered > 0) return;
    this.#awake = false;
    this.#link.hold(false);
    if (this.#limited > 0) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }

  /** Number of sweeps without a response after which a call that is due is given up: a manager that responds ends waits itself. */
  #patience({ timeoutMs, options }: Pending): number {
    if (timeoutMs || options?.signal?.aborted === true) return GRACE;
    if (timeoutMs === 0) return 0;
    return options?.background === true ? Infinity : this.#deadlineSweeps;
  }

  /** Rejects a call. Its id stays in use: the answer may still arrive, and the cancel returns its items. */
  #giveUp(id: number, pending: Pending): void {
    this.#settle(pending);
    const { method, options } = pending;
    if (options?.signal?.aborted) return pending.reject(options.signal.reason);
    if (method.blocking) this.#outbox.cancel(id);
    fail(pending, this.#gaveUp(pending));
  }

  #gaveUp(pending: Pending): ManagerError {
    const { timeoutMs } = pending;
    const { name, takes, idempotency } = pending.method;
    const info = { method: name, address: this.#formatted, mayHaveExecuted: !takes && idempotency !== 'read' };
    const why = this.#liveness.silence > 0 ? 'the manager does not respond' : 'the call reached the manager late';
    if (timeoutMs) return timedOut(pending.method, `${why}, and the timeout of ${duration(timeoutMs)} is over`, info);
    const what = timeoutMs === 0 ? 'no answer' : 'no response';
    return new ManagerUnavailableError(`${what} within callTimeout, which is ${this.#callTimeout} ms`, info);
  }

  /** True if the manager has not responded for seconds. */
  get silent(): boolean {
    return this.#liveness.silent;
  }

  /** The session ended. The exit of a manager that this program started is known a moment later, and belongs in the errors of its calls. */
  ended(reason: ManagerError): void {
    if (this.#explain === undefined || !(reason instanceof ManagerUnavailableError)) this.#end(reason);
    else void this.#explain(reason).then((explained) => this.#end(explained));
  }

  #end(reason: ManagerError): void {
    if (this.#over) return;
    this.#over = reason;
    clearInterval(this.#sweeper);
    this.#heartbeats?.stop();
    this.#welcome?.(reason);
    for (const [, pending] of this.#pending.entries()) {
      if (!this.#settle(pending)) continue;
      const { signal } = pending.options ?? {};
      if (signal?.aborted) pending.reject(signal.reason);
      else fail(pending, this.#expired(pending.method, reason, pending.frame <= this.#outbox.sentFrames));
    }
    this.#outbox.end(reason);
    this.events.ended(reason);
  }

  /**
   * Returns the error of a call that the end of the session left unanswered.
   * @param sent true if the call may have left this program
   */
  #expired(method: Method, cause: ManagerError, sent = true): ManagerError {
    const info = { method: method.name, address: this.#formatted, mayHaveExecuted: sent && method.idempotency !== 'read' };
    if (cause instanceof ClosedError) return new ClosedError(cause.message, info);
    if (cause instanceof LogFailedError) return new LogFailedError(cause.message, info);
    return new SessionExpiredError(`the session ended with the call unanswered: ${cause.message}`, { ...info, cause });
  }

  /** Ends the connection immediately. */
  destroy(reason: ManagerError): void {
    this.#end(reason);
    this.#link.destroy();
  }

  /** Ends the session in order: sends the calls made before, and fails the unanswered ones. */
  async close(reason: ManagerError): Promise<void> {
    if (this.#over) return;
    this.#link.hold(true);
    this.#outbox.goodbye();
    this.#end(reason);
    await this.#link.close();
  }
}

/**
 * Returns true if a call is so far past its end that no answer can be on its way: its cancel was lost with a connection that is broken in one
 * direction, or it reached the manager late, after a cut, and its timeout began there.
 */
function isOverdue({ timeoutMs, due, options }: Pending, sweep: number): boolean {
  const ends = options?.signal?.aborted === true || (timeoutMs !== undefined && timeoutMs > 0);
  return ends && sweep - due > GRACE && options?.lingers !== true;
}

/** Ignores the response of a call that was given up. */
function nothing(): void {}

function sweepsOf(ms: number): number {
  return Math.min(Math.ceil(ms / SWEEP_MS) + 1, NEVER);
}
