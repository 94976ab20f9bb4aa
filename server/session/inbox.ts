import type { CallRecords } from '../observation/calls.js';
import { Share, type Slices } from '../traffic/slices.js';

/** Bytes of frames that wait for their turn above which no more are read from the stream. */
const WAITING_BYTES = 1024 * 1024;
/** Bytes of answers that a connection takes in a millisecond of the manager's time. */
const SENT_IN_MS = 500_000;

/** Works on the frames of a client. */
export interface FrameWorker {
  /** True while no call may start, because the client has too much unread, or because nothing more is read. */
  readonly isStopped: boolean;
  /** Reads a frame, and starts its calls, up to the first that may not start now. Returns true if the frame is finished. */
  work(frame: Buffer): boolean;
  /** A call was slow that is in this frame. @param method its index @param ms time that it took */
  slow(frame: Buffer, method: number, ms: number): void;
  /** Stops reading the stream until `readOn`. */
  pause(): void;
  readOn(): void;
}

/** Frames of one client that arrived. They are worked on at once, as far as the time of a turn of the event loop allows. */
export class Inbox {
  /** Some calls of the first one may have started. */
  #frames: Buffer[] = [];
  /** Size of all of them. */
  bytes = 0;
  #working = false;
  /** Time at which the slice under way ends, on the clock of performance.now(). */
  #sliceEnds = 0;
  /** Time at which the clock was last read. */
  #looked = 0;
  /** The frame that is worked on. */
  frame: Buffer | undefined;
  /** The method of the call under way, or -1. */
  #method = -1;
  /** True until the slice has had its first call. */
  #isFirst = false;
  /** True while the next slice waits for its turn. */
  yielded = false;
  /** True while the stream is not read because too much waits for the next slice. */
  paused = false;
  readonly #share = new Share();
  /** Time that its answers have taken since the last slice, in milliseconds. */
  #sending = 0;

  constructor(
    private readonly slices: Slices,
    private readonly calls: CallRecords,
    private readonly worker: FrameWorker,
  ) {}

  get isEmpty(): boolean {
    return this.#frames.length === 0;
  }

  push(frame: Buffer): void {
    this.#frames.push(frame);
    this.bytes += frame.length;
    this.goOn();
  }

  clear(): void {
    this.#frames = [];
    this.bytes = 0;
  }

  /** Works until no frame is left, until the worker stops, or until the slice is over. @param isTurn true if its next slice has come */
  goOn(isTurn = false): void {
    const { slices, worker } = this;
    if (this.#working || this.yielded) return;
    if (!isTurn && !this.isEmpty && !slices.admits(this.#share)) return this.#yield();
    this.#working = true;
    const began = this.#look();
    this.#sliceEnds = began + slices.left(this.#share);
    // One call at least, so that a client with a single one is not held up by others.
    this.#isFirst = true;
    while (!this.isEmpty && !worker.isStopped) {
      const frame = (this.frame = this.#frames[0]!);
      const finished = worker.work(frame);
      const now = this.#look();
      if (!finished) break;
      this.#frames.shift();
      this.bytes -= frame.length;
      if (now >= this.#sliceEnds) break;
    }
    this.#working = false;
    this.frame = undefined;
    if (!this.#isFirst) {
      slices.took(this.#share, this.#looked - began + this.#sending);
      this.#sending = 0;
    }
    if (!this.isEmpty && !worker.isStopped) this.#yield();
    else if (this.paused) this.#readOn();
  }

  /** Asked before each call: returns true if it has to wait for the next slice. */
  sliceIsOver(): boolean {
    if (!this.#isFirst) return this.#look() >= this.#sliceEnds || this.slices.over;
    this.#isFirst = false;
    return false;
  }

  /** A call begins. @param method its index */
  began(method: number): void {
    this.#method = method;
  }

  /** Reads the clock. The call under way has taken the time since the last look. */
  #look(): number {
    const now = performance.now();
    const method = this.#method;
    if (method >= 0) {
      this.#method = -1;
      const ms = now - this.#looked;
      if (this.calls.took(method, ms)) this.worker.slow(this.frame!, method, ms);
    }
    this.#looked = now;
    return now;
  }

  /** Answers were sent to the client. */
  sent(bytes: number): void {
    this.#sending += bytes / SENT_IN_MS;
  }

  /** Has something done after the next slice. */
  later(then: () => void): void {
    this.slices.later(this.#share, then);
  }

  /** Lets other clients have their turn, and then goes on. */
  #yield(): void {
    this.yielded = true;
    if (this.bytes > WAITING_BYTES) {
      this.paused = true;
      this.worker.pause();
    }
    this.later(() => {
      this.yielded = false;
      this.goOn(true);
    });
  }

  #readOn(): void {
    this.paused = false;
    this.worker.readOn();
  }
}
