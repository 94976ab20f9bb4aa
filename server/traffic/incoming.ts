import { ReadProgress, type Peer } from './in-flight.js';
import type { ServedManager } from '../manager.js';

/** Bytes that each piece of a message takes beside its content until the message is complete. */
const PIECE_BYTES = 128;
/** A message in more pieces than this has to come in pieces of that size on average, in bytes: each costs its receiver. */
const PIECES = { most: 1_000, bytes: 64 };

/** The stream on which a message arrives, or its answer. */
interface MessageStream {
  /** Bytes that its client has not read. */
  readonly writableLength: number;
  once(event: 'close', told: () => void): unknown;
}

/** The message that arrives on a stream: its bytes are on their way until it is complete. */
export class IncomingMessage implements Peer {
  #pieces = 0;
  #bytes = 0;
  readonly #progress = new ReadProgress();

  /**
   * @param cutOff ends the connection of the stream
   * @param answers true if nothing else counts the answers that the client has not read
   */
  constructor(
    private readonly manager: ServedManager,
    private readonly stream: MessageStream,
    readonly cutOff: () => void,
    private readonly answers: boolean,
  ) {
    manager.incoming.add(this);
    stream.once('close', () => manager.incoming.delete(this));
  }

  /** A piece arrived. */
  take({ length }: Buffer): void {
    this.#bytes += length;
    this.#pieces++;
    this.manager.inFlight.moved(length + PIECE_BYTES);
    if (this.#pieces > PIECES.most && this.#bytes < this.#pieces * PIECES.bytes) this.cutOff();
  }

  /** The message is complete. */
  completed(): void {
    this.#bytes = 0;
    this.#pieces = 0;
  }

  get inFlight(): number {
    return this.#bytes + this.#pieces * PIECE_BYTES + (this.answers ? this.stream.writableLength : 0);
  }

  get lastRead(): number {
    return this.#progress.look(this.inFlight);
  }
}
