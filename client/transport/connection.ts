import { hostname } from 'node:os';
import { formatAddress, type Address } from '../../proto/address.js';
import {
  ClosedError,
  InvalidArgumentError,
  ManagerError,
  ManagerUnavailableError,
  PayloadTooLargeError,
  ProtocolError,
  SessionExpiredError,
  UnimplementedError,
  fromWire,
} from '../../proto/errors.js';
import type { Error as WireError } from '../../proto/gen/commonhold/v1/errors_wire.js';
import type { Notice, Warning, Welcome } from '../../proto/gen/commonhold/v1/session_wire.js';
import { PROTOCOL } from '../../proto/version.js';
import type { Method } from '../../proto/wire/codec.js';
import {
  readServerFrame,
  readSpan,
  writeCall,
  writeCancel,
  writeGoodbye,
  writeHello,
  writeTaken,
  type ServerFrameVisitor,
  type Span,
} from '../../proto/wire/frames.js';
import { PREFIX_BYTES } from '../../proto/wire/framing.js';
import { Reader } from '../../proto/wire/reader.js';
import { Writer } from '../../proto/wire/writer.js';
import { copyOf, placed, rejected, type Site } from '../call-site.js';
import { Aborts } from './aborts.js';
import { Channel, type ChannelEvents } from './channel.js';
import { Slots } from './slots.js';
import type { CallOptions, HandOver } from './transport.js';

/**
 * A frame is closed when it is this long; shorter ones wait for the end of the turn. Small enough
 * that the manager works on the first frame of a large batch while the next one is written.
 */
const FRAME_BYTES = 8 * 1024;
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

/** What a connection needs to know of its client. */
export interface ConnectionOptions {
  readonly token: string | undefined;
  readonly label: string;
  readonly callTimeout: number;
}

/** What a connection tells its owner. */
export interface ConnectionEvents {
  lost(token: number): void;
  warned(warning: Warning): void;
  ended(reason: ManagerError): void;
}

/**
 * One session with a manager: calls out, answers in. All calls of a turn of the event loop leave
 * together.
 */
export class Connection implements ChannelEvents, ServerFrameVisitor {
  readonly #reader = new Reader();
  readonly #writer = new Writer();
  /** Calls by their ids. An id is free again when the call is answered and what it handed over is taken. */
  readonly #pending = new Slots<Pending>();
  #unanswered = 0;
  /** Of answers whose items are taken one by one: how many are. */
  readonly #progress = new Map<number, number>();
  readonly #methods = new Map<string, number>();
  readonly #aborts = new Aborts();
  readonly #channel: Channel;
  readonly #frames: Buffer[] = [];
  /** Whether the frame under way has calls in it. */
  #calling = false;
  readonly #formatted: string;
  readonly #deadlineSweeps: number;
  #welcome: ((error?: ManagerError) => void) | undefined;
  #maxMessageBytes = 0;
  #flushing = false;
  #writable = true;
  #sweeper: NodeJS.Timeout | undefined;
  #sweeps = 0;
  #over: ManagerError | undefined;
  sessionId = '';

  constructor(
    address: Address,
    { token, label, callTimeout }: ConnectionOptions,
    readonly events: ConnectionEvents,
  ) {
    this.#formatted = formatAddress(address);
    this.#deadlineSweeps = Math.ceil(callTimeout / SWEEP_MS) + 1;
    this.#channel = new Channel(address, token, this);
    this.#writer.leave(PREFIX_BYTES);
    writeHello(this.#writer, { protocol: PROTOCOL, host: hostname(), pid: process.pid, label });
    this.#flush();
  }

  /** Resolves when calls can be made. */
  async open(timeoutMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        this.#welcome = (error) => (error ? reject(error) : resolve());
        if (this.#over) reject(this.#over);
        timer = setTimeout(() => {
          reject(new ManagerUnavailableError(`no answer within ${timeoutMs} ms`));
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
    const size = this.#writer.size;
    try {
      writeCall(this.#writer, id, index, method.input, request, options?.opening);
    } catch (cause) {
      this.#writer.rewind(size);
      throw new InvalidArgumentError(`the request cannot be written: ${(cause as Error).message}`, { cause, method: method.name });
    }
    const bytes = this.#writer.size - size;
    if (bytes > this.#maxMessageBytes) {
      this.#writer.rewind(size);
      throw new PayloadTooLargeError(`a call of ${bytes} bytes: the manager takes ${this.#maxMessageBytes} (its option --max-payload)`, {
        method: method.name,
      });
    }
    this.#calling = true;
    if (this.#writer.size >= FRAME_BYTES) this.#closeFrame();
    this.#flushSoon();
  }

  #abortable(id: number, pending: Pending, signal: AbortSignal): void {
    pending.onAbort = () => this.#cancel(id);
    this.#aborts.add(signal, pending.onAbort);
  }

  /** Gives a call up. The manager reads the cancels of a frame before its calls, so the call must be in an earlier one. */
  #cancel(id: number): void {
    if (this.#calling) this.#closeFrame();
    writeCancel(this.#writer, id);
    this.#flushSoon();
  }

  answer(id: number, response: Span, reader: Reader): void {
    const pending = this.#pending.get(id);
    if (!pending) return;
    const { method, options } = pending;
    // The manager takes back what it handed over when the cancellation reaches it.
    const aborted = method.takes && options?.signal?.aborted === true;
    if (method.takes && !aborted) this.#handedOver(id, options?.handOver);
    if (!method.takes || aborted || !options?.handOver) this.#pending.delete(id);
    if (!this.#settle(pending)) return;
    if (aborted) return pending.reject(options.signal!.reason);
    try {
      pending.resolve(pending.read(readSpan(reader, method.output, response)));
    } catch (error) {
      if (error instanceof ManagerError) fail(pending, error);
      else pending.reject(error);
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

  /** Whether a call's promise is still to be settled, which the caller then does. */
  #settle(pending: Pending): boolean {
    if (pending.settled) return false;
    pending.settled = true;
    if (pending.options?.background !== true) this.#unanswered--;
    if (pending.onAbort) this.#aborts.delete(pending.options!.signal!, pending.onAbort);
    return true;
  }

  #handedOver(id: number, handOver: HandOver | undefined): void {
    if (!handOver) return this.#taken(id);
    handOver.arrived(
      (count) => {
        if (count !== undefined) return this.#progressed(id, count);
        this.#taken(id);
        this.#pending.delete(id);
      },
      () => {
        // What was taken so far is said first: the rest goes back.
        this.#writeProgress();
        this.#cancel(id);
        this.#pending.delete(id);
      },
    );
  }

  #taken(id: number): void {
    this.#progress.delete(id);
    writeTaken(this.#writer, { id });
    this.#flushSoon();
  }

  #progressed(id: number, count: number): void {
    this.#progress.set(id, count);
    this.#flushSoon();
  }

  #writeProgress(): void {
    for (const [id, count] of this.#progress) writeTaken(this.#writer, { id, count });
    this.#progress.clear();
  }

  #flushSoon(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    process.nextTick(() => this.#flush());
  }

  #flush(): void {
    this.#flushing = false;
    if (this.#over) return;
    if (this.#progress.size > 0) this.#writeProgress();
    this.#closeFrame();
    while (this.#writable && this.#frames.length > 0) this.#writable = this.#channel.write(this.#frames.shift()!);
  }

  /** Closes the frame under way, if anything is in it, and begins the next. */
  #closeFrame(): void {
    if (this.#writer.size === PREFIX_BYTES) return;
    this.#frames.push(this.#writer.take());
    this.#writer.leave(PREFIX_BYTES);
    this.#calling = false;
  }

  drain(): void {
    this.#writable = true;
    this.#flush();
  }

  message(message: Buffer): void {
    try {
      readServerFrame(this.#reader, this.#reader.reset(message), this);
    } catch (cause) {
      this.ended(new ProtocolError(`the manager sent a frame that cannot be read: ${(cause as Error).message}`, { cause }));
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
        new ManagerUnavailableError('no answer within callTimeout', {
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

  ended(reason: ManagerError): void {
    if (this.#over) return;
    this.#over = reason;
    clearInterval(this.#sweeper);
    this.#welcome?.(reason);
    for (const [, pending] of this.#pending.entries()) {
      const { method, options } = pending;
      if (!this.#settle(pending)) continue;
      if (options?.signal?.aborted) pending.reject(options.signal.reason);
      else fail(pending, reason instanceof ClosedError ? copyOf(reason) : this.#expired(method, reason));
    }
    this.events.ended(reason);
  }

  #expired({ name, idempotency }: Method, cause: ManagerError): SessionExpiredError {
    const info = { cause, method: name, address: this.#formatted, mayHaveExecuted: idempotency !== 'read' };
    return new SessionExpiredError(`the session ended with the call unanswered: ${cause.message}`, info);
  }

  /** Leaves in order: calls made before are sent, unanswered ones fail. */
  async close(reason: ManagerError): Promise<void> {
    if (this.#over) return;
    this.#channel.hold(true);
    this.#writeProgress();
    writeGoodbye(this.#writer);
    this.#closeFrame();
    for (const frame of this.#frames.splice(0)) this.#channel.write(frame);
    this.ended(reason);
    await this.#channel.close();
  }
}

/** Ends a call with an error that was made here, whose stack says where the call was made, or else who awaits it. */
function fail({ site, reject, resolve }: Pending, error: ManagerError): void {
  if (site === undefined) resolve(rejected(error));
  else reject(placed(error, site));
}
