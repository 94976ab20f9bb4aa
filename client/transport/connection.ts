import { hostname } from 'node:os';
import { formatAddress, type Address } from '../../proto/address.js';
import { duration } from '../../proto/duration.js';
import {
  ClosedError,
  ManagerError,
  ManagerUnavailableError,
  ProtocolError,
  SessionExpiredError,
  UnimplementedError,
  fromWire,
} from '../../proto/errors.js';
import type { Error as WireError } from '../../proto/gen/commonhold/v1/errors_wire.js';
import type { Notice, Warning, Welcome } from '../../proto/gen/commonhold/v1/session_wire.js';
import { PROTOCOL } from '../../proto/version.js';
import type { Method } from '../../proto/wire/codec.js';
import { readServerFrame, readSpan, type ServerFrameVisitor, type Span } from '../../proto/wire/frames.js';
import { Reader } from '../../proto/wire/reader.js';
import { copyOf, placed, rejected, type Site } from '../call-site.js';
import { Aborts } from './aborts.js';
import { Channel, type ChannelEvents } from './channel.js';
import { Outbox } from './outbox.js';
import { ReferenceScan } from './references.js';
import { Slots } from './slots.js';
import type { CallOptions, HandOver } from './transport.js';

/** How often unanswered calls are looked at, and whether there are any. */
const SWEEP_MS = 100;

/** A call whose id is in use. */
interface Pending {
  /** It was answered, or given up. */
  settled: boolean;
  readonly method: Method;
  readonly read: (response: unknown) => unknown;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly options: CallOptions | undefined;
  /** Where it was made, where that is noted. */
  readonly site: Site | undefined;
  /** The sweep at which it is given up. */
  readonly deadline: number;
  /** Set where its signal can abort. */
  onAbort: (() => void) | undefined;
}

/** Adds to the error of a connection how the manager at its other end ended, where that can be known. */
export type Explain = (reason: ManagerUnavailableError) => Promise<ManagerUnavailableError>;

/** What a connection needs to know of its client. */
export interface ConnectionOptions {
  readonly token: string | undefined;
  readonly label: string;
  readonly callTimeout: number;
  readonly explain?: Explain | undefined;
}

/** What a connection tells its owner. */
export interface ConnectionEvents {
  lost(token: number): void;
  warned(warning: Warning): void;
  /** The values of an answer, which was read, refer to these objects without a name. */
  referred(names: readonly string[]): void;
  ended(reason: ManagerError): void;
}

/**
 * One session with a manager: calls out, answers in. All calls of a turn of the event loop leave
 * together.
 */
export class Connection implements ChannelEvents, ServerFrameVisitor {
  readonly #reader = new Reader();
  /** Calls by their ids. An id is free again when the call is answered and what it handed over is taken. */
  readonly #pending = new Slots<Pending>();
  #unanswered = 0;
  readonly #methods = new Map<string, number>();
  readonly #aborts = new Aborts();
  readonly #references = new ReferenceScan();
  readonly #channel: Channel;
  readonly #outbox: Outbox;
  readonly #formatted: string;
  readonly #deadlineSweeps: number;
  readonly #callTimeout: number;
  readonly #explain: Explain | undefined;
  #welcome: ((error?: ManagerError) => void) | undefined;
  #maxMessageBytes = 0;
  #sweeper: NodeJS.Timeout | undefined;
  #sweeps = 0;
  #over: ManagerError | undefined;
  sessionId = '';

  constructor(
    address: Address,
    { token, label, callTimeout, explain }: ConnectionOptions,
    readonly events: ConnectionEvents,
  ) {
    this.#formatted = formatAddress(address);
    this.#explain = explain;
    this.#callTimeout = callTimeout;
    this.#deadlineSweeps = Math.ceil(callTimeout / SWEEP_MS) + 1;
    this.#channel = new Channel(address, token, this);
    this.#outbox = new Outbox(this.#channel);
    this.#outbox.hello({ protocol: PROTOCOL, host: hostname(), pid: process.pid, label });
  }

  /** Resolves when calls can be made. */
  async open(timeoutMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        this.#welcome = (error) => (error ? reject(error) : resolve());
        if (this.#over) reject(this.#over);
        timer = setTimeout(() => {
          reject(new ManagerUnavailableError(`no answer within ${duration(timeoutMs)}`));
          this.#channel.destroy();
        }, timeoutMs);
      });
    } finally {
      clearTimeout(timer);
      this.#welcome = undefined;
    }
  }

  welcome(welcome: Welcome): void {
    this.sessionId = welcome.sessionId;
    this.#maxMessageBytes = welcome.maxMessageBytes;
    welcome.methods.forEach((name, index) => this.#methods.set(name, index));
    this.#wake();
    this.#welcome?.();
  }

  /** @param site where the program makes the call, where that is noted */
  call<I, O, R>(
    method: Method<I, O>,
    request: I,
    read: (response: O) => R,
    options: CallOptions | undefined,
    site: Site | undefined,
  ): Promise<R> {
    return new Promise<R>((resolve, reject) => {
      const id = this.#pending.next();
      this.#write(id, method, request, options);
      const pending: Pending = {
        settled: false,
        method: method,
        read: read as (response: unknown) => unknown,
        resolve: resolve as (result: unknown) => void,
        reject,
        options,
        site,
        deadline: method.blocking ? Infinity : this.#sweeps + this.#deadlineSweeps,
        onAbort: undefined,
      };
      this.#pending.set(id, pending);
      if (options?.background !== true) this.#unanswered++;
      if (options?.signal) this.#abortable(id, pending, options.signal);
      if (this.#sweeper === undefined) this.#wake();
    });
  }

  /** Throws, with nothing written, what makes the call impossible. */
  #write<I, O>(id: number, method: Method<I, O>, request: I, options: CallOptions | undefined): void {
    if (this.#over) throw copyOf(this.#over);
    const index = this.#methods.get(method.name);
    if (index === undefined)
      throw new UnimplementedError(`the manager at ${this.#formatted} does not know ${method.name}`, { method: method.name });
    this.#outbox.call(id, index, method, request, options?.opening, this.#maxMessageBytes);
  }

  #abortable(id: number, pending: Pending, signal: AbortSignal): void {
    pending.onAbort = () => this.#outbox.cancel(id);
    this.#aborts.add(signal, pending.onAbort);
  }

  answer(id: number, response: Span, reader: Reader): void {
    const pending = this.#pending.get(id);
    if (!pending) return;
    const { options } = pending;
    if (!pending.method.takes) {
      this.#pending.delete(id);
      this.#answered(pending, response, reader);
    } else if (options?.signal?.aborted) {
      // The manager takes back what it handed over when the cancellation reaches it.
      this.#pending.delete(id);
      if (this.#settle(pending)) pending.reject(options.signal.reason);
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
    this.#pending.delete(id);
    if (!this.#settle(pending)) return;
    const signal = pending.options?.signal;
    if (signal?.aborted) return pending.reject(signal.reason);
    fail(pending, fromWire({ ...error, method: error.method || pending.method.name }, { address: this.#formatted }));
  }

  notice(notice: Notice): void {
    if (notice.lostToken !== undefined) this.events.lost(notice.lostToken);
    if (notice.warning !== undefined) this.events.warned(notice.warning);
  }

  /** Settles a call's promise with its response. Where nobody waits for it any more, that is read for the references in it alone. */
  #answered(pending: Pending, response: Span, reader: Reader): void {
    if (this.#settle(pending)) this.#outcome(pending, response, reader)();
    else this.#read(pending, response, reader, nothing);
  }

  /** Decodes a response; returns what settles the call's promise with it. */
  #outcome(pending: Pending, response: Span, reader: Reader): () => void {
    try {
      const result = this.#read(pending, response, reader, pending.read);
      return () => pending.resolve(result);
    } catch (error) {
      return () => (error instanceof ManagerError ? fail(pending, error) : pending.reject(error));
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

  /** Whether a call's promise is still to be settled, which the caller then does. */
  #settle(pending: Pending): boolean {
    if (pending.settled) return false;
    pending.settled = true;
    if (pending.options?.background !== true) this.#unanswered--;
    this.#unlisten(pending);
    return true;
  }

  #unlisten(pending: Pending): void {
    if (pending.onAbort) this.#aborts.delete(pending.options!.signal!, pending.onAbort);
    pending.onAbort = undefined;
  }

  /**
   * Acknowledges an answer. Its promise is settled when the acknowledgement has left, so that the client has what it
   * got for good, even if it ends in that moment (docs/decisions/0005-taken-by-acknowledgement.md).
   */
  #acknowledge(id: number, pending: Pending, settle: () => void): void {
    this.#unlisten(pending);
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

  message(message: Buffer): void {
    try {
      readServerFrame(this.#reader, this.#reader.reset(message), this);
    } catch (cause) {
      this.#end(new ProtocolError(`the manager sent a frame that cannot be read: ${(cause as Error).message}`, { cause }));
      this.#channel.destroy();
    }
  }

  /** Keeps the program alive from now on, until a sweep finds nothing unanswered. */
  #wake(): void {
    this.#channel.hold(true);
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_MS).unref();
  }

  /** Gives up the calls whose time is over. Counts sweeps, not time: a busy event loop expires nothing. */
  #sweep(): void {
    this.#sweeps++;
    for (const [, pending] of this.#pending.entries()) {
      // Its id stays in use: the answer may come yet.
      if (pending.deadline > this.#sweeps || !this.#settle(pending)) continue;
      const { name, idempotency } = pending.method;
      fail(
        pending,
        new ManagerUnavailableError(`no answer within callTimeout, which is ${this.#callTimeout} ms`, {
          method: name,
          address: this.#formatted,
          mayHaveExecuted: idempotency !== 'read',
        }),
      );
    }
    if (this.#unanswered > 0) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
    this.#channel.hold(false);
  }

  /** The channel is over. How a manager of our own ended is known a moment later, and belongs in the errors of its calls. */
  ended(reason: ManagerError): void {
    if (this.#explain === undefined || !(reason instanceof ManagerUnavailableError)) this.#end(reason);
    else void this.#explain(reason).then((explained) => this.#end(explained));
  }

  #end(reason: ManagerError): void {
    if (this.#over) return;
    this.#over = reason;
    clearInterval(this.#sweeper);
    this.#welcome?.(reason);
    for (const [, pending] of this.#pending.entries()) {
      const { method, options } = pending;
      if (!this.#settle(pending)) continue;
      if (options?.signal?.aborted) pending.reject(options.signal.reason);
      else fail(pending, this.#expired(method, reason));
    }
    this.#outbox.end(reason);
    this.events.ended(reason);
  }

  /** The error of a call that the end of the session left unanswered. */
  #expired({ name, idempotency }: Method, cause: ManagerError): ManagerError {
    if (cause instanceof ClosedError) return copyOf(cause);
    const info = { cause, method: name, address: this.#formatted, mayHaveExecuted: idempotency !== 'read' };
    return new SessionExpiredError(`the session ended with the call unanswered: ${cause.message}`, info);
  }

  /** Leaves in order: calls made before are sent, unanswered ones fail. */
  async close(reason: ManagerError): Promise<void> {
    if (this.#over) return;
    this.#channel.hold(true);
    this.#outbox.goodbye();
    this.#end(reason);
    await this.#channel.close();
  }
}

/** Ends a call with an error that was made here, whose stack says where the call was made, or else who awaits it. */
function fail({ site, reject, resolve }: Pending, error: ManagerError): void {
  if (site === undefined) resolve(rejected(error));
  else reject(placed(error, site));
}

/** Reads an answer that nobody waits for any more. */
function nothing(): void {}
