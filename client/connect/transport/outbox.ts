import { InvalidArgumentError, LimitExceededError, PayloadTooLargeError, type ManagerError } from '../../../proto/errors.js';
import type { Method } from '../../../proto/wire/codec.js';
import { writeCall, writeCancel, writeClientReceived, writeGoodbye, writeTaken } from '../../../proto/wire/frames.js';
import { PREFIX_BYTES } from '../../../proto/wire/framing.js';
import { KeptFrames } from '../../../proto/wire/kept-frames.js';
import { Writer } from '../../../proto/wire/writer.js';
import type { SessionLink } from './session-link.js';
import type { CallOptions } from './transport.js';

/**
 * Size in bytes at which a frame is closed; shorter ones wait for the end of the turn. It is small enough that the manager processes the
 * first frame of a large batch while the next one is being written.
 */
const FRAME_BYTES = 8 * 1024;
/** Bytes of frames that wait while the connection is broken; more calls fail. */
const WAITING_BYTES = 64 * 1024 * 1024;

/** Called once an acknowledgement was handed to the operating system, or with the reason why it never will be. */
export type Sent = (lost?: ManagerError) => void;

/** A closed frame, and the listeners of its acknowledgements. */
interface Frame {
  readonly bytes: Buffer;
  readonly sent: readonly Sent[];
}

/**
 * Gathers a client's messages of one turn of the event loop into frames, and sends them at the end of the turn. In a session with a lease it
 * keeps each frame until the manager says that it has arrived, and sends it again after a cut.
 */
export class Outbox {
  readonly #writer = new Writer();
  readonly #frames: Frame[] = [];
  /** Number of frames closed so far. */
  #closedFrames = 0;
  /** Size of the closed frames that are not sent. */
  #waitingBytes = 0;
  readonly #kept = new KeptFrames<Frame>();
  /** Unwritten partial acknowledgements: the number of items taken, by id of the answer. */
  readonly #progress = new Map<number, number>();
  /** Listeners of the acknowledgements in the current frame, and of those in frames not sent yet. */
  #sent: Sent[] = [];
  readonly #sending = new Set<readonly Sent[]>();
  /** True if the current frame contains calls. */
  #calling = false;
  #flushing = false;
  #writable = true;
  #over = false;

  constructor(readonly link: SessionLink) {
    this.#writer.leave(PREFIX_BYTES);
  }

  /** Number of frames that the link has taken. */
  get sentFrames(): number {
    return this.#closedFrames - this.#frames.length;
  }

  /**
   * Writes a call, and returns the number of its frame, from 1 on. Throws, with nothing written, if the request cannot be encoded or exceeds
   * `maxBytes`.
   */
  call<I>(id: number, index: number, method: Method<I>, request: I, options: CallOptions | undefined, maxBytes: number): number {
    if (this.#waitingBytes > WAITING_BYTES && !this.link.whole) {
      const why = `the connection is broken, and ${this.#waitingBytes} bytes of calls wait for the next one`;
      throw new LimitExceededError(`${why}: wait for them, or for the event "resumed"`, { method: method.name });
    }
    const size = this.#writer.size;
    try {
      writeCall(this.#writer, id, index, method.input, request, options?.opening, options?.traceContext);
    } catch (cause) {
      this.#writer.rewind(size);
      throw new InvalidArgumentError(`the request cannot be written: ${(cause as Error).message}`, { cause, method: method.name });
    }
    const bytes = this.#writer.size - size;
    if (bytes > maxBytes) {
      this.#writer.rewind(size);
      throw new PayloadTooLargeError(`a call of ${bytes} bytes: the manager takes ${maxBytes} (its option --max-payload)`, {
        method: method.name,
      });
    }
    this.#calling = true;
    const frame = this.#closedFrames + 1;
    if (this.#writer.size >= FRAME_BYTES) this.#closeFrame();
    this.#flushSoon();
    return frame;
  }

  /**
   * Cancels a call, or returns the unacknowledged part of its answer. The manager reads the cancels of a frame before its calls, so the
   * call must be in an earlier frame.
   */
  cancel(id: number): void {
    this.#writeProgress();
    if (this.#calling) this.#closeFrame();
    writeCancel(this.#writer, id);
    this.#flushSoon();
  }

  /** Acknowledges all that an answer handed over. */
  taken(id: number, sent?: Sent): void {
    this.#progress.delete(id);
    writeTaken(this.#writer, { id });
    if (sent) this.#sent.push(sent);
    this.#flushSoon();
  }

  /** Acknowledges the first `count` items that an answer handed over. */
  progressed(id: number, count: number): void {
    this.#progress.set(id, count);
    this.#flushSoon();
  }

  /** Sends the written frames, as far as the link has room for them. */
  flush(): void {
    this.#flushing = false;
    if (this.#over) return;
    this.#writeProgress();
    this.#writeReceived();
    this.#closeFrame();
    while (this.#writable && this.#frames.length > 0) this.#writable = this.#sendNext();
  }

  /** The link has room again. */
  drain(): void {
    this.#writable = true;
    this.flush();
  }

  /** The connection broke: frames wait until {@link resume}. */
  cut(): void {
    this.#writable = false;
  }

  /** Another connection: sends again what the manager has not received. Returns false if it has lost frames that it had received before. */
  resume(received: number): boolean {
    if (received < this.#kept.acknowledged) return false;
    this.received(received);
    for (const frame of this.#kept) this.#send(frame);
    this.drain();
    return true;
  }

  /** The manager has received this number of frames, also ones that could not be written to the end before the connection broke. */
  received(count: number): void {
    this.#kept.received(count, this.#arrived);
  }

  /** Tells the manager soon which of its frames have arrived, also if no call is made. */
  acknowledgeSoon(): void {
    this.#flushSoon();
  }

  /** Sends a frame without content, which shows that this thread's event loop turns. Without a connection there is none to show. */
  beat(): void {
    if (!this.link.whole) return;
    writeClientReceived(this.#writer, this.link.received.count);
    this.flush();
  }

  /** Sends all frames and a goodbye. The channel closes after all of them are sent. */
  goodbye(): void {
    this.#writeProgress();
    writeGoodbye(this.#writer);
    this.#closeFrame();
    // The listeners of unsent acknowledgements hear of their loss from {@link end}.
    if (!this.link.whole) return;
    while (this.#frames.length > 0) this.#sendNext();
    this.#settleAll();
  }

  /** Stops sending: the listeners of unsent acknowledgements get the reason. */
  end(reason: ManagerError): void {
    this.#over = true;
    this.#closeFrame();
    this.#settleAll(reason);
  }

  #settleAll(lost?: ManagerError): void {
    const sending = [...this.#sending];
    this.#sending.clear();
    for (const listeners of sending) for (const sent of listeners) sent(lost);
  }

  #flushSoon(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    process.nextTick(() => this.flush());
  }

  #writeProgress(): void {
    if (this.#progress.size === 0) return;
    for (const [id, count] of this.#progress) writeTaken(this.#writer, { id, count });
    this.#progress.clear();
  }

  #writeReceived(): void {
    if (this.link.lease === undefined) return;
    const received = this.link.received.news();
    if (received !== undefined) writeClientReceived(this.#writer, received);
  }

  /** Closes the current frame, unless it is empty, and begins the next. */
  #closeFrame(): void {
    if (this.#writer.size === PREFIX_BYTES) return;
    const bytes = this.#writer.take();
    this.#frames.push({ bytes, sent: this.#sent });
    this.#closedFrames++;
    this.#waitingBytes += bytes.length;
    this.#writer.leave(PREFIX_BYTES);
    this.#calling = false;
    if (this.#sent.length === 0) return;
    this.#sending.add(this.#sent);
    this.#sent = [];
  }

  #sendNext(): boolean {
    const frame = this.#frames.shift()!;
    this.#waitingBytes -= frame.bytes.length;
    if (this.link.lease !== undefined) this.#kept.add(frame);
    return this.#send(frame);
  }

  /** Sends a frame. Returns false if the outbox must wait for {@link drain}. */
  #send({ bytes, sent }: Frame): boolean {
    if (sent.length === 0) return this.link.write(bytes);
    return this.link.write(bytes, (error) => {
      // After an error the frame has arrived nevertheless, or is sent again, or the session ends: each notifies the listeners.
      if (!error) this.#notify(sent);
    });
  }

  readonly #arrived = ({ sent }: Frame): void => {
    if (sent.length > 0) this.#notify(sent);
  };

  /** Tells the listeners of a frame, once, that it was sent. */
  #notify(sent: readonly Sent[]): void {
    if (!this.#sending.delete(sent)) return;
    for (const each of sent) each();
  }
}
