import type { ReceivedFrames } from '../../../proto/wire/kept-frames.js';

/**
 * The frames that came early, and the ids of their answers, until a later frame of the same stream shows that they need not come again
 * (`ConnectResponse.early` in session.proto).
 */
export class EarlyAnswers {
  readonly #ids = new Set<number>();
  #frames = 0;
  #bytes = 0;
  /** True while an early frame is read. */
  reading = false;

  /** @param free frees an id for another call */
  constructor(
    private readonly received: ReceivedFrames,
    private readonly free: (id: number) => void,
  ) {}

  /** An early frame begins. */
  begin(bytes: number): void {
    this.reading = true;
    this.#frames++;
    this.#bytes += bytes;
  }

  /** The frame that is read has an answer. Its id stays in use if the frame came early, and the answer may come again. */
  answered(id: number): void {
    if (this.reading) {
      this.#ids.add(id);
      return;
    }
    if (this.#ids.size > 0) this.#ids.delete(id);
    this.free(id);
  }

  /** A frame that is not early begins. Returns true if the manager should be told soon that frames have arrived. */
  settle(bytes: number): boolean {
    this.reading = false;
    if (this.#frames === 0) return this.received.add(bytes);
    for (const id of this.#ids) this.free(id);
    const due = this.received.add(this.#bytes + bytes, this.#frames + 1);
    this.cut();
    return due;
  }

  /** The stream broke: the answers come again. */
  cut(): void {
    this.#ids.clear();
    this.#frames = this.#bytes = 0;
  }
}
