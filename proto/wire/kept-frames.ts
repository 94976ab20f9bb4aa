import type { State, Stateful, StateOf } from '../state.js';
import { MalformedError } from './values.js';

/** Bytes of received frames after which the other side is told, even if there is nothing else to send. */
const TOLD_BYTES = 64 * 1024;

/** Counts the frames that one side of a session has received, and decides when to tell the other side. */
export class ReceivedFrames implements Stateful {
  /** Number of frames since the session was opened. */
  count = 0;
  #told = 0;
  #untoldBytes = 0;

  /** Records frames. Returns true if the other side should be told soon. @param bytes size of all of them */
  add(bytes: number, frames = 1): boolean {
    this.count += frames;
    this.#untoldBytes += bytes;
    return this.due;
  }

  /** True if the other side should be told soon. */
  get due(): boolean {
    return this.#untoldBytes >= TOLD_BYTES;
  }

  /** True if the other side does not know the number. */
  get untold(): boolean {
    return this.#told !== this.count;
  }

  state() {
    return { count: this.count, told: this.#told, untoldBytes: this.#untoldBytes };
  }

  restore({ count, told, untoldBytes }: StateOf<ReceivedFrames>): void {
    this.count = count;
    this.#told = told;
    this.#untoldBytes = untoldBytes;
  }

  /** Returns the number to tell the other side; undefined if it knows it already. */
  news(): number | undefined {
    if (!this.untold) return undefined;
    this.#untoldBytes = 0;
    return (this.#told = this.count);
  }
}

/** Number of acknowledged frames at the front of the list from which they are cut off. */
const STALE = 64;

/**
 * The frames that one side of a session has sent, in order, until the other side says that it has received them. After a cut they are sent
 * again. Frames are counted from 1 over the whole session.
 */
export class KeptFrames<F extends { readonly bytes: Buffer }> {
  #frames: (F | undefined)[] = [];
  /** Index of the oldest frame. */
  #first = 0;
  /** Number of frames that the other side has received. */
  #received = 0;
  #bytes = 0;

  /** Size of the frames in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Number of frames that the other side has said to have received. */
  get acknowledged(): number {
    return this.#received;
  }

  /** Number of frames. */
  get length(): number {
    return this.#frames.length - this.#first;
  }

  /** @param describe returns the state of a frame */
  state<S extends State>(describe: (frame: F) => S) {
    return { received: this.#received, frames: Array.from(this, describe) };
  }

  restore<S extends State>(state: { readonly received: number; readonly frames: readonly S[] }, frameOf: (state: S) => F): void {
    this.#received = state.received;
    for (const frame of state.frames) this.add(frameOf(frame));
  }

  add(frame: F): void {
    this.#frames.push(frame);
    this.#bytes += frame.bytes.length;
  }

  /**
   * Drops the frames that the other side has received.
   * @param count number of frames that it has received in the session
   * @param dropped called with each of them
   * @throws MalformedError if fewer were sent
   */
  received(count: number, dropped?: (frame: F) => void): void {
    if (count > this.#received + this.length) throw new MalformedError(`${count} frames received, where fewer were sent`);
    for (; this.#received < count; this.#received++) {
      const frame = this.#frames[this.#first]!;
      this.#bytes -= frame.bytes.length;
      this.#frames[this.#first++] = undefined;
      dropped?.(frame);
    }
    if (this.#first === this.#frames.length) {
      this.#frames.length = this.#first = 0;
    } else if (this.#first >= STALE && 2 * this.#first > this.#frames.length) {
      this.#frames.splice(0, this.#first);
      this.#first = 0;
    }
  }

  /** The frames, oldest first. */
  *[Symbol.iterator](): Generator<F> {
    for (let index = this.#first; index < this.#frames.length; index++) yield this.#frames[index]!;
  }
}
