import { hostname } from 'node:os';
import type { Address } from '../../proto/address.js';
import { CancelledError, ClosedError, InvalidArgumentError, ManagerUnavailableError, PayloadTooLargeError, ProtocolError, SessionExpiredError, UnimplementedError, fromWire, type ManagerError } from '../../proto/errors.js';
import type { Error as WireError } from '../../proto/gen/commonhold/v1/errors_wire.js';
import type { Notice, Welcome } from '../../proto/gen/commonhold/v1/session_wire.js';
import { PROTOCOL } from '../../proto/version.js';
import type { Method } from '../../proto/wire/codec.js';
import { readServerFrame, readSpan, writeCall, writeCancel, writeGoodbye, writeHello, writeTaken, type ServerFrameVisitor, type Span } from '../../proto/wire/frames.js';
import { Reader } from '../../proto/wire/reader.js';
import { Writer } from '../../proto/wire/writer.js';
import { Channel, PREFIX_BYTES, type ChannelEvents } from './channel.js';
import type { CallOptions, HandOver } from './transport.js';

/** A frame leaves when it is this long; shorter ones wait for the end of the turn. */
const FRAME_BYTES = 64 * 1024;

/** A call without an answer yet. */
interface Pending {
  readonly method: Method;
  resolve(response: unknown): void;
  reject(error: unknown): void;
  readonly handOver: HandOver | undefined;
  /** When a call that does not wait for others is given up. */
  readonly deadline: number;
  /** Set when its signal aborted: the answer's fate is the manager's word. */
  aborted: boolean;
  signal: AbortSignal | undefined;
  onAbort: (() => void) | undefined;
}

/** What a connection tells its owner. */
export interface ConnectionEvents {
  lost(token: number): void;
  ended(reason: ManagerError): void;
}

/**
 * One session with a manager: calls out, answers in. All calls of a turn of the event loop leave in
 * one frame.
 */
export class Connection implements ChannelEvents, ServerFrameVisitor {
  readonly #reader = new Reader();
  readonly #writer = new Writer();
  readonly #pending = new Map<number, Pending>();
  readonly #progress = new Map<number, number>();
  readonly #methods = new Map<string, number>();
  readonly #channel: Channel;
  readonly #frames: Buffer[] = [];
  #welcome: ((error?: ManagerError) => void) | undefined;
  #maxMessageBytes = 0;
  #lastId = 0;
  #flushing = false;
  #writable = true;
  #held = false;
  #over: ManagerError | undefined;
  sessionId = '';

  constructor(
    address: Address,
    token: string | undefined,
    label: string,
    readonly formatted: string,
    readonly events: ConnectionEvents,
  ) {
    this.#channel = new Channel(address, token, this);
    this.#begin();
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
          reject(new ManagerUnavailableError(`no manager answered at ${this.formatted} within ${timeoutMs} ms`, { address: this.formatted }));
          this.#channel.destroy();
        }, timeoutMs);
      });
    } finally {
      clearTimeout(timer);
      this.#welcome = undefined;
    }
  }

  call<I, O>(method: Method<I, O>, request: I, options: CallOptions | undefined, deadline: number): Promise<O> {
    return new Promise<O>((resolve, reject) => {
      const signal = options?.signal;
      const pending: Pending = {
        method: method as Method,
        resolve: resolve as (response: unknown) => void,
        reject,
        handOver: options?.handOver,
        deadline,
        aborted: false,
        signal,
        onAbort: undefined,
      };
      const id = this.#nextId();
      this.#write(id, method, request, options);
      this.#pending.set(id, pending);
      if (signal) this.#abortable(id, pending, signal);
      if (!this.#held) this.#hold(true);
    });
  }

  /** Throws, with nothing written, what makes the call impossible. */
  #write<I, O>(id: number, method: Method<I, O>, request: I, options: CallOptions | undefined): void {
    if (this.#over) throw this.#over;
    const index = this.#methods.get(method.name);
    if (index === undefined) throw new UnimplementedError(`the manager at ${this.formatted} does not know ${method.name}`, { method: method.name });
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
      throw new PayloadTooLargeError(`a call of ${bytes} bytes: the manager takes ${this.#maxMessageBytes} (its option --max-payload)`, { method: method.name });
    }
    if (this.#writer.size >= FRAME_BYTES) this.#frame();
    this.#flushSoon();
  }

  #nextId(): number {
    do this.#lastId = (this.#lastId + 1) >>> 0;
    while (this.#lastId === 0 || this.#pending.has(this.#lastId));
    return this.#lastId;
  }

  #abortable(id: number, pending: Pending, signal: AbortSignal): void {
    pending.onAbort = () => {
      pending.aborted = true;
      writeCancel(this.#writer, id);
      this.#flushSoon();
    };
    signal.addEventListener('abort', pending.onAbort, { once: true });
  }

  welcome(welcome: Welcome): void {
    this.sessionId = welcome.sessionId;
    this.#maxMessageBytes = welcome.maxMessageBytes;
    welcome.methods.forEach((name, index) => this.#methods.set(name, index));
    if (!this.#held) this.#channel.hold(false);
    this.#welcome?.();
  }

  answer(id: number, response: Span, reader: Reader): void {
    const pending = this.#settle(id);
    if (!pending) return;
    const { method } = pending;
    // The manager took back what it had handed over when the cancellation reached it.
    if (pending.aborted && method.takes) return pending.reject(pending.signal!.reason);
    if (method.takes) this.#handedOver(id, pending.handOver);
    pending.resolve(readSpan(reader, method.output, response));
  }

  failure(id: number, error: WireError): void {
    const pending = this.#settle(id);
    if (!pending) return;
    const failure = fromWire({ ...error, method: error.method || pending.method.name }, { address: this.formatted });
    pending.reject(pending.aborted || failure instanceof CancelledError ? pending.signal?.reason ?? failure : failure);
  }

  notice(notice: Notice): void {
    if (notice.lostToken !== undefined) this.events.lost(notice.lostToken);
  }

  #settle(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    if (!pending) return undefined;
    this.#pending.delete(id);
    if (pending.onAbort) pending.signal!.removeEventListener('abort', pending.onAbort);
    if (this.#pending.size === 0 && this.#held) setImmediate(() => this.#hold(this.#pending.size > 0));
    return pending;
  }

  #handedOver(id: number, handOver: HandOver | undefined): void {
    if (!handOver) {
      this.#taken(id);
      return;
    }
    handOver.arrived(
      (count) => (count === undefined ? this.#taken(id) : this.#progressed(id, count)),
      () => {
        // What was taken so far is said first: the rest goes back.
        this.#writeProgress();
        writeCancel(this.#writer, id);
        this.#flushSoon();
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

  /** Keeps the program alive while a call is unanswered, and only then. */
  #hold(alive: boolean): void {
    if (this.#held === alive) return;
    this.#held = alive;
    this.#channel.hold(alive);
  }

  #begin(): void {
    this.#writer.leave(PREFIX_BYTES);
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
    this.#frame();
    while (this.#writable && this.#frames.length > 0) this.#writable = this.#channel.write(this.#frames.shift()!);
  }

  /** Closes the frame under way, if anything is in it. */
  #frame(): void {
    if (this.#writer.size === PREFIX_BYTES) return;
    this.#frames.push(this.#writer.take());
    this.#begin();
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

  /** Gives up the calls whose time is over. */
  expire(now: number): void {
    for (const [id, pending] of this.#pending) {
      if (pending.deadline > now) continue;
      this.#settle(id);
      const { name, idempotency } = pending.method;
      pending.reject(new ManagerUnavailableError('no answer within callTimeout', { method: name, address: this.formatted, mayHaveExecuted: idempotency !== 'read' }));
    }
  }

  ended(reason: ManagerError): void {
    if (this.#over) return;
    this.#over = reason;
    this.#welcome?.(reason);
    for (const [id, { method, aborted, signal, reject }] of [...this.#pending]) {
      this.#settle(id);
      const info = { cause: reason, method: method.name, address: this.formatted, mayHaveExecuted: method.idempotency !== 'read' };
      if (aborted) reject(signal!.reason);
      else if (reason instanceof ClosedError) reject(reason);
      else reject(new SessionExpiredError(`the session ended with the call unanswered: ${reason.message}`, info));
    }
    this.events.ended(reason);
  }

  /** Leaves in order: calls made before are sent, unanswered ones fail. */
  async close(reason: ManagerError): Promise<void> {
    if (this.#over) return;
    writeGoodbye(this.#writer);
    this.#frame();
    for (const frame of this.#frames.splice(0)) this.#channel.write(frame);
    this.ended(reason);
    await this.#channel.close();
  }
}
